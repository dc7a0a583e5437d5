/* pytorch.c - PyTorch's default for convolutions and linear layers: variance 1 / (3 fan_in) */
#include <math.h>

#include "core/initialize.h"

static void draw(const void *params, struct weight *w, struct random *random)
{
    (void)params;
    mica_initialize_uniform(w, random, sqrt(1.0 / (double)w->fan_in));
}

const struct initializer mica_initializer_pytorch = {
    .name = "pytorch",
    .summary = "uniform, limit 1 / sqrt(fan_in), biases too: PyTorch's default",
    .kernel = draw,
    .bias = draw};
