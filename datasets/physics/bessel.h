/* bessel.h - Bessel functions by polynomials (Abramowitz and Stegun, 9.4 and 9.8) */
#ifndef MICA_DATASETS_PHYSICS_BESSEL_H
#define MICA_DATASETS_PHYSICS_BESSEL_H

double mica_bessel_j0(double x); /* absolute error below 1e-7 */
double mica_bessel_k0(double x); /* x > 0; relative error below 2e-7 */

#endif
