/* adam.c - Adam (Kingma and Ba, arXiv:1412.6980) */
#include "optim/moments.h"

static const struct param params[] = {
    MICA_MOMENTS_RATES,
    {"eps", PARAM_FLOAT, offsetof(struct moments, eps), 1e-8, 1e-30, 1,
     "added to the root of the mean square (Keras: 1e-7)"},
    {"weight_decay", PARAM_FLOAT, offsetof(struct moments, weight_decay), 0, 0, 10,
     "L2: this times the weight is added to its gradient"},
    {"amsgrad", PARAM_BOOL, offsetof(struct moments, amsgrad), 0, 0, 1,
     "divide by the largest mean square so far (arXiv:1904.09237)"},
    {0}};

static void update(const void *p, const struct update *u)
{
    mica_moments_update(p, u, false);
}

const struct optimizer mica_optimizer_adam = {
    .name = "adam",
    .summary = "adaptive moments",
    .equation = "g = grad + decay w;  m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;"
                "  w = w - lr (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps)"
                "  (amsgrad: the largest v so far)",
    .params = params,
    .params_size = sizeof(struct moments),
    .slots = MICA_MOMENTS_SLOTS,
    .needs = mica_moments_needs,
    .update = update};
