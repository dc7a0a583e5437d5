/* interval.h - how well a count of events tells their probability */
#ifndef MICA_APPS_ANALYSIS_INTERVAL_H
#define MICA_APPS_ANALYSIS_INTERVAL_H

#include <stdint.h>

struct interval {
    double low, high;
};

/* The exact interval of Clopper and Pearson (Biometrika 26 (1934) 404) for the probability
   of an event that was met `count` times in `trials`: it holds the true value in at least
   the share `confidence` of all experiments. count <= trials, trials > 0. */
struct interval mica_interval_exact(uint64_t count, uint64_t trials, double confidence);

/* The regularised incomplete beta function I_x(a, b), a, b > 0: the probability that a
   beta-distributed number is below x. Relative error below 1e-8 for a + b up to 1e7. */
double mica_beta_below(double a, double b, double x);

#endif
