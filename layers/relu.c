/* relu.c - the rectifier */
#include "layers/pointwise.h"

static void value(const void *own, float *restrict y, const float *restrict x, size_t n)
{
    (void)own;
    mica_kernels()->relu(y, x, n);
}

static void gradient(const void *own, float *restrict dx, const float *restrict dy,
                     const float *restrict y, size_t n)
{
    (void)own;
    mica_kernels()->relu_backward(dx, dy, y, n);
}

static void finish(const struct node *node, const struct pass *pass,
                   struct finish *finish)
{
    (void)node, (void)pass;
    finish->relu = true;
}

static const struct pointwise work = {value, gradient, true};

static const struct example examples[] = {{"{}", {{2, 3, 5, 7}}}, {0}};

const struct layer mica_layer_relu = {.name = "relu",
                                      .summary = "sets what is negative to 0",
                                      .equation = "y = max(x, 0)",
                                      .inputs = 1,
                                      .keeps_output = true,
                                      .in_place = true,
                                      .cheap = true,
                                      .forward = mica_pointwise_forward,
                                      .backward = mica_pointwise_backward,
                                      .part = FINISH_RELU,
                                      .finish = finish,
                                      .work = &work,
                                      .examples = examples};
