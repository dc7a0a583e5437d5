/* salt_pepper.c - single pixels at the ends of the scale */
#include "datasets/physics/artefact.h"

struct salt_pepper {
    struct spread fraction;
};
static const struct param params[] = {
    {"fraction", PARAM_RANDOM, offsetof(struct salt_pepper, fraction), PARAM_NEEDED, 0,
     1, "fraction of the pixels", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    size_t channels = acquisition->channels;
    size_t pixels = acquisition->scan.height * acquisition->scan.width;
    for (size_t c = 0; c < channels; c++) {
        float least, most;
        mica_acquisition_limits(acquisition, c, &least, &most);
        for (size_t i = 0; i < pixels; i++) {
            double chance = mica_random_uniform(random);
            if (chance < values[0])
                acquisition->image[i * channels + c] =
                    chance < values[0] / 2 ? least : most;
        }
    }
    return 0;
}

const struct artefact mica_artefact_salt_pepper = {
    .name = "salt_pepper",
    .summary = "pixels that become the least or the largest of the image",
    .equation = "I = min or max with probability fraction / 2 each",
    .stage = ARTEFACT_IMAGE,
    .rank = 2,
    .params = params,
    .params_size = sizeof(struct salt_pepper),
    .apply = apply};
