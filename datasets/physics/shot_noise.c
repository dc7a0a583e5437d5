/* shot_noise.c - electrons are counted */
#include "datasets/physics/artefact.h"

#include <math.h>

struct shot_noise {
    struct spread dose;
};
static const struct param params[] = {
    {"dose", PARAM_RANDOM, offsetof(struct shot_noise, dose), 0, 0, 1e12,
     "electrons per area; 0: from probe_current and dwell_time", NULL, DIMENSION_DOSE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    const struct scan *scan = &acquisition->scan;
    if (values[0] > 0)
        acquisition->electrons = values[0] * scan->pixel[0] * scan->pixel[1];
    double electrons = acquisition->electrons;
    for (size_t i = 0; i < scan->height * scan->width * acquisition->channels; i++) {
        double mean = fmax((double)acquisition->image[i] * electrons, 0);
        acquisition->image[i] = (float)(mica_random_poisson(random, mean) / electrons);
    }
    return 0;
}

const struct artefact mica_artefact_shot_noise = {
    .name = "shot_noise",
    .summary = "counting statistics of the electrons that reach the detector",
    .equation = "I = Poisson(I N0) / N0, N0 = 6.2415 current[pA] dwell[us]",
    .stage = ARTEFACT_COUNTS,
    .rank = 1,
    .params = params,
    .params_size = sizeof(struct shot_noise),
    .apply = apply};
