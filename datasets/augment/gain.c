/* gain.c - the contrast, behind the normalisation */
#include "datasets/augment.h"

struct gain {
    struct spread factor;
};
static const struct param params[] = {
    {"factor", PARAM_RANDOM, offsetof(struct gain, factor), PARAM_NEEDED, 0.01, 100,
     "of all values: {\"uniform\": [0.8, 1.25]}", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)whole;
    (void)random;
    (void)err;
    for (size_t i = 0; i < s->height * s->width * s->channels; i++)
        s->image[i] = (float)((double)s->image[i] * values[0]);
    return 0;
}

const struct augment mica_augment_gain = {
    .name = "gain",
    .summary = "values times a factor, behind the normalisation: contrast",
    .equation = "I' = factor I",
    .params = params,
    .params_size = sizeof(struct gain),
    .normalised = true,
    .apply = apply};
