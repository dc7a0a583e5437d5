/* softmax.c - e^x over its sum, over the channels of each pixel

   Channels are few, so pixels are gathered until a buffer is full of numbers, whatever
   their shape: then whole vectors are raised. */
#include "core/kernels/elementary.h"
#include "core/kernels/set.h"

enum { PIXELS = 64, NUMBERS = 1024 }; /* of a block: at most */

INLINE float largest(const float *x, size_t c)
{
    float m = x[0];
    for (size_t k = 1; k < c; k++)
        m = x[k] > m ? x[k] : m;
    return m;
}

INLINE void raise(float *x, size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        size_t count = n - i < LANES ? n - i : LANES;
        store_up_to(x + i, exponential(load_up_to(x + i, count)), count);
    }
}

/* Sums of wide pixels in LANES parts, so that they are fast and exact. */
INLINE float sum_channels(const float *x, size_t c)
{
    if (c < LANES) {
        float total = 0;
        for (size_t k = 0; k < c; k++)
            total += x[k];
        return total;
    }
    floats total = splat(0);
    for (size_t k = 0; k < c; k += LANES)
        total += load_up_to(x + k, c - k < LANES ? c - k : LANES);
    return sum_lanes(total);
}

/* e holds x - max of each pixel and becomes y; sums are of e^(x - max). */
INLINE void divide(float *e, float *sums, size_t pixels, size_t c)
{
    raise(e, pixels * c);
    for (size_t p = 0; p < pixels; p++) {
        sums[p] = sum_channels(e + p * c, c);
        float inverse = 1 / sums[p];
        for (size_t k = 0; k < c; k++)
            e[p * c + k] *= inverse;
    }
}

INLINE void subtract(float *e, const float *x, size_t c, float most)
{
    for (size_t k = 0; k < c; k++)
        e[k] = x[k] - most;
}

/* log sum e^x = max + log sum e^(x - max) */
INLINE void log_sums(float *log_sum, const float *most, float *sums, size_t pixels)
{
    for (size_t i = 0; i < pixels; i += LANES) {
        size_t count = pixels - i < LANES ? pixels - i : LANES;
        floats v = load_up_to(most + i, count) + logarithm(load_up_to(sums + i, count));
        store_up_to(log_sum + i, v, count);
    }
}

/* So many channels that one pixel fills the buffer: y is the buffer. */
static void softmax_wide(float *y, const float *x, float *log_sum, size_t c)
{
    float most = largest(x, c), sum;
    subtract(y, x, c, most);
    divide(y, &sum, 1, c);
    if (log_sum)
        log_sums(log_sum, &most, &sum, 1);
}

void KERNEL(softmax)(float *y, size_t y_stride, const float *x, size_t x_stride,
                     float *log_sum, size_t pixels, size_t c)
{
    float e[NUMBERS], most[PIXELS], sums[PIXELS];
    if (c > NUMBERS) {
        for (size_t p = 0; p < pixels; p++)
            softmax_wide(y + p * y_stride, x + p * x_stride,
                         log_sum ? log_sum + p : NULL, c);
        return;
    }
    const size_t most_pixels = NUMBERS / c < PIXELS ? NUMBERS / c : PIXELS;
    for (size_t done = 0; done < pixels; done += most_pixels) {
        size_t n = pixels - done < most_pixels ? pixels - done : most_pixels;
        for (size_t p = 0; p < n; p++) {
            most[p] = largest(x + (done + p) * x_stride, c);
            subtract(e + p * c, x + (done + p) * x_stride, c, most[p]);
        }
        divide(e, sums, n, c);
        for (size_t p = 0; p < n; p++)
            memcpy(y + (done + p) * y_stride, e + p * c, c * sizeof *e);
        if (log_sum)
            log_sums(log_sum + done, most, sums, n);
    }
}
