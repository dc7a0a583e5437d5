/* scan_jitter.c - rows of the scan start at random places */
#include "datasets/physics/artefact.h"

#include <math.h>

struct scan_jitter {
    struct spread amplitude, correlation, vertical;
};
static const struct param params[] = {
    {"amplitude", PARAM_RANDOM, offsetof(struct scan_jitter, amplitude), PARAM_NEEDED,
     0, 100, "standard deviation of a row's displacement along x", NULL,
     DIMENSION_LENGTH},
    {"correlation", PARAM_RANDOM, offsetof(struct scan_jitter, correlation), 0, 0,
     0.999, "of a row's displacement with the next row's", NULL, DIMENSION_NONE},
    {"vertical", PARAM_RANDOM, offsetof(struct scan_jitter, vertical), 0, 0, 10,
     "displacement along y relative to that along x", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    struct scan *scan = &acquisition->scan;
    double memory = values[1], fresh = sqrt(1 - memory * memory);
    double x = mica_random_normal(random), y = mica_random_normal(random);
    for (size_t row = 0; row < scan->height; row++) {
        for (size_t i = row * scan->width; i < (row + 1) * scan->width; i++) {
            scan->dx[i] += (float)(values[0] * x);
            scan->dy[i] += (float)(values[0] * values[2] * y);
        }
        x = memory * x + fresh * mica_random_normal(random);
        y = memory * y + fresh * mica_random_normal(random);
    }
    return 0;
}

const struct artefact mica_artefact_scan_jitter = {
    .name = "scan_jitter",
    .summary = "every row of the scan is displaced at random",
    .equation = "dx(row) = s g, g(row + 1) = c g(row) + sqrt(1 - c^2) normal",
    .stage = ARTEFACT_SCAN,
    .rank = 2,
    .params = params,
    .params_size = sizeof(struct scan_jitter),
    .apply = apply};
