/* keras.c - Keras' default: Glorot's uniform one */
#include <math.h>

#include "core/initialize.h"

static void draw(const void *params, struct weight *w, struct random *random)
{
    (void)params;
    mica_initialize_uniform(w, random, sqrt(6.0 / (double)(w->fan_in + w->fan_out)));
}

const struct initializer mica_initializer_keras = {
    .name = "keras",
    .summary = "uniform, limit sqrt(6 / (fan_in + fan_out)), biases 0: Keras' default",
    .kernel = draw};
