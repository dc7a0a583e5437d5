/* winograd.c - tiles of 6x6 pixels to 36 points and back, each lane a channel

   Along an axis with the points +-A and +-B, C = A^2 and D = B^2. Rows are done first, then
   columns, through a copy that stays in the first cache: 36 vectors are more than registers. */
#include "core/kernels/winograd.h"
#include "core/kernels/finish.h"
#include "core/kernels/set.h"

#define A 0.625f
#define B 1.5f
#define C (A * A)
#define D (B * B)

enum { SIDE = WINOGRAD_LENGTH, STEP = WINOGRAD_STEP, TAPS = 3 };

/* ---- one axis ---- */

/* What a tile is at the points: up to a factor, that of all others removed. */
INLINE void to_points(floats d[SIDE])
{
    const floats even_a = fused(splat(-D), d[2], d[4]),
                 odd_a = fused(splat(-D), d[1], d[3]);
    const floats even_b = fused(splat(-C), d[2], d[4]),
                 odd_b = fused(splat(-C), d[1], d[3]);
    d[0] = fused(splat(C * D), d[0], fused(splat(-(C + D)), d[2], d[4]));
    d[5] = fused(splat(C * D), d[1], fused(splat(-(C + D)), d[3], d[5]));
    d[1] = fused(splat(A), odd_a, even_a);
    d[2] = fused(splat(-A), odd_a, even_a);
    d[3] = fused(splat(B), odd_b, even_b);
    d[4] = fused(splat(-B), odd_b, even_b);
}

/* Of six results the four outputs. */
INLINE void to_outputs(floats m[SIDE])
{
    const floats sum_a = m[1] + m[2], gap_a = m[1] - m[2];
    const floats sum_b = m[3] + m[4], gap_b = m[3] - m[4];
    m[0] += sum_a + sum_b;
    m[1] = fused(splat(A), gap_a, splat(B) * gap_b);
    m[2] = fused(splat(C), sum_a, splat(D) * sum_b);
    m[3] = fused(splat(A * C), gap_a, fused(splat(B * D), gap_b, m[5]));
}

/* The transpose of that: four gradients at the points. */
INLINE void from_outputs(floats d[SIDE])
{
    const floats even_a = fused(splat(C), d[2], d[0]),
                 odd_a = fused(splat(C), d[3], d[1]);
    const floats even_b = fused(splat(D), d[2], d[0]),
                 odd_b = fused(splat(D), d[3], d[1]);
    d[5] = d[3];
    d[1] = fused(splat(A), odd_a, even_a);
    d[2] = fused(splat(-A), odd_a, even_a);
    d[3] = fused(splat(B), odd_b, even_b);
    d[4] = fused(splat(-B), odd_b, even_b);
}

/* The factors that points of pixels lack. */
#define AT_0 (1 / (C * D))
#define AT_A (1 / (2 * C * (C - D)))
#define AT_B (1 / (2 * D * (D - C)))

/* Three taps at the points, and the transpose. */
INLINE void taps_to_points(floats g[SIDE])
{
    const floats first = g[0], middle = g[1], last = g[2];
    const floats even_a = fused(splat(C), last, first),
                 even_b = fused(splat(D), last, first);
    g[0] = splat(AT_0) * first;
    g[1] = splat(AT_A) * fused(splat(A), middle, even_a);
    g[2] = splat(AT_A) * fused(splat(-A), middle, even_a);
    g[3] = splat(AT_B) * fused(splat(B), middle, even_b);
    g[4] = splat(AT_B) * fused(splat(-B), middle, even_b);
    g[5] = last;
}

INLINE void points_to_taps(floats g[SIDE])
{
    const floats sum_a = splat(AT_A) * (g[1] + g[2]),
                 gap_a = splat(AT_A) * (g[1] - g[2]);
    const floats sum_b = splat(AT_B) * (g[3] + g[4]),
                 gap_b = splat(AT_B) * (g[3] - g[4]);
    g[0] = fused(splat(AT_0), g[0], sum_a + sum_b);
    g[1] = fused(splat(A), gap_a, splat(B) * gap_b);
    g[2] = fused(splat(C), sum_a, fused(splat(D), sum_b, g[5]));
}

/* ---- reading ---- */

/* Rows of `side` pixels, zeros outside. */
INLINE void load_row(const struct tile_reading *t, size_t y, size_t side, bool whole,
                     floats *row)
{
    const ptrdiff_t pixel = t->pixel;
    const float *from = t->from + ((ptrdiff_t)y - (ptrdiff_t)t->rows[0]) * t->row;
    if (whole) {
        UNROLL for (size_t x = 0; x < side; x++, from += pixel) row[x] = load(from);
        return;
    }
    const bool there = y >= t->rows[0] && y < t->rows[1];
    for (size_t x = 0; x < side; x++)
        row[x] = there && x >= t->columns[0] && x < t->columns[1]
                     ? load_up_to(from + ((ptrdiff_t)x - (ptrdiff_t)t->columns[0]) *
                                             t->pixel,
                                  t->channels)
                     : splat(0);
}

