/* bench_convolutions.c - the speed of convolutions by themselves, beside the roofline

   A pass takes at least as long as its multiply-adds (of the direct method) at the ceiling of
   the same threads, and as long as its tensors and weights, each read or written once, at the
   bandwidth of where so many bytes lie. Both are measured in each round, just before the
   pass. How exact the numbers are, a sample of them says beside sums in double precision. */
#include "apps/bench_convolutions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apps/ceiling.h"
#include "apps/convolution_truth.h"
#include "apps/rounds.h"
#include "core/conv_bf16.h"
#include "core/kernels.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"

enum { SHARDS = 4, SAMPLES = 256 };

struct shape_tried {
    size_t batch, size, in, out, kernel, stride;
};

/* Those of the networks that come with mica, some of odd channels and sizes among them; all
   but the last, a linear layer, touch more bytes than four second caches of 2 MB. */
static const struct shape_tried shapes[] = {
    {4, 256, 32, 32, 3, 1},   {4, 128, 64, 64, 3, 1},  {4, 64, 128, 128, 3, 1},
    {8, 32, 256, 256, 3, 1},  {4, 16, 512, 512, 3, 1}, {4, 256, 32, 32, 7, 1},
    {4, 128, 64, 64, 7, 1},   {4, 64, 128, 128, 7, 1}, {4, 32, 256, 256, 7, 1},
    {4, 16, 512, 512, 7, 1},  {8, 64, 32, 32, 7, 1},   {16, 32, 64, 64, 7, 1},
    {32, 16, 128, 128, 7, 1}, {16, 56, 64, 64, 3, 1},  {16, 28, 128, 128, 3, 1},
    {32, 14, 256, 256, 3, 1}, {32, 7, 512, 512, 3, 1}, {4, 256, 16, 16, 3, 1},
    {4, 256, 1, 32, 3, 1},    {4, 256, 32, 3, 1, 1},   {4, 256, 32, 32, 1, 1},
    {4, 64, 256, 256, 1, 1},  {4, 224, 3, 64, 7, 2},   {4, 128, 32, 64, 3, 2},
    {8, 32, 128, 256, 3, 2},  {4, 197, 19, 45, 3, 1},  {4, 101, 53, 37, 7, 1},
    {4, 127, 33, 65, 5, 1},   {64, 1, 512, 1000, 1, 1}};

/* --- the passes ---------------------------------------------------------------------- */

/* The memory of a shape; y is the output or its gradient, and so on. */
struct trial {
    struct conv conv;
    struct tensor x, y, narrow_x, narrow_y; /* of either type */
    float *weights;
    size_t weight_count;
    void *scratch, *stream; /* stream: for the bandwidth */
};

static void forward(struct trial *t)
{
    mica_conv_forward(&t->conv, &t->x, (struct conv_weights){t->weights, NULL}, NULL,
                      NULL, &t->y, false, t->scratch);
}

static void backward_data(struct trial *t)
{
    mica_conv_backward_data(&t->conv, &t->y, (struct conv_weights){t->weights, NULL},
                            NULL, NULL, &t->x, false, t->scratch);
}

static void backward_weights(struct trial *t)
{
    mica_conv_backward_weights(&t->conv, &t->x, &t->y, SHARDS, t->weights, false,
                               t->scratch);
}

static void forward_bf16(struct trial *t)
{
    mica_conv_bf16_forward(&t->conv, &t->narrow_x, t->weights, NULL, NULL, &t->y, false,
                           t->scratch);
}

static void backward_data_bf16(struct trial *t)
{
    mica_conv_bf16_backward_data(&t->conv, &t->narrow_y, t->weights, &t->x, false,
                                 t->scratch);
}

static double true_output(const struct trial *t, size_t i)
{
    return mica_convolution_output(&t->conv, &t->x, t->weights, i);
}

static double true_input_gradient(const struct trial *t, size_t i)
{
    return mica_convolution_input_gradient(&t->conv, &t->y, t->weights, i);
}

static double true_weight_gradient(const struct trial *t, size_t i)
{
    return mica_convolution_weight_gradient(&t->conv, &t->x, &t->y, i);
}

enum part { OUTPUTS, INPUTS, WEIGHTS, PARTS };

