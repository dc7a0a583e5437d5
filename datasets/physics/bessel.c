/* bessel.c - Bessel functions by polynomials (Abramowitz and Stegun, 9.4 and 9.8) */
#include "datasets/physics/bessel.h"
#include "core/numeric.h"

#include <math.h>

/* c[0] + c[1] t + ... + c[6] t^6 */
static double polynomial(const double c[7], double t)
{
    double sum = c[6];
    for (int i = 5; i >= 0; i--)
        sum = sum * t + c[i];
    return sum;
}

/* 9.4.1 below 3; above, 9.4.3: J0 = f0 cos(theta0) / sqrt(x) */
double mica_bessel_j0(double x)
{
    static const double near[7] = {1,         -2.2499997, 1.2656208, -0.3163866,
                                   0.0444479, -0.0039444, 0.0002100};
    static const double size[7] = {0.79788456, -0.00000077, -0.00552740, -0.00009512,
                                   0.00137237, -0.00072805, 0.00014476};
    static const double turn[7] = {-0.78539816, -0.04166397, -0.00003954, 0.00262573,
                                   -0.00054125, -0.00029333, 0.00013558};
    x = fabs(x);
    if (x <= 3)
        return polynomial(near, x * x / 9);
    double t = 3 / x;
    return polynomial(size, t) * mica_cos(x + polynomial(turn, t)) / sqrt(x);
}

/* 9.8.5 below 2, with I0 from 9.8.1; above, 9.8.6 */
double mica_bessel_k0(double x)
{
    static const double i0[7] = {1,         3.5156229, 3.0899424, 1.2067492,
                                 0.2659732, 0.0360768, 0.0045813};
    static const double near[7] = {-0.57721566, 0.42278420, 0.23069756, 0.03488590,
                                   0.00262698,  0.00010750, 0.00000740};
    static const double far[7] = {1.25331414, -0.07832358, 0.02189568, -0.01062446,
                                  0.00587872, -0.00251540, 0.00053208};
    if (x > 2)
        return polynomial(far, 2 / x) * mica_exp(-x) / sqrt(x);
    double t = x / 3.75;
    return polynomial(near, x * x / 4) - mica_log(x / 2) * polynomial(i0, t * t);
}
