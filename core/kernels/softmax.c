/* softmax.c - e^x over its sum, over the channels of each pixel */
#include "core/kernels/elementary.h"
#include "core/kernels/set.h"

/* Pixels of few channels are turned into planes of one channel each, and a vector holds
   LANES pixels; of pixels with more channels it holds LANES channels. */
enum { FEW = 16, PIXELS = 64 };

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* --- few channels -------------------------------------------------------------------- */

/* Pixel p, channel k is at e[k][p]; those from `pixels` on are zero. */
static void to_planes(float (*e)[PIXELS], const float *x, size_t stride, size_t pixels,
                      size_t c)
{
    for (size_t k = 0; k < c; k++) {
        for (size_t p = 0; p < pixels; p++)
            e[k][p] = x[p * stride + k];
        for (size_t p = pixels; p < PIXELS; p++)
            e[k][p] = 0;
    }
}

static void from_planes(float *y, size_t stride, float (*e)[PIXELS], size_t pixels,
                        size_t c)
{
    for (size_t k = 0; k < c; k++)
        for (size_t p = 0; p < pixels; p++)
            y[p * stride + k] = e[k][p];
}

/* LANES pixels; the result is log sum e^x = max + log sum e^(x - max). */
INLINE floats softmax_lanes(float (*e)[PIXELS], size_t p, size_t c)
{
    floats most = load(e[0] + p), sum = splat(0);
    for (size_t k = 1; k < c; k++) {
        floats x = load(e[k] + p);
        most = select(x > most, x, most);
    }
    for (size_t k = 0; k < c; k++) {
        floats power = exponential(load(e[k] + p) - most);
        store(e[k] + p, power);
        sum += power;
    }
    const floats inverse = 1.0f / sum;
    for (size_t k = 0; k < c; k++)
        store(e[k] + p, load(e[k] + p) * inverse);
    return most + logarithm(sum);
}

static void softmax_few(float *y, size_t y_stride, const float *x, size_t x_stride,
                        float *log_sum, size_t pixels, size_t c)
{
    float e[FEW][PIXELS], sums[PIXELS];
    for (size_t done = 0; done < pixels; done += PIXELS) {
        const size_t n = least(PIXELS, pixels - done);
        to_planes(e, x + done * x_stride, x_stride, n, c);
        for (size_t p = 0; p < n; p += LANES)
            store(sums + p, softmax_lanes(e, p, c));
        from_planes(y + done * y_stride, y_stride, e, n, c);
        if (log_sum)
            memcpy(log_sum + done, sums, n * sizeof *sums);
    }
}

/* --- many ---------------------------------------------------------------------------- */

INLINE float largest(const float *x, size_t c)
{
    floats most = load(x);
    float lanes[LANES];
    size_t k = LANES;
    for (; k + LANES <= c; k += LANES) {
        floats v = load(x + k);
        most = select(v > most, v, most);
    }
    store(lanes, most);
    for (size_t i = 1; i < LANES; i++)
        lanes[0] = lanes[i] > lanes[0] ? lanes[i] : lanes[0];
    for (; k < c; k++)
        lanes[0] = x[k] > lanes[0] ? x[k] : lanes[0];
    return lanes[0];
}

/* One pixel of at least LANES channels; the result is log sum e^x. */
static float softmax_pixel(float *y, const float *x, size_t c)
{
    const size_t whole = c / LANES * LANES, rest = c - whole;
    const float most = largest(x, c);
    floats sums = splat(0);
    float last[LANES] = {0}, log_sum[LANES];
    for (size_t k = 0; k < whole; k += LANES) {
        floats power = exponential(load(x + k) - most);
        store(y + k, power);
        sums += power;
    }
    store_first(last, exponential(load_first(x + whole, rest) - most), rest);
    const float sum = sum_lanes(sums + load(last)), inverse = 1 / sum;
    for (size_t k = 0; k < whole; k += LANES)
        store(y + k, load(y + k) * inverse);
    store_first(y + whole, load(last) * inverse, rest);
    store(log_sum, most + logarithm(splat(sum)));
    return log_sum[0];
}

void KERNEL(softmax)(float *y, size_t y_stride, const float *x, size_t x_stride,
                     float *log_sum, size_t pixels, size_t c)
{
    if (c <= FEW) {
        softmax_few(y, y_stride, x, x_stride, log_sum, pixels, c);
        return;
    }
    for (size_t p = 0; p < pixels; p++) {
        float sum = softmax_pixel(y + p * y_stride, x + p * x_stride, c);
        if (log_sum)
            log_sum[p] = sum;
    }
}
