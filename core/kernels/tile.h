/* tile.h - square tiles to frequencies and back, LANES channels at once

   A tile of length x length real numbers has (length / 2 + 1) columns of `length` complex
   frequencies; the others are their conjugates. A frequency is stored as LANES real parts
   and LANES imaginary ones, side by side, of as many channels. Frequency (k, y), of column k,
   is k length + y planes behind the first.

   Weights are few against a tile, and are transformed by plain sums. A kernel counts from
   its middle; `folded` are its even and odd parts by rows and columns, of which the sums
   need half as many products. With h = rows / 2 and w = columns / 2:
       row j of them, 0 <= j <= h:   e = x[j] + x[-j] (x[0] for j = 0)
       row h + j, 0 < j <= h:        e = x[j] - x[-j]
   of rows x, and the same again by columns: 2 h + 1 rows of 2 w + 1 vectors. */
#ifndef MICA_CORE_KERNELS_TILE_H
#define MICA_CORE_KERNELS_TILE_H

#include "core/finish.h"
#include <stdbool.h>
#include <stddef.h>

enum { TILE_LONGEST = 36 };

/* 8, 10, 12, 16, 18, 20, 28 or 36, with cos and sin of 2 pi k / length. */
struct tile_length {
    size_t length;
    float cosines[TILE_LONGEST], sines[TILE_LONGEST];
};

/* A tile as it is read: pixels outside of `rows` and `columns` are 0. Its frequencies are
   twice what they should be. */
struct tile_reading {
    const struct tile_length *of;
    const float *from;          /* pixel (rows[0], columns[0]) */
    ptrdiff_t row, pixel;       /* floats apart */
    size_t rows[2], columns[2]; /* the first that is there, and behind the last */
    size_t channels;            /* that are there; the others are 0 */
    float *to;                  /* of frequency (0, 0) */
    size_t apart, column; /* floats from plane to plane of a column, and to the next */
};

/* A tile as it is written: pixels from (top, left) on, to where `to` is. */
struct tile_writing {
    const struct tile_length *of;
    const float *from;
    size_t apart;
    float *to;
    ptrdiff_t row, pixel;
    size_t top, left, rows, columns;
    size_t channels;   /* that are written */
    const float *bias; /* LANES numbers */
    bool add;
    /* What is done before pixels are stored, of all channels (NULL: nothing): these are those from
       `channel` on, and `more` of it is that of the first pixel, its rows and pixels `more_row`
       and finish->more_stride apart. */
    const struct finish *finish;
    const float *more;
    ptrdiff_t more_row;
    size_t channel;
};

/* A kernel of rows x columns, LANES of them. */
struct tile_kernel {
    const struct tile_length *of;
    size_t rows, columns;
};

/* y[t][o] (+)= sum_i x[t][i] conj(w[i][o]) at one frequency. With x = a + b i, w = c + d i that
   is a c + b d + (b c - a d) i, or p - r + (p + q) i of three real products,
       p = (a + b) c,   q = - a (c + d),   r = b (c - d).
   Weights are packed [inputs][numbers][lanes of a block], blocks one after another: each as
   wide as tile_kernels.width, the last may be half as wide. Numbers are c and d, or
   c, - c - d and c - d, as the set has it. */
struct tile_product {
    const float *x, *w; /* x and y: [groups of LANES channels][tiles][2][LANES] */
    float *y;
    size_t x_group, y_group;       /* floats from group to group */
    size_t tiles, inputs, vectors; /* outputs: vectors of LANES */
    size_t ahead; /* floats to the x of the next product, which is fetched; 0: none */
    bool add;
};

/* g[y][i][o] (+)= sum_t x[y][t][i] conj(d[y][t][o]) at some frequencies, for inputs of one
   group and 2 vectors of outputs: packed [frequencies][inputs][vectors][2][LANES]. */
struct tile_correlation {
    const float *x, *d; /* as above, frequencies `apart` floats apart */
    float *g;
    size_t apart, d_group, frequencies, tiles, inputs;
    bool add;
};

struct tile_kernels {
    size_t width;   /* vectors of a block of weights */
    size_t numbers; /* that a weight is */
    void (*read)(const struct tile_reading *reading);
    void (*write)(const struct tile_writing *writing);
    /* taps: [rows][columns][LANES]; turned: read backwards */
    void (*fold)(const struct tile_kernel *kernel, const float *taps, bool turned,
                 float *folded);
    /* Column k of the frequencies of `count` kernels, as a product's weights: numbers are
       `part` floats apart, kernels as many times `part`, frequencies `apart`. */
    void (*filter)(const struct tile_kernel *kernel, const float *folded, size_t k,
                   size_t count, float *to, size_t part, size_t apart);
    /* The other way, `count` kernels at once. First the sums down column k, frequencies `apart`
       floats apart and kernels side by side: to [kernels][columns of frequencies][folded rows]
       [2][LANES]. Then, when all columns are there, weights: length^2 / scale times what they
       should be, [kernels][rows][columns][LANES]. */
    void (*unfilter)(const struct tile_kernel *kernel, const float *from, size_t apart,
                     size_t k, size_t count, float *sums);
    void (*unfold)(const struct tile_kernel *kernel, const float *sums, float scale,
                   size_t count, float *taps);
    void (*multiply)(const struct tile_product *product);
    void (*correlate)(const struct tile_correlation *correlation);
};

#endif
