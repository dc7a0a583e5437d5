/* pixel_norm.c - normalising the channels of each pixel by their mean and variance

   A mean is taken in two steps: of the numbers, and of what they differ from that by, so
   that numbers far from 0 keep their digits. */
#include "core/kernels/set.h"

enum { BLOCK = 64 }; /* pixels whose sums are in float */

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Zeros from lane n on. */
INLINE floats first_lanes(floats v, size_t n)
{
    return (floats)((ints)v & (lane_numbers() < (int32_t)n));
}

INLINE floats or_ones(const float *weight, size_t k, size_t n)
{
    return weight ? load_up_to(weight + k, n) : splat(1);
}

/* (x - middle) inverse - shift. */
INLINE floats normal(const float *x, struct pixel_moments m, size_t n)
{
    return (load_up_to(x, n) - m.middle) * m.inverse - m.shift;
}

INLINE struct pixel_moments moments_of(const float *x, size_t c, float eps)
{
    const float count = (float)c;
    floats sum = splat(0), rest = splat(0), squares = splat(0);
    for (size_t k = 0; k < c; k += LANES)
        sum += load_up_to(x + k, c - k);
    const float middle = sum_lanes(sum) / count;
    for (size_t k = 0; k < c; k += LANES) {
        floats d = load_up_to(x + k, c - k) - middle;
        d = c - k < LANES ? first_lanes(d, c - k) : d;
        rest += d;
        squares = fused(d, d, squares);
    }
    const float off = sum_lanes(rest) / count;
    const float variance = sum_lanes(squares) / count - off * off;
    const float inverse = 1 / sqrtf(variance + eps);
    return (struct pixel_moments){middle, inverse, off * inverse};
}

void KERNEL(pixel_norm)(float *y, size_t y_stride, const float *x, size_t x_stride,
                        const float *weight, const float *bias, float eps,
                        struct pixel_moments *moments, size_t pixels, size_t c)
{
    for (size_t p = 0; p < pixels; p++, y += y_stride, x += x_stride) {
        moments[p] = moments_of(x, c, eps);
        for (size_t k = 0; k < c; k += LANES) {
            const size_t n = c - k;
            floats b = bias ? load_up_to(bias + k, n) : splat(0);
            floats v = normal(x + k, moments[p], n);
            store_up_to(y + k, fused(v, or_ones(weight, k, n), b), n);
        }
    }
}

/* With g = dy weight and z = (x - mean) / sd: dx = (g - mean g - z mean (g z)) / sd. */
void KERNEL(pixel_norm_backward)(float *dx, size_t dx_stride, const float *dy,
                                 size_t dy_stride, const float *x, size_t x_stride,
                                 const float *weight,
                                 const struct pixel_moments *moments, size_t pixels,
                                 size_t c, bool add)
{
    const float count = (float)c;
    for (size_t p = 0; p < pixels; p++) {
        const struct pixel_moments m = moments[p];
        floats sum = splat(0), products = splat(0);
        for (size_t k = 0; k < c; k += LANES) {
            floats g = load_up_to(dy + k, c - k) * or_ones(weight, k, c - k);
            sum += g;
            products = fused(g, normal(x + k, m, c - k), products);
        }
        const float mean = sum_lanes(sum) / count, slope = sum_lanes(products) / count;
        for (size_t k = 0; k < c; k += LANES) {
            const size_t n = c - k;
            floats g = load_up_to(dy + k, n) * or_ones(weight, k, n);
            floats v = (g - mean - normal(x + k, m, n) * slope) * m.inverse;
            store_up_to(dx + k, add ? load_up_to(dx + k, n) + v : v, n);
        }
        dx += dx_stride;
        dy += dy_stride;
        x += x_stride;
    }
}

void KERNEL(pixel_norm_sums)(const float *dy, size_t dy_stride, const float *x,
                             size_t x_stride, const struct pixel_moments *moments,
                             size_t pixels, size_t c, double *sums)
{
    for (size_t k = 0; k < 2 * c; k++)
        sums[k] = 0;
    for (size_t done = 0; done < pixels; done += BLOCK)
        for (size_t k = 0; k < c; k += LANES) {
            float block[2][LANES];
            floats products = splat(0), sum = splat(0);
            for (size_t p = done; p < done + least(BLOCK, pixels - done); p++) {
                floats d = load_up_to(dy + p * dy_stride + k, c - k);
                floats z = normal(x + p * x_stride + k, moments[p], c - k);
                products = fused(d, z, products);
                sum += d;
            }
            store(block[0], products);
            store(block[1], sum);
            for (size_t i = 0; i < least(LANES, c - k); i++) {
                sums[k + i] += (double)block[0][i];
                sums[c + k + i] += (double)block[1][i];
            }
        }
}
