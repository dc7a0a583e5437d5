/* moments.c - running means of the gradient and of its square */
#include "optim/moments.h"

#include "core/kernels.h"
#include <math.h>

/* By squaring, unlike pow. */
double mica_moments_debias(double beta, uint64_t step)
{
    double power = 1;
    for (; step; step >>= 1, beta *= beta)
        if (step & 1)
            power *= beta;
    return 1 - power;
}

bool mica_moments_needs(const void *params, size_t slot)
{
    return slot < 2 || ((const struct moments *)params)->amsgrad;
}

void mica_moments_update(const struct moments *moments, const struct update *u,
                         bool decoupled)
{
    const double debias1 = mica_moments_debias(moments->beta1, u->step);
    const double debias2 = mica_moments_debias(moments->beta2, u->step);
    const double decay = moments->weight_decay;
    const struct adaptation adaptation = {
        .value = u->value,
        .mean = u->slots[0],
        .square = u->slots[1],
        .largest = u->slots[2],
        .gradient = u->gradient,
        .scale = (float)u->scale,
        .pull = decoupled ? 0.0f : (float)decay,
        .keep = decoupled ? (float)(1 - u->rate * decay) : 1.0f,
        .beta1 = (float)moments->beta1,
        .rest1 = (float)(1 - moments->beta1),
        .beta2 = (float)moments->beta2,
        .rest2 = (float)(1 - moments->beta2),
        .size = (float)(u->rate / debias1),
        .root = (float)(1 / sqrt(debias2)),
        .eps = (float)moments->eps};
    mica_kernels()->adapt(&adaptation, u->count);
}
