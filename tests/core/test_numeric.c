/* test_numeric.c - elementary functions against libm, and their special values */
#include "core/numeric.h"
#include "core/random.h"
#include "tests/test.h"
#include <float.h>
#include <math.h>

enum { DRAWS = 60000 };

/* The greatest relative error seen of a function; long double is the judge. */
static void judge(double *worst, double got, long double expected)
{
    double error = (double)fabsl(((long double)got - expected) / expected);
    if (!(error <= *worst))
        *worst = error;
}

static double between(struct random *r, double a, double b)
{
    return mica_random_between(r, a, b);
}

TEST(exp_and_log_are_exact_to_4e_16)
{
    struct random r;
    double worst_exp = 0, worst_log = 0;
    mica_random_start(&r, 1, 1, 0);
    for (int i = 0; i < DRAWS; i++) {
        double x = between(&r, -708, 709), y = between(&r, -1, 1);
        judge(&worst_exp, mica_exp(x), expl((long double)x));
        judge(&worst_exp, mica_exp(y), expl((long double)y));
        double wide = ldexp(between(&r, 0.5, 1), (int)between(&r, -1020, 1023));
        double near = 1 + between(&r, -0.4, 0.8);
        judge(&worst_log, mica_log(wide), logl((long double)wide));
        judge(&worst_log, mica_log(near), logl((long double)near));
    }
    assert_near(worst_exp, 0, 4e-16);
    assert_near(worst_log, 0, 4e-16);
}

TEST(pow_is_exact_to_1e_15)
{
    struct random r;
    double worst = 0;
    mica_random_start(&r, 2, 1, 0);
    for (int i = 0; i < DRAWS; i++) {
        double x = ldexp(between(&r, 0.5, 1), (int)between(&r, -900, 900));
        double y = between(&r, -700, 700) / fmax(fabs(log(x)), 1);
        judge(&worst, mica_pow(x, y), powl((long double)x, (long double)y));
        x = between(&r, 0.99, 1.01), y = between(&r, -60000, 60000);
        judge(&worst, mica_pow(x, y), powl((long double)x, (long double)y));
    }
    assert_near(worst, 0, 1e-15);
    assert_near(mica_pow(10, 3), 1000, 0);
    assert_near(mica_pow(2, -10), 0x1p-10, 0);
    assert_near(mica_pow(0.25, 0.5), 0.5, 0);
}

TEST(sin_and_cos_are_exact_to_4e_16)
{
    struct random r;
    double worst = 0;
    mica_random_start(&r, 3, 1, 0);
    for (int i = 0; i < DRAWS; i++) {
        double xs[] = {between(&r, -20, 20), between(&r, -1e6, 1e6),
                       between(&r, -1e12, 1e12),
                       floor(between(&r, 1, 1e5)) * 1.5707963267948966};
        for (int j = 0; j < 4; j++) {
            judge(&worst, mica_sin(xs[j]), sinl((long double)xs[j]));
            judge(&worst, mica_cos(xs[j]), cosl((long double)xs[j]));
        }
    }
    assert_near(worst, 0, 4e-16);
}

TEST(lgamma_is_exact_to_2e_15)
{
    struct random r;
    double worst = 0;
    mica_random_start(&r, 4, 1, 0);
    for (int i = 0; i < DRAWS; i++) {
        double xs[] = {between(&r, 0.01, 20), between(&r, 0.9, 1.1),
                       between(&r, 1.9, 2.1),
                       ldexp(between(&r, 0.5, 1), (int)between(&r, -60, 300))};
        for (int j = 0; j < 4; j++)
            judge(&worst, mica_lgamma(xs[j]), lgammal((long double)xs[j]));
    }
    assert_near(worst, 0, 2e-15);
    assert_near(mica_lgamma(1), 0, 0);
    assert_near(mica_lgamma(2), 0, 0);
    assert_near(mica_exp(mica_lgamma(11)), 3628800, 1e-7);
}

TEST(numeric_special_values_are_right)
{
    const double nan = (double)NAN, inf = HUGE_VAL;
    assert_near(mica_exp(0), 1, 0);
    assert_true(mica_exp(710) == inf && mica_exp(inf) == inf);
    assert_true(mica_exp(-746) == 0 && mica_exp(-inf) == 0 && isnan(mica_exp(nan)));
    assert_near(mica_log(1), 0, 0);
    assert_true(mica_log(0) == -inf && mica_log(inf) == inf);
    assert_true(isnan(mica_log(-1)) && isnan(mica_log(nan)));
    assert_true(mica_pow(0, 2) == 0 && mica_pow(0, -1) == inf && mica_pow(3, 0) == 1);
    assert_true(mica_pow(2, 1e300) == inf && mica_pow(2, -1e300) == 0);
    assert_true(mica_pow(0.5, 1e300) == 0 && mica_pow(0.5, -inf) == inf);
    assert_true(mica_pow(inf, -1) == 0 && mica_pow(1, nan) == 1 &&
                isnan(mica_pow(-2, 3)));
    assert_true(isnan(mica_pow(nan, 2)) && isnan(mica_pow(2, nan)));
    assert_true(mica_sin(0) == 0 && mica_cos(0) == 1);
    assert_true(isnan(mica_sin(inf)) && isnan(mica_cos(nan)) && isnan(mica_sin(1e13)));
    assert_true(mica_lgamma(0) == inf && mica_lgamma(inf) == inf &&
                isnan(mica_lgamma(-1)));
}

TEST(numeric_results_are_never_denormal)
{
    for (double x = -740; x < -700; x += 0.01)
        assert_true(mica_exp(x) == 0 || mica_exp(x) >= DBL_MIN);
    assert_true(mica_log(4.9e-324) == -HUGE_VAL);
    assert_true(mica_pow(4.9e-324, 0.5) == 0);
    assert_true(mica_pow(10, -310) == 0);
}
