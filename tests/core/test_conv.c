/* test_conv.c - convolution in all passes, against plain loops in double */
#include "tests/test.h"

#include "core/conv.h"
#include "core/kernels.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A convolution, its batch, and by how much pixels are wider than their channels. */
struct trial {
    struct conv conv;
    size_t n, shards, wider;
};

#define CONV(h, w, c, oh, ow, oc, kh, kw, s, t, l)                                     \
    {                                                                                  \
        h, w, c, oh, ow, oc, kh, kw, s, t, l                                           \
    }

/* The same with pixels between taps and channels in groups. */
#define MORE(h, w, c, oh, ow, oc, k, s, t, gap, groups)                                \
    {                                                                                  \
        h, w, c, oh, ow, oc, k, k, s, t, t, gap, groups                                \
    }

static const struct trial trials[] = {
    {MORE(9, 8, 3, 9, 8, 5, 3, 1, 2, 1, 1), 2, 2, 0},
    {MORE(14, 15, 17, 14, 15, 9, 3, 1, 4, 3, 0), 2, 1, 2},
    {MORE(12, 11, 6, 6, 6, 4, 3, 2, 2, 1, 1), 2, 2, 0},
    {MORE(17, 16, 6, 9, 8, 4, 3, 2, 3, 2, 1), 1, 1, 0},
    {MORE(19, 17, 3, 4, 3, 4, 5, 6, 8, 3, 1), 2, 1, 1},
    {MORE(8, 7, 6, 8, 7, 4, 3, 1, 1, 0, 2), 2, 2, 3},
    {MORE(7, 9, 12, 4, 5, 18, 3, 2, 1, 0, 3), 2, 1, 0},
    {MORE(6, 6, 4, 6, 6, 8, 3, 1, 2, 1, 4), 2, 2, 0},
    {MORE(9, 7, 5, 9, 7, 5, 3, 1, 1, 0, 5), 4, 2, 2},
    {MORE(11, 12, 67, 11, 12, 67, 3, 1, 1, 0, 67), 2, 1, 0},
    {MORE(31, 30, 40, 16, 15, 40, 5, 2, 2, 0, 40), 4, 4, 1},
    {MORE(16, 15, 24, 8, 8, 24, 3, 2, 2, 1, 24), 2, 2, 0},
    {MORE(40, 41, 9, 40, 41, 9, 9, 1, 4, 0, 9), 2, 2, 0},
    {CONV(8, 8, 16, 8, 8, 16, 3, 3, 1, 1, 1), 2, 2, 0},
    {CONV(9, 7, 5, 9, 7, 37, 3, 3, 1, 1, 1), 3, 1, 3},
    {CONV(7, 9, 33, 7, 9, 3, 3, 3, 1, 1, 1), 2, 1, 1},
    {CONV(16, 16, 1, 16, 16, 32, 3, 3, 1, 1, 1), 4, 4, 0},
    {CONV(16, 13, 2, 16, 13, 9, 5, 5, 1, 2, 2), 1, 1, 2},
    {CONV(14, 14, 16, 14, 14, 24, 7, 7, 1, 3, 3), 2, 2, 0},
    {CONV(15, 13, 3, 8, 7, 20, 7, 7, 2, 3, 3), 2, 1, 0},
    {CONV(10, 11, 17, 5, 6, 18, 3, 3, 2, 1, 1), 2, 2, 0},
    {CONV(8, 8, 6, 4, 4, 10, 2, 2, 2, 0, 0), 2, 2, 5},
    {CONV(9, 9, 8, 5, 5, 70, 1, 1, 2, 0, 0), 3, 1, 0},
    {CONV(11, 10, 32, 11, 10, 3, 1, 1, 1, 0, 0), 2, 2, 7},
    {CONV(4, 7, 1024, 4, 7, 140, 1, 1, 1, 0, 0), 1, 1, 2},
    {CONV(9, 10, 512, 6, 6, 132, 1, 1, 2, 1, 1), 2, 1, 0},
    {CONV(1, 1, 100, 1, 1, 47, 1, 1, 1, 0, 0), 12, 4, 0},
    {CONV(1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0), 1, 1, 0},
    {CONV(1, 1, 1300, 1, 1, 301, 1, 1, 1, 0, 0), 2, 1, 3},
    {CONV(1, 3, 512, 1, 3, 530, 1, 1, 1, 0, 0), 2, 2, 0},
    {CONV(33, 34, 4, 2, 3, 5, 3, 3, 16, 1, 1), 2, 1, 0},
    {CONV(12, 12, 4, 4, 4, 8, 5, 3, 3, 1, 0), 2, 2, 0},
    {CONV(6, 6, 130, 4, 4, 66, 3, 3, 1, 0, 0), 1, 1, 0},
    {CONV(5, 5, 2, 9, 9, 3, 3, 3, 1, 3, 3), 2, 1, 0},
    {CONV(20, 20, 3, 20, 20, 4, 19, 19, 1, 9, 9), 1, 1, 0},
    {CONV(20, 30, 9, 20, 20, 4, 21, 11, 1, 10, 0), 1, 1, 0},
    {CONV(2, 200, 20, 2, 200, 20, 1, 9, 1, 0, 4), 4, 2, 0},
    {CONV(5, 4, 60, 5, 4, 530, 3, 3, 1, 1, 1), 3, 3, 0},
    {CONV(3, 4, 3, 3, 4, 1030, 3, 3, 1, 1, 1), 2, 1, 0},
    {CONV(5, 6, 19, 5, 6, 35, 3, 3, 1, 1, 1), 2, 2, 1},
    {CONV(30, 23, 17, 30, 23, 40, 3, 3, 1, 1, 1), 2, 1, 0},
    {CONV(40, 9, 16, 36, 7, 66, 5, 3, 1, 0, 0), 2, 2, 0},
    {CONV(32, 32, 24, 32, 32, 18, 7, 7, 1, 3, 3), 2, 1, 5},
    {CONV(45, 17, 16, 45, 17, 16, 7, 7, 1, 3, 3), 4, 4, 0},
    {CONV(13, 13, 40, 15, 14, 50, 3, 3, 1, 2, 2), 2, 2, 0},
    {CONV(20, 21, 18, 10, 11, 18, 11, 11, 1, 0, 0), 1, 1, 0},
    {CONV(11, 12, 16, 11, 12, 16, 31, 31, 1, 15, 15), 2, 2, 0},
    {CONV(1, 5, 16, 1, 5, 16, 1, 63, 1, 0, 31), 2, 1, 0},
    {MORE(15, 14, 32, 15, 14, 48, 5, 1, 2, 0, 2), 2, 2, 3},
    {CONV(8, 8, 16, 7, 7, 16, 3, 3, 1, 1, 1), 2, 2, 0},
};

