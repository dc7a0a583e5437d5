/* moments.h - the step that Adam and its kin share */
#ifndef MICA_OPTIM_MOMENTS_H
#define MICA_OPTIM_MOMENTS_H

#include "optim/optim.h"

struct moments {
    double lr, beta1, beta2, eps;
};
/* Slots: mean gradient, mean square. `decay` is decoupled: lr decay w is taken off first. */
void mica_moments_update(const struct moments *moments, const struct update *update,
                         double decay);

#endif
