/* moments.h - the step that Adam and its kin share */
#ifndef MICA_OPTIM_MOMENTS_H
#define MICA_OPTIM_MOMENTS_H

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
bool mica_moments_needs(const void *params, size_t slot);

/* Weight decay is coupled (L2: decay w is added to the gradient) or decoupled (lr decay w
   is taken off the weight first). */
void mica_moments_update(const struct moments *moments, const struct update *update,
                         bool decoupled);
/* 1 - beta^step: the same bits everywhere. */
double mica_moments_debias(double beta, uint64_t step);

#endif
