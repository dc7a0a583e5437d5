/* kernels.h - the inner loops, one table for each instruction set */
#ifndef MICA_CORE_KERNELS_H
#define MICA_CORE_KERNELS_H

#include "core/finish.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the channels of a pixel: (x - middle) inverse - shift has mean 0 and variance 1. */
struct pixel_moments {
    float middle, inverse, shift;
};

/* A step of Adam and its kin, of as many numbers each:
       g = scale gradient + pull value;  mean = beta1 mean + rest1 g;
       square = beta2 square + rest2 g^2, `largest` (or NULL) the largest so far;
       value = keep value - size mean / (root sqrt(square or largest) + eps). */
struct adaptation {
    float *value, *mean, *square, *largest;
    const float *gradient;
    float scale, pull, keep, beta1, rest1, beta2, rest2, size, root, eps;
};

/* Every function works on one thread. n: contiguous floats; "pixels" rows of c contiguous
   channels, a stride apart. y may be x. */
struct kernels {
    const char *name; /* "generic", "avx2", "avx512", "avx512bf16" */
    size_t lanes;

    /* kernels/vector.c */
    void (*copy)(float *y, const float *x, size_t n);
    void (*add)(float *y, const float *a, const float *b, size_t n); /* y = a + b */
    void (*accumulate)(float *y, const float *a, size_t n);          /* y += a */
    void (*scale)(float *y, const float *a, float s, size_t n);      /* y = s a */
    void (*multiply)(float *y, const float *a, const float *b, size_t n,
                     bool add); /* y (+)= a b */
    void (*relu)(float *y, const float *x, size_t n);
    void (*relu_backward)(float *dx, const float *dy, const float *y, size_t n);
    void (*sigmoid)(float *y, const float *x, size_t n);
    void (*sigmoid_backward)(float *dx, const float *dy, const float *y, size_t n);
    /* e^x and ln x, error < 2 ulp; e^x - 1, ln(1 + x), tanh x and erf x, error < 3 ulp */
    void (*exponential)(float *y, const float *x, size_t n);
    void (*logarithm)(float *y, const float *x, size_t n);
    void (*exponential_less_1)(float *y, const float *x, size_t n);
    void (*logarithm_of_1_more)(float *y, const float *x, size_t n); /* x <= 1e30 */
    void (*hyperbolic_tangent)(float *y, const float *x, size_t n);
    void (*error_function)(float *y, const float *x, size_t n);
    /* y = 0 with probability `rate`, else x / (1 - rate); element i draws the 32 bits
       number first + i of the Philox stream (key, high): backward repeats the draw. */
    void (*dropout)(float *y, const float *x, size_t n, float rate,
                    const uint32_t key[2], const uint32_t high[2], uint64_t first,
                    bool add);
    double (*dot)(const float *a, const float *b, size_t n); /* fixed order */

    /* kernels/bf16.c: to bf16, rounded to the nearest, of two to the even one; and back */
    void (*narrow)(uint16_t *y, const float *x, size_t n);
    void (*widen)(float *y, const uint16_t *x, size_t n);

    /* kernels/norm.c: per channel over pixels; x is of either type */
    void (*moments)(const void *x, enum type type, size_t stride, size_t pixels,
                    size_t c, double *mean, double *m2);
    void (*column_sums)(const float *x, size_t stride, size_t pixels, size_t c,
                        double *sums);
    /* y = the finish of x */
    void (*finish)(float *y, size_t y_stride, const void *x, enum type type,
                   size_t x_stride, const struct finish *finish, size_t pixels,
                   size_t c);
    /* Where there is a `relu`, dy counts only where scale x + shift > 0.
       sums[0..c): sum dy; sums[c..2c): sum dy (x - mean) */
    void (*norm_sums)(const float *dy, size_t dy_stride, const void *x, enum type type,
                      size_t x_stride, const float *mean, const struct finish *relu,
                      size_t pixels, size_t c, double *sums);
    /* dx (+)= a dy + b x + d, each per channel */
    void (*norm_backward)(float *dx, size_t dx_stride, const float *dy,
                          size_t dy_stride, const void *x, enum type type,
                          size_t x_stride, const float *a, const float *b,
                          const float *d, const struct finish *relu, size_t pixels,
                          size_t c, bool add);

    /* kernels/pixel_norm.c: over the channels of each pixel; weight and bias may be NULL */
    void (*pixel_norm)(float *y, size_t y_stride, const float *x, size_t x_stride,
                       const float *weight, const float *bias, float eps,
                       struct pixel_moments *moments, size_t pixels, size_t c);
    void (*pixel_norm_backward)(float *dx, size_t dx_stride, const float *dy,
                                size_t dy_stride, const float *x, size_t x_stride,
                                const float *weight,
                                const struct pixel_moments *moments, size_t pixels,
                                size_t c, bool add);
    /* sums[0..c): sum of dy times what is normalised; sums[c..2c): sum dy */
    void (*pixel_norm_sums)(const float *dy, size_t dy_stride, const float *x,
                            size_t x_stride, const struct pixel_moments *moments,
                            size_t pixels, size_t c, double *sums);

    /* kernels/softmax.c: over the channels of each pixel; log_sum may be NULL */
    void (*softmax)(float *y, size_t y_stride, const float *x, size_t x_stride,
                    float *log_sum, size_t pixels, size_t c);

    /* kernels/maxpool.c: y = the largest of x[0 .. count), places = `place` of the one that it
       is, the first of equals; dx (+)= dy where that is `place`, else 0 */
    void (*maxpool)(float *y, uint8_t *places, const float *const *x,
                    const uint8_t *place, size_t count, size_t c);
    void (*maxpool_backward)(float *dx, const float *dy, const uint8_t *places,
                             uint8_t place, size_t c, bool add);

    /* kernels/adapt.c */
    void (*adapt)(const struct adaptation *a, size_t count);

    /* kernels/peak.c: multiplies and adds in registers, as fast as a core can; tells how
       many operations that were. The result means nothing. */
    double (*peak)(size_t rounds, double *operations);

    /* kernels/conv.c: see core/conv.h, which packs, walks and threads */
    const struct conv_kernels *conv;
    /* kernels/tile.c: see core/conv_tiles.h */
    const struct tile_kernels *tile;
    /* kernels/winograd.c */
    const struct winograd_kernels *winograd;
    /* kernels/depthwise.c */
    const struct depthwise_kernels *depthwise;
};

/* The table of MICA_ISA or, where that is not set or cannot run here, of the best set that
   this processor can run. Chosen once. */
const struct kernels *mica_kernels(void);
/* Every set that this machine can run, worst first; NULL at the end: for tests. */
const struct kernels *mica_kernels_available(size_t i);
/* For tests and measurements, between calls of others: this table; NULL: the usual one. */
void mica_kernels_use(const struct kernels *kernels);
/* A line in err where MICA_ISA names a set that is unknown or cannot run here. */
struct error;
int mica_kernels_check(struct error *err);

#endif
