/* norm.c - sums over pixels for each channel, and maps that differ by channel

   Pixels are taken by blocks that stay in the first cache: sums inside a block are in
   float, in four parts, sums of blocks in double. */
#include "core/kernels/set.h"

enum { BLOCK = 64, PARTS = 4 }; /* pixels */

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* A block of pixels of one vector of channels; n <= LANES channels are there. */
struct column {
    const float *x, *dy;
    size_t x_stride, dy_stride, pixels, n;
};

typedef floats term(const struct column *column, size_t pixel, floats mean);

INLINE floats value(const struct column *column, size_t pixel, floats mean)
{
    return load_up_to(column->x + pixel * column->x_stride, column->n) - mean;
}

INLINE floats square(const struct column *column, size_t pixel, floats mean)
{
    floats d = value(column, pixel, mean);
    return d * d;
}

INLINE floats gradient(const struct column *column, size_t pixel, floats mean)
{
    (void)mean;
    return load_up_to(column->dy + pixel * column->dy_stride, column->n);
}

INLINE floats covariance(const struct column *column, size_t pixel, floats mean)
{
    return gradient(column, pixel, mean) * value(column, pixel, mean);
}

/* The sum of f over a block. */
INLINE floats sum_pixels(const struct column *column, floats mean, term *f)
{
    floats parts[PARTS] = {0};
    size_t pixel = 0;
    for (; pixel + PARTS <= column->pixels; pixel += PARTS)
        UNROLL for (size_t i = 0; i < PARTS; i++) parts[i] +=
            f(column, pixel + i, mean);
    for (; pixel < column->pixels; pixel++)
        parts[0] += f(column, pixel, mean);
    return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

/* The same, with the usual width known to the compiler. */
INLINE floats sum_block(const struct column *column, floats mean, term *f)
{
    struct column whole = *column;
    if (column->n < LANES)
        return sum_pixels(column, mean, f);
    whole.n = LANES;
    return sum_pixels(&whole, mean, f);
}

/* Chan, Golub and LeVeque (1979): join `n` more values to the mean and the sum of squared
   differences of `before` values. Of one channel. */
INLINE void join_moments(double *mean, double *m2, size_t before, double more_mean,
                         double more_m2, size_t n)
{
    double all = (double)(before + n), delta = more_mean - *mean;
    *mean += delta * (double)n / all;
    *m2 += more_m2 + delta * delta * (double)before * (double)n / all;
}

/* The mean of a block need not be exact: what it is off by is in the sum of differences. */
INLINE void block_moments(const struct column *column, size_t before, double *mean,
                          double *m2)
{
    const float n = (float)column->pixels;
    float means[LANES], differences[LANES], squares[LANES];
    floats middle = sum_block(column, splat(0), value) / n;
    store(means, middle);
    store(differences, sum_block(column, middle, value));
    store(squares, sum_block(column, middle, square));
    for (size_t i = 0; i < column->n; i++) {
        double off = (double)differences[i] / (double)n;
        join_moments(&mean[i], &m2[i], before, (double)means[i] + off,
                     (double)squares[i] - off * (double)differences[i], column->pixels);
    }
}

void KERNEL(moments)(const float *x, size_t stride, size_t pixels, size_t c,
                     double *mean, double *m2)
{
    for (size_t k = 0; k < c; k++)
        mean[k] = m2[k] = 0;
    for (size_t done = 0; done < pixels; done += BLOCK, x += BLOCK * stride) {
        const size_t n = least(BLOCK, pixels - done);
        for (size_t k = 0; k < c; k += LANES) {
            struct column column = {
                .x = x + k, .x_stride = stride, .pixels = n, .n = least(LANES, c - k)};
            block_moments(&column, done, mean + k, m2 + k);
        }
    }
}

INLINE void add_block(const struct column *column, floats mean, term *f, double *sums)
{
    float block[LANES];
    store(block, sum_block(column, mean, f));
    for (size_t i = 0; i < column->n; i++)
        sums[i] += (double)block[i];
}

void KERNEL(column_sums)(const float *x, size_t stride, size_t pixels, size_t c,
                         double *sums)
{
    for (size_t k = 0; k < c; k++)
        sums[k] = 0;
    for (size_t done = 0; done < pixels; done += BLOCK, x += BLOCK * stride)
        for (size_t k = 0; k < c; k += LANES) {
            struct column column = {.x = x + k,
                                    .x_stride = stride,
                                    .pixels = least(BLOCK, pixels - done),
                                    .n = least(LANES, c - k)};
            add_block(&column, splat(0), value, sums + k);
        }
}

void KERNEL(norm_sums)(const float *dy, size_t dy_stride, const float *x,
                       size_t x_stride, const float *mean, size_t pixels, size_t c,
                       double *sums)
{
    for (size_t k = 0; k < 2 * c; k++)
        sums[k] = 0;
    for (size_t done = 0; done < pixels; done += BLOCK) {
        for (size_t k = 0; k < c; k += LANES) {
            struct column column = {.x = x + k,
                                    .dy = dy + k,
                                    .x_stride = x_stride,
                                    .dy_stride = dy_stride,
                                    .pixels = least(BLOCK, pixels - done),
                                    .n = least(LANES, c - k)};
            floats middle = load_up_to(mean + k, column.n);
            add_block(&column, middle, gradient, sums + k);
            add_block(&column, middle, covariance, sums + c + k);
        }
        x += BLOCK * x_stride;
        dy += BLOCK * dy_stride;
    }
}

void KERNEL(affine)(float *y, size_t y_stride, const float *x, size_t x_stride,
                    const float *scale, const float *shift, size_t pixels, size_t c)
{
    for (size_t p = 0; p < pixels; p++, y += y_stride, x += x_stride) {
        size_t k = 0;
        for (; k + LANES <= c; k += LANES)
            store(y + k, fused(load(x + k), load(scale + k), load(shift + k)));
        if (k < c) {
            floats a = load_first(scale + k, c - k), b = load_first(shift + k, c - k);
            store_first(y + k, fused(load_first(x + k, c - k), a, b), c - k);
        }
    }
}

INLINE void norm_backward_at(float *dx, const float *dy, const float *x, const float *a,
                             const float *b, const float *d, size_t n, bool add)
{
    floats v = fused(load_up_to(b, n), load_up_to(x, n), load_up_to(d, n));
    v = fused(load_up_to(a, n), load_up_to(dy, n), v);
    store_up_to(dx, add ? load_up_to(dx, n) + v : v, n);
}

void KERNEL(norm_backward)(float *dx, size_t dx_stride, const float *dy,
                           size_t dy_stride, const float *x, size_t x_stride,
                           const float *a, const float *b, const float *d,
                           size_t pixels, size_t c, bool add)
{
    for (size_t p = 0; p < pixels; p++) {
        size_t k = 0;
        for (; k + LANES <= c; k += LANES)
            norm_backward_at(dx + k, dy + k, x + k, a + k, b + k, d + k, LANES, add);
        if (k < c)
            norm_backward_at(dx + k, dy + k, x + k, a + k, b + k, d + k, c - k, add);
        dx += dx_stride;
        dy += dy_stride;
        x += x_stride;
    }
}
