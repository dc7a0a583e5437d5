/* truncated_normal.c - a normal distribution whose tails are drawn again */
#include <math.h>

#include "core/initialize.h"

struct truncated_normal {
    double sd, cut;
};

static const struct param params[] = {
    {"sd", PARAM_FLOAT, offsetof(struct truncated_normal, sd), 0.02, 0, 1e3,
     "standard deviation before the cut"},
    {"cut", PARAM_FLOAT, offsetof(struct truncated_normal, cut), 2, 0.1, 10,
     "values farther from 0 than so many sd are drawn again"},
    {0}};

static void draw(const void *p, struct weight *w, struct random *random)
{
    const struct truncated_normal *how = p;
    for (size_t i = 0; i < w->count; i++) {
        double z = mica_random_normal(random);
        while (fabs(z) > how->cut)
            z = mica_random_normal(random);
        w->value[i] = (float)(how->sd * z);
    }
}

const struct initializer mica_initializer_truncated_normal = {
    .name = "truncated_normal",
    .summary = "normal of a given sd, cut at so many of them, biases 0",
    .params = params,
    .params_size = sizeof(struct truncated_normal),
    .kernel = draw};
