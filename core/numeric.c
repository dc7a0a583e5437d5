/* numeric.c - elementary functions in double that give the same bits on every machine

   Each reduces its argument to a small interval and sums a Taylor or Stirling series there
   by Horner's rule. Only + - * / and exact operations (ldexp, frexp, floor) are used, so
   IEEE 754 alone decides the bits. Numbers below DBL_MIN count as zero, in and out, so that
   it does not matter whether the processor flushes them. */
#include "core/numeric.h"
#include <float.h>
#include <math.h>
#include <stddef.h>

/* log 2 in two parts; the first has 42 bits, so that its product with an exponent is exact. */
static const double LN2_HIGH = 0x1.62e42fefa3800p-1, LN2_LOW = 0x1.ef35793c76730p-45;

/* An unevaluated sum, low being less than a last place of high. */
struct pair {
    double high, low;
};

/* a + b exactly (Knuth 1969). */
static struct pair add(double a, double b)
{
    double sum = a + b, part = sum - a;
    return (struct pair){sum, (a - (sum - part)) + (b - part)};
}

/* The upper 26 bits (Veltkamp 1968); |a| < 1e300. */
static double upper(double a)
{
    double scaled = a * 0x1.0000002p27;
    return scaled - (scaled - a);
}

/* a b exactly (Dekker 1971). */
static struct pair multiply(double a, double b)
{
    double product = a * b;
    double ah = upper(a), al = a - ah, bh = upper(b), bl = b - bh;
    return (struct pair){product, ((ah * bh - product) + ah * bl + al * bh) + al * bl};
}

/* c[0] + c[1] x + ... + c[n-1] x^(n-1) */
static double polynomial(const double *c, size_t n, double x)
{
    double sum = c[n - 1];
    for (size_t i = n - 1; i-- > 0;)
        sum = sum * x + c[i];
    return sum;
}
#define POLYNOMIAL(c, x) polynomial(c, sizeof(c) / sizeof *(c), x)

/* exp(x + low), x = k log 2 + r with |r| <= log(2) / 2; the series ends below 1e-17. */
static double exponential(double x, double low)
{
    static const double c[] = {1.0,
                               1.0,
                               1.0 / 2,
                               1.0 / 6,
                               1.0 / 24,
                               1.0 / 120,
                               1.0 / 720,
                               1.0 / 5040,
                               1.0 / 40320,
                               1.0 / 362880,
                               1.0 / 3628800,
                               1.0 / 39916800,
                               1.0 / 479001600,
                               1.0 / 6227020800};
    if (isnan(x))
        return x;
    if (x > 709.79)
        return HUGE_VAL;
    if (x < -708.4)
        return 0;
    double k = floor(x * 1.4426950408889634 + 0.5);
    double r = ((x - k * LN2_HIGH) - k * LN2_LOW) + low;
    double value = ldexp(POLYNOMIAL(c, r), (int)k);
    return value < DBL_MIN ? 0 : value;
}

/* Relative error below 4e-16. */
double mica_exp(double x) { return exponential(x, 0); }

/* x = 2^e m with m in [sqrt(1/2), sqrt(2)); returns m. */
static double reduce(double x, double *e)
{
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    *e = exponent;
    return m;
}

/* 2 s^3 (1/3 + s^2/5 + s^4/7 + ...): log m = 2 artanh(s) without its first term 2 s, where
   s = (m - 1) / (m + 1) and |s| <= 0.1716, so that the series ends below 1e-18. */
static double tail(double s)
{
    static const double c[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                               2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};
    double z = s * s;
    return s * z * POLYNOMIAL(c, z);
}

/* Relative error below 4e-16. */
double mica_log(double x)
{
    if (isnan(x) || x <= -DBL_MIN)
        return (double)NAN;
    if (x < DBL_MIN)
        return -HUGE_VAL;
    if (isinf(x))
        return x;
    double e, m = reduce(x, &e);
    double s = (m - 1) / (m + 1);
    return e * LN2_HIGH + (2 * s + (tail(s) + e * LN2_LOW));
}

/* log x to about 2^-66 of itself, for x normal and finite: s and its rounding error. */
static struct pair logarithm(double x)
{
    double e, m = reduce(x, &e);
    double f = m - 1;
    struct pair g = add(m, 1);
    double s = f / g.high;
    struct pair product = multiply(s, g.high);
    double rest = ((f - product.high) - product.low - s * g.low) / g.high;
    struct pair sum = add(e * LN2_HIGH, 2 * s);
    return add(sum.high, sum.low + (2 * rest + (tail(s) + e * LN2_LOW)));
}

/* x > 0 (or 0 with y > 0). Relative error below 1e-15, mostly below 3e-16. */
double mica_pow(double x, double y)
{
    if (y == 0 || x == 1)
        return 1;
    if (isnan(x) || isnan(y) || x <= -DBL_MIN)
        return (double)NAN;
    if (x < DBL_MIN)
        return y > 0 ? 0 : HUGE_VAL;
    if (isinf(x) || isinf(y))
        return (x > 1) == (y > 0) ? HUGE_VAL : 0;
    struct pair log_x = logarithm(x);
    if (fabs(y) > 1e200 || fabs(log_x.high * y) > 1000)
        return (log_x.high > 0) == (y > 0) ? HUGE_VAL : 0;
    struct pair power = multiply(log_x.high, y);
    return exponential(power.high, power.low + log_x.low * y);
}

