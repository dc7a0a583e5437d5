/* moments.c - running means of the gradient and of its square */
#include "optim/moments.h"

#include <math.h>

/* base^n by squaring: the same bits everywhere, unlike pow */
static double power(double base, uint64_t n)
{
    double result = 1;
    for (; n; n >>= 1, base *= base)
        if (n & 1)
            result *= base;
    return result;
}

void mica_moments_update(const struct moments *moments, const struct update *u,
                         double decay)
{
    double debias1 = 1 - power(moments->beta1, u->step);
    double debias2 = 1 - power(moments->beta2, u->step);
    float b1 = (float)moments->beta1, rest1 = (float)(1 - moments->beta1);
    float b2 = (float)moments->beta2, rest2 = (float)(1 - moments->beta2);
    float scale = (float)u->scale, keep = (float)(1 - u->rate * decay);
    float size = (float)(u->rate / debias1), root = (float)(1 / sqrt(debias2));
    float eps = (float)moments->eps, *m = u->slots[0], *v = u->slots[1];
    for (size_t i = 0; i < u->count; i++) {
        float g = scale * u->gradient[i];
        m[i] = b1 * m[i] + rest1 * g;
        v[i] = b2 * v[i] + rest2 * g * g;
        u->value[i] = keep * u->value[i] - size * m[i] / (sqrtf(v[i]) * root + eps);
    }
}
