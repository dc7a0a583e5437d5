/* he_uniform.c - He et al. (2015): variance 2 / fan_in */
#include <math.h>

#include "core/initialize.h"

static void draw(const void *params, struct weight *w, struct random *random)
{
    (void)params;
    mica_initialize_uniform(w, random, sqrt(6.0 / (double)w->fan_in));
}

const struct initializer mica_initializer_he_uniform = {
    .name = "he_uniform",
    .summary = "uniform, limit sqrt(6 / fan_in), biases 0",
    .kernel = draw};
