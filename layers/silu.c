/* silu.c - the sigmoid-weighted linear unit, also called swish */
#include "layers/pointwise.h"

static void value(const void *own, float *restrict y, const float *restrict x, size_t n)
{
    (void)own;
    mica_kernels()->sigmoid(y, x, n);
    mica_kernels()->multiply(y, y, x, n, false);
}

static void gradient(const void *own, float *restrict dx, const float *restrict dy,
                     const float *restrict x, size_t n)
{
    (void)own;
    mica_kernels()->sigmoid(dx, x, n);
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (dx[i] * (1 + x[i] * (1 - dx[i])));
}

static const struct pointwise work = {value, gradient};

static const struct example examples[] = {{"{}", {{2, 3, 5, 7}}}, {0}};

const struct layer mica_layer_silu = {
    .name = "silu",
    .summary = "lets numbers through by their own sigmoid; also called swish",
    .equation = "y = x / (1 + e^-x)",
    .inputs = 1,
    .keeps_input = true,
    .cheap = true,
    .forward = mica_pointwise_forward,
    .backward = mica_pointwise_backward,
    .work = &work,
    .examples = examples};
