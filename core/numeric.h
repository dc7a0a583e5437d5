/* numeric.h - elementary functions in double that give the same bits on every machine */
#ifndef MICA_CORE_NUMERIC_H
#define MICA_CORE_NUMERIC_H

/* libm differs between its versions and between processors; these do not (IEEE double, no
   contraction). Relative error of each is stated at its definition (goal: below 1e-14). */
double mica_exp(double x);
double mica_log(double x);
double mica_pow(double x, double y); /* x > 0 */
double mica_sin(double x);
double mica_cos(double x);
double mica_lgamma(double x); /* x > 0 */

#endif
