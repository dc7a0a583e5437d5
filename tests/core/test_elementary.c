/* test_elementary.c - exp, ln, tanh and erf of every set of kernels, in units of the last place */
#include "tests/test.h"

#include "core/kernels.h"
#include <float.h>
#include <math.h>

/* `for` each set. */
static const struct kernels *set(size_t i) { return mica_kernels_available(i); }

/* The distance of y from the exact value, in units of the last place of a float there. */
static double ulps(float y, double exact)
{
    double unit = fmax(ldexp(1, ilogb(exact) - 23), ldexp(1, -149));
    return fabs((double)y - exact) / unit;
}

typedef void unary(float *y, const float *x, size_t n);

static double exact_sigmoid(double x) { return 1 / (1 + exp(-x)); }

/* The largest error where the exact result is a normal float. */
static double worst(unary *f, double (*exact)(double), double from, double to)
{
    enum { STEPS = 200000, BATCH = 250 };
    double most = 0;
    for (size_t i = 0; i < STEPS; i += BATCH) {
        float x[BATCH], y[BATCH];
        for (size_t k = 0; k < BATCH; k++)
            x[k] = (float)(from + (to - from) * (double)(i + k) / STEPS);
        f(y, x, BATCH);
        for (size_t k = 0; k < BATCH; k++) {
            double e = exact((double)x[k]);
            if (fabs(e) >= (double)FLT_MIN && e <= (double)FLT_MAX)
                most = fmax(most, ulps(y[k], e));
        }
    }
    return most;
}

TEST(exponential_is_within_2_ulp)
{
    for (size_t s = 0; set(s); s++) {
        unary *f = set(s)->exponential;
        assert_in_range((int)(1000 * worst(f, exp, -87.3, 88.72)), 0, 2000);
        assert_in_range((int)(1000 * worst(f, exp, -1, 1)), 0, 2000);
    }
}

TEST(logarithm_is_within_2_ulp)
{
    for (size_t s = 0; set(s); s++) {
        unary *f = set(s)->logarithm;
        assert_in_range((int)(1000 * worst(f, log, 0.5, 2)), 0, 2000);
        assert_in_range((int)(1000 * worst(f, log, 2e-38, 1e-36)), 0, 2000);
        assert_in_range((int)(1000 * worst(f, log, 1e-3, 1e3)), 0, 2000);
        assert_in_range((int)(1000 * worst(f, log, 1, 3.4e38)), 0, 2000);
    }
}

TEST(e_to_x_less_1_and_ln_of_1_more_are_within_3_ulp)
{
    for (size_t s = 0; set(s); s++) {
        unary *f = set(s)->exponential_less_1, *g = set(s)->logarithm_of_1_more;
        assert_in_range((int)(1000 * worst(f, expm1, -87, 88.72)), 0, 3000);
        assert_in_range((int)(1000 * worst(f, expm1, -2, 2)), 0, 3000);
        assert_in_range((int)(1000 * worst(f, expm1, -1e-4, 1e-4)), 0, 3000);
        assert_in_range((int)(1000 * worst(g, log1p, -0.99, 2)), 0, 3000);
        assert_in_range((int)(1000 * worst(g, log1p, -1e-4, 1e-4)), 0, 3000);
        assert_in_range((int)(1000 * worst(g, log1p, 1, 1e30)), 0, 3000);
    }
}

TEST(tanh_and_erf_are_within_3_ulp)
{
    for (size_t s = 0; set(s); s++) {
        unary *f = set(s)->hyperbolic_tangent, *g = set(s)->error_function;
        assert_in_range((int)(1000 * worst(f, tanh, -12, 12)), 0, 3000);
        assert_in_range((int)(1000 * worst(f, tanh, -1e-3, 1e-3)), 0, 3000);
        assert_in_range((int)(1000 * worst(g, erf, -5, 5)), 0, 3000);
        assert_in_range((int)(1000 * worst(g, erf, -1e-3, 1e-3)), 0, 3000);
    }
}

TEST(functions_of_activations_know_their_special_values)
{
    for (size_t s = 0; set(s); s++) {
        unary *all[] = {set(s)->exponential_less_1, set(s)->logarithm_of_1_more,
                        set(s)->hyperbolic_tangent, set(s)->error_function};
        const float x[] = {0, -0.0f, NAN, 1000, -1000, INFINITY, -INFINITY};
        for (size_t k = 0; k < 4; k++) {
            float y[7];
            all[k](y, x, 7);
            assert_true(y[0] == 0 && y[1] == 0 && isnan(y[2]));
            if (k >= 2)
                assert_true(signbit(y[1]) && y[3] == 1 && y[4] == -1 && y[5] == 1 &&
                            y[6] == -1);
            if (k == 0)
                assert_true(isinf(y[3]) && y[4] == -1 && isinf(y[5]) && y[6] == -1);
        }
    }
}

TEST(sigmoid_is_within_3_ulp)
{
    for (size_t s = 0; set(s); s++)
        assert_in_range((int)(1000 * worst(set(s)->sigmoid, exact_sigmoid, -87, 87)), 0,
                        3000);
}

TEST(elementary_functions_know_their_special_values)
{
    for (size_t s = 0; set(s); s++) {
        float x[] = {0,     -0.0f, INFINITY, -INFINITY, NAN,
                     -1000, 1000,  1e-3f,    -88,       89.5f};
        float y[10];
        set(s)->exponential(y, x, 10);
        const float e[] = {1, 1,        INFINITY,   0, NAN,
                           0, INFINITY, 1.0010005f, 0, INFINITY};
        for (size_t i = 0; i < 10; i++)
            assert_true(y[i] == e[i] || (isnan(e[i]) && isnan(y[i])));
        float z[] = {0, -0.0f, INFINITY, -1, NAN, 1, FLT_MAX, -INFINITY, -1e-30f, 1};
        const float l[] = {-INFINITY, -INFINITY,  INFINITY, NAN, NAN,
                           0,         88.722839f, NAN,      NAN, 0};
        set(s)->logarithm(y, z, 10);
        for (size_t i = 0; i < 10; i++)
            assert_true(y[i] == l[i] || (isnan(l[i]) && isnan(y[i])));
    }
}
