/* conv_bf16.c - a pair of channels is 32 bits, as an fp32 is: all but the product of two takes it for one

   So packing, looking up, zeros and threads are those of core/conv.c with half the channels;
   the product multiplies both halves (fused_pairs of core/kernels/simd.h). */
#include "core/conv_bf16.h"

#include "core/conv_sizes.h"
#include "core/error.h"
#include "core/kernels.h"
#include "core/parallel.h"

enum { BLOCK = 256, UNIT = 16 }; /* numbers; those of a cache line */

bool mica_conv_bf16_fits(const struct conv *conv, bool backward)
{
    return conv->groups <= 1 && (backward ? conv->out_c : conv->in_c) % 2 == 0;
}

static struct conv of_pairs(const struct conv *conv, bool backward)
{
    struct conv half = *conv;
    MICA_CHECK(mica_conv_bf16_fits(conv, backward));
    *(backward ? &half.out_c : &half.in_c) /= 2;
    half.algorithm = CONV_DIRECT;
    half.pairs = true;
    return half;
}

static struct tensor tensor_of_pairs(const struct tensor *x)
{
    struct tensor half = *x;
    MICA_CHECK(x->type == TYPE_BF16 && x->shape.c % 2 == 0 && x->stride % 2 == 0);
    half.shape.c /= 2;
    half.stride /= 2;
    half.type = TYPE_F32;
    return half;
}

static size_t words_of(const struct conv *half)
{
    return round_up(half->out_c * half->in_c * half->kernel_h * half->kernel_w, UNIT);
}

size_t mica_conv_bf16_scratch(const struct conv *conv, size_t n, bool backward)
{
    const struct conv half = of_pairs(conv, backward);
    return words_of(&half) * sizeof(float) +
           (backward ? mica_conv_backward_data_scratch(&half, n)
                     : mica_conv_forward_scratch(&half, n));
}

/* Rows of `count` weights that are channels 2 i and 2 i + 1 become row i of pairs. */
struct pairing {
    const float *weights;
    uint32_t *words;
    size_t count;
};

static void pair_rows(void *context, size_t i)
{
    const struct pairing *p = context;
    const float *from = p->weights + 2 * i * p->count;
    uint32_t *to = p->words + i * p->count;
    uint16_t lower[BLOCK], upper[BLOCK];
    for (size_t done = 0; done < p->count; done += BLOCK) {
        const size_t n = least(BLOCK, p->count - done);
        mica_kernels()->narrow(lower, from + done, n);
        mica_kernels()->narrow(upper, from + p->count + done, n);
        for (size_t k = 0; k < n; k++)
            to[done + k] = (uint32_t)upper[k] << 16 | lower[k];
    }
}

/* Into the scratch; O I H W. */
static struct conv_weights pair_weights(const struct conv *half, const float *weights,
                                        bool backward, float *scratch)
{
    const size_t taps = half->kernel_h * half->kernel_w;
    struct pairing p = {.weights = weights,
                        .words = (uint32_t *)(void *)scratch,
                        .count = backward ? half->in_c * taps : taps};
    mica_parallel_for(half->out_c * (backward ? 1 : half->in_c), pair_rows, &p);
    return (struct conv_weights){.given = scratch};
}

void mica_conv_bf16_forward(const struct conv *conv, const struct tensor *x,
                            const float *weights, const float *bias,
                            const struct finish *finish, struct tensor *y, bool add,
                            void *scratch)
{
    const struct conv half = of_pairs(conv, false);
    const struct tensor pairs = tensor_of_pairs(x);
    mica_conv_forward(&half, &pairs, pair_weights(&half, weights, false, scratch), bias,
                      finish, y, add, (float *)scratch + words_of(&half));
}

void mica_conv_bf16_backward_data(const struct conv *conv, const struct tensor *dy,
                                  const float *weights, struct tensor *dx, bool add,
                                  void *scratch)
{
    const struct conv half = of_pairs(conv, true);
    const struct tensor pairs = tensor_of_pairs(dy);
    mica_conv_backward_data(&half, &pairs, pair_weights(&half, weights, true, scratch),
                            NULL, NULL, dx, add, (float *)scratch + words_of(&half));
}
