/* ticks.h - the round numbers along an axis */
#ifndef MICA_DATASETS_TICKS_H
#define MICA_DATASETS_TICKS_H

#include <stdbool.h>
#include <stddef.h>

enum { MICA_TICKS_MOST = 64 };

struct ticks {
    size_t count;
    double values[MICA_TICKS_MOST];
    bool labelled[MICA_TICKS_MOST]; /* the others are fine lines between decades */
};

/* Multiples of 1, 2 or 5 times a power of ten in [low, high], about `wanted` of them; whole
   ones where the values are. */
void mica_ticks_linear(struct ticks *ticks, double low, double high, size_t wanted,
                       bool whole);
/* Powers of ten with their multiples between, or 1, 2, 5 of each where there are few. */
void mica_ticks_log(struct ticks *ticks, double low, double high, size_t wanted);
/* "0.25", "12000", "1e-6". */
char *mica_tick_label(char out[40], double value);

double mica_log10(double x);

#endif
