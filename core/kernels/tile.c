/* tile.c - Fourier transforms of tiles, each lane a channel

   Two rows of real numbers are one of complex ones. Sums are those of Cooley and Tukey with
   two factors, each of them a short transform that the compiler unrolls. A column's frequencies
   are in as many pages of memory: they are fetched while a column is transformed. */
#include "core/kernels/tile.h"
#include "core/kernels/finish.h"
#include "core/kernels/set.h"

enum { HALF = TILE_LONGEST / 2 + 1, SHORT = 9, VECTORS = REGISTERS / 16 };

/* ---- short transforms: y[k] = sum_j x[j] e^(-2 pi i j k / n), in place ---- */

/* Tables are of a length that n divides `step` times. */
struct table {
    const float *cosines, *sines;
};

INLINE void transform_2(floats *re, floats *im)
{
    const floats a = re[0] - re[1], b = im[0] - im[1];
    re[0] += re[1];
    im[0] += im[1];
    re[1] = a;
    im[1] = b;
}

INLINE void transform_4(floats *re, floats *im)
{
    const floats ar = re[0] + re[2], ai = im[0] + im[2];
    const floats br = re[0] - re[2], bi = im[0] - im[2];
    const floats cr = re[1] + re[3], ci = im[1] + im[3];
    const floats dr = re[1] - re[3], di = im[1] - im[3];
    re[0] = ar + cr;
    im[0] = ai + ci;
    re[1] = br + di;
    im[1] = bi - dr;
    re[2] = ar - cr;
    im[2] = ai - ci;
    re[3] = br - di;
    im[3] = bi + dr;
}

/* Numbers j and n - j meet the same cosine, and sines of opposite sign. */
INLINE void transform_odd(size_t n, struct table table, size_t step, floats *re,
                          floats *im)
{
    const size_t half = n / 2;
    floats sum_r[SHORT / 2], sum_i[SHORT / 2], gap_r[SHORT / 2], gap_i[SHORT / 2];
    const floats first_r = re[0], first_i = im[0];
    UNROLL for (size_t j = 1; j <= half; j++)
    {
        sum_r[j - 1] = re[j] + re[n - j];
        sum_i[j - 1] = im[j] + im[n - j];
        gap_r[j - 1] = re[j] - re[n - j];
        gap_i[j - 1] = im[j] - im[n - j];
        re[0] += sum_r[j - 1];
        im[0] += sum_i[j - 1];
    }
    UNROLL for (size_t k = 1; k <= half; k++)
    {
        floats even_r = first_r, even_i = first_i, odd_r = splat(0), odd_i = splat(0);
        UNROLL for (size_t j = 1; j <= half; j++)
        {
            const floats c = splat(table.cosines[j * k % n * step]);
            const floats s = splat(table.sines[j * k % n * step]);
            even_r = fused(c, sum_r[j - 1], even_r);
            even_i = fused(c, sum_i[j - 1], even_i);
            odd_r = fused(s, gap_i[j - 1], odd_r);
            odd_i = fused(s, gap_r[j - 1], odd_i);
        }
        re[k] = even_r + odd_r;
        im[k] = even_i - odd_i;
        re[n - k] = even_r - odd_r;
        im[n - k] = even_i + odd_i;
    }
}

INLINE void transform_prime(size_t n, struct table table, size_t step, floats *re,
                            floats *im)
{
    if (n == 2)
        transform_2(re, im);
    else if (n == 4)
        transform_4(re, im);
    else
        transform_odd(n, table, step, re, im);
}

/* times e^(-2 pi i k step / length) */
INLINE void turn(struct table table, size_t k, floats *re, floats *im)
{
    const floats c = splat(table.cosines[k]), s = splat(table.sines[k]), r = *re;
    if (k == 0)
        return;
    *re = fused(c, r, s * *im);
    *im = c * *im - s * r;
}

/* n = a b numbers: b transforms of every b-th, turned, and a transforms of those. A macro,
   as C cannot inline a function into itself. */
