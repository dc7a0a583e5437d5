/* drift.c - the specimen moves while it is scanned */
#include "core/numeric.h"
#include "datasets/physics/artefact.h"

struct drift {
    struct spread speed;
};
static const struct param params[] = {
    {"speed", PARAM_RANDOM, offsetof(struct drift, speed), PARAM_NEEDED, 0, 1e4,
     "speed of the specimen, in a random direction", NULL, DIMENSION_SPEED},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    struct scan *scan = &acquisition->scan;
    double direction = mica_random_between(random, 0, 6.283185307179586);
    double vx = values[0] * mica_cos(direction), vy = values[0] * mica_sin(direction);
    mica_draw_record(acquisition->drawn, "direction", DIMENSION_ANGLE, direction);
    for (size_t row = 0; row < scan->height; row++)
        for (size_t column = 0; column < scan->width; column++) {
            double seconds = 1e-6 * mica_acquisition_time(acquisition, row, column);
            scan->dx[row * scan->width + column] += (float)(vx * seconds);
            scan->dy[row * scan->width + column] += (float)(vy * seconds);
        }
    return 0;
}

const struct artefact mica_artefact_drift = {
    .name = "drift",
    .summary = "the specimen moves steadily during the scan",
    .equation = "d(t) = v t, t = row (columns dwell + flyback) + column dwell",
    .stage = ARTEFACT_SCAN,
    .rank = 1,
    .params = params,
    .params_size = sizeof(struct drift),
    .apply = apply};
