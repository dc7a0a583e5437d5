/* moments.c - running means of the gradient and of its square */
#include "optim/moments.h"

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
    double debias1 = mica_moments_debias(moments->beta1, u->step);
    double debias2 = mica_moments_debias(moments->beta2, u->step);
    double decay = moments->weight_decay;
    float b1 = (float)moments->beta1, rest1 = (float)(1 - moments->beta1);
    float b2 = (float)moments->beta2, rest2 = (float)(1 - moments->beta2);
    float scale = (float)u->scale, pull = decoupled ? 0.0f : (float)decay;
    float keep = decoupled ? (float)(1 - u->rate * decay) : 1.0f;
    float size = (float)(u->rate / debias1), root = (float)(1 / sqrt(debias2));
    float eps = (float)moments->eps;
    float *m = u->slots[0], *v = u->slots[1], *most = u->slots[2];
    for (size_t i = 0; i < u->count; i++) {
        float g = scale * u->gradient[i] + pull * u->value[i];
        m[i] = b1 * m[i] + rest1 * g;
        v[i] = b2 * v[i] + rest2 * g * g;
        if (most)
            most[i] = fmaxf(most[i], v[i]);
        float square = most ? most[i] : v[i];
        u->value[i] = keep * u->value[i] - size * m[i] / (sqrtf(square) * root + eps);
    }
}
