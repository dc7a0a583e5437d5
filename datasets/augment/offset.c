/* offset.c - the brightness, behind the normalisation */
#include "datasets/augment.h"

struct offset {
    struct spread add;
};
static const struct param params[] = {
    {"add", PARAM_RANDOM, offsetof(struct offset, add), PARAM_NEEDED, -100, 100,
     "to all values, in standard deviations where the image is standardised", NULL,
     DIMENSION_NONE},
    {0}};

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)whole;
    (void)random;
    (void)err;
    for (size_t i = 0; i < s->height * s->width * s->channels; i++)
        s->image[i] = (float)((double)s->image[i] + values[0]);
    return 0;
}

const struct augment mica_augment_offset = {
    .name = "offset",
    .summary = "a number added to all values, behind the normalisation: brightness",
    .equation = "I' = I + add",
    .params = params,
    .params_size = sizeof(struct offset),
    .normalised = true,
    .apply = apply};
