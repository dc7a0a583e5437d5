/* test_conv_winograd.c - Winograd's way beside the direct one and sums in double precision */
#include "tests/test.h"

#include "core/conv.h"
#include "core/kernels.h"
#include "core/memory.h"
#include "core/random.h"
#include <math.h>
#include <stdio.h>

/* One convolution of 3x3 with everything that its passes read. */
struct trial {
    struct conv conv;
    struct tensor x, y; /* y: the gradient, too */
    float *weights;
    size_t shards, weight_count;
};

static void fill(float *values, size_t count, uint64_t seed)
{
    struct random random;
    mica_random_start(&random, seed, 0, 0);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)mica_random_between(&random, -1, 1);
}

static struct tensor tensor_of(size_t n, size_t h, size_t w, size_t c, uint64_t seed)
{
    struct tensor t = {.shape = {n, h, w, c}, .stride = c};
    t.data = mica_need(mica_shape_size(t.shape), sizeof(float));
    fill(t.data, mica_shape_size(t.shape), seed);
    return t;
}

static struct conv conv_of(size_t h, size_t w, size_t in, size_t out)
{
    return (struct conv){.in_h = h,
                         .in_w = w,
                         .in_c = in,
                         .out_h = h,
                         .out_w = w,
                         .out_c = out,
                         .kernel_h = 3,
                         .kernel_w = 3,
                         .stride = 1,
                         .top = 1,
                         .left = 1};
}

static struct trial start(size_t n, size_t h, size_t w, size_t in, size_t out)
{
    struct trial t = {
        .conv = conv_of(h, w, in, out), .shards = n, .weight_count = 9 * in * out};
    t.x = tensor_of(n, h, w, in, 1);
    t.y = tensor_of(n, h, w, out, 2);
    t.weights = mica_need(t.weight_count, sizeof *t.weights);
    fill(t.weights, t.weight_count, 3);
    return t;
}

static void end(struct trial *t)
{
    mica_free(t->x.data);
    mica_free(t->y.data);
    mica_free(t->weights);
}

/* The result of a pass by an algorithm: `count` numbers. */
static float *result(const struct trial *t, enum conv_algorithm algorithm,
                     enum conv_pass pass, size_t *count)
{
    struct conv conv = t->conv;
    const struct conv_weights weights = {t->weights, NULL};
    struct tensor to = pass == CONV_FORWARD ? t->y : t->x;
    conv.algorithm = algorithm;
    *count =
        pass == CONV_BACKWARD_WEIGHTS ? t->weight_count : mica_shape_size(to.shape);
    const size_t n = t->x.shape.n;
    const size_t bytes = pass == CONV_FORWARD ? mica_conv_forward_scratch(&conv, n)
                         : pass == CONV_BACKWARD_DATA
                             ? mica_conv_backward_data_scratch(&conv, n)
                             : mica_conv_backward_weights_scratch(&conv, n, t->shards);
    void *scratch = mica_need(bytes, 1);
    float *found = to.data = mica_need(*count, sizeof *found);
    assert_int_equal(mica_conv_way(&conv, pass, 1).algorithm, algorithm);
    if (pass == CONV_FORWARD)
        mica_conv_forward(&conv, &t->x, weights, NULL, NULL, &to, false, scratch);
    else if (pass == CONV_BACKWARD_DATA)
        mica_conv_backward_data(&conv, &t->y, weights, NULL, NULL, &to, false, scratch);
    else
        mica_conv_backward_weights(&conv, &t->x, &t->y, t->shards, found, false,
                                   scratch);
    mica_free(scratch);
    return found;
}

/* rms of the difference over rms of `of`. */
static double distance(const float *a, const float *of, size_t count)
{
    double gap = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        gap += pow((double)a[i] - (double)of[i], 2);
        size += pow((double)of[i], 2);
    }
    return sqrt(gap / size);
}

