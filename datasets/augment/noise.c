/* noise.c - additive normal noise */
#include "datasets/augment.h"

struct noise {
    struct spread sd;
};
static const struct param params[] = {
    {"sd", PARAM_RANDOM, offsetof(struct noise, sd), PARAM_NEEDED, 0, 10,
     "standard deviation relative to the range of the image", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)whole;
    (void)err;
    for (size_t c = 0; c < s->channels; c++) {
        float least, most;
        mica_augment_limits(s, c, &least, &most);
        double sd = values[0] * ((double)most - (double)least);
        for (size_t i = c; i < s->height * s->width * s->channels; i += s->channels)
            s->image[i] =
                (float)((double)s->image[i] + sd * mica_random_normal(random));
    }
    return 0;
}

const struct augment mica_augment_noise = {.name = "noise",
                                           .summary = "additive normal noise",
                                           .equation = "I' = I + sd range normal",
                                           .params = params,
                                           .params_size = sizeof(struct noise),
                                           .apply = apply};
