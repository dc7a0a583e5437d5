/* gaussian.c - additive noise */
#include "datasets/physics/artefact.h"

struct gaussian {
    struct spread sd;
};
static const struct param params[] = {
    {"sd", PARAM_RANDOM, offsetof(struct gaussian, sd), PARAM_NEEDED, 0, 100,
     "standard deviation relative to the range of the noise-free image", NULL,
     DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    size_t size =
        acquisition->scan.height * acquisition->scan.width * acquisition->channels;
    for (size_t i = 0; i < size; i++)
        acquisition->image[i] +=
            (float)(values[0] * acquisition->range[i % acquisition->channels] *
                    mica_random_normal(random));
    return 0;
}

const struct artefact mica_artefact_gaussian = {.name = "gaussian",
                                                .summary = "additive normal noise",
                                                .equation = "I += sd range normal",
                                                .stage = ARTEFACT_IMAGE,
                                                .rank = 1,
                                                .params = params,
                                                .params_size = sizeof(struct gaussian),
                                                .apply = apply};
