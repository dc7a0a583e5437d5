/* conv_winograd.h - convolutions with kernels of 3x3 by Winograd's way: inside core/conv

   Tiles of 6x6 pixels give 4x4 outputs. At each of 36 points, pixels are tiles and the product is one of
   real matrices. As the functions of core/conv.h, for convolutions whose cut is short. */
#ifndef MICA_CORE_CONV_WINOGRAD_H
#define MICA_CORE_CONV_WINOGRAD_H

#include "core/conv_tiles.h"

enum { WINOGRAD_DEEPEST = 2048 }; /* inputs, at most */

/* `turned`: the pass backward to the data, of which `conv` is then mica_tiles_turn. Prepared
   weights are those at their points, four times as many; 0 bytes where they are too many to be
   read faster than made. */
size_t mica_winograd_prepared(const struct conv *conv);
void mica_winograd_prepare(const struct conv *conv, const float *weights, bool turned,
                           float *prepared);
size_t mica_winograd_scratch(const struct conv *conv, size_t n);
void mica_winograd_forward(const struct conv *conv, const struct tensor *x,
                           struct conv_weights weights, bool turned, const float *bias,
                           const struct finish *finish, struct tensor *y, bool add,
                           void *scratch);

/* Weights whose gradients a piece of work should sum: so many outputs and inputs. */
enum { WINOGRAD_WIDE = 64, WINOGRAD_DEEP = 64 };

/* The gradient by the weights, of inputs first .. first + depth - 1 and some blocks of outputs,
   correlation_width each, from `output` on. */
struct winograd_gradient {
    const struct conv *conv;
    const struct tile_cut *cut;
    const struct tensor *x, *dy;
    size_t first, depth, output, blocks;
};
/* Its sum over tiles from .. end - 1 of the batch to `sums`: [blocks][9][depth][width]. */
void mica_winograd_correlate(const struct winograd_gradient *of, size_t from,
                             size_t end, float *sums);

#endif
