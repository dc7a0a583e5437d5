/* interval.c - Clopper and Pearson's interval by the incomplete beta function */
#include "apps/analysis/interval.h"

#include <math.h>

#include "core/numeric.h"

/* x^a (1 - x)^b / (a B(a, b)) */
static double front(double a, double b, double x)
{
    return mica_exp(mica_lgamma(a + b) - mica_lgamma(a) - mica_lgamma(b) +
                    a * mica_log(x) + b * mica_log(1 - x)) /
           a;
}

/* The term m of the continued fraction 1 / (1 + d1 / (1 + d2 / (1 + ...))) that
   I_x(a, b) / front is: Abramowitz and Stegun 26.5.8. */
static double term(double a, double b, double x, int m)
{
    double k = m / 2;
    if (m % 2 == 0)
        return k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
    return -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
}

static double away_from_zero(double x) { return fabs(x) < 1e-300 ? 1e-300 : x; }

/* Evaluated from the front by ratios of successive numerators and denominators (Lentz,
   Appl. Optics 15 (1976) 668), until a term changes nothing. */
static double fraction(double a, double b, double x)
{
    enum { TERMS = 1000000 };
    double value = 1, numerators = 1, denominators = 0;
    for (int m = 0; m < TERMS; m++) {
        double d = m == 0 ? 1 : term(a, b, x, m);
        denominators = 1 / away_from_zero(1 + d * denominators);
        numerators = away_from_zero(1 + d / numerators);
        double change = numerators * denominators;
        value *= change;
        if (fabs(change - 1) < 1e-15)
            break;
    }
    return value - 1;
}

double mica_beta_below(double a, double b, double x)
{
    if (x <= 0)
        return 0;
    if (x >= 1)
        return 1;
    /* the fraction ends soon below the mean, so the other tail is taken above it */
    if (x < (a + 1) / (a + b + 2))
        return front(a, b, x) * fraction(a, b, x);
    return 1 - front(b, a, 1 - x) * fraction(b, a, 1 - x);
}

/* The x where I_x(a, b) is `share`, by halving until no double lies between. */
static double beta_quantile(double a, double b, double share)
{
    double low = 0, high = 1;
    for (;;) {
        double middle = (low + high) / 2;
        if (!(middle > low && middle < high))
            return middle;
        if (mica_beta_below(a, b, middle) < share)
            low = middle;
        else
            high = middle;
    }
}

struct interval mica_interval_exact(uint64_t count, uint64_t trials, double confidence)
{
    double tail = (1 - confidence) / 2, k = (double)count, n = (double)trials;
    struct interval interval = {0, 1};
    if (count > 0)
        interval.low = beta_quantile(k, n - k + 1, tail);
    if (count < trials)
        interval.high = beta_quantile(k + 1, n - k, 1 - tail);
    return interval;
}
