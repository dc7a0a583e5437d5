/* speckle.c - noise in proportion to the signal */
#include "datasets/physics/artefact.h"

struct speckle {
    struct spread sd;
};
static const struct param params[] = {
    {"sd", PARAM_RANDOM, offsetof(struct speckle, sd), PARAM_NEEDED, 0, 10,
     "standard deviation relative to the pixel", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    size_t size =
        acquisition->scan.height * acquisition->scan.width * acquisition->channels;
    for (size_t i = 0; i < size; i++)
        acquisition->image[i] *= (float)(1 + values[0] * mica_random_normal(random));
    return 0;
}

const struct artefact mica_artefact_speckle = {.name = "speckle",
                                               .summary = "multiplicative normal noise",
                                               .equation = "I = I (1 + sd normal)",
                                               .stage = ARTEFACT_IMAGE,
                                               .rank = 3,
                                               .params = params,
                                               .params_size = sizeof(struct speckle),
                                               .apply = apply};