enum { TRIALS = sizeof trials / sizeof *trials, GUARD = 32 };
static const float CANARY = -7777.25f;

static struct tensor tensor_of(size_t n, size_t h, size_t w, size_t c, size_t wider)
{
    struct tensor t = {.shape = {n, h, w, c}, .stride = c + wider};
    size_t size = n * h * w * t.stride;
    float *data = mica_need(size + 2 * GUARD, sizeof(float));
    for (size_t i = 0; i < size + 2 * GUARD; i++)
        data[i] = CANARY;
    t.data = data + GUARD;
    return t;
}

static void release(struct tensor *t) { mica_free((float *)t->data - GUARD); }

static float draw(struct random *r) { return (float)mica_random_between(r, -1, 1); }

static void fill(struct tensor *t, uint64_t seed)
{
    struct random r;
    mica_random_start(&r, seed, 1, 0);
    for (size_t p = 0; p < t->shape.n * t->shape.h * t->shape.w; p++)
        for (size_t k = 0; k < t->shape.c; k++)
            mica_tensor_at(t, 0, p)[k] = draw(&r);
}

static void assert_guarded(const struct tensor *t)
{
    const float *data = t->data;
    size_t pixels = t->shape.n * t->shape.h * t->shape.w;
    for (size_t i = 0; i < GUARD; i++) {
        assert_true(data[-1 - (ptrdiff_t)i] == CANARY);
        assert_true(data[pixels * t->stride + i] == CANARY);
    }
    for (size_t p = 0; p < pixels; p++)
        for (size_t k = t->shape.c; k < t->stride; k++)
            assert_true(data[p * t->stride + k] == CANARY);
}

