/* bench_conv.c - speed of convolution, as JSON lines: bench_conv
   [THREADS [WORD [auto|direct|fft]]] */
#include "apps/ceiling.h"
#include "core/conv.h"
#include "core/kernels.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/parallel.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 7, SHARDS = 4 };
static const double LEAST_SECONDS = 0.02; /* of a round */

struct trial {
    size_t n, size, in_c, out_c, kernel, stride;
};

static const struct trial trials[] = {
    {4, 256, 32, 32, 3, 1},  {4, 128, 64, 64, 3, 1},   {4, 64, 128, 128, 3, 1},
    {4, 32, 256, 256, 3, 1}, {4, 16, 512, 512, 3, 1},  {4, 256, 16, 16, 3, 1},
    {4, 256, 1, 32, 3, 1},   {4, 256, 32, 3, 1, 1},    {4, 256, 32, 32, 1, 1},
    {4, 64, 256, 256, 1, 1}, {4, 64, 32, 32, 7, 1},    {4, 32, 64, 64, 7, 1},
    {4, 16, 128, 128, 7, 1}, {4, 256, 32, 32, 7, 1},   {4, 128, 64, 64, 7, 1},
    {4, 64, 128, 128, 7, 1}, {4, 32, 256, 256, 7, 1},  {4, 16, 512, 512, 7, 1},
    {16, 56, 64, 64, 3, 1},  {16, 28, 128, 128, 3, 1}, {16, 14, 256, 256, 3, 1},
    {16, 7, 512, 512, 3, 1}, {4, 224, 3, 64, 7, 2},    {4, 128, 32, 64, 3, 2},
    {4, 32, 128, 256, 3, 2}, {64, 1, 512, 1000, 1, 1}};

/* A trial's memory. */
struct run {
    struct conv conv;
    struct tensor x, y;
    float *weights;
    void *scratch;
};

typedef void pass(struct run *run);

static void forward(struct run *r)
{
    mica_conv_forward(&r->conv, &r->x, r->weights, NULL, NULL, &r->y, false,
                      r->scratch);
}

static void backward_data(struct run *r)
{
    mica_conv_backward_data(&r->conv, &r->y, r->weights, NULL, NULL, &r->x, false,
                            r->scratch);
}

static void backward_weights(struct run *r)
{
    mica_conv_backward_weights(&r->conv, &r->x, &r->y, SHARDS, r->weights, false,
                               r->scratch);
}

static const struct {
    const char *name;
    pass *run;
} passes[] = {{"forward", forward},
              {"backward data", backward_data},
              {"backward weights", backward_weights}};

static void fill(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)(i * 7919 % 1000) / 1000 - 0.5f;
}

static struct tensor tensor_of(size_t n, size_t size, size_t channels)
{
    struct tensor t = {.shape = {n, size, size, channels}, .stride = channels};
    t.data = mica_need(mica_shape_size(t.shape), sizeof(float));
    return t;
}

static size_t most(size_t a, size_t b) { return a > b ? a : b; }

static enum conv_algorithm algorithm; /* of all trials */

static struct run start(const struct trial *t)
{
    size_t out = (t->size + t->stride - 1) / t->stride, before = t->kernel / 2;
    struct run r = {.conv = {t->size, t->size, t->in_c, out, out, t->out_c, t->kernel,
                             t->kernel, t->stride, before, before}};
    r.conv.algorithm = algorithm;
    size_t bytes = most(most(mica_conv_forward_scratch(&r.conv, t->n),
                             mica_conv_backward_data_scratch(&r.conv, t->n)),
                        mica_conv_backward_weights_scratch(&r.conv, t->n, SHARDS));
    r.x = tensor_of(t->n, t->size, t->in_c);
    r.y = tensor_of(t->n, out, t->out_c);
    r.weights = mica_need(t->in_c * t->out_c * t->kernel * t->kernel, sizeof(float));
    r.scratch = mica_need(bytes, 1);
    return r;
}

/* Values like those of a network in every round: none becomes infinite or denormal. */
static void refill(struct run *r)
{
    const struct conv *c = &r->conv;
    fill(r->x.data, mica_shape_size(r->x.shape));
    fill(r->y.data, mica_shape_size(r->y.shape));
    fill(r->weights, c->in_c * c->out_c * c->kernel_h * c->kernel_w);
}

static void end(struct run *r)
{
    mica_free(r->x.data);
    mica_free(r->y.data);
    mica_free(r->weights);
    mica_free(r->scratch);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double seconds_of(struct run *r, size_t which)
{
    size_t calls = 0;
    double start_time = mica_log_clock(), spent;
    do {
        passes[which].run(r);
        calls++;
        spent = mica_log_clock() - start_time;
    } while (spent < LEAST_SECONDS);
    return spent / (double)calls;
}

static void measure(const struct trial *t, struct run *r, size_t which, size_t threads)
{
    const size_t out = r->conv.out_h * r->conv.out_w;
    double operations = 2.0 * (double)(t->n * out * t->in_c * t->out_c) *
                        (double)(t->kernel * t->kernel);
    double seconds[ROUNDS], parts[ROUNDS]; /* of the ceiling, measured just before */
    refill(r);
    passes[which].run(r);
    for (size_t i = 0; i < ROUNDS; i++) {
        double peak = mica_ceiling_measure();
        seconds[i] = seconds_of(r, which);
        parts[i] = operations / seconds[i] / peak;
    }
    qsort(seconds, ROUNDS, sizeof *seconds, by_size);
    qsort(parts, ROUNDS, sizeof *parts, by_size);
    printf(
        "{\"what\": \"conv2d %s\", \"shape\": \"%zux%zux%zux%zu\", \"channels\": %zu, "
        "\"kernel\": %zu, \"stride\": %zu, \"precision\": \"fp32\", \"algorithm\": "
        "\"%s\", \"set\": \"%s\", "
        "\"threads\": %zu, \"ms\": %.3f, \"gflops\": %.1f, \"percent\": %.0f}\n",
        passes[which].name, t->n, t->size, t->size, t->in_c, t->out_c, t->kernel,
        t->stride, mica_conv_tile(&r->conv, false) ? "fft" : "direct",
        mica_kernels()->name, threads, 1e3 * seconds[ROUNDS / 2],
        1e-9 * operations / seconds[ROUNDS / 2], 100 * parts[ROUNDS / 2]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *word = argc > 2 ? argv[2] : "";
    if (argc > 3)
        algorithm = argv[3][0] == 'd'   ? CONV_DIRECT
                    : argv[3][0] == 'f' ? CONV_FFT
                                        : CONV_AUTO;
    mica_parallel_use(argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 0);
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++) {
        struct run r = start(&trials[i]);
        for (size_t k = 0; k < 3; k++)
            if (strstr(passes[k].name, word))
                measure(&trials[i], &r, k, mica_parallel_threads());
        end(&r);
    }
    return 0;
}
