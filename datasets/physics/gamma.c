/* gamma.c - a non-linear grey scale */
#include "core/numeric.h"
#include "datasets/physics/artefact.h"

struct gamma {
    struct spread exponent;
};
static const struct param params[] = {
    {"exponent", PARAM_RANDOM, offsetof(struct gamma, exponent), PARAM_NEEDED, 0.01,
     100, "of the values scaled to 0 .. 1", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)random, (void)err;
    size_t size =
        acquisition->scan.height * acquisition->scan.width * acquisition->channels;
    for (size_t c = 0; c < acquisition->channels; c++) {
        float least, most;
        mica_acquisition_limits(acquisition, c, &least, &most);
        double span = (double)(most - least);
        for (size_t i = c; span > 0 && i < size; i += acquisition->channels) {
            double value = (double)(acquisition->image[i] - least) / span;
            if (value > 0)
                acquisition->image[i] =
                    least + (float)(span * mica_pow(value, values[0]));
        }
    }
    return 0;
}

const struct artefact mica_artefact_gamma = {
    .name = "gamma",
    .summary = "a non-linear grey scale between the least and the largest value",
    .equation = "I = min + (max - min) ((I - min) / (max - min))^exponent",
    .stage = ARTEFACT_IMAGE,
    .rank = 5,
    .params = params,
    .params_size = sizeof(struct gamma),
    .apply = apply};