static const struct pass {
    const char *name;
    enum part written; /* the other two are read */
    void (*run)(struct trial *trial);
    double (*truth)(const struct trial *trial, size_t i);
    enum conv_pass pass;
    enum type type; /* of the tensor that is read */
} passes[] = {
    {"forward", OUTPUTS, forward, true_output, CONV_FORWARD},
    {"backward data", INPUTS, backward_data, true_input_gradient, CONV_BACKWARD_DATA},
    {"backward weights", WEIGHTS, backward_weights, true_weight_gradient,
     CONV_BACKWARD_WEIGHTS},
    {"forward", OUTPUTS, forward_bf16, true_output, CONV_FORWARD, TYPE_BF16},
    {"backward data", INPUTS, backward_data_bf16, true_input_gradient,
     CONV_BACKWARD_DATA, TYPE_BF16}};
enum { PASSES = sizeof passes / sizeof *passes, ALGORITHMS = CONV_WINOGRAD };

static float *part_of(const struct trial *t, enum part part, size_t *count)
{
    const struct tensor *tensor = part == INPUTS ? &t->x : &t->y;
    *count = part == WEIGHTS ? t->weight_count : mica_shape_size(tensor->shape);
    return part == WEIGHTS ? t->weights : tensor->data;
}

static double bytes_of(const struct trial *t, enum part part)
{
    size_t count;
    part_of(t, part, &count);
    return (double)(count * sizeof(float));
}

static size_t all_bytes(const struct trial *t)
{
    return (size_t)(bytes_of(t, OUTPUTS) + bytes_of(t, INPUTS) + bytes_of(t, WEIGHTS));
}

/* Weights are fp32 in any case. */
static double read_bytes(const struct trial *t, const struct pass *pass)
{
    const double all = (double)all_bytes(t) - bytes_of(t, pass->written);
    return pass->type == TYPE_F32 ? all : (all + bytes_of(t, WEIGHTS)) / 2;
}

/* --- memory and numbers -------------------------------------------------------------- */

