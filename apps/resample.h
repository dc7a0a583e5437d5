/* resample.h - an image on a finer or coarser grid of pixels */
#ifndef MICA_APPS_RESAMPLE_H
#define MICA_APPS_RESAMPLE_H

#include <stddef.h>

/* to[to_height][to_width][channels] covers the same area as from[height][width][channels]:
   the edges lie upon each other, pixel i of n has its centre at (i + 1/2) / n. Each value
   is a mean of the pixels around it, weighted by a triangle that is two of the larger
   pixels wide: linear interpolation where pixels get smaller, and no aliasing where they
   get larger. Weights sum to 1. -1 where memory is short. */
int mica_resample(const float *from, size_t height, size_t width, size_t channels,
                  float *to, size_t to_height, size_t to_width);

/* Where pixel coordinate i of `count` lies on a grid of `to` pixels. */
double mica_resampled(double i, size_t count, size_t to);

#endif
