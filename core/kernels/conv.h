/* conv.h - the two products that every pass of a convolution is made of */
#ifndef MICA_CORE_KERNELS_CONV_H
#define MICA_CORE_KERNELS_CONV_H

#include "core/finish.h"
#include <stdbool.h>
#include <stddef.h>

/* y[p][j] = bias[j] + sum_t sum_k x[p under tap t][k] w[t][k][j], or added to y.
   Where a pixel lies under a tap is looked up, so no input is copied or padded: pixels
   outside an image point at zeros. */
struct product {
    const float *const *x;     /* pixel p under tap t is at x[t x_row + p] */
    size_t x_row;              /* at least `pixels`, rounded up to PRODUCT_PIXELS */
    size_t taps, first, depth; /* channels first .. first + depth - 1 of x */
    const float *zeros;    /* a tap under which all pixels of a block are here adds 0 */
    const float *w;        /* packed: [taps][depth][width] */
    const float *bias;     /* `width` of them */
    const float *const *y; /* pixel p: looked up like x, written nevertheless */
    size_t to;             /* first channel of y that is written */
    size_t pixels, width, channels; /* channels <= width are there in y */
    bool add;
    const float *next; /* what w will be next, as long as this one; NULL: in a cache */
    bool ahead;        /* x of one tap is not in the cache: pixels are fetched ahead */
    /* What is done to sums before they are stored, of all channels of y; `more` of the finish
       is looked up like y. NULL: nothing. */
    const struct finish *finish;
    const float *const *more;
};

/* g[i][j] (+)= sum_p x[p][first + i] d[p][j], i < rows, j < correlation_width. */
struct correlation {
    const float *const *x; /* pixel p */
    size_t first, rows;
    const float *d; /* packed: [pixels][correlation_width] */
    size_t pixels;
    float *g; /* packed: [rows][correlation_width] */
    bool add;
    /* What will be read next comes to the second cache meanwhile: ahead_rows floats of
       `pixels` pixels that are ahead_apart floats apart; 0: nothing. */
    const float *ahead;
    size_t ahead_rows, ahead_apart;
};

/* to[(q % taps) taps_apart + (q / taps) width + r] = from[r apart + q] for q < columns; 0
   where `rows` <= r < width. */
struct packing {
    float *to;
    size_t width, taps, taps_apart;
    const float *from;
    size_t apart, rows, columns;
};

/* The way back: to[r apart + q] (+)= from[(q % taps) taps_apart + (q / taps) width + r]. */
struct unpacking {
    float *to;
    size_t apart, rows, columns;
    const float *from;
    size_t width, taps, taps_apart;
    bool add;
};

/* Every number of pixels that a product takes at once divides this. */
enum { PRODUCT_PIXELS = 24 };

/* Three cache lines: pixels that are an odd number of them apart spread over the cache. */
enum { COLLECTED = 48 };

struct conv_kernels {
    size_t product_width; /* channels at once: this, or a half, a quarter, .. lanes */
    size_t correlation_width; /* this */
    void (*pack)(const struct packing *packing);
    void (*unpack)(const struct unpacking *unpacking);
    void (*multiply)(const struct product *product);
    /* x and w are pairs of bf16, each in the place of an fp32 */
    void (*multiply_pairs)(const struct product *product);
    /* d[p][j] = dy[p stride + j], zero from `channels` on */
    void (*gather)(float *d, const float *dy, size_t stride, size_t pixels,
                   size_t channels);
    /* to[p][i] = x[p][first + i], i < rows <= COLLECTED, zero up to whole lanes; pixels are
       COLLECTED apart */
    void (*collect)(float *to, const float *const *x, size_t first, size_t rows,
                    size_t pixels);
    void (*correlate)(const struct correlation *correlation);
};

#endif
