/* tile_kernel.c - weights of a convolution to frequencies of a tile and back, by plain sums

   A kernel is small beside its tile. Counted from its middle and folded (see tile.h), column
   k of its frequencies takes, along the rows, for each folded row
       f = sum_c even[c] cos(2 pi k c / length) - i sum_c odd[c] sin(2 pi k c / length),
   and down the columns, for each pair of frequencies y and length - y,
       s = sum_r f[r] cos(2 pi y r / length),   d = sum_r f'[r] sin(2 pi y r / length),
   f of even rows, f' of odd ones: s - i d and s + i d. */
#include "core/kernels/set.h"

enum { FOLDED = 2 * (TILE_LONGEST / 2) + 1, COLUMNS = TILE_LONGEST / 2 + 1 };

/* ---- folding ---- */

/* Numbers `step` floats apart, counted from the middle of `count`; a kernel of even length has no
   last one. */
INLINE floats tap_at(const float *middle, ptrdiff_t i, ptrdiff_t step, ptrdiff_t count)
{
    return i < count - count / 2 ? load(middle + i * step) : splat(0);
}

/* `count` numbers to evens and odds. */
static void fold_line(const float *from, ptrdiff_t step, size_t count, float *to,
                      size_t to_step)
{
    const size_t half = count / 2;
    const float *middle = from + (ptrdiff_t)half * step;
    store(to, load(middle));
    for (size_t i = 1; i <= half; i++) {
        const floats after = tap_at(middle, (ptrdiff_t)i, step, (ptrdiff_t)count);
        const floats before = load(middle - (ptrdiff_t)i * step);
        store(to + i * to_step, after + before);
        store(to + (half + i) * to_step, after - before);
    }
}

void KERNEL(tile_fold)(const struct tile_kernel *kernel, const float *taps, bool turned,
                       float *folded)
{
    const size_t rows = kernel->rows, columns = kernel->columns;
    const size_t wide = 2 * (columns / 2) + 1;
    float lines[TILE_LONGEST * FOLDED * LANES]; /* folded by columns */
    for (size_t r = 0; r < rows; r++) {
        const size_t row = turned ? rows - 1 - r : r;
        const float *from = taps + (row * columns + (turned ? columns - 1 : 0)) * LANES;
        fold_line(from, turned ? -LANES : LANES, columns, lines + r * wide * LANES,
                  LANES);
    }
    for (size_t c = 0; c < wide; c++)
        fold_line(lines + c * LANES, (ptrdiff_t)(wide * LANES), rows,
                  folded + c * LANES, wide * LANES);
}

/* The other way: sums that belong to evens and odds are those of both numbers. */
static void unfold_line(const float *from, size_t step, size_t count, float *to,
                        size_t to_step)
{
    const size_t half = count / 2;
    float *middle = to + half * to_step;
    store(middle, load(from));
    for (size_t i = 1; i <= half; i++) {
        const floats even = load(from + i * step), odd = load(from + (half + i) * step);
        store(middle - i * to_step, even - odd);
        if (i < count - half)
            store(middle + i * to_step, even + odd);
    }
}

void KERNEL(tile_unfold)(const struct tile_kernel *kernel, const float *folded,
                         float scale, float *taps)
{
    const size_t rows = kernel->rows, columns = kernel->columns;
    const size_t wide = 2 * (columns / 2) + 1;
    float lines[TILE_LONGEST * FOLDED * LANES];
    for (size_t c = 0; c < wide; c++)
        unfold_line(folded + c * LANES, wide * LANES, rows, lines + c * LANES,
                    wide * LANES);
    for (size_t r = 0; r < rows; r++)
        unfold_line(lines + r * wide * LANES, LANES, columns,
                    taps + r * columns * LANES, LANES);
    for (size_t i = 0; i < rows * columns; i++)
        store(taps + i * LANES, load(taps + i * LANES) * splat(scale));
}

/* ---- to frequencies ---- */

/* Weight (c, d) as a product wants it. */
INLINE void store_filter(float *to, size_t part, floats c, floats d)
{
    store(to, c);
    store(to + part, -c - d);
    store(to + 2 * part, c - d);
}

/* cos and sin of 2 pi k c / length for c = 0, 1, .. */
INLINE void angles(const struct tile_length *of, size_t k, size_t count, float *cosines,
                   float *sines)
{
    for (size_t c = 0, at = 0; c <= count; c++) {
        cosines[c] = of->cosines[at];
        sines[c] = of->sines[at];
        at += k;
        at -= at >= of->length ? of->length : 0;
    }
}

