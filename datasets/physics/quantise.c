/* quantise.c - values are rounded to a number of bits */
#include "datasets/physics/artefact.h"

#include <math.h>

struct quantise {
    struct spread bits;
};
static const struct param params[] = {{"bits", PARAM_RANDOM,
                                       offsetof(struct quantise, bits), 8, 1, 16,
                                       "bits of a pixel", NULL, DIMENSION_NONE},
                                      {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)random, (void)err;
    size_t size =
        acquisition->scan.height * acquisition->scan.width * acquisition->channels;
    double levels = ldexp(1, (int)values[0]) - 1;
    for (size_t c = 0; c < acquisition->channels; c++) {
        float least, most;
        mica_acquisition_limits(acquisition, c, &least, &most);
        double step = (double)(most - least) / levels;
        for (size_t i = c; step > 0 && i < size; i += acquisition->channels) {
            double level = floor((double)(acquisition->image[i] - least) / step + 0.5);
            acquisition->image[i] = least + (float)(level * step);
        }
    }
    return 0;
}

const struct artefact mica_artefact_quantise = {
    .name = "quantise",
    .summary = "the image is stored with few bits, from its least to its largest value",
    .equation =
        "I = min + step round((I - min) / step), step = (max - min) / (2^bits - 1)",
    .stage = ARTEFACT_IMAGE,
    .rank = 7,
    .params = params,
    .params_size = sizeof(struct quantise),
    .apply = apply};