/* All that one trial reads and writes. */
struct run {
    struct tensor x, y, dx, dy;
    float *weights, *dweights, *out_bias, *in_bias, *dbias;
    size_t weight_count;
    const struct finish *finish; /* of y and dx; NULL: none */
};

static float *numbers(size_t count, uint64_t seed)
{
    struct random r;
    float *x = mica_need(count, sizeof *x);
    mica_random_start(&r, seed, 2, 0);
    for (size_t i = 0; i < count; i++)
        x[i] = draw(&r);
    return x;
}

static struct run start(const struct trial *t)
{
    const struct conv *c = &t->conv;
    const size_t inputs = c->in_c / (c->groups ? c->groups : 1);
    struct run r = {.weight_count = c->out_c * inputs * c->kernel_h * c->kernel_w};
    r.x = tensor_of(t->n, c->in_h, c->in_w, c->in_c, t->wider);
    r.dx = tensor_of(t->n, c->in_h, c->in_w, c->in_c, t->wider);
    r.y = tensor_of(t->n, c->out_h, c->out_w, c->out_c, t->wider);
    r.dy = tensor_of(t->n, c->out_h, c->out_w, c->out_c, t->wider);
    fill(&r.x, 1);
    fill(&r.dx, 2);
    fill(&r.y, 3);
    fill(&r.dy, 4);
    r.weights = numbers(r.weight_count, 5);
    r.dweights = numbers(r.weight_count, 6);
    r.out_bias = numbers(c->out_c, 7);
    r.in_bias = numbers(c->in_c, 8);
    r.dbias = numbers(c->out_c, 9);
    return r;
}

static void end(struct run *r)
{
    release(&r->x);
    release(&r->y);
    release(&r->dx);
    release(&r->dy);
    mica_free(r->weights);
    mica_free(r->dweights);
    mica_free(r->out_bias);
    mica_free(r->in_bias);
    mica_free(r->dbias);
}

/* Every product of the convolution once: each sum in double, beside the sum of sizes. */
struct sums {
    double *y, *dx, *dw, *db, *y_size, *dx_size, *dw_size, *db_size;
};

static void add(double *sum, double *size, size_t i, double product)
{
    sum[i] += product;
    size[i] += fabs(product);
}

static void sum_products(const struct trial *t, const struct run *r, size_t target,
                         size_t source, size_t tap, struct sums *s)
{
    const struct conv *c = &t->conv;
    const size_t taps = c->kernel_h * c->kernel_w;
    const float *x = mica_tensor_at(&r->x, 0, source);
    const float *dy = mica_tensor_at(&r->dy, 0, target);
    const size_t groups = c->groups ? c->groups : 1, inputs = c->in_c / groups;
    for (size_t o = 0; o < c->out_c; o++)
        for (size_t i = 0; i < inputs; i++) {
            size_t k = o / (c->out_c / groups) * inputs + i;
            size_t w = (o * inputs + i) * taps + tap;
            double weight = (double)r->weights[w];
            add(s->y, s->y_size, target * c->out_c + o, (double)x[k] * weight);
            add(s->dx, s->dx_size, source * c->in_c + k, (double)dy[o] * weight);
            add(s->dw, s->dw_size, w, (double)x[k] * (double)dy[o]);
        }
}

static void sum_pixel(const struct trial *t, const struct run *r, size_t n, size_t i,
                      size_t j, struct sums *s)
{
    const struct conv *c = &t->conv;
    const size_t target = (n * c->out_h + i) * c->out_w + j;
    for (size_t o = 0; o < c->out_c; o++)
        add(s->db, s->db_size, o, (double)mica_tensor_at(&r->dy, 0, target)[o]);
    for (size_t u = 0; u < c->kernel_h; u++)
        for (size_t v = 0; v < c->kernel_w; v++) {
            size_t row = i * c->stride + u * (1 + c->gap) - c->top,
                   column = j * c->stride + v * (1 + c->gap) - c->left;
            if (row < c->in_h && column < c->in_w)
                sum_products(t, r, target, (n * c->in_h + row) * c->in_w + column,
                             u * c->kernel_w + v, s);
        }
}

