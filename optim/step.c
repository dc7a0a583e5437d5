/* step.c - a rate that falls by a factor every so many epochs */
#include <stddef.h>

#include "optim/optim.h"

struct step {
    int every;
    double factor;
};

static const struct param params[] = {{"every", PARAM_INT, offsetof(struct step, every),
                                       30, 1, 1e6, "epochs between falls"},
                                      {"factor", PARAM_FLOAT,
                                       offsetof(struct step, factor), 0.1, 1e-6, 1,
                                       "what the rate is multiplied by"},
                                      {0}};

static double factor(const void *p, const struct when *when)
{
    const struct step *step = p;
    uint64_t period = (uint64_t)step->every * when->epoch_steps;
    double result = 1;
    for (uint64_t i = when->step / period; i > 0 && result > 0; i--)
        result *= step->factor;
    return result;
}

const struct schedule mica_schedule_step = {.name = "step",
                                            .summary = "falls every so many epochs",
                                            .equation = "factor^floor(epoch / every)",
                                            .params = params,
                                            .params_size = sizeof(struct step),
                                            .factor = factor};