INLINE void read_square(const struct tile_reading *t, size_t side, bool whole)
{
    const size_t apart = t->apart;
    floats rows[SIDE][SIDE];
    UNROLL for (size_t y = 0; y < side; y++)
    {
        load_row(t, y, side, whole, rows[y]);
        (side == SIDE ? to_points : from_outputs)(rows[y]);
    }
    UNROLL for (size_t x = 0; x < SIDE; x++)
    {
        floats column[SIDE];
        UNROLL for (size_t y = 0; y < side; y++) column[y] = rows[y][x];
        (side == SIDE ? to_points : from_outputs)(column);
        float *to = t->to + x * apart;
        UNROLL for (size_t y = 0; y < SIDE; y++, to += SIDE * apart)
            store(to, column[y]);
    }
}

INLINE bool is_whole(const struct tile_reading *t, size_t side)
{
    return t->channels == LANES && t->rows[0] == 0 && t->rows[1] == side &&
           t->columns[0] == 0 && t->columns[1] == side;
}

static void read_tile(const struct tile_reading *t)
{
    if (is_whole(t, SIDE))
        read_square(t, SIDE, true);
    else
        read_square(t, SIDE, false);
}

static void spread_tile(const struct tile_reading *t)
{
    if (is_whole(t, STEP))
        read_square(t, STEP, true);
    else
        read_square(t, STEP, false);
}

/* ---- writing ---- */

INLINE void write_pixels(const struct tile_writing *t, size_t y, const floats *row,
                         size_t columns, size_t channels, bool end)
{
    const floats bias = load(t->bias);
    float *to = t->to + (ptrdiff_t)y * t->row;
    const float *more =
        end && t->finish->more ? t->more + (ptrdiff_t)y * t->more_row : NULL;
    for (size_t x = 0; x < columns; x++, to += t->pixel) {
        floats v = row[x] + bias;
        if (t->add)
            v += load_up_to(to, channels);
        if (end)
            v = finished(t->finish, v, more ? more + x * t->finish->more_stride : NULL,
                         t->channel, channels);
        store_up_to(to, v, channels);
    }
}

static void write_tile(const struct tile_writing *t)
{
    const size_t apart = t->apart;
    floats columns[STEP][SIDE];
    UNROLL for (size_t x = 0; x < SIDE; x++)
    {
        floats column[SIDE];
        const float *from = t->from + x * apart;
        UNROLL for (size_t y = 0; y < SIDE; y++, from += SIDE * apart) column[y] =
            load(from);
        to_outputs(column);
        UNROLL for (size_t y = 0; y < STEP; y++) columns[y][x] = column[y];
    }
    for (size_t y = 0; y < t->rows; y++) {
        to_outputs(columns[y]);
        if (t->finish)
            write_pixels(t, y, columns[y], t->columns, t->channels, true);
        else if (t->channels == LANES && t->columns == STEP)
            write_pixels(t, y, columns[y], STEP, LANES, false);
        else
            write_pixels(t, y, columns[y], t->columns, t->channels, false);
    }
}

/* ---- weights ---- */

static void filter(const float *taps, bool turned, float *to, size_t apart)
{
    floats rows[TAPS][SIDE];
    UNROLL for (size_t y = 0; y < TAPS; y++)
    {
        UNROLL for (size_t x = 0; x < TAPS; x++) rows[y][x] =
            load(taps + (turned ? 8 - (y * TAPS + x) : y * TAPS + x) * LANES);
        taps_to_points(rows[y]);
    }
    UNROLL for (size_t x = 0; x < SIDE; x++)
    {
        floats column[SIDE];
        UNROLL for (size_t y = 0; y < TAPS; y++) column[y] = rows[y][x];
        taps_to_points(column);
        UNROLL for (size_t y = 0; y < SIDE; y++)
            store(to + (y * SIDE + x) * apart, column[y]);
    }
}

static void unfilter(const float *from, size_t apart, float *taps, size_t taps_apart)
{
    floats columns[TAPS][SIDE];
    UNROLL for (size_t x = 0; x < SIDE; x++)
    {
        floats column[SIDE];
        UNROLL for (size_t y = 0; y < SIDE; y++) column[y] =
            load(from + (y * SIDE + x) * apart);
        points_to_taps(column);
        UNROLL for (size_t y = 0; y < TAPS; y++) columns[y][x] = column[y];
    }
    UNROLL for (size_t y = 0; y < TAPS; y++)
    {
        points_to_taps(columns[y]);
        UNROLL for (size_t x = 0; x < TAPS; x++)
            store(taps + (y * TAPS + x) * taps_apart, columns[y][x]);
    }
}

const struct winograd_kernels KERNEL(winograd) = {.read = read_tile,
                                                  .write = write_tile,
                                                  .filter = filter,
                                                  .spread = spread_tile,
                                                  .unfilter = unfilter};
