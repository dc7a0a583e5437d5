/* depthwise.h - the two products of a convolution whose channels see themselves alone */
#ifndef MICA_CORE_KERNELS_DEPTHWISE_H
#define MICA_CORE_KERNELS_DEPTHWISE_H

#include <stdbool.h>
#include <stddef.h>

/* y[p][k] = bias[k] + sum_t x[p under tap t][k] w[t][k], or added to y. Where a pixel lies
   under a tap is looked up, as in kernels/conv.h. */
struct depthwise {
    const float *const *x; /* pixel p under tap t is at x[t x_row + p] */
    size_t x_row;          /* at least `pixels`, rounded up to DEPTHWISE_PIXELS */
    size_t taps, channels;
    const float *w, *bias; /* [taps][channels], [channels] */
    const float *const *y; /* pixel p: looked up like x, written nevertheless */
    size_t pixels;
    bool add;
};

/* g[t][k] += sum_p x[p under tap t][k] dy[p stride + k], the sum being made from zero. */
struct depthwise_gradient {
    const float *const *x;
    size_t x_row, taps, channels;
    const float *dy;
    size_t stride, pixels;
    float *g; /* [taps][channels] */
};

/* Every number of pixels that a product takes at once divides this. */
enum { DEPTHWISE_PIXELS = 2 };

struct depthwise_kernels {
    void (*multiply)(const struct depthwise *d);
    void (*correlate)(const struct depthwise_gradient *g);
};

#endif
