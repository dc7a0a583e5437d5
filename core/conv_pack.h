/* conv_pack.h - weights in the order in which products read them: inside core/conv */
#ifndef MICA_CORE_CONV_PACK_H
#define MICA_CORE_CONV_PACK_H

#include <stdbool.h>
#include <stddef.h>

/* The weights as a pass sees them: that of (output, input, row, column) is at
   w[output outputs_apart + ...]. Packed they are [blocks of outputs][blocks of depth][taps]
   [depth][width of the block of outputs]. */
struct filter {
    const float *w;
    size_t outputs, inputs, rows, columns;
    ptrdiff_t outputs_apart, inputs_apart, rows_apart, columns_apart;
    size_t depth_blocks;
    bool turned; /* backward by the data: outputs lie side by side with their taps */
};

size_t mica_pack_floats(const struct filter *filter); /* in whole cache lines */
void mica_pack(const struct filter *filter, float *to);
/* Of some blocks of outputs, and inputs first .. first + depth - 1. */
void mica_pack_blocks(const struct filter *filter, size_t output, size_t width,
                      size_t blocks, size_t first, size_t depth, float *to);
/* So many outputs in whole vectors. */
size_t mica_pack_width(size_t outputs);

#endif
