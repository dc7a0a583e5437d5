/* tanh.c - the hyperbolic tangent */
#include "layers/pointwise.h"

static void value(const void *own, float *restrict y, const float *restrict x, size_t n)
{
    (void)own;
    mica_kernels()->hyperbolic_tangent(y, x, n);
}

static void gradient(const void *own, float *restrict dx, const float *restrict dy,
                     const float *restrict y, size_t n)
{
    (void)own;
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (1 - y[i] * y[i]);
}

static const struct pointwise work = {value, gradient};

static const struct example examples[] = {{"{}", {{2, 3, 5, 7}}}, {0}};

const struct layer mica_layer_tanh = {.name = "tanh",
                                      .summary = "squeezes every number into -1 .. 1",
                                      .equation = "y = (e^x - e^-x) / (e^x + e^-x)",
                                      .inputs = 1,
                                      .keeps_output = true,
                                      .in_place = true,
                                      .cheap = true,
                                      .forward = mica_pointwise_forward,
                                      .backward = mica_pointwise_backward,
                                      .work = &work,
                                      .examples = examples};
