/* cosine.c - a rate that falls along half a cosine (arXiv:1608.03983) */
#include <stddef.h>

#include "core/numeric.h"
#include "optim/optim.h"

struct cosine {
    double final;
};

static const struct param params[] = {{"final", PARAM_FLOAT,
                                       offsetof(struct cosine, final), 0, 0, 1,
                                       "share of the rate that is left at the end"},
                                      {0}};

static double factor(const void *p, const struct when *when)
{
    const struct cosine *cosine = p;
    double share = (double)when->step / (double)when->steps;
    double turn = 3.14159265358979323846 * (share < 1 ? share : 1);
    return cosine->final + (1 - cosine->final) * 0.5 * (1 + mica_cos(turn));
}

const struct schedule mica_schedule_cosine = {
    .name = "cosine",
    .summary = "falls along half a cosine to the end of the run",
    .equation = "final + (1 - final) (1 + cos(pi step / steps)) / 2",
    .params = params,
    .params_size = sizeof(struct cosine),
    .factor = factor};
