/* one_cycle.c - a rate that rises and falls once (Smith and Topin, arXiv:1708.07120) */
#include <stddef.h>

#include "core/numeric.h"
#include "optim/optim.h"

struct one_cycle {
    double rise, start, end;
    int shape;
};

enum { COSINE, LINEAR };
static const char *const shapes[] = {"cosine", "linear", NULL};

static const struct param params[] = {
    {"rise", PARAM_FLOAT, offsetof(struct one_cycle, rise), 0.3, 0, 1,
     "share of the run in which the rate rises (torch: pct_start)"},
    {"start", PARAM_FLOAT, offsetof(struct one_cycle, start), 0.04, 0, 1,
     "share of the rate at the begin (torch: 1 / div_factor)"},
    {"end", PARAM_FLOAT, offsetof(struct one_cycle, end), 4e-6, 0, 1,
     "share of the rate at the end (torch: 1 / (div_factor final_div_factor))"},
    {"shape", PARAM_CHOICE, offsetof(struct one_cycle, shape), COSINE, 0, 1,
     "of both parts", shapes},
    {0}};

/* From `from` at share 0 to `to` at share 1. */
static double between(int shape, double from, double to, double share)
{
    if (shape == LINEAR)
        return from + (to - from) * share;
    return to + (from - to) * 0.5 * (1 + mica_cos(3.14159265358979323846 * share));
}

static double factor(const void *p, const struct when *when)
{
    const struct one_cycle *c = p;
    double step = (double)when->step, last = (double)when->steps - 1;
    double top = c->rise * (double)when->steps - 1; /* the step of the full rate */
    if (step < top)
        return between(c->shape, c->start, 1, step / top);
    top = top > 0 ? top : 0;
    double share = last > top ? (step - top) / (last - top) : 0;
    return between(c->shape, 1, c->end, share < 1 ? share : 1);
}

const struct schedule mica_schedule_one_cycle = {
    .name = "one_cycle",
    .summary = "rises to the rate and falls to next to nothing",
    .equation = "from start to 1 in the first steps, rise of them all, then from 1 to "
                "end, each along half a cosine or a line",
    .params = params,
    .params_size = sizeof(struct one_cycle),
    .factor = factor};