static struct conv conv_of(const struct shape_tried *s, enum conv_algorithm algorithm)
{
    const size_t out = (s->size + s->stride - 1) / s->stride, before = s->kernel / 2;
    return (struct conv){.in_h = s->size,
                         .in_w = s->size,
                         .in_c = s->in,
                         .out_h = out,
                         .out_w = out,
                         .out_c = s->out,
                         .kernel_h = s->kernel,
                         .kernel_w = s->kernel,
                         .stride = s->stride,
                         .top = before,
                         .left = before,
                         .algorithm = algorithm};
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t scratch_of_pairs(const struct conv *conv, size_t n)
{
    size_t bytes = 0;
    for (int backward = 0; backward < 2; backward++)
        if (mica_conv_bf16_fits(conv, backward))
            bytes = larger(bytes, mica_conv_bf16_scratch(conv, n, backward));
    return bytes;
}

static size_t scratch_of(const struct conv *conv, size_t n)
{
    return larger(larger(mica_conv_forward_scratch(conv, n),
                         mica_conv_backward_data_scratch(conv, n)),
                  mica_conv_backward_weights_scratch(conv, n, SHARDS));
}

static struct tensor tensor_of(size_t n, size_t size, size_t channels)
{
    struct tensor t = {.shape = {n, size, size, channels}, .stride = channels};
    t.data = mica_need(mica_shape_size(t.shape), sizeof(float));
    return t;
}

/* The same numbers rounded: filled later. */
static struct tensor narrow_of(const struct tensor *wide)
{
    struct tensor t = *wide;
    t.type = TYPE_BF16;
    t.data = mica_need(mica_shape_size(t.shape), sizeof(uint16_t));
    return t;
}

static struct trial start(const struct shape_tried *s)
{
    struct trial t = {.conv = conv_of(s, CONV_DIRECT)};
    t.x = tensor_of(s->batch, s->size, s->in);
    t.y = tensor_of(s->batch, t.conv.out_h, s->out);
    t.narrow_x = narrow_of(&t.x);
    t.narrow_y = narrow_of(&t.y);
    t.weight_count = s->in * s->out * s->kernel * s->kernel;
    t.weights = mica_need(t.weight_count, sizeof *t.weights);
    size_t bytes = scratch_of_pairs(&t.conv, s->batch);
    for (enum conv_algorithm a = CONV_DIRECT; a <= CONV_WINOGRAD; a++) {
        const struct conv conv = conv_of(s, a);
        bytes = larger(bytes, scratch_of(&conv, s->batch));
    }
    t.scratch = mica_need(bytes, 1);
    t.stream = mica_need(all_bytes(&t), 1);
    return t;
}

static void end(struct trial *t)
{
    mica_free(t->x.data);
    mica_free(t->y.data);
    mica_free(t->narrow_x.data);
    mica_free(t->narrow_y.data);
    mica_free(t->weights);
    mica_free(t->scratch);
    mica_free(t->stream);
}

/* Even numbers in -1/2 .. 1/2, the same each time: none becomes infinite or denormal. */
static void refill(struct trial *t)
{
    for (enum part part = 0; part < PARTS; part++) {
        struct random random;
        size_t count;
        float *values = part_of(t, part, &count);
        mica_random_start(&random, 1, (uint32_t)part, 0);
        for (size_t i = 0; i < count; i++)
            values[i] = (float)(mica_random_bits(&random) >> 8) / (1 << 24) - 0.5f;
    }
    mica_kernels()->narrow(t->narrow_x.data, t->x.data, mica_shape_size(t->x.shape));
    mica_kernels()->narrow(t->narrow_y.data, t->y.data, mica_shape_size(t->y.shape));
}

/* --- measuring ----------------------------------------------------------------------- */

/* Of each round: the seconds of a pass, its parts of the ceiling and of the roofline, and the
   bytes a second that were read and copied. */
struct found {
    size_t rounds, memory_bound; /* in which the bandwidth is what binds */
    double seconds[ROUNDS_MOST], shares[ROUNDS_MOST], rooflines[ROUNDS_MOST];
    double read[ROUNDS_MOST], copied[ROUNDS_MOST];
    double error; /* rms beside double precision, relative to the rms of the truth */
};

static double operations_of(const struct trial *t)
{
    const struct conv *c = &t->conv;
    return 2.0 * (double)(t->x.shape.n * c->out_h * c->out_w) *
           (double)(c->kernel_h * c->kernel_w) * (double)(c->in_c * c->out_c);
}

static double seconds_of(struct trial *t, const struct pass *pass)
{
    size_t calls = 0;
    double begun = mica_log_clock(), spent;
    do {
        pass->run(t);
        calls++;
        spent = mica_log_clock() - begun;
    } while (spent < ROUND_SECONDS);
    return spent / (double)calls;
}

static double error_of(struct trial *t, const struct pass *pass)
{
    struct random random;
    size_t count;
    const float *found = part_of(t, pass->written, &count);
    double errors = 0, squares = 0;
    mica_random_start(&random, 2, 0, 0);
    for (size_t k = 0; k < SAMPLES; k++) {
        const size_t i = mica_random_below(&random, count);
        const double truth = pass->truth(t, i), error = (double)found[i] - truth;
        errors += error * error;
        squares += truth * truth;
    }
    return sqrt(errors / squares);
}

static void warm_up(struct trial *t, const struct pass *pass, struct found *found)
{
    refill(t);
    pass->run(t);
    found->error = error_of(t, pass);
}

static void take_round(struct trial *t, const struct pass *pass, struct found *found)
{
    const size_t i = found->rounds++;
    const double written = bytes_of(t, pass->written);
    const double read = read_bytes(t, pass);
    const double computing = operations_of(t) / mica_ceiling_measure();
    const struct bandwidth b = mica_bandwidth_measure(t->stream, all_bytes(t));
    const double moving = mica_bandwidth_seconds(&b, read, written);
    found->seconds[i] = seconds_of(t, pass);
    found->shares[i] = computing / found->seconds[i];
    found->rooflines[i] = fmax(computing, moving) / found->seconds[i];
    found->read[i] = b.read;
    found->copied[i] = b.copy;
    found->memory_bound += moving > computing;
}

/* --- lines --------------------------------------------------------------------------- */

static int write_line(struct text *line, struct error *err)
{
    return mica_log_write(line, stdout)
               ? mica_fail(err, "the results cannot be written")
               : 0;
}

static int print_machine(struct error *err)
{
    struct text line;
    mica_log_begin(&line);
    mica_log_text(&line, "what", "machine");
    mica_log_text(&line, "set", mica_kernels()->name);
    mica_log_count(&line, "threads", mica_parallel_threads());
    mica_log_count(&line, "l1_bytes", mica_cache_size(1));
    mica_log_count(&line, "l2_bytes", mica_cache_size(2));
    mica_log_count(&line, "l3_bytes", mica_cache_size(3));
    mica_log_number(&line, "ceiling_gflops", 1e-9 * mica_ceiling_measure());
    return write_line(&line, err);
}

static const char *algorithm_of(const struct trial *t, const struct pass *pass,
                                enum conv_algorithm algorithm)
{
    struct conv conv = t->conv;
    conv.algorithm = algorithm;
    return mica_conv_words[mica_conv_way(&conv, pass->pass, t->x.shape.n / SHARDS)
                               .algorithm];
}

static int print_found(const char *name, const struct trial *t, const struct pass *pass,
                       struct found *found, struct error *err)
{
    struct text line, input = {0};
    const size_t rounds = found->rounds;
    const double seconds = mica_rounds_median(found->seconds, rounds);
    mica_text_add(&input, "%zux%zux%zu", t->conv.in_h, t->conv.in_w, t->conv.in_c);
    mica_log_begin(&line);
    mica_log_text(&line, "what", name);
    mica_log_text(&line, "mode", pass->name);
    mica_log_text(&line, "algorithm", mica_conv_words[t->conv.algorithm]);
    mica_log_text(&line, "auto", algorithm_of(t, pass, CONV_AUTO));
    mica_log_count(&line, "batch", t->x.shape.n);
    mica_log_text(&line, "input", input.data);
    mica_log_text(&line, "precision", mica_type_words[pass->type]);
    mica_log_text(&line, "set", mica_kernels()->name);
    mica_log_count(&line, "threads", mica_parallel_threads());
    mica_log_count(&line, "rounds", rounds);
    mica_log_number(&line, "ms", 1e3 * seconds);
    mica_log_number(&line, "gflops", 1e-9 * operations_of(t) / seconds);
    mica_log_number(&line, "percent", 100 * mica_rounds_median(found->shares, rounds));
    mica_log_count(&line, "bytes",
                   (size_t)(read_bytes(t, pass) + bytes_of(t, pass->written)));
    mica_log_number(&line, "read_gb_s", 1e-9 * mica_rounds_median(found->read, rounds));
    mica_log_number(&line, "copy_gb_s",
                    1e-9 * mica_rounds_median(found->copied, rounds));
    mica_log_text(&line, "bound", 2 * found->memory_bound > rounds ? "memory" : "fma");
    mica_log_number(&line, "roofline_percent",
                    100 * mica_rounds_median(found->rooflines, rounds));
    mica_log_number(&line, "rms_error", found->error);
    mica_text_free(&input);
    return write_line(&line, err);
}

/* --- all of them --------------------------------------------------------------------- */

static char *name_of(const struct shape_tried *s)
{
    struct text name = {0};
    mica_text_add(&name, "conv2d %zux%zu, %zu to %zu, stride %zu, %zu of %zux%zu",
                  s->kernel, s->kernel, s->in, s->out, s->stride, s->batch, s->size,
                  s->size);
    return name.data;
}

static bool matches(const char *match, const char *name, const char *mode,
                    const char *algorithm)
{
    struct text line = {0};
    mica_text_add(&line, "%s %s %s", name, mode, algorithm);
    bool found = !match || strstr(line.data, match);
    mica_text_free(&line);
    return found;
}

/* What is done with each pass that is wanted; `trial` has the algorithm. */
struct visit {
    const char *match;
    enum type precision;
    size_t rounds, passes; /* to take; that were visited */
    int (*work)(const char *name, struct trial *trial, const struct pass *pass,
                const struct visit *visit, struct error *err);
};

/* What is pinned to tiles where they are not possible would be the direct method again. */
static bool wanted(const struct shape_tried *s, const struct pass *pass,
                   enum conv_algorithm algorithm, const struct visit *visit)
{
    const struct conv conv = conv_of(s, algorithm);
    if (pass->type != visit->precision ||
        (pass->type == TYPE_BF16 &&
         (algorithm != CONV_DIRECT ||
          !mica_conv_bf16_fits(&conv, pass->pass == CONV_BACKWARD_DATA))))
        return false;
    if (mica_conv_way(&conv, pass->pass, s->batch / SHARDS).algorithm != algorithm)
        return false;
    char *name = name_of(s);
    bool found = matches(visit->match, name, pass->name, mica_conv_words[algorithm]);
    mica_free(name);
    return found;
}

static int visit_shape(const struct shape_tried *s, struct visit *visit,
                       struct error *err)
{
    struct trial t = {.x.data = NULL};
    char *name = name_of(s);
    int status = 0;
    for (size_t i = 0; i < ALGORITHMS * PASSES && !status; i++) {
        const struct pass *pass = &passes[i / ALGORITHMS];
        const enum conv_algorithm algorithm = CONV_DIRECT + i % ALGORITHMS;
        if (!wanted(s, pass, algorithm, visit))
            continue;
        visit->passes++;
        if (!visit->work)
            continue;
        if (!t.x.data)
            t = start(s);
        t.conv.algorithm = algorithm;
        status = visit->work(name, &t, pass, visit, err);
    }
    end(&t);
    mica_free(name);
    return status;
}

static int visit_all(struct visit *visit, struct error *err)
{
    int status = 0;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes && !status; i++)
        status = visit_shape(&shapes[i], visit, err);
    return status;
}

