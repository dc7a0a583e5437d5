/* constant.c - a rate that stays */
#include "optim/optim.h"

static double factor(const void *params, const struct when *when)
{
    (void)params;
    (void)when;
    return 1;
}

const struct schedule mica_schedule_constant = {
    .name = "constant", .summary = "the rate stays", .equation = "1", .factor = factor};
