/* he_normal.c - He et al. (2015): variance 2 / fan_in */
#include <math.h>

#include "core/initialize.h"

static void draw(const void *params, struct weight *w, struct random *random)
{
    (void)params;
    mica_initialize_normal(w, random, sqrt(2.0 / (double)w->fan_in));
}

const struct initializer mica_initializer_he_normal = {
    .name = "he_normal",
    .summary = "normal, sd sqrt(2 / fan_in), biases 0",
    .kernel = draw};
