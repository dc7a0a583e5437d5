/* glorot_normal.c - Glorot and Bengio (2010): variance 2 / (fan_in + fan_out) */
#include <math.h>

#include "core/initialize.h"

static void draw(const void *params, struct weight *w, struct random *random)
{
    (void)params;
    mica_initialize_normal(w, random, sqrt(2.0 / (double)(w->fan_in + w->fan_out)));
}

const struct initializer mica_initializer_glorot_normal = {
    .name = "glorot_normal",
    .summary = "normal, sd sqrt(2 / (fan_in + fan_out)), biases 0",
    .kernel = draw};
