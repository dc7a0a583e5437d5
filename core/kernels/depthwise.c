/* depthwise.c - the inner loops of depthwise convolution: some channels of two pixels, or of
   three taps, stay in registers */
#include "core/kernels/depthwise.h"
#include "core/kernels/set.h"

enum { WIDEST = 4, PIXELS = DEPTHWISE_PIXELS, TAPS = 3 };

/* --- products ------------------------------------------------------------------------ */

/* PIXELS pixels, of which the first `pixels - pixel` are wanted; channels k .. of so many
   vectors, the last of which has n. */
INLINE void multiply_block(const struct depthwise *d, size_t pixel, size_t k,
                           size_t vectors, size_t n)
{
    const float *const *x = d->x + pixel;
    const float *w = d->w + k;
    floats s[PIXELS][WIDEST];
    UNROLL for (size_t m = 0; m < PIXELS; m++)
        UNROLL for (size_t j = 0; j < vectors; j++) s[m][j] =
            load_up_to(d->bias + k + j * LANES, n);
    for (size_t t = 0; t < d->taps; t++, x += d->x_row, w += d->channels) {
        floats b[WIDEST];
        UNROLL for (size_t j = 0; j < vectors; j++) b[j] = load_up_to(w + j * LANES, n);
        UNROLL for (size_t m = 0; m < PIXELS; m++)
        {
            const float *a = x[m] + k;
            UNROLL for (size_t j = 0; j < vectors; j++) s[m][j] =
                fused(load_up_to(a + j * LANES, n), b[j], s[m][j]);
        }
    }
    UNROLL for (size_t m = 0; m < PIXELS; m++) if (pixel + m < d->pixels)
    {
        float *y = (float *)d->y[pixel + m] + k;
        UNROLL for (size_t j = 0; j < vectors; j++, y += LANES)
            store_up_to(y, d->add ? load_up_to(y, n) + s[m][j] : s[m][j], n);
    }
}

static void multiply(const struct depthwise *d)
{
    for (size_t p = 0; p < d->pixels; p += PIXELS) {
        size_t k = 0;
        for (; k + WIDEST * LANES <= d->channels; k += WIDEST * LANES)
            multiply_block(d, p, k, WIDEST, LANES);
        for (; k + LANES <= d->channels; k += LANES)
            multiply_block(d, p, k, 1, LANES);
        if (k < d->channels)
            multiply_block(d, p, k, 1, d->channels - k);
    }
}

/* --- correlations -------------------------------------------------------------------- */

INLINE void correlate_block(const struct depthwise_gradient *c, size_t tap, size_t taps,
                            size_t k, size_t vectors, size_t n)
{
    const float *const *x = c->x + tap * c->x_row;
    const float *dy = c->dy + k;
    floats s[TAPS][WIDEST];
    UNROLL for (size_t t = 0; t < taps; t++) UNROLL for (size_t j = 0; j < vectors; j++)
        s[t][j] = splat(0);
    for (size_t p = 0; p < c->pixels; p++, dy += c->stride) {
        floats d[WIDEST];
        UNROLL for (size_t j = 0; j < vectors; j++) d[j] =
            load_up_to(dy + j * LANES, n);
        UNROLL for (size_t t = 0; t < taps; t++)
        {
            const float *a = x[t * c->x_row + p] + k;
            UNROLL for (size_t j = 0; j < vectors; j++) s[t][j] =
                fused(load_up_to(a + j * LANES, n), d[j], s[t][j]);
        }
    }
    UNROLL for (size_t t = 0; t < taps; t++)
    {
        float *g = c->g + (tap + t) * c->channels + k;
        UNROLL for (size_t j = 0; j < vectors; j++, g += LANES)
            store_up_to(g, load_up_to(g, n) + s[t][j], n);
    }
}

INLINE void correlate_taps(const struct depthwise_gradient *c, size_t tap, size_t taps)
{
    size_t k = 0;
    for (; k + WIDEST * LANES <= c->channels; k += WIDEST * LANES)
        correlate_block(c, tap, taps, k, WIDEST, LANES);
    for (; k + LANES <= c->channels; k += LANES)
        correlate_block(c, tap, taps, k, 1, LANES);
    if (k < c->channels)
        correlate_block(c, tap, taps, k, 1, c->channels - k);
}

static void correlate(const struct depthwise_gradient *c)
{
    size_t tap = 0;
    for (; tap + TAPS <= c->taps; tap += TAPS)
        correlate_taps(c, tap, TAPS);
    for (; tap < c->taps; tap++)
        correlate_taps(c, tap, 1);
}

const struct depthwise_kernels KERNEL(depthwise) = {.multiply = multiply,
                                                    .correlate = correlate};