/* x - k pi/2 for the nearest k, whose last two bits go to `quadrant`. pi/2 is taken to 161
   bits in three parts, each product is exact, and |x| <= 2^40, so that the rest keeps its 53
   bits even beside a multiple of pi/2. */
static struct pair turn(double x, unsigned *quadrant)
{
    static const double halves[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54,
                                    -0x1.f1976b7ed8fbcp-110};
    double k = floor(x * 0.6366197723675814 + 0.5);
    *quadrant = (unsigned)(k - 4 * floor(k / 4));
    struct pair first = multiply(k, halves[0]);
    struct pair second = multiply(k, halves[1]);
    struct pair rest = add(x - first.high, -first.low);
    struct pair next = add(rest.high, -second.high);
    return add(next.high, next.low + (rest.low - second.low - k * halves[2]));
}

/* The sine or cosine of a reduced angle, |r| <= pi/4; both series end below 1e-19. */
static double sine(struct pair r)
{
    static const double c[] = {
        -1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
        -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
    double z = r.high * r.high;
    return r.high + (r.high * z * POLYNOMIAL(c, z) + r.low * (1 - z / 2));
}

static double cosine(struct pair r)
{
    static const double c[] = {1.0 / 24,
                               -1.0 / 720,
                               1.0 / 40320,
                               -1.0 / 3628800,
                               1.0 / 479001600,
                               -1.0 / 87178291200,
                               1.0 / 20922789888000,
                               -1.0 / 6402373705728000};
    double z = r.high * r.high;
    struct pair top = add(1, -z / 2);
    return top.high + (top.low + z * z * POLYNOMIAL(c, z) - r.high * r.low);
}

/* The sine of x + `quarters` quarter turns. */
static double wave(double x, unsigned quarters)
{
    unsigned quadrant;
    if (!(fabs(x) <= 0x1p40))
        return (double)NAN;
    struct pair r = turn(x, &quadrant);
    quadrant += quarters;
    double value = quadrant & 1 ? cosine(r) : sine(r);
    return quadrant & 2 ? -value : value;
}

/* Relative error below 4e-16 for |x| <= 2^40; NaN beyond, where a phase means nothing. */
double mica_sin(double x) { return fabs(x) < 1e-9 ? x : wave(x, 0); }
double mica_cos(double x) { return wave(x, 1); }

/* log gamma(2 + z), |z| <= 1/2: (1 - Euler's gamma) z + sum (zeta(k) - 1) (-z)^k / k. */
static double gamma_near_2(double z)
{
    static const double c[] = {
        0.42278433509846714,    0.3224670334241132,     0.0673523010531981,
        0.020580808427784546,   0.007385551028673986,   0.0028905103307415234,
        0.001192753911703261,   0.0005096695247430425,  0.00022315475845357939,
        9.945751278180853e-05,  4.492623673813314e-05,  2.050721277567069e-05,
        9.439488275268397e-06,  4.374866789907488e-06,  2.039215753801366e-06,
        9.55141213040742e-07,   4.492469198764566e-07,  2.1207184805554665e-07,
        1.0043224823968099e-07, 4.7698101693639804e-08, 2.2711094608943164e-08,
        1.0838659214896955e-08, 5.183475041970047e-09,  2.4836745438024785e-09,
        1.1921401405860912e-09, 5.731367241678862e-10,  2.7595228851242334e-10};
    double y = -z, sum = 0;
    for (size_t i = sizeof c / sizeof *c - 1; i > 0; i--)
        sum = (sum + c[i]) * y;
    return z * (c[0] - sum);
}

/* Stirling's series; from 15 on its sixth term ends it below 1e-17. */
static double stirling(double x)
{
    static const double c[] = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                               -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};
    const double half_log_2_pi = 0.9189385332046728;
    double inverse = 1 / x, log_x = mica_log(x);
    double series = inverse * POLYNOMIAL(c, inverse * inverse);
    return (x - 0.5) * (log_x - 1) + (half_log_2_pi - 0.5 + series);
}

/* Relative error below 2e-15. */
double mica_lgamma(double x)
{
    if (isnan(x) || x < 0)
        return (double)NAN;
    if (x < DBL_MIN)
        return HUGE_VAL;
    if (isinf(x))
        return x;
    if (x >= 15)
        return stirling(x);
    double product = 1;
    for (; x >= 2.5; product *= x)
        x -= 1;
    if (x >= 1.5)
        return product > 1 ? gamma_near_2(x - 2) + mica_log(product)
                           : gamma_near_2(x - 2);
    if (x >= 0.5)
        return gamma_near_2(x - 1) - mica_log(x);
    return gamma_near_2(x) - mica_log(x * (x + 1));
}
