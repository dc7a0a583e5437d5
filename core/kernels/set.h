/* set.h - what the files of an instruction set give to its table: see core/kernels.h */
#ifndef MICA_CORE_KERNELS_SET_H
#define MICA_CORE_KERNELS_SET_H

#include "core/kernels.h"
#include "core/kernels/simd.h"
#include "core/kernels/tile.h"
#include "core/kernels/winograd.h"

/* vector.c */
void KERNEL(copy)(float *y, const float *x, size_t n);
void KERNEL(add)(float *y, const float *a, const float *b, size_t n);
void KERNEL(accumulate)(float *y, const float *a, size_t n);
void KERNEL(scale)(float *y, const float *a, float s, size_t n);
void KERNEL(multiply)(float *y, const float *a, const float *b, size_t n, bool add);
void KERNEL(relu)(float *y, const float *x, size_t n);
void KERNEL(relu_backward)(float *dx, const float *dy, const float *y, size_t n);
void KERNEL(sigmoid)(float *y, const float *x, size_t n);
void KERNEL(sigmoid_backward)(float *dx, const float *dy, const float *y, size_t n);
void KERNEL(exponential)(float *y, const float *x, size_t n);
void KERNEL(logarithm)(float *y, const float *x, size_t n);
void KERNEL(exponential_less_1)(float *y, const float *x, size_t n);
void KERNEL(logarithm_of_1_more)(float *y, const float *x, size_t n);
void KERNEL(hyperbolic_tangent)(float *y, const float *x, size_t n);
void KERNEL(error_function)(float *y, const float *x, size_t n);
double KERNEL(dot)(const float *a, const float *b, size_t n);

/* bf16.c */
void KERNEL(narrow)(uint16_t *y, const float *x, size_t n);
void KERNEL(widen)(float *y, const uint16_t *x, size_t n);

/* dropout.c */
void KERNEL(dropout)(float *y, const float *x, size_t n, float rate,
                     const uint32_t key[2], const uint32_t high[2], uint64_t first,
                     bool add);

/* norm.c */
void KERNEL(moments)(const void *x, enum type type, size_t stride, size_t pixels,
                     size_t c, double *mean, double *m2);
void KERNEL(column_sums)(const float *x, size_t stride, size_t pixels, size_t c,
                         double *sums);
void KERNEL(finish)(float *y, size_t y_stride, const void *x, enum type type,
                    size_t x_stride, const struct finish *finish, size_t pixels,
                    size_t c);
void KERNEL(norm_sums)(const float *dy, size_t dy_stride, const void *x, enum type type,
                       size_t x_stride, const float *mean, const struct finish *relu,
                       size_t pixels, size_t c, double *sums);
void KERNEL(norm_backward)(float *dx, size_t dx_stride, const float *dy,
                           size_t dy_stride, const void *x, enum type type,
                           size_t x_stride, const float *a, const float *b,
                           const float *d, const struct finish *relu, size_t pixels,
                           size_t c, bool add);

/* pixel_norm.c */
void KERNEL(pixel_norm)(float *y, size_t y_stride, const float *x, size_t x_stride,
                        const float *weight, const float *bias, float eps,
                        struct pixel_moments *moments, size_t pixels, size_t c);
void KERNEL(pixel_norm_backward)(float *dx, size_t dx_stride, const float *dy,
                                 size_t dy_stride, const float *x, size_t x_stride,
                                 const float *weight,
                                 const struct pixel_moments *moments, size_t pixels,
                                 size_t c, bool add);
void KERNEL(pixel_norm_sums)(const float *dy, size_t dy_stride, const float *x,
                             size_t x_stride, const struct pixel_moments *moments,
                             size_t pixels, size_t c, double *sums);

/* softmax.c */
void KERNEL(softmax)(float *y, size_t y_stride, const float *x, size_t x_stride,
                     float *log_sum, size_t pixels, size_t c);

/* maxpool.c */
void KERNEL(maxpool)(float *y, uint8_t *places, const float *const *x,
                     const uint8_t *place, size_t count, size_t c);
void KERNEL(maxpool_backward)(float *dx, const float *dy, const uint8_t *places,
                              uint8_t place, size_t c, bool add);

/* adapt.c */
void KERNEL(adapt)(const struct adaptation *a, size_t count);

/* peak.c */
double KERNEL(peak)(size_t rounds, double *operations);

/* conv.c */
extern const struct conv_kernels KERNEL(conv);

/* tile_kernel.c: see tile.h. Three real products where there are registers for them. */
enum { TILE_NUMBERS = REGISTERS == 16 ? 2 : 3 };
void KERNEL(tile_fold)(const struct tile_kernel *kernel, const float *taps, bool turned,
                       float *folded);
void KERNEL(tile_filter)(const struct tile_kernel *kernel, const float *folded,
                         size_t k, size_t count, float *to, size_t part, size_t apart);
void KERNEL(tile_unfilter)(const struct tile_kernel *kernel, const float *from,
                           size_t apart, size_t k, size_t count, float *sums);
void KERNEL(tile_unfold)(const struct tile_kernel *kernel, const float *sums,
                         float scale, size_t count, float *taps);

/* tile_product.c: see tile.h */
void KERNEL(tile_multiply)(const struct tile_product *product);
void KERNEL(tile_correlate)(const struct tile_correlation *correlation);

/* tile.c */
extern const struct tile_kernels KERNEL(tile);

/* winograd.c */
extern const struct winograd_kernels KERNEL(winograd);

/* depthwise.c */
extern const struct depthwise_kernels KERNEL(depthwise);

/* table.c */
extern const struct kernels KERNEL(table);

#endif