static struct sums sum_all(const struct trial *t, const struct run *r)
{
    const struct conv *c = &t->conv;
    size_t y = t->n * c->out_h * c->out_w * c->out_c;
    size_t x = t->n * c->in_h * c->in_w * c->in_c;
    struct sums s = {mica_need(y, 8),
                     mica_need(x, 8),
                     mica_need(r->weight_count, 8),
                     mica_need(c->out_c, 8),
                     mica_need(y, 8),
                     mica_need(x, 8),
                     mica_need(r->weight_count, 8),
                     mica_need(c->out_c, 8)};
    for (size_t n = 0; n < t->n; n++)
        for (size_t i = 0; i < c->out_h; i++)
            for (size_t j = 0; j < c->out_w; j++)
                sum_pixel(t, r, n, i, j, &s);
    return s;
}

static void end_sums(struct sums *s)
{
    double *all[] = {s->y,      s->dx,      s->dw,      s->db,
                     s->y_size, s->dx_size, s->dw_size, s->db_size};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        mica_free(all[i]);
}

/* One rounding error for each of the products, at most, and usually their root. Transforms
   spread errors over a tile: there a part of the largest sum counts for all (`spread`). */
static const double spreads[] = {[CONV_FFT] = 0.1, [CONV_WINOGRAD] = 0.3};

static void assert_sums(const float *actual, const double *start_values,
                        const double *sums, const double *sizes, size_t count,
                        double spread)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, sizes[i]);
    for (size_t i = 0; i < count; i++)
        assert_near((double)actual[i], start_values[i] + sums[i],
                    1e-6 *
                        (sizes[i] + fabs(start_values[i]) + 1e-3 + spread * largest));
}

static void assert_tensor(const struct tensor *t, const struct tensor *before,
                          const float *bias, const double *sums, const double *sizes,
                          double spread)
{
    const size_t c = t->shape.c, pixels = t->shape.n * t->shape.h * t->shape.w;
    float *actual = mica_need(pixels * c, sizeof *actual);
    double *old = mica_need(pixels * c, sizeof *old);
    for (size_t p = 0; p < pixels; p++)
        for (size_t k = 0; k < c; k++) {
            actual[p * c + k] = mica_tensor_at(t, 0, p)[k];
            old[p * c + k] = (before ? (double)mica_tensor_at(before, 0, p)[k] : 0) +
                             (bias ? (double)bias[k] : 0);
        }
    assert_sums(actual, old, sums, sizes, pixels * c, spread);
    assert_guarded(t);
    mica_free(actual);
    mica_free(old);
}

static void assert_numbers(const float *actual, const float *before, const double *sums,
                           const double *sizes, size_t count, double spread)
{
    double *old = mica_need(count, sizeof *old);
    for (size_t i = 0; i < count && before; i++)
        old[i] = (double)before[i];
    assert_sums(actual, old, sums, sizes, count, spread);
    mica_free(old);
}

static void *scratch_of(size_t bytes)
{
    unsigned char *memory = mica_need(bytes + 64, 1);
    memset(memory, 0xff, bytes); /* NaN */
    memset(memory + bytes, 0x5a, 64);
    return memory;
}

static void end_scratch(unsigned char *memory, size_t bytes)
{
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(memory[bytes + i], 0x5a);
    mica_free(memory);
}

static void forward(const struct trial *t, struct run *r, bool with_bias, bool add_to)
{
    size_t bytes = mica_conv_forward_scratch(&t->conv, t->n);
    void *scratch = scratch_of(bytes);
    mica_conv_forward(&t->conv, &r->x, (struct conv_weights){r->weights, NULL},
                      with_bias ? r->out_bias : NULL, r->finish, &r->y, add_to,
                      scratch);
    end_scratch(scratch, bytes);
}

static void backward_data(const struct trial *t, struct run *r, bool bias, bool add_to)
{
    size_t bytes = mica_conv_backward_data_scratch(&t->conv, t->n);
    void *scratch = scratch_of(bytes);
    mica_conv_backward_data(&t->conv, &r->dy, (struct conv_weights){r->weights, NULL},
                            bias ? r->in_bias : NULL, r->finish, &r->dx, add_to,
                            scratch);
    end_scratch(scratch, bytes);
}

