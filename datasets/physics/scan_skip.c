/* scan_skip.c - the scan jumps */
#include "datasets/physics/artefact.h"

struct scan_skip {
    struct spread amplitude, count;
};
static const struct param params[] = {
    {"amplitude", PARAM_RANDOM, offsetof(struct scan_skip, amplitude), PARAM_NEEDED, 0,
     1000, "standard deviation of a jump", NULL, DIMENSION_LENGTH},
    {"count", PARAM_RANDOM, offsetof(struct scan_skip, count), 0.05, 0, 100,
     "mean number of jumps in an image", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    struct scan *scan = &acquisition->scan;
    size_t jumps = (size_t)mica_random_poisson(random, values[1]);
    for (size_t n = 0; n < jumps; n++) {
        size_t row = mica_random_below(random, scan->height);
        float jump = (float)(values[0] * mica_random_normal(random));
        for (size_t i = row * scan->width; i < scan->height * scan->width; i++)
            scan->dx[i] += jump;
    }
    return 0;
}

const struct artefact mica_artefact_scan_skip = {
    .name = "scan_skip",
    .summary = "from a random row on, all rows are displaced along x",
    .equation = "dx(row >= r) += s normal, Poisson(count) times",
    .stage = ARTEFACT_SCAN,
    .rank = 5,
    .params = params,
    .params_size = sizeof(struct scan_skip),
    .apply = apply};
