/* test_conv_prepared.c - convolutions by weights that are prepared once */
#include "tests/test.h"

#include "core/conv.h"
#include "core/kernels.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include <string.h>

#define CONV(h, w, c, oh, ow, oc, k, s, t, gap, groups)                                \
    {                                                                                  \
        h, w, c, oh, ow, oc, k, k, s, t, t, gap, groups, CONV_AUTO                     \
    }

/* Packed before and on the way, thin, in parts of the depth, in groups, by tiles. */
static const struct conv convs[] = {
    CONV(14, 15, 17, 14, 15, 9, 3, 1, 1, 0, 0),
    CONV(6, 6, 130, 6, 6, 66, 3, 1, 1, 0, 0),
    CONV(5, 5, 300, 5, 5, 70, 3, 1, 1, 0, 0),
    CONV(13, 12, 3, 7, 6, 40, 7, 2, 3, 0, 0),
    CONV(1, 1, 1300, 1, 1, 301, 1, 1, 0, 0, 0),
    CONV(7, 8, 1024, 7, 8, 200, 1, 1, 0, 0, 0),
    CONV(9, 8, 24, 5, 4, 20, 3, 2, 1, 0, 0),
    CONV(8, 8, 6, 4, 4, 10, 2, 2, 0, 0, 0),
    CONV(33, 34, 4, 2, 3, 5, 3, 16, 1, 0, 0),
    CONV(9, 8, 5, 9, 8, 5, 3, 1, 2, 1, 0),
    CONV(7, 9, 12, 4, 5, 18, 3, 2, 1, 0, 3),
    CONV(9, 7, 5, 9, 7, 5, 3, 1, 1, 0, 5),
    CONV(16, 16, 5, 3, 3, 9, 14, 1, 0, 0, 0),
    CONV(24, 24, 32, 24, 24, 40, 7, 1, 3, 0, 0),
    CONV(10, 9, 16, 10, 9, 24, 3, 1, 1, 0, 0),
    CONV(4, 4, 384, 4, 4, 296, 3, 1, 1, 0, 0),
    CONV(4, 5, 1024, 4, 5, 96, 3, 1, 1, 0, 0),
    CONV(10, 9, 32, 9, 8, 32, 4, 1, 1, 0, 2),
};

enum { CONVS = sizeof convs / sizeof *convs, SAMPLES = 2, GUARD = 16 };

static float *numbers(size_t count, uint64_t seed)
{
    struct random random;
    float *x = mica_need(count + 1, sizeof *x);
    mica_random_start(&random, seed, 0, 0);
    for (size_t i = 0; i < count; i++)
        x[i] = (float)mica_random_uniform(&random) - 0.5f;
    return x;
}

static struct tensor tensor_of(size_t h, size_t w, size_t c, uint64_t seed)
{
    struct tensor t = {.shape = {SAMPLES, h, w, c}, .stride = c};
    t.data = numbers(mica_shape_size(t.shape), seed);
    return t;
}

static void pass(const struct conv *conv, bool backward, const struct tensor *from,
                 struct conv_weights weights, struct tensor *to)
{
    const size_t bytes = backward ? mica_conv_backward_data_scratch(conv, SAMPLES)
                                  : mica_conv_forward_scratch(conv, SAMPLES);
    void *scratch = mica_need(bytes + 1, 1);
    memset(scratch, 0xff, bytes); /* NaN */
    (backward ? mica_conv_backward_data : mica_conv_forward)(conv, from, weights, NULL,
                                                             NULL, to, false, scratch);
    mica_free(scratch);
}

/* The same bits without the weights themselves, and nothing is written behind the room. */
static void check(const struct conv *conv, bool backward)
{
    const size_t groups = conv->groups ? conv->groups : 1;
    struct tensor x = tensor_of(conv->in_h, conv->in_w, conv->in_c, 1);
    struct tensor y = tensor_of(conv->out_h, conv->out_w, conv->out_c, 2);
    struct tensor *to = backward ? &x : &y, *from = backward ? &y : &x;
    struct tensor twin = tensor_of(to->shape.h, to->shape.w, to->shape.c, 3);
    const size_t taps = conv->kernel_h * conv->kernel_w;
    float *weights = numbers(conv->out_c * conv->in_c / groups * taps, 4);
    const size_t floats = mica_conv_prepared(conv, backward) / sizeof(float);
    float *prepared = numbers(floats + GUARD, 5), *guard = numbers(floats + GUARD, 5);

    pass(conv, backward, from, (struct conv_weights){weights, NULL}, to);
    if (floats) {
        mica_conv_prepare(conv, weights, backward, prepared);
        mica_free(weights);
        weights = NULL;
    }
    pass(conv, backward, from, (struct conv_weights){weights, floats ? prepared : NULL},
         &twin);
    assert_memory_equal(to->data, twin.data,
                        mica_shape_size(to->shape) * sizeof(float));
    assert_memory_equal(prepared + floats, guard + floats, GUARD * sizeof(float));
    mica_free(x.data);
    mica_free(y.data);
    mica_free(twin.data);
    mica_free(weights);
    mica_free(prepared);
    mica_free(guard);
}

TEST(prepared_weights_give_the_bits_of_those_that_each_pass_prepares)
{
    for (size_t set = 0; mica_kernels_available(set); set++) {
        mica_kernels_use(mica_kernels_available(set));
        for (size_t i = 0; i < CONVS; i++)
            for (int k = CONV_DIRECT; mica_conv_words[k]; k++) {
                struct conv conv = convs[i];
                conv.algorithm = (enum conv_algorithm)k;
                check(&conv, false);
                check(&conv, true);
            }
    }
    mica_kernels_use(NULL);
}

/* Depthwise weights are few, and prepared by each pass; many are made by Winograd's way as fast
   as read. */
TEST(prepared_weights_are_about_as_large_as_weights)
{
    for (size_t i = 0; i < CONVS; i++)
        for (int k = CONV_DIRECT; mica_conv_words[k]; k++) {
            struct conv conv = convs[i];
            const size_t lanes = mica_kernels()->lanes;
            const size_t out_c = (conv.out_c + lanes - 1) / lanes * lanes;
            const size_t bytes =
                out_c * conv.in_c * conv.kernel_h * conv.kernel_w * sizeof(float);
            conv.algorithm = (enum conv_algorithm)k;
            assert_true(mica_conv_prepared(&conv, false) <= 4 * bytes);
            assert_true(mica_conv_prepared(&conv, false) > 0 || conv.groups == 5 ||
                        4 * bytes > 16 << 20);
        }
}