INLINE void filter(const struct tile_kernel *kernel, const float *folded, size_t k,
                   float *to, size_t part, size_t apart, size_t high, size_t wide)
{
    const size_t length = kernel->of->length, line = 2 * wide + 1;
    float cosines[FOLDED], sines[FOLDED];
    floats re[FOLDED], im[FOLDED];
    angles(kernel->of, k, wide, cosines, sines);
    for (size_t r = 0; r <= 2 * high; r++) {
        const float *x = folded + r * line * LANES;
        re[r] = load(x);
        im[r] = splat(0);
        for (size_t c = 1; c <= wide; c++) {
            re[r] = fused(splat(cosines[c]), load(x + c * LANES), re[r]);
            im[r] = fused(splat(-sines[c]), load(x + (wide + c) * LANES), im[r]);
        }
    }
    for (size_t y = 0; y <= length / 2; y++) {
        floats s_re = re[0], s_im = im[0], d_re = splat(0), d_im = splat(0);
        angles(kernel->of, y, high, cosines, sines);
        for (size_t r = 1; r <= high; r++) {
            const floats cosine = splat(cosines[r]), sine = splat(sines[r]);
            s_re = fused(cosine, re[r], s_re);
            s_im = fused(cosine, im[r], s_im);
            d_re = fused(sine, re[high + r], d_re);
            d_im = fused(sine, im[high + r], d_im);
        }
        store_filter(to + y * apart, part, s_re + d_im, s_im - d_re);
        if (y > 0 && y < length - y)
            store_filter(to + (length - y) * apart, part, s_re - d_im, s_im + d_re);
    }
}

void KERNEL(tile_filter)(const struct tile_kernel *kernel, const float *folded,
                         size_t k, float *to, size_t part, size_t apart)
{
    const size_t high = kernel->rows / 2, wide = kernel->columns / 2;
    if (high == 1 && wide == 1)
        filter(kernel, folded, k, to, part, apart, 1, 1);
    else if (high == 2 && wide == 2)
        filter(kernel, folded, k, to, part, apart, 2, 2);
    else if (high == 3 && wide == 3)
        filter(kernel, folded, k, to, part, apart, 3, 3);
    else
        filter(kernel, folded, k, to, part, apart, high, wide);
}

/* ---- back ---- */

/* Along a column: sums of folded rows. */
INLINE void unfilter_column(const struct tile_kernel *kernel, const float *from,
                            size_t apart, floats *re, floats *im, size_t high)
{
    const size_t length = kernel->of->length;
    float cosines[FOLDED], sines[FOLDED];
    for (size_t r = 0; r <= 2 * high; r++)
        re[r] = im[r] = splat(0);
    for (size_t y = 0; y <= length / 2; y++) {
        const float *first = from + y * apart, *second = from + (length - y) * apart;
        const bool pair = y > 0 && y < length - y;
        const floats f_re = load(first), f_im = load(first + LANES);
        const floats g_re = pair ? load(second) : splat(0);
        const floats g_im = pair ? load(second + LANES) : splat(0);
        const floats s_re = f_re + g_re, s_im = f_im + g_im;
        const floats d_re = g_im - f_im, d_im = f_re - g_re; /* i (f - g) */
        angles(kernel->of, y, high, cosines, sines);
        re[0] += s_re;
        im[0] += s_im;
        for (size_t r = 1; r <= high; r++) {
            const floats cosine = splat(cosines[r]), sine = splat(sines[r]);
            re[r] = fused(cosine, s_re, re[r]);
            im[r] = fused(cosine, s_im, im[r]);
            re[high + r] = fused(sine, d_re, re[high + r]);
            im[high + r] = fused(sine, d_im, im[high + r]);
        }
    }
}

INLINE void unfilter(const struct tile_kernel *kernel, const float *from, size_t apart,
                     size_t first, size_t count, float *folded, size_t high,
                     size_t wide)
{
    const size_t length = kernel->of->length, line = 2 * wide + 1;
    float cosines[COLUMNS][FOLDED], sines[COLUMNS][FOLDED];
    floats re[COLUMNS][FOLDED], im[COLUMNS][FOLDED];
    for (size_t k = 0; k < count; k++) {
        /* columns between the first and the last are there twice, as conjugates */
        const float twice = first + k > 0 && first + k < length / 2 ? 2 : 1;
        unfilter_column(kernel, from + k * length * apart, apart, re[k], im[k], high);
        angles(kernel->of, first + k, wide, cosines[k], sines[k]);
        for (size_t c = 0; c <= wide; c++) {
            cosines[k][c] *= twice;
            sines[k][c] *= -twice;
        }
    }
    for (size_t r = 0; r <= 2 * high; r++)
        for (size_t c = 0; c <= wide; c++) {
            float *even = folded + (r * line + c) * LANES, *odd = even + wide * LANES;
            floats s = first > 0 ? load(even) : splat(0);
            floats d = first > 0 && c > 0 ? load(odd) : splat(0);
            for (size_t k = 0; k < count; k++) {
                s = fused(splat(cosines[k][c]), re[k][r], s);
                d = fused(splat(sines[k][c]), im[k][r], d);
            }
            store(even, s);
            if (c > 0)
                store(odd, d);
        }
}

void KERNEL(tile_unfilter)(const struct tile_kernel *kernel, const float *from,
                           size_t apart, size_t first, size_t count, float *folded)
{
    const size_t high = kernel->rows / 2, wide = kernel->columns / 2;
    if (high == 1 && wide == 1)
        unfilter(kernel, from, apart, first, count, folded, 1, 1);
    else if (high == 2 && wide == 2)
        unfilter(kernel, from, apart, first, count, folded, 2, 2);
    else if (high == 3 && wide == 3)
        unfilter(kernel, from, apart, first, count, folded, 3, 3);
    else
        unfilter(kernel, from, apart, first, count, folded, high, wide);
}
