/* detector.c - the detector and its amplifier */
#include "datasets/physics/artefact.h"

#include <math.h>

struct detector_noise {
    struct spread excess, read_noise, afterglow, offset;
    bool clip;
};
static const struct param params[] = {
    {"excess", PARAM_RANDOM, offsetof(struct detector_noise, excess), 0.3, 0, 10,
     "variance that the spread of gain adds to counting's, relative to it", NULL,
     DIMENSION_NONE},
    {"read_noise", PARAM_RANDOM, offsetof(struct detector_noise, read_noise), 0, 0, 1e4,
     "rms of the amplifier's noise in electrons", NULL, DIMENSION_NONE},
    {"afterglow", PARAM_RANDOM, offsetof(struct detector_noise, afterglow), 0, 0, 0.99,
     "part of a pixel's signal that comes with the next of its row", NULL,
     DIMENSION_NONE},
    {"offset", PARAM_RANDOM, offsetof(struct detector_noise, offset), 0, -1e6, 1e6,
     "added to every pixel, in electrons", NULL, DIMENSION_NONE},
    {"clip", PARAM_BOOL, offsetof(struct detector_noise, clip), 0, 0, 1,
     "whether signals below 0 become 0", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    const struct scan *scan = &acquisition->scan;
    size_t channels = acquisition->channels;
    for (size_t i = 0; i < scan->height * scan->width * channels; i++) {
        float *value = &acquisition->image[i];
        double count = (double)*value * acquisition->electrons;
        double variance = values[0] * fmax(count, 0) + values[1] * values[1];
        if (variance > 0)
            count += sqrt(variance) * mica_random_normal(random);
        count += values[3];
        if (values[4] != 0)
            count = fmax(count, 0);
        double signal = count / acquisition->electrons;
        if (i / channels % scan->width > 0)
            signal = (1 - values[2]) * signal +
                     values[2] * (double)value[-(ptrdiff_t)channels];
        *value = (float)signal;
    }
    return 0;
}

const struct artefact mica_artefact_detector = {
    .name = "detector",
    .summary =
        "spread of the gain, amplifier noise, afterglow and offset of the detector",
    .equation = "N += normal sqrt(excess N + read_noise^2) + offset; "
                "y(c) = (1 - a) N(c) + a y(c - 1)",
    .stage = ARTEFACT_COUNTS,
    .rank = 2,
    .params = params,
    .params_size = sizeof(struct detector_noise),
    .apply = apply};