#define COMPOSE(name, part, most)                                                      \
    INLINE void name(size_t a, size_t b, struct table table, size_t step, floats *re,  \
                     floats *im)                                                       \
    {                                                                                  \
        floats r[most], i[most];                                                       \
        UNROLL for (size_t j = 0; j < b; j++)                                          \
        {                                                                              \
            floats part_r[SHORT], part_i[SHORT];                                       \
            UNROLL for (size_t m = 0; m < a; m++)                                      \
            {                                                                          \
                part_r[m] = re[m * b + j];                                             \
                part_i[m] = im[m * b + j];                                             \
            }                                                                          \
            part(a, table, step *b, part_r, part_i);                                   \
            UNROLL for (size_t m = 0; m < a; m++)                                      \
            {                                                                          \
                turn(table, j *m *step, &part_r[m], &part_i[m]);                       \
                r[m * b + j] = part_r[m];                                              \
                i[m * b + j] = part_i[m];                                              \
            }                                                                          \
        }                                                                              \
        UNROLL for (size_t m = 0; m < a; m++)                                          \
        {                                                                              \
            part(b, table, step *a, r + m * b, i + m * b);                             \
            UNROLL for (size_t k = 0; k < b; k++)                                      \
            {                                                                          \
                re[m + k * a] = r[m * b + k];                                          \
                im[m + k * a] = i[m * b + k];                                          \
            }                                                                          \
        }                                                                              \
    }

COMPOSE(compose_primes, transform_prime, SHORT)

INLINE void transform_short(size_t n, struct table table, size_t step, floats *re,
                            floats *im)
{
    if (n == 8)
        compose_primes(2, 4, table, step, re, im);
    else if (n == 9)
        compose_primes(3, 3, table, step, re, im);
    else
        transform_prime(n, table, step, re, im);
}

COMPOSE(compose, transform_short, TILE_LONGEST)

/* ---- transforms of a tile's rows and columns ---- */

#define TRANSFORM(a, b)                                                                \
    static void transform_##a##_##b(struct table table, floats *re, floats *im)        \
    {                                                                                  \
        compose(a, b, table, 1, re, im);                                               \
    }
TRANSFORM(2, 4)
TRANSFORM(2, 5)
TRANSFORM(3, 4)
TRANSFORM(4, 4)
TRANSFORM(2, 9)
TRANSFORM(4, 5)
TRANSFORM(4, 7)
TRANSFORM(4, 9)

static void transform(size_t length, struct table table, floats *re, floats *im)
{
    switch (length) {
    case 8:
        transform_2_4(table, re, im);
        break;
    case 10:
        transform_2_5(table, re, im);
        break;
    case 12:
        transform_3_4(table, re, im);
        break;
    case 16:
        transform_4_4(table, re, im);
        break;
    case 18:
        transform_2_9(table, re, im);
        break;
    case 20:
        transform_4_5(table, re, im);
        break;
    case 28:
        transform_4_7(table, re, im);
        break;
    case 36:
        transform_4_9(table, re, im);
        break;
    }
}

static struct table table_of(const struct tile_length *of)
{
    return (struct table){of->cosines, of->sines};
}

/* ---- reading ---- */

static void read_row(const struct tile_reading *t, size_t y, floats *row)
{
    const bool there = y >= t->rows[0] && y < t->rows[1];
    const size_t length = t->of->length, end = there ? t->columns[1] : 0;
    const size_t first = there ? t->columns[0] : 0;
    const float *from = t->from + ((ptrdiff_t)y - (ptrdiff_t)t->rows[0]) * t->row;
    for (size_t x = 0; x < first; x++)
        row[x] = splat(0);
    if (t->channels == LANES)
        for (size_t x = first; x < end; x++, from += t->pixel)
            row[x] = load(from);
    else
        for (size_t x = first; x < end; x++, from += t->pixel)
            row[x] = load_up_to(from, t->channels);
    for (size_t x = end; x < length; x++)
        row[x] = splat(0);
}

/* Rows y and y + 1 as one of complex numbers: twice their frequencies, to column k at
   re[k length + y]. */
static void read_pair(const struct tile_reading *t, size_t y, floats *re, floats *im)
{
    const size_t length = t->of->length;
    floats a[TILE_LONGEST], b[TILE_LONGEST];
    read_row(t, y, a);
    read_row(t, y + 1, b);
    transform(length, table_of(t->of), a, b);
    for (size_t k = 0; k <= length / 2; k++) {
        const size_t mirrored = k ? length - k : 0, at = k * length + y;
        re[at] = a[k] + a[mirrored];
        im[at] = b[k] - b[mirrored];
        re[at + 1] = b[k] + b[mirrored];
        im[at + 1] = a[mirrored] - a[k];
    }
}