static void backward_weights(const struct trial *t, struct run *r, bool add_to)
{
    size_t bytes = mica_conv_backward_weights_scratch(&t->conv, t->n, t->shards);
    void *scratch = scratch_of(bytes);
    mica_conv_backward_weights(&t->conv, &r->x, &r->dy, t->shards, r->dweights, add_to,
                               scratch);
    end_scratch(scratch, bytes);
    bytes = mica_conv_backward_bias_scratch(&r->dy, t->shards);
    scratch = scratch_of(bytes);
    mica_conv_backward_bias(&r->dy, t->shards, r->dbias, add_to, scratch);
    end_scratch(scratch, bytes);
}

static void assert_passes(const struct trial *t)
{
    const double spread = spreads[t->conv.algorithm];
    struct run r = start(t), before = start(t);
    struct sums s = sum_all(t, &r);
    forward(t, &r, false, true);
    assert_tensor(&r.y, &before.y, NULL, s.y, s.y_size, spread);
    forward(t, &r, true, false);
    assert_tensor(&r.y, NULL, r.out_bias, s.y, s.y_size, spread);
    backward_data(t, &r, false, true);
    assert_tensor(&r.dx, &before.dx, NULL, s.dx, s.dx_size, spread);
    backward_data(t, &r, true, false);
    assert_tensor(&r.dx, NULL, r.in_bias, s.dx, s.dx_size, spread);
    for (int add_to = 1; add_to >= 0; add_to--) {
        backward_weights(t, &r, add_to);
        assert_numbers(r.dweights, add_to ? before.dweights : NULL, s.dw, s.dw_size,
                       r.weight_count, spread);
        assert_numbers(r.dbias, add_to ? before.dbias : NULL, s.db, s.db_size,
                       t->conv.out_c, 0);
    }
    end_sums(&s);
    end(&r);
    end(&before);
}

static void for_ways(void (*check)(const struct trial *))
{
    for (size_t i = 0; i < TRIALS; i++)
        for (int k = CONV_DIRECT; k <= CONV_WINOGRAD; k++) {
            struct trial t = trials[i];
            t.conv.algorithm = (enum conv_algorithm)k;
            if (mica_conv_way(&t.conv, CONV_FORWARD, 1).algorithm == t.conv.algorithm)
                check(&t);
        }
}

static void for_sets(void (*check)(const struct trial *))
{
    for (size_t set = 0; mica_kernels_available(set); set++) {
        mica_kernels_use(mica_kernels_available(set));
        for_ways(check);
    }
    mica_kernels_use(NULL);
}

TEST(every_set_equals_plain_loops_in_all_passes) { for_sets(assert_passes); }

static void assert_bits(const struct run *a, const struct run *b)
{
    const size_t y = a->y.shape.n * mica_shape_pixels(a->y.shape) * a->y.stride;
    const size_t dx = a->dx.shape.n * mica_shape_pixels(a->dx.shape) * a->dx.stride;
    assert_memory_equal(a->y.data, b->y.data, y * sizeof(float));
    assert_memory_equal(a->dx.data, b->dx.data, dx * sizeof(float));
}

/* What is finished on the way has the bits of a pass of its own behind. */
static void assert_finished(const struct trial *t)
{
    struct run r = start(t), plain = start(t);
    const struct finish of_y = {r.out_bias, r.weights, r.dy.data, r.dy.stride, true};
    const struct finish of_dx = {r.in_bias, r.weights, r.x.data, r.x.stride, true};
    r.finish = &of_y;
    forward(t, &r, true, true);
    forward(t, &plain, true, true);
    mica_finish(&plain.y, &plain.y, &of_y);
    r.finish = &of_dx;
    backward_data(t, &r, true, false);
    backward_data(t, &plain, true, false);
    mica_finish(&plain.dx, &plain.dx, &of_dx);
    assert_bits(&r, &plain);
    end(&r);
    end(&plain);
}

TEST(sums_are_finished_as_by_a_pass_behind) { for_sets(assert_finished); }

static void assert_same(const struct trial *t)
{
    struct run one = start(t), many = start(t);
    mica_parallel_use(1);
    forward(t, &one, true, false);
    backward_data(t, &one, false, false);
    backward_weights(t, &one, false);
    mica_parallel_use(3);
    forward(t, &many, true, false);
    backward_data(t, &many, false, false);
    backward_weights(t, &many, false);
    mica_parallel_use(0);
    assert_bits(&one, &many);
    assert_memory_equal(one.dweights, many.dweights, one.weight_count * sizeof(float));
    assert_memory_equal(one.dbias, many.dbias, t->conv.out_c * sizeof(float));
    end(&one);
    end(&many);
}

