/* conv_sizes.h - how the files of core/conv cut their work */
#ifndef MICA_CORE_CONV_SIZES_H
#define MICA_CORE_CONV_SIZES_H

#include "core/kernels.h"
#include "core/kernels/conv.h"

static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t most(size_t a, size_t b) { return a > b ? a : b; }
static inline size_t ratio_up(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t round_up(size_t a, size_t unit)
{
    return ratio_up(a, unit) * unit;
}

/* Outputs of the next block of a product where so many are left: whole lanes, the last may
   be padded. */
static inline size_t width_of(size_t left)
{
    size_t width = mica_kernels()->conv->product_width;
    while (width > round_up(left, mica_kernels()->lanes))
        width /= 2;
    return width;
}

/* Numbers of a frequency of a group of channels, as many as a vector has lanes. */
static inline size_t number(void) { return 2 * mica_kernels()->lanes; }

/* Floats from plane to plane of tiles' frequencies: an odd number of cache lines, as others
   would meet in the same places of the caches. */
static inline size_t planes_apart(size_t tiles, size_t groups)
{
    return ((tiles * groups * number() / 16 + 1) | 1) * 16;
}

/* Subtrees of the tree over shards that are open at once while they are joined. */
static inline size_t levels_of(size_t shards)
{
    size_t levels = 1;
    for (; shards > 1; shards = ratio_up(shards, 2))
        levels++;
    return levels;
}

#endif
