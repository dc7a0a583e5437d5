/* smooth.h - smooth random fields and blurring */
#ifndef MICA_DATASETS_PHYSICS_SMOOTH_H
#define MICA_DATASETS_PHYSICS_SMOOTH_H

#include "core/random.h"

/* Add to `field` [rows][columns] a random field of mean 0 and standard deviation `rms`, whose
   correlation is nearly exp(-r^2 / (2 length^2)); `length` in samples. -1: no memory. */
int mica_smooth_random(float *field, size_t rows, size_t columns, double rms,
                       double length, struct random *random);
/* Blur every channel of `image` [rows][columns][channels] by a Gaussian of standard
   deviation `sd` [samples], mirrored at the edges. -1: no memory. */
int mica_smooth_blur(float *image, size_t rows, size_t columns, size_t channels,
                     double sd);

#endif