/* As many passes as --match has chosen; none is a mistake. */
static int count_passes(const char *match, enum type precision, size_t *count,
                        struct error *err)
{
    struct visit visit = {.match = match, .precision = precision};
    int status = visit_all(&visit, err);
    *count = visit.passes;
    if (!status && visit.passes == 0)
        return mica_misuse(err,
                           "mica bench: --match: no convolution has '%s' in its line, "
                           "like 'conv2d 3x3, 32 to 32, stride 1, 4 of 256x256 "
                           "forward direct'",
                           match);
    return status;
}

static int measure(const char *name, struct trial *t, const struct pass *pass,
                   const struct visit *visit, struct error *err)
{
    struct found found = {0};
    warm_up(t, pass, &found);
    while (found.rounds < visit->rounds)
        take_round(t, pass, &found);
    return print_found(name, t, pass, &found, err);
}

int mica_bench_convolutions(size_t rounds, const char *match, enum type precision,
                            struct error *err)
{
    struct visit visit = {
        .match = match, .precision = precision, .rounds = rounds, .work = measure};
    size_t count;
    if (count_passes(match, precision, &count, err) || print_machine(err))
        return -1;
    return visit_all(&visit, err);
}

/* --- one of them, round by round ------------------------------------------------------ */

static int answer(const struct found *found, struct error *err)
{
    struct text line;
    const size_t last = found->rounds - 1;
    mica_log_begin(&line);
    mica_log_number(&line, "ms", 1e3 * found->seconds[last]);
    mica_log_number(&line, "percent", 100 * found->shares[last]);
    mica_log_number(&line, "roofline_percent", 100 * found->rooflines[last]);
    return write_line(&line, err);
}

static int serve(const char *name, struct trial *t, const struct pass *pass,
                 const struct visit *visit, struct error *err)
{
    struct found found = {0};
    struct text line;
    warm_up(t, pass, &found);
    mica_log_begin(&line);
    mica_log_number(&line, "rms_error", found.error);
    int status = write_line(&line, err);
    while (!status && found.rounds < visit->rounds && mica_rounds_asked()) {
        take_round(t, pass, &found);
        status = answer(&found, err);
    }
    return status || found.rounds == 0 ? status
                                       : print_found(name, t, pass, &found, err);
}

int mica_bench_convolution_serve(const char *match, enum type precision,
                                 struct error *err)
{
    struct visit visit = {
        .match = match, .precision = precision, .rounds = ROUNDS_MOST, .work = serve};
    size_t count;
    if (count_passes(match, precision, &count, err))
        return -1;
    if (count > 1)
        return mica_misuse(
            err,
            "mica bench: --serve takes one convolution, and --match "
            "chooses %zu; add the pass and 'direct', 'fft' or 'winograd'",
            count);
    return visit_all(&visit, err);
}