static void assert_like_direct(size_t n, size_t h, size_t w, size_t in, size_t out)
{
    struct trial t = start(n, h, w, in, out);
    for (enum conv_pass pass = CONV_FORWARD; pass <= CONV_BACKWARD_WEIGHTS; pass++) {
        size_t count;
        float *direct = result(&t, CONV_DIRECT, pass, &count);
        float *found = result(&t, CONV_WINOGRAD, pass, &count);
        const double far = distance(found, direct, count);
        if (!(far > 0 && far < 3e-6))
            printf("pass %d, %zu to %zu of %zux%zu: %.2e\n", (int)pass, in, out, h, w,
                   far);
        assert_true(far > 0 && far < 3e-6);
        mica_free(direct);
        mica_free(found);
    }
    end(&t);
}

/* More tiles than a piece has, weights in several rounds, channels that fill no vector. */
TEST(convolutions_by_winograds_way_are_like_the_direct_ones)
{
    for (size_t set = 0; mica_kernels_available(set); set++) {
        mica_kernels_use(mica_kernels_available(set));
        assert_like_direct(2, 37, 61, 24, 75);
        assert_like_direct(4, 9, 10, 330, 370);
        assert_like_direct(1, 6, 5, 2048, 17);
    }
    mica_kernels_use(NULL);
}

TEST(very_many_inputs_are_not_for_winograds_way)
{
    struct conv conv = conv_of(4, 4, 8, 16);
    conv.algorithm = CONV_WINOGRAD;
    conv.in_c = 2048;
    assert_int_equal(mica_conv_way(&conv, CONV_FORWARD, 1).algorithm, CONV_WINOGRAD);
    conv.in_c = 2049;
    assert_int_equal(mica_conv_way(&conv, CONV_FORWARD, 1).algorithm, CONV_DIRECT);
}

/* A smaller batch than the planned one goes its way: for that there is scratch memory. */
TEST(gradients_go_the_way_of_the_planned_batch)
{
    struct conv conv = conv_of(7, 7, 512, 512);
    assert_int_equal(mica_conv_way(&conv, CONV_BACKWARD_WEIGHTS, 1).algorithm,
                     CONV_DIRECT);
    assert_true(mica_conv_way(&conv, CONV_BACKWARD_WEIGHTS, 8).algorithm !=
                CONV_DIRECT);
    conv.images = 8;
    assert_true(mica_conv_way(&conv, CONV_BACKWARD_WEIGHTS, 1).algorithm !=
                CONV_DIRECT);
}

/* Of outputs from column `from` on that see only the faint half of an image. */
static double faint_error(enum conv_algorithm algorithm)
{
    enum { SIDE = 32, CHANNELS = 32, FROM = 20 };
    struct trial t = start(1, SIDE, SIDE, CHANNELS, CHANNELS);
    double gap = 0, size = 0;
    size_t count;
    for (size_t p = 0; p < SIDE * SIDE; p++)
        for (size_t k = 0; k < CHANNELS && p % SIDE >= SIDE / 2; k++)
            mica_tensor_at(&t.x, 0, p)[k] *= 1e-4f;
    float *found = result(&t, algorithm, CONV_FORWARD, &count);
    for (size_t i = 1; i < SIDE - 1; i++)
        for (size_t j = FROM; j < SIDE - 1; j++)
            for (size_t o = 0; o < CHANNELS; o++) {
                double sum = 0;
                for (size_t tap = 0; tap < 9; tap++)
                    for (size_t k = 0; k < CHANNELS; k++)
                        sum += (double)mica_tensor_at(&t.x, 0,
                                                      (i + tap / 3 - 1) * SIDE + j +
                                                          tap % 3 - 1)[k] *
                               (double)t.weights[(o * CHANNELS + k) * 9 + tap];
                gap += pow((double)found[(i * SIDE + j) * CHANNELS + o] - sum, 2);
                size += sum * sum;
            }
    mica_free(found);
    end(&t);
    return sqrt(gap / size);
}

/* A tile is six pixels wide: what is faint is not spoilt by what is bright further away. */
TEST(by_winograds_way_the_faint_half_of_an_image_keeps_its_digits)
{
    assert_true(faint_error(CONV_DIRECT) < 5e-7);
    assert_true(faint_error(CONV_WINOGRAD) < 1.5e-6);
    assert_true(faint_error(CONV_FFT) > 1e-5);
}
