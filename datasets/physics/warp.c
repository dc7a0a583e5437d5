/* warp.c - slow distortions of the scan */
#include "datasets/physics/artefact.h"
#include "datasets/physics/smooth.h"

#include <math.h>

struct warp {
    struct spread rms;
};
static const struct param params[] = {
    {"rms", PARAM_RANDOM, offsetof(struct warp, rms), PARAM_NEEDED, 0, 100,
     "rms displacement along each axis", NULL, DIMENSION_LENGTH},
    {0}};

/* Octaves from half of the image's side down, each half as strong as the one before. */
static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    enum { OCTAVES = 4 };
    struct scan *scan = &acquisition->scan;
    double side = (double)(scan->height > scan->width ? scan->height : scan->width);
    double rms = values[0] / sqrt(1 + 1 / 4.0 + 1 / 16.0 + 1 / 64.0), length = side / 2;
    for (int octave = 0; octave < OCTAVES; octave++, rms /= 2, length /= 2)
        if (mica_smooth_random(scan->dx, scan->height, scan->width, rms, length,
                               random) ||
            mica_smooth_random(scan->dy, scan->height, scan->width, rms, length,
                               random))
            return mica_fail(err, "no memory for the scan's warp");
    return 0;
}

const struct artefact mica_artefact_warp = {
    .name = "warp",
    .summary = "slow random distortion of the scan with amplitudes as 1 / frequency^2",
    .equation =
        "d(x, y) = sum over octaves of smooth fields of half the length and rms",
    .stage = ARTEFACT_SCAN,
    .rank = 4,
    .params = params,
    .params_size = sizeof(struct warp),
    .apply = apply};