static void read_tile(const struct tile_reading *t)
{
    const size_t length = t->of->length;
    floats re[HALF * TILE_LONGEST], im[HALF * TILE_LONGEST];
    for (size_t y = 0; y < length; y += 2) {
        if (y + 1 >= t->rows[0] && y < t->rows[1])
            read_pair(t, y, re, im);
        else
            for (size_t k = 0; k <= length / 2; k++)
                for (size_t at = k * length + y; at < k * length + y + 2; at++)
                    re[at] = im[at] = splat(0);
    }
    for (size_t k = 0; k <= length / 2; k++) {
        floats *column_r = re + k * length, *column_i = im + k * length;
        float *to = t->to + k * t->column;
        for (size_t y = 0; y < length; y++)
            prefetch_to_write(to + y * t->apart);
        transform(length, table_of(t->of), column_r, column_i);
        for (size_t y = 0; y < length; y++, to += t->apart) {
            store(to, column_r[y]);
            store(to + LANES, column_i[y]);
        }
    }
}

/* ---- writing ---- */

/* Pixels of row y, `channels` of each; finished where `end`. */
INLINE void write_pixels(const struct tile_writing *t, size_t y, const floats *row,
                         size_t channels, bool end)
{
    /* one factor was read twice as large, and transforms there and back are length^2 */
    const floats scale = splat(0.5f / (float)(t->of->length * t->of->length));
    const floats bias = load(t->bias);
    const bool more = end && t->finish->more;
    float *to = t->to + (ptrdiff_t)y * t->row;
    for (size_t x = 0; x < t->columns; x++, to += t->pixel) {
        floats v = fused(row[t->left + x], scale, bias);
        if (t->add)
            v += load_up_to(to, channels);
        if (end)
            v = finished(t->finish, v,
                         more ? t->more + (ptrdiff_t)y * t->more_row +
                                    x * t->finish->more_stride
                              : NULL,
                         t->channel, channels);
        store_up_to(to, v, channels);
    }
}

/* Row y of what is written, from its pixels of the tile. */
static void write_row(const struct tile_writing *t, size_t y, const floats *row)
{
    if (t->finish)
        write_pixels(t, y, row, t->channels, true);
    else if (t->channels == LANES)
        write_pixels(t, y, row, LANES, false);
    else
        write_pixels(t, y, row, t->channels, false);
}

/* Rows y and y + 1 of what is written from their frequencies. Backwards, real and imaginary
   parts are exchanged. Behind the last row of a tile is the first: of no use, but finite. */
static void write_pair(const struct tile_writing *t, size_t y, const floats *re,
                       const floats *im)
{
    const size_t length = t->of->length, next = (t->top + y + 1) % length;
    floats a[TILE_LONGEST], b[TILE_LONGEST];
    for (size_t k = 0; k <= length / 2; k++) {
        const size_t mirrored = k ? length - k : 0;
        const size_t at = k * length + t->top + y, after = k * length + next;
        a[mirrored] = re[at] + im[after];
        b[mirrored] = re[after] - im[at];
        a[k] = re[at] - im[after];
        b[k] = im[at] + re[after];
    }
    transform(length, table_of(t->of), b, a);
    write_row(t, y, a);
    if (y + 1 < t->rows)
        write_row(t, y + 1, b);
}

static void write_tile(const struct tile_writing *t)
{
    const size_t length = t->of->length;
    floats re[HALF * TILE_LONGEST], im[HALF * TILE_LONGEST];
    const float *from = t->from;
    for (size_t k = 0; k <= length / 2; k++) {
        floats *column_r = re + k * length, *column_i = im + k * length;
        for (size_t y = 0; y < length; y++, from += t->apart) {
            column_r[y] = load(from);
            column_i[y] = load(from + LANES);
        }
        for (size_t y = 0; k < length / 2 && y < length; y++)
            prefetch_near(from + y * t->apart);
        transform(length, table_of(t->of), column_i, column_r);
    }
    for (size_t y = 0; y < t->rows; y += 2)
        write_pair(t, y, re, im);
}

const struct tile_kernels KERNEL(tile) = {.width = VECTORS,
                                          .numbers = TILE_NUMBERS,
                                          .read = read_tile,
                                          .write = write_tile,
                                          .fold = KERNEL(tile_fold),
                                          .unfold = KERNEL(tile_unfold),
                                          .filter = KERNEL(tile_filter),
                                          .unfilter = KERNEL(tile_unfilter),
                                          .multiply = KERNEL(tile_multiply),
                                          .correlate = KERNEL(tile_correlate)};
