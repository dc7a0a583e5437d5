/* rounds.h - how measurements are repeated, and what is taken of them */
#ifndef MICA_APPS_ROUNDS_H
#define MICA_APPS_ROUNDS_H

#include <stdbool.h>
#include <stddef.h>

enum { ROUNDS_MOST = 1000 };

/* Seconds that a round lasts at least: short passes are repeated. */
#define ROUND_SECONDS 0.05

/* Of at least one value; they are sorted. */
double mica_rounds_median(double *values, size_t count);
/* Seconds on processors so far, of all threads. */
double mica_rounds_spent(void);
/* Whether another line was there to read, which asks for a round. */
bool mica_rounds_asked(void);

#endif