TEST(bits_are_the_same_for_any_number_of_threads) { for_ways(assert_same); }

static void assert_same_in_half(struct trial t)
{
    const struct conv *c = &t.conv;
    struct trial half = t;
    struct run all = start(&t), part = start(&t);
    const size_t x = 2 * c->in_h * c->in_w * c->in_c;
    const size_t y = 2 * c->out_h * c->out_w * c->out_c;
    half.n = 2;
    half.shards = 1;
    forward(&t, &all, true, false);
    backward_data(&t, &all, false, false);
    part.x.shape.n = part.y.shape.n = part.dx.shape.n = part.dy.shape.n = 2;
    memmove(part.x.data, (float *)part.x.data + x, x * sizeof(float));
    memmove(part.dy.data, (float *)part.dy.data + y, y * sizeof(float));
    forward(&half, &part, true, false);
    backward_data(&half, &part, false, false);
    assert_memory_equal((float *)all.y.data + y, part.y.data, y * sizeof(float));
    assert_memory_equal((float *)all.dx.data + x, part.dx.data, x * sizeof(float));
    end(&all);
    end(&part);
}

/* A rank that owns shard 1 of 2 computes the bits that one process does. */
TEST(a_sample_gets_the_same_bits_in_any_batch)
{
    struct trial t = {CONV(17, 19, 12, 17, 19, 21, 3, 3, 1, 1, 1), 4, 2, 0};
    struct trial small = {CONV(6, 6, 40, 6, 6, 90, 3, 3, 1, 1, 1), 4, 2, 0};
    struct trial tiles = {CONV(60, 61, 32, 60, 61, 32, 7, 7, 1, 3, 3), 4, 2, 0};
    small.conv.algorithm = CONV_DIRECT;
    tiles.conv.algorithm = CONV_FFT;
    assert_true(mica_conv_way(&tiles.conv, CONV_FORWARD, 1).tile > 0);
    assert_same_in_half(t);
    assert_same_in_half(small); /* weights packed before, and on the way */
    assert_same_in_half(tiles);
}

/* Sums of the first and of the second half of the shards, added: what two ranks do. */
static void assert_halves_join(struct trial t)
{
    struct trial half = t;
    struct run all = start(&t), one = start(&t), two = start(&t);
    const size_t pixels = t.n / 2 * t.conv.out_h * t.conv.out_w;
    half.n = t.n / 2;
    half.shards = t.shards / 2;
    backward_weights(&t, &all, false);
    one.x.shape.n = one.dy.shape.n = two.x.shape.n = two.dy.shape.n = half.n;
    backward_weights(&half, &one, false);
    memmove(two.x.data, mica_tensor_at(&all.x, half.n, 0),
            half.n * t.conv.in_h * t.conv.in_w * t.conv.in_c * sizeof(float));
    memmove(two.dy.data, mica_tensor_at(&all.dy, half.n, 0),
            pixels * t.conv.out_c * sizeof(float));
    backward_weights(&half, &two, false);
    for (size_t i = 0; i < all.weight_count; i++)
        assert_true(all.dweights[i] == one.dweights[i] + two.dweights[i]);
    for (size_t o = 0; o < t.conv.out_c; o++)
        assert_true(all.dbias[o] == one.dbias[o] + two.dbias[o]);
    two.x.shape.n = two.dy.shape.n = one.x.shape.n = one.dy.shape.n = t.n;
    end(&all);
    end(&one);
    end(&two);
}

TEST(gradients_get_the_same_bits_from_any_number_of_ranks)
{
    for (size_t shards = 2; shards <= 64; shards *= 2) {
        struct trial few = {CONV(9, 8, 5, 9, 8, 7, 3, 3, 1, 1, 1), 64, shards, 0};
        struct trial many = {CONV(3, 2, 40, 3, 2, 520, 3, 3, 1, 1, 1), 64, shards, 0};
        struct trial tiles = {CONV(13, 9, 16, 13, 9, 16, 5, 5, 1, 2, 2), 64, shards, 0};
        struct trial blocks = {CONV(3, 2, 200, 3, 2, 260, 3, 3, 1, 1, 1), 64, shards,
                               0};
        tiles.conv.algorithm = blocks.conv.algorithm = CONV_FFT;
        many.conv.algorithm = CONV_DIRECT;
        assert_halves_join(few);
        assert_halves_join(many);
        assert_halves_join(tiles);
        assert_halves_join(blocks);
    }
}

