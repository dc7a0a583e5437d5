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

/* ---- to frequencies ---- */

/* Weight (c, d) as a product wants it. */
INLINE void store_filter(float *to, size_t part, floats c, floats d)
{
    store(to, c);
    store(to + part, TILE_NUMBERS == 3 ? -c - d : d);
    if (TILE_NUMBERS == 3)
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

/* Those of all y up to half of the length, for c up to `count`: tables of count + 1. */
INLINE void all_angles(const struct tile_length *of, size_t count, float *cosines,
                       float *sines)
{
    for (size_t y = 0; y <= of->length / 2; y++)
        angles(of, y, count, cosines + y * (count + 1), sines + y * (count + 1));
}

/* Along the rows, at one column. */
INLINE void filter_rows(const float *folded, const float *cosines, const float *sines,
                        floats *re, floats *im, size_t high, size_t wide)
{
    for (size_t r = 0; r <= 2 * high; r++, folded += (2 * wide + 1) * LANES) {
        re[r] = load(folded);
        im[r] = splat(0);
        for (size_t c = 1; c <= wide; c++) {
            re[r] = fused(splat(cosines[c]), load(folded + c * LANES), re[r]);
            im[r] =
                fused_less(splat(sines[c]), load(folded + (wide + c) * LANES), im[r]);
        }
    }
}

/* Down the column: s of all y. */
INLINE void even_rows(const floats *re, const floats *im, size_t length,
                      const float *cosines, floats *s, size_t high)
{
    for (size_t y = 0; y <= length / 2; y++, cosines += high + 1) {
        floats a = re[0], b = im[0];
        for (size_t r = 1; r <= high; r++) {
            a = fused(splat(cosines[r]), re[r], a);
            b = fused(splat(cosines[r]), im[r], b);
        }
        s[2 * y] = a;
        s[2 * y + 1] = b;
    }
}

/* And d, which is 0 for the first and the last y: weights of y and length - y. */
INLINE void odd_rows(const floats *re, const floats *im, size_t length,
                     const float *sines, const floats *s, float *to, size_t part,
                     size_t apart, size_t high)
{
    const size_t last = length / 2;
    store_filter(to, part, s[0], s[1]);
    store_filter(to + last * apart, part, s[2 * last], s[2 * last + 1]);
    for (size_t y = 1; y < last; y++) {
        floats a = splat(0), b = splat(0);
        sines += high + 1;
        for (size_t r = 1; r <= high; r++) {
            a = fused(splat(sines[r]), re[r - 1], a);
            b = fused(splat(sines[r]), im[r - 1], b);
        }
        store_filter(to + y * apart, part, s[2 * y] + b, s[2 * y + 1] - a);
        store_filter(to + (length - y) * apart, part, s[2 * y] - b, s[2 * y + 1] + a);
    }
}

INLINE void filter(const struct tile_kernel *kernel, const float *folded, size_t k,
                   size_t count, float *to, size_t part, size_t apart, size_t high,
                   size_t wide)
{
    const size_t length = kernel->of->length;
    const size_t size = (2 * high + 1) * (2 * wide + 1) * LANES;
    float across[COLUMNS], along[COLUMNS]; /* cos and sin */
    float cosines[COLUMNS * COLUMNS], sines[COLUMNS * COLUMNS];
    angles(kernel->of, k, wide, across, along);
    all_angles(kernel->of, high, cosines, sines);
    for (size_t i = 0; i < count; i++, folded += size, to += TILE_NUMBERS * part) {
        floats re[FOLDED], im[FOLDED], s[2 * COLUMNS];
        filter_rows(folded, across, along, re, im, high, wide);
        even_rows(re, im, length, cosines, s, high);
        odd_rows(re + high + 1, im + high + 1, length, sines, s, to, part, apart, high);
    }
}

void KERNEL(tile_filter)(const struct tile_kernel *kernel, const float *folded,
                         size_t k, size_t count, float *to, size_t part, size_t apart)
{
    const size_t high = kernel->rows / 2, wide = kernel->columns / 2;
    if (high == 1 && wide == 1)
        filter(kernel, folded, k, count, to, part, apart, 1, 1);
    else if (high == 2 && wide == 2)
        filter(kernel, folded, k, count, to, part, apart, 2, 2);
    else if (high == 3 && wide == 3)
        filter(kernel, folded, k, count, to, part, apart, 3, 3);
    else
        filter(kernel, folded, k, count, to, part, apart, high, wide);
}

/* ---- back ---- */

/* Down a column: sums of folded rows. Even rows see frequencies y and length - y as a sum, odd
   ones as a difference; by two loops, so that sums stay in registers. */
INLINE void even_sums(const float *from, size_t apart, size_t length,
                      const float *cosines, float *sums, size_t high)
{
    const float *last = from + length / 2 * apart;
    floats re[FOLDED], im[FOLDED];
    for (size_t r = 0; r <= high; r++) {
        const floats a = load(last), b = load(last + LANES);
        re[r] = r % 2 ? load(from) - a : load(from) + a;
        im[r] = r % 2 ? load(from + LANES) - b : load(from + LANES) + b;
    }
    for (size_t y = 1; y < length / 2; y++) {
        const float *first = from + y * apart, *second = from + (length - y) * apart;
        const floats a = load(first) + load(second);
        const floats b = load(first + LANES) + load(second + LANES);
        re[0] += a;
        im[0] += b;
        for (size_t r = 1; r <= high; r++) {
            const floats cosine = splat(cosines[y * (high + 1) + r]);
            re[r] = fused(cosine, a, re[r]);
            im[r] = fused(cosine, b, im[r]);
        }
    }
    for (size_t r = 0; r <= high; r++, sums += 2 * LANES) {
        store(sums, re[r]);
        store(sums + LANES, im[r]);
    }
}

/* i times the differences. */
INLINE void odd_sums(const float *from, size_t apart, size_t length, const float *sines,
                     float *sums, size_t high)
{
    floats re[FOLDED], im[FOLDED];
    for (size_t r = 0; r < high; r++)
        re[r] = im[r] = splat(0);
    for (size_t y = 1; y < length / 2; y++) {
        const float *first = from + y * apart, *second = from + (length - y) * apart;
        const floats a = load(second + LANES) - load(first + LANES);
        const floats b = load(first) - load(second);
        for (size_t r = 0; r < high; r++) {
            const floats sine = splat(sines[y * (high + 1) + r + 1]);
            re[r] = fused(sine, a, re[r]);
            im[r] = fused(sine, b, im[r]);
        }
    }
    for (size_t r = 0; r < high; r++, sums += 2 * LANES) {
        store(sums, re[r]);
        store(sums + LANES, im[r]);
    }
}

INLINE void unfilter(const struct tile_kernel *kernel, const float *from, size_t apart,
                     size_t k, size_t count, float *sums, size_t high)
{
    const size_t length = kernel->of->length, row = 2 * LANES;
    const size_t column = (2 * high + 1) * row, all = (length / 2 + 1) * column;
    float cosines[COLUMNS * COLUMNS], sines[COLUMNS * COLUMNS];
    all_angles(kernel->of, high, cosines, sines);
    sums += k * column;
    for (size_t i = 0; i < count; i++, from += 2 * LANES, sums += all) {
        even_sums(from, apart, length, cosines, sums, high);
        odd_sums(from, apart, length, sines, sums + (high + 1) * row, high);
    }
}

void KERNEL(tile_unfilter)(const struct tile_kernel *kernel, const float *from,
                           size_t apart, size_t k, size_t count, float *sums)
{
    const size_t high = kernel->rows / 2;
    if (high == 1)
        unfilter(kernel, from, apart, k, count, sums, 1);
    else if (high == 2)
        unfilter(kernel, from, apart, k, count, sums, 2);
    else if (high == 3)
        unfilter(kernel, from, apart, k, count, sums, 3);
    else
        unfilter(kernel, from, apart, k, count, sums, high);
}

/* Sums that belong to evens and odds are those of both numbers. */
INLINE void unfold_line(const float *from, size_t step, size_t count, float *to,
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

/* Along a row of all columns: its folded weights. */
INLINE void unfold_row(const float *sums, size_t column, size_t columns,
                       const float *cosines, const float *sines, float *folded,
                       size_t wide)
{
    floats even[COLUMNS], odd[COLUMNS];
    for (size_t c = 0; c <= wide; c++)
        even[c] = odd[c] = splat(0);
    for (size_t k = 0; k < columns; k++, sums += column) {
        const floats re = load(sums), im = load(sums + LANES);
        for (size_t c = 0; c <= wide; c++) {
            even[c] = fused(splat(cosines[k * (wide + 1) + c]), re, even[c]);
            if (c > 0)
                odd[c] = fused(splat(sines[k * (wide + 1) + c]), im, odd[c]);
        }
    }
    for (size_t c = 0; c <= wide; c++) {
        store(folded + c * LANES, even[c]);
        if (c > 0)
            store(folded + (wide + c) * LANES, odd[c]);
    }
}

INLINE void unfold(const struct tile_kernel *kernel, const float *sums, float scale,
                   size_t count, float *taps, size_t wide)
{
    const size_t length = kernel->of->length, columns = length / 2 + 1;
    const size_t high = kernel->rows / 2, row = 2 * LANES, line = 2 * wide + 1;
    const size_t column = (2 * high + 1) * row;
    float cosines[COLUMNS * COLUMNS], sines[COLUMNS * COLUMNS];
    float folded[FOLDED * FOLDED * LANES], lines[TILE_LONGEST * FOLDED * LANES];
    all_angles(kernel->of, wide, cosines, sines);
    for (size_t k = 0; k < columns; k++) {
        /* columns between the first and the last are there twice, as conjugates */
        const float twice = k > 0 && k < length / 2 ? 2 * scale : scale;
        for (size_t c = k * (wide + 1); c < (k + 1) * (wide + 1); c++) {
            cosines[c] *= twice;
            sines[c] *= -twice;
        }
    }
    for (size_t i = 0; i < count; i++, sums += columns * column) {
        for (size_t r = 0; r <= 2 * high; r++)
            unfold_row(sums + r * row, column, columns, cosines, sines,
                       folded + r * line * LANES, wide);
        for (size_t c = 0; c < line; c++)
            unfold_line(folded + c * LANES, line * LANES, kernel->rows,
                        lines + c * LANES, line * LANES);
        for (size_t r = 0; r < kernel->rows; r++, taps += kernel->columns * LANES)
            unfold_line(lines + r * line * LANES, LANES, kernel->columns, taps, LANES);
    }
}

void KERNEL(tile_unfold)(const struct tile_kernel *kernel, const float *sums,
                         float scale, size_t count, float *taps)
{
    const size_t wide = kernel->columns / 2;
    if (wide == 1)
        unfold(kernel, sums, scale, count, taps, 1);
    else if (wide == 2)
        unfold(kernel, sums, scale, count, taps, 2);
    else if (wide == 3)
        unfold(kernel, sums, scale, count, taps, 3);
    else
        unfold(kernel, sums, scale, count, taps, wide);
}
