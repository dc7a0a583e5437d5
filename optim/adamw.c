/* adamw.c - Adam with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101) */
#include <stddef.h>

#include "optim/moments.h"

struct adamw {
    struct moments moments;
    double weight_decay;
};

static const struct param params[] = {
    {"lr", PARAM_FLOAT, offsetof(struct adamw, moments.lr), 0.001, 0, 1e3,
     "learning rate"},
    {"beta1", PARAM_FLOAT, offsetof(struct adamw, moments.beta1), 0.9, 0, 0.99999,
     "memory of the mean gradient"},
    {"beta2", PARAM_FLOAT, offsetof(struct adamw, moments.beta2), 0.999, 0, 0.9999999,
     "memory of the mean square"},
    {"eps", PARAM_FLOAT, offsetof(struct adamw, moments.eps), 1e-8, 1e-30, 1,
     "added to the root of the mean square (Keras: 1e-7)"},
    {"weight_decay", PARAM_FLOAT, offsetof(struct adamw, weight_decay), 0.01, 0, 10,
     "lr times this is taken off each weight, as a share of it"},
    {0}};

static void update(const void *p, const struct update *u)
{
    const struct adamw *adamw = p;
    mica_moments_update(&adamw->moments, u, adamw->weight_decay);
}

const struct optimizer mica_optimizer_adamw = {
    .name = "adamw",
    .summary = "adaptive moments with decoupled weight decay",
    .equation = "w = (1 - lr decay) w, then as adam",
    .params = params,
    .params_size = sizeof(struct adamw),
    .slots = {"exp_avg", "exp_avg_sq"},
    .update = update};