/* Outputs that see only the columns from `from` on: the error over their size. */
static double error_of(const struct trial *t, enum conv_algorithm algorithm,
                       size_t from)
{
    struct trial one = *t;
    one.conv.algorithm = algorithm;
    struct run r = start(t);
    for (size_t p = 0; p < t->conv.in_h * t->conv.in_w; p++)
        for (size_t k = 0; k < t->conv.in_c && p % t->conv.in_w >= t->conv.in_w / 2;
             k++)
            mica_tensor_at(&r.x, 0, p)[k] *= 1e-4f;
    struct sums s = sum_all(t, &r);
    forward(&one, &r, false, false);
    double gap = 0, size = 0;
    for (size_t p = 0; p < t->conv.out_h * t->conv.out_w; p++)
        for (size_t k = 0; k < t->conv.out_c && p % t->conv.out_w >= from; k++) {
            const double wanted = s.y[p * t->conv.out_c + k];
            gap += pow((double)mica_tensor_at(&r.y, 0, p)[k] - wanted, 2);
            size += wanted * wanted;
        }
    end_sums(&s);
    end(&r);
    return sqrt(gap / size);
}

/* A transform's error is relative to the largest value of a tile: what is faint beside
   something bright keeps fewer digits. */
TEST(half_of_an_image_may_be_10000_times_fainter)
{
    const struct trial t = {CONV(32, 32, 32, 32, 32, 32, 7, 7, 1, 3, 3), 1, 1, 0};
    assert_true(error_of(&t, CONV_DIRECT, 0) < 1e-6);
    assert_true(error_of(&t, CONV_FFT, 0) < 1e-6);
    assert_true(error_of(&t, CONV_DIRECT, 19) < 1e-6);
    const double faint = error_of(&t, CONV_FFT, 19);
    printf("fft, where an image is 1e-4 of its other half: %.1e\n", faint);
    assert_true(faint < 5e-3 && faint > 1e-6);
}

static double distance(const float *a, const float *b, size_t count)
{
    double gap = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        gap += pow((double)a[i] - (double)b[i], 2);
        size += pow((double)b[i], 2);
    }
    return sqrt(gap / size);
}

/* What plain loops are too slow for: several rounds of tiles, weights in blocks. */
static void assert_like_direct(struct trial t)
{
    struct trial direct = t;
    direct.conv.algorithm = CONV_DIRECT;
    t.conv.algorithm = CONV_FFT;
    struct run a = start(&t), b = start(&t);
    assert_true(mica_conv_way(&t.conv, CONV_FORWARD, 1).tile &&
                mica_conv_way(&t.conv, CONV_BACKWARD_DATA, 1).tile);
    forward(&t, &a, true, false);
    forward(&direct, &b, true, false);
    backward_data(&t, &a, false, true);
    backward_data(&direct, &b, false, true);
    backward_weights(&t, &a, true);
    backward_weights(&direct, &b, true);
    assert_true(distance(a.y.data, b.y.data, mica_shape_size(a.y.shape)) < 2e-6);
    assert_true(distance(a.dx.data, b.dx.data, mica_shape_size(a.dx.shape)) < 2e-6);
    assert_true(distance(a.dweights, b.dweights, a.weight_count) < 2e-6);
    end(&a);
    end(&b);
}

TEST(large_convolutions_by_transforms_are_like_the_direct_ones)
{
    const struct trial big = {CONV(200, 157, 32, 200, 157, 40, 7, 7, 1, 3, 3), 2, 2, 0};
    const struct trial blocks = {CONV(10, 9, 280, 10, 9, 300, 3, 3, 1, 1, 1), 4, 2, 0};
    const struct trial both = {CONV(33, 30, 160, 33, 30, 130, 7, 7, 1, 3, 3), 4, 4, 0};
    assert_like_direct(big);
    assert_like_direct(blocks);
    assert_like_direct(both);
}
