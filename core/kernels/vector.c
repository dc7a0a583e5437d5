/* vector.c - numbers one by one: sums, activations and their gradients */
#include "core/kernels/elementary.h"
#include "core/kernels/finish.h"
#include "core/kernels/set.h"

/* y (+)= f(a, b, c), lane by lane; f is constant where this is inlined. */
typedef floats operation(floats a, floats b, floats c);

INLINE void apply(float *y, const float *a, const float *b, floats c, size_t n,
                  bool add, operation *f)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        floats v = f(load(a + i), load(b + i), c);
        store(y + i, add ? load(y + i) + v : v);
    }
    if (i < n) {
        floats v = f(load_first(a + i, n - i), load_first(b + i, n - i), c);
        store_first(y + i, add ? load_first(y + i, n - i) + v : v, n - i);
    }
}

INLINE floats first(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return a;
}

INLINE floats sum(floats a, floats b, floats c)
{
    (void)c;
    return a + b;
}

INLINE floats scaled(floats a, floats b, floats c)
{
    (void)b;
    return a * c;
}

INLINE floats product(floats a, floats b, floats c)
{
    (void)c;
    return a * b;
}

INLINE floats positive(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return rectified(a);
}

INLINE floats where_positive(floats dy, floats y, floats c)
{
    (void)c;
    return where_passed(dy, y);
}

INLINE floats logistic(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return 1.0f / (1.0f + exponential(-a));
}

INLINE floats logistic_gradient(floats dy, floats y, floats c)
{
    (void)c;
    return dy * (y * (1.0f - y));
}

INLINE floats power_of_e(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return exponential(a);
}

INLINE floats natural_logarithm(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return logarithm(a);
}

INLINE floats e_power_less_1(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return exponential_less_1(a);
}

INLINE floats logarithm_from_1(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return logarithm_of_1_more(a);
}

INLINE floats tangent(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return hyperbolic_tangent(a);
}

INLINE floats error(floats a, floats b, floats c)
{
    (void)b, (void)c;
    return error_function(a);
}

void KERNEL(copy)(float *y, const float *x, size_t n)
{
    if (y != x && n)
        memcpy(y, x, n * sizeof *y);
}

void KERNEL(add)(float *y, const float *a, const float *b, size_t n)
{
    apply(y, a, b, splat(0), n, false, sum);
}

void KERNEL(accumulate)(float *y, const float *a, size_t n)
{
    apply(y, a, a, splat(0), n, true, first);
}

void KERNEL(scale)(float *y, const float *a, float s, size_t n)
{
    apply(y, a, a, splat(s), n, false, scaled);
}

void KERNEL(multiply)(float *y, const float *a, const float *b, size_t n, bool add)
{
    apply(y, a, b, splat(0), n, add, product);
}

void KERNEL(relu)(float *y, const float *x, size_t n)
{
    apply(y, x, x, splat(0), n, false, positive);
}

void KERNEL(relu_backward)(float *dx, const float *dy, const float *y, size_t n)
{
    apply(dx, dy, y, splat(0), n, false, where_positive);
}

void KERNEL(sigmoid)(float *y, const float *x, size_t n)
{
    apply(y, x, x, splat(0), n, false, logistic);
}

void KERNEL(sigmoid_backward)(float *dx, const float *dy, const float *y, size_t n)
{
    apply(dx, dy, y, splat(0), n, false, logistic_gradient);
}

void KERNEL(exponential)(float *y, const float *x, size_t n)
{
    apply(y, x, x, splat(0), n, false, power_of_e);
}

void KERNEL(logarithm)(float *y, const float *x, size_t n)
{
    apply(y, x, x, splat(0), n, false, natural_logarithm);
}

void KERNEL(exponential_less_1)(float *y, const float *x, size_t n)
{
    apply(y, x, x, splat(0), n, false, e_power_less_1);
}

void KERNEL(logarithm_of_1_more)(float *y, const float *x, size_t n)
{
    apply(y, x, x, splat(0), n, false, logarithm_from_1);
}

void KERNEL(hyperbolic_tangent)(float *y, const float *x, size_t n)
{
    apply(y, x, x, splat(0), n, false, tangent);
}

void KERNEL(error_function)(float *y, const float *x, size_t n)
{
    apply(y, x, x, splat(0), n, false, error);
}

/* Products of floats are exact in double. */
double KERNEL(dot)(const float *a, const float *b, size_t n)
{
    double sums[LANES] = {0}, total = 0;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t j = 0; j < LANES; j++)
            sums[j] += (double)a[i + j] * (double)b[i + j];
    for (; i < n; i++)
        total += (double)a[i] * (double)b[i];
    for (size_t j = 0; j < LANES; j++)
        total += sums[j];
    return total;
}
