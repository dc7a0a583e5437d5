/* adamw.c - Adam with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101) */
#include "optim/moments.h"

static const struct param params[] = {
    MICA_MOMENTS_RATES,
    {"eps", PARAM_FLOAT, offsetof(struct moments, eps), 1e-8, 1e-30, 1,
     "added to the root of the mean square (Keras: 1e-7)"},
    {"weight_decay", PARAM_FLOAT, offsetof(struct moments, weight_decay), 0.01, 0, 10,
     "lr times this is taken off each weight, as a share of it"},
    {"amsgrad", PARAM_BOOL, offsetof(struct moments, amsgrad), 0, 0, 1,
     "divide by the largest mean square so far (arXiv:1904.09237)"},
    {0}};

static void update(const void *p, const struct update *u)
{
    mica_moments_update(p, u, true);
}

const struct optimizer mica_optimizer_adamw = {
    .name = "adamw",
    .summary = "adaptive moments with decoupled weight decay",
    .equation = "w = (1 - lr decay) w, then as adam",
    .params = params,
    .params_size = sizeof(struct moments),
    .slots = MICA_MOMENTS_SLOTS,
    .needs = mica_moments_needs,
    .update = update};
