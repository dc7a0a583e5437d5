/* tile.h - square tiles to frequencies and back, LANES channels at once

   A tile of length x length real numbers has length x (length / 2 + 1) complex frequencies;
   the others are their conjugates. Each frequency is stored as three numbers, a plane
   apart, so that a complex product is three real ones: with (a + b i) (c + d i),
       p = (a + b) c,   q = a (d - c),   r = b (c + d):   product = (p - r) + (p + q) i. */
#ifndef MICA_CORE_KERNELS_TILE_H
#define MICA_CORE_KERNELS_TILE_H

#include <stdbool.h>
#include <stddef.h>

enum { TILE_LONGEST = 36 };

/* 8, 10, 12, 16, 18, 20, 28 or 36, with cos and sin of 2 pi k / length. */
struct tile_length {
    size_t length;
    float cosines[TILE_LONGEST], sines[TILE_LONGEST];
};

/* A tile as it is read: pixels outside of `rows` and `columns` are 0. */
struct tile_reading {
    const struct tile_length *of;
    const float *from;          /* pixel (rows[0], columns[0]) */
    ptrdiff_t row, pixel;       /* floats apart */
    size_t rows[2], columns[2]; /* the first that is there, and behind the last */
    size_t channels;            /* that are there; the others are 0 */
    float *to;                  /* LANES numbers in each plane */
    size_t apart;               /* floats from plane to plane */
    bool filter; /* the second factor of a product, conjugated: c, -d - c, c - d;
                    else the first: a + b, a, b */
};

/* A tile as it is written: its first pixels. */
struct tile_writing {
    const struct tile_length *of;
    const float *from; /* products: p, q, r of each frequency */
    size_t apart;
    float *to;
    ptrdiff_t row, pixel;
    size_t rows, columns;
    size_t channels;   /* that are written */
    const float *bias; /* LANES numbers; NULL: 0 */
    bool add;
};

struct tile_kernels {
    void (*read)(const struct tile_reading *reading);
    void (*write)(const struct tile_writing *writing);
};

#endif
