/* conv_pack.c - weights in the order in which products read them */
#include "core/conv_pack.h"

#include "core/conv_sizes.h"
#include "core/parallel.h"
#include <string.h>

enum { UNIT = 16 }; /* floats of a cache line */

size_t mica_pack_width(size_t outputs)
{
    return round_up(outputs, mica_kernels()->lanes);
}

size_t mica_pack_floats(const struct filter *f)
{
    return round_up(mica_pack_width(f->outputs) * f->inputs * f->rows * f->columns,
                    UNIT);
}

/* Inputs first .. first + depth - 1; forward, they lie side by side with their taps. */
static void pack_forward(const struct filter *f, size_t output, size_t width,
                         size_t first, size_t depth, float *to)
{
    const size_t taps = f->rows * f->columns, apart = f->inputs * taps;
    const struct packing packing = {.to = to,
                                    .width = width,
                                    .taps = taps,
                                    .taps_apart = depth * width,
                                    .from = f->w + output * apart + first * taps,
                                    .apart = apart,
                                    .rows = least(width, f->outputs - output),
                                    .columns = depth * taps};
    mica_kernels()->conv->pack(&packing);
}

/* The same in the other pass: outputs lie side by side with their taps. */
static void pack_turned(const struct filter *f, size_t output, size_t width,
                        size_t first, size_t depth, float *to)
{
    const size_t outputs = least(width, f->outputs - output);
    const float *w = f->w + (ptrdiff_t)output * f->outputs_apart;
    if (outputs < width)
        memset(to, 0, f->rows * f->columns * depth * width * sizeof *to);
    for (size_t k = 0; k < depth; k++, to += width)
        for (size_t tap = 0; tap < f->rows * f->columns; tap++) {
            const float *from = w + (ptrdiff_t)(first + k) * f->inputs_apart +
                                (ptrdiff_t)(tap / f->columns) * f->rows_apart +
                                (ptrdiff_t)(tap % f->columns) * f->columns_apart;
            float *row = to + tap * depth * width;
            for (size_t j = 0; j < outputs; j++, from += f->outputs_apart)
                row[j] = *from;
        }
}

/* Where outputs lie side by side: whole blocks of them at once, as their rows may be far
   from each other. */
static void pack_rows(const struct filter *f, size_t output, size_t width,
                      size_t blocks, size_t first, size_t depth, float *to)
{
    for (size_t k = 0; k < depth; k++) {
        const float *from = f->w + (ptrdiff_t)(first + k) * f->inputs_apart + output;
        for (size_t i = 0; i < blocks; i++, from += width)
            memcpy(to + (i * depth + k) * width, from, width * sizeof *to);
    }
}

void mica_pack_blocks(const struct filter *f, size_t output, size_t width,
                      size_t blocks, size_t first, size_t depth, float *to)
{
    const size_t taps = f->rows * f->columns;
    if (f->turned && taps == 1 && f->outputs_apart == 1 &&
        output + blocks * width <= f->outputs) {
        pack_rows(f, output, width, blocks, first, depth, to);
        return;
    }
    for (size_t i = 0; i < blocks; i++, output += width, to += depth * taps * width)
        (f->turned ? pack_turned : pack_forward)(f, output, width, first, depth, to);
}

struct packed {
    const struct filter *filter;
    float *to;
};

static void pack_block(void *context, size_t block)
{
    const struct packed *packed = context;
    const struct filter *f = packed->filter;
    const size_t widest = mica_kernels()->conv->product_width,
                 taps = f->rows * f->columns;
    size_t output = 0;
    for (; block && f->outputs - output >= widest; block--)
        output += widest;
    for (; block; block--)
        output += width_of(f->outputs - output);
    const size_t width = width_of(f->outputs - output);
    float *to = packed->to + output * f->inputs * taps;
    for (size_t i = 0; i < f->depth_blocks; i++) {
        size_t first = i * f->inputs / f->depth_blocks;
        size_t depth = (i + 1) * f->inputs / f->depth_blocks - first;
        mica_pack_blocks(f, output, width, 1, first, depth, to);
        to += depth * taps * width;
    }
}

static size_t blocks_of(size_t outputs)
{
    size_t blocks = 0;
    for (size_t o = 0; o < outputs; o += width_of(outputs - o))
        blocks++;
    return blocks;
}

void mica_pack(const struct filter *filter, float *to)
{
    struct packed packed = {filter, to};
    mica_parallel_for(blocks_of(filter->outputs), pack_block, &packed);
}
