/* polynomial.c - a rate that falls as a power of what is left of the run */
#include <stddef.h>

#include "core/numeric.h"
#include "optim/optim.h"

struct polynomial {
    double power, final;
};

static const struct param params[] = {
    {"power", PARAM_FLOAT, offsetof(struct polynomial, power), 0.9, 0.01, 100,
     "1: a straight line; larger: faster at first"},
    {"final", PARAM_FLOAT, offsetof(struct polynomial, final), 0, 0, 1,
     "share of the rate that is left at the end"},
    {0}};

static double factor(const void *p, const struct when *when)
{
    const struct polynomial *polynomial = p;
    double left = 1 - (double)when->step / (double)when->steps;
    double share = left > 0 ? mica_pow(left, polynomial->power) : 0;
    return polynomial->final + (1 - polynomial->final) * share;
}

const struct schedule mica_schedule_polynomial = {
    .name = "polynomial",
    .summary = "falls as a power of what is left of the run",
    .equation = "final + (1 - final) (1 - step / steps)^power",
    .params = params,
    .params_size = sizeof(struct polynomial),
    .factor = factor};
