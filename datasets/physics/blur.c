/* blur.c - a Gaussian blur of the recorded image */
#include "datasets/physics/artefact.h"
#include "datasets/physics/smooth.h"

struct blur {
    struct spread sd;
};
static const struct param params[] = {
    {"sd", PARAM_RANDOM, offsetof(struct blur, sd), PARAM_NEEDED, 0, 100,
     "standard deviation of the Gaussian", NULL, DIMENSION_LENGTH},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)random;
    const struct scan *scan = &acquisition->scan;
    if (mica_smooth_blur(acquisition->image, scan->height, scan->width,
                         acquisition->channels, values[0] / scan->pixel[1]) != 0)
        return mica_fail(err, "no memory for blurring");
    return 0;
}

const struct artefact mica_artefact_blur = {
    .name = "blur",
    .summary = "a Gaussian blur of the recorded image, noise included",
    .equation = "I = I * exp(-r^2 / (2 sd^2))",
    .stage = ARTEFACT_IMAGE,
    .rank = 4,
    .params = params,
    .params_size = sizeof(struct blur),
    .apply = apply};
