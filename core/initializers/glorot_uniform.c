/* glorot_uniform.c - Glorot and Bengio (2010): variance 2 / (fan_in + fan_out) */
#include <math.h>

#include "core/initialize.h"

static void draw(const void *params, struct weight *w, struct random *random)
{
    (void)params;
    mica_initialize_uniform(w, random, sqrt(6.0 / (double)(w->fan_in + w->fan_out)));
}

const struct initializer mica_initializer_glorot_uniform = {
    .name = "glorot_uniform",
    .summary = "uniform, limit sqrt(6 / (fan_in + fan_out)), biases 0",
    .kernel = draw};
