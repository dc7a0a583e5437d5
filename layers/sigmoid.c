/* sigmoid.c - the logistic function */
#include "layers/pointwise.h"

static void value(const void *own, float *restrict y, const float *restrict x, size_t n)
{
    (void)own;
    mica_kernels()->sigmoid(y, x, n);
}

static void gradient(const void *own, float *restrict dx, const float *restrict dy,
                     const float *restrict y, size_t n)
{
    (void)own;
    mica_kernels()->sigmoid_backward(dx, dy, y, n);
}

static const struct pointwise work = {value, gradient, true};

static const struct example examples[] = {{"{}", {{2, 3, 5, 7}}}, {0}};

const struct layer mica_layer_sigmoid = {.name = "sigmoid",
                                         .summary = "squeezes every number into 0 .. 1",
                                         .equation = "y = 1 / (1 + e^-x)",
                                         .inputs = 1,
                                         .keeps_output = true,
                                         .in_place = true,
                                         .cheap = true,
                                         .forward = mica_pointwise_forward,
                                         .backward = mica_pointwise_backward,
                                         .work = &work,
                                         .examples = examples};
