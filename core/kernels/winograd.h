/* winograd.h - 3x3 kernels over tiles of 6x6 pixels, of which 4x4 outputs come: a product at
   each of 36 points where the direct way has 144

   Along an axis, a tile is a polynomial's coefficients; products are of values at the points 0,
   +-5/8, +-3/2 and infinity (Winograd 1980; Lavin and Gray 2016, who take 0, +-1, +-2). These
   points halve the error and all numbers by which pixels and results are multiplied are exact. */
#ifndef MICA_CORE_KERNELS_WINOGRAD_H
#define MICA_CORE_KERNELS_WINOGRAD_H

#include "core/kernels/tile.h"

enum { WINOGRAD_LENGTH = 6, WINOGRAD_STEP = 4, WINOGRAD_POINTS = 36 };

/* Of LANES channels; from point to point there are `apart` floats. What is read and written is
   told as of Fourier tiles, but that `of` is not looked at, nor where outputs begin. */
struct winograd_kernels {
    /* 6x6 pixels to points, and points to 4x4 outputs */
    void (*read)(const struct tile_reading *reading);
    void (*write)(const struct tile_writing *writing);
    /* taps: [3][3][LANES]; turned: read backwards */
    void (*filter)(const float *taps, bool turned, float *to, size_t apart);
    /* The ways back, for the gradient by the weights: 4x4 gradients of outputs to points, and
       points to taps that are `taps_apart` from each other */
    void (*spread)(const struct tile_reading *reading);
    void (*unfilter)(const float *from, size_t apart, float *taps, size_t taps_apart);
};

#endif
