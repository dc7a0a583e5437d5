/* moments.h - the step that Adam and its kin share */
#ifndef MICA_OPTIM_MOMENTS_H
#define MICA_OPTIM_MOMENTS_H

#include <stddef.h>

#include "optim/optim.h"

struct moments {
    double lr, beta1, beta2, eps, weight_decay;
    bool amsgrad;
};

/* Slots: mean gradient, mean square, and of amsgrad the largest mean square so far. */
#define MICA_MOMENTS_SLOTS                                                             \
    {                                                                                  \
        "exp_avg", "exp_avg_sq", "max_exp_avg_sq"                                      \
    }
/* The first rows of a table of parameters. */
#define MICA_MOMENTS_RATES                                                             \
    {"lr", PARAM_FLOAT, offsetof(struct moments, lr), 0.001, 0, 1e3, "learning rate"}, \
        {"beta1", PARAM_FLOAT, offsetof(struct moments, beta1), 0.9,                   \
         0,       0.99999,     "memory of the mean gradient"},                         \
    {                                                                                  \
        "beta2", PARAM_FLOAT, offsetof(struct moments, beta2), 0.999, 0, 0.9999999,    \
            "memory of the mean square"                                                \
    }
bool mica_moments_needs(const void *params, size_t slot);

/* Weight decay is coupled (L2: decay w is added to the gradient) or decoupled (lr decay w
   is taken off the weight first). */
void mica_moments_update(const struct moments *moments, const struct update *update,
                         bool decoupled);
/* 1 - beta^step: the same bits everywhere. */
double mica_moments_debias(double beta, uint64_t step);

#endif
