/* conv.c - the inner loops of convolution: a block of results stays in registers */
#include "core/kernels/conv.h"
#include "core/kernels/finish.h"
#include "core/kernels/set.h"

/* Accumulators leave room for a row of weights and a broadcast number. Twelve pixels at
   most, so that their addresses stay in registers, too. */
enum {
    ACCUMULATORS = REGISTERS * 3 / 4,
    WIDEST = REGISTERS / 8, /* vectors of a product */
    HIGHEST = 12,
    CORRELATION = 2, /* vectors of a correlation */
    CORRELATION_ROWS = REGISTERS == 32 ? 8 : 6,
    CORRELATION_MOST = 8,
    LINE = 16, /* floats of a cache line */
    LONG = 128 /* products of a sum */
};

/* The height of a block that is so many vectors wide. */
#define HEIGHT(vectors)                                                                \
    (ACCUMULATORS / (vectors) < HIGHEST ? ACCUMULATORS / (vectors) : HIGHEST)

/* Rows become columns: interleaved with the row half of all further, log2 LANES times. */
INLINE void transpose(words *rows)
{
    UNROLL for (size_t round = LANES; round > 1; round /= 2)
    {
        words next[LANES];
        UNROLL for (size_t i = 0; i < LANES / 2; i++)
            interleave(rows[i], rows[i + LANES / 2], next + 2 * i);
        UNROLL for (size_t i = 0; i < LANES; i++) rows[i] = next[i];
    }
}

INLINE size_t up_to_lanes(size_t left) { return left < LANES ? left : LANES; }

/* LANES rows from `row` on, at most LANES columns from `column` on. */
INLINE void pack_square(const struct packing *p, size_t row, size_t column,
                        size_t columns)
{
    words square[LANES];
    const float *from = p->from + row * p->apart + column;
    for (size_t r = 0; r < LANES; r++)
        square[r] = (words)(row + r < p->rows ? load_up_to(from + r * p->apart, columns)
                                              : splat(0));
    transpose(square);
    size_t tap = column % p->taps;
    float *to = p->to + column / p->taps * p->width + row;
    for (size_t q = 0; q < columns; q++) {
        store(to + tap * p->taps_apart, (floats)square[q]);
        if (++tap == p->taps) {
            tap = 0;
            to += p->width;
        }
    }
}

/* A cache line of a row after another: rows may lie so that lines of 9 of them do not stay
   in the first cache together. */
static void pack(const struct packing *p)
{
    for (size_t line = 0; line < p->columns; line += LINE)
        for (size_t row = 0; row < p->width; row += LANES)
            for (size_t column = line; column < line + LINE && column < p->columns;
                 column += LANES)
                pack_square(p, row, column, up_to_lanes(p->columns - column));
}

/* LANES columns, or less, of the packed numbers become parts of rows. */
INLINE void unpack_square(const struct unpacking *u, size_t row, size_t column,
                          size_t columns)
{
    words square[LANES];
    const float *from = u->from + column / u->taps * u->width + row;
    size_t tap = column % u->taps;
    for (size_t q = 0; q < LANES; q++) {
        square[q] = (words)(q < columns ? load(from + tap * u->taps_apart) : splat(0));
        if (++tap == u->taps) {
            tap = 0;
            from += u->width;
        }
    }
    transpose(square);
    float *to = u->to + row * u->apart + column;
    for (size_t r = 0; r < up_to_lanes(u->rows - row); r++, to += u->apart) {
        floats v = (floats)square[r];
        store_up_to(to, u->add ? load_up_to(to, columns) + v : v, columns);
    }
}

static void unpack(const struct unpacking *u)
{
    for (size_t line = 0; line < u->columns; line += LINE)
        for (size_t row = 0; row < u->rows; row += LANES)
            for (size_t column = line; column < line + LINE && column < u->columns;
                 column += LANES)
                unpack_square(u, row, column, up_to_lanes(u->columns - column));
}

/* One pixel of a block that is not whole. */
INLINE void store_part(const struct product *product, float *y, const floats *s,
                       size_t vectors)
{
    const size_t all = product->channels;
    UNROLL for (size_t j = 0; j < vectors; j++, y += LANES)
    {
        const size_t from = j * LANES;
        if (from + LANES <= all)
            store(y, product->add ? load(y) + s[j] : s[j]);
        else if (from < all)
            store_first(y, product->add ? load_first(y, all - from) + s[j] : s[j],
                        all - from);
    }
}

/* s += the numbers at `of`. */
INLINE void add_pixels(const struct product *product, const float *const *of,
                       size_t pixel, size_t height, size_t vectors,
                       floats s[HIGHEST][WIDEST])
{
    UNROLL for (size_t m = 0; m < height; m++) if (pixel + m < product->pixels)
    {
        const float *from = of[pixel + m] + product->to;
        UNROLL for (size_t j = 0; j < vectors; j++) s[m][j] += load(from + j * LANES);
    }
}

/* A whole block, in registers: step by step for all of it. */
INLINE void finish_block(const struct product *product, size_t pixel, size_t height,
                         size_t vectors, floats s[HIGHEST][WIDEST])
{
    const struct finish *finish = product->finish;
    if (finish->scale)
        UNROLL for (size_t j = 0; j < vectors; j++)
        {
            const floats scale = load(finish->scale + product->to + j * LANES);
            const floats shift = load(finish->shift + product->to + j * LANES);
            UNROLL for (size_t m = 0; m < height; m++) s[m][j] =
                fused(s[m][j], scale, shift);
        }
    if (finish->more)
        add_pixels(product, product->more, pixel, height, vectors, s);
    if (finish->relu)
        UNROLL for (size_t m = 0; m < height; m++)
            UNROLL for (size_t j = 0; j < vectors; j++) s[m][j] = rectified(s[m][j]);
    if (finish->round)
        UNROLL for (size_t m = 0; m < height; m++)
            UNROLL for (size_t j = 0; j < vectors; j++) s[m][j] = as_bf16(s[m][j]);
}

/* A pixel of a block that is not whole, once more. */
static void finish_stored(const struct product *product, size_t pixel)
{
    const struct finish *finish = product->finish;
    const float *more = finish->more ? product->more[pixel] : NULL;
    float *y = (float *)product->y[pixel] + product->to;
    for (size_t j = 0; j < product->channels; j += LANES) {
        const size_t n = up_to_lanes(product->channels - j);
        const floats v = load_up_to(y + j, n);
        store_up_to(y + j, finished(finish, v, more, product->to + j, n), n);
    }
}

INLINE void store_block(const struct product *product, size_t pixel, size_t height,
                        size_t vectors, floats s[HIGHEST][WIDEST])
{
    if (product->add)
        add_pixels(product, product->y, pixel, height, vectors, s);
    if (product->finish)
        finish_block(product, pixel, height, vectors, s);
    UNROLL for (size_t m = 0; m < height; m++) if (pixel + m < product->pixels)
    {
        float *y = (float *)product->y[pixel + m] + product->to;
        UNROLL for (size_t j = 0; j < vectors; j++) store(y + j * LANES, s[m][j]);
    }
}

INLINE void store_parts(const struct product *product, size_t pixel, size_t height,
                        size_t vectors, floats s[HIGHEST][WIDEST])
{
    UNROLL for (size_t m = 0; m < height; m++) if (pixel + m < product->pixels)
        store_part(product, (float *)product->y[pixel + m] + product->to, s[m],
                   vectors);
    for (size_t m = pixel; product->finish && m < pixel + height && m < product->pixels;
         m++)
        finish_stored(product, m);
}

/* Most blocks are told by their first pixel. */
INLINE bool outside(const struct product *product, const float *const *x, size_t height)
{
    size_t m = 0;
    while (m < height && x[m] == product->zeros)
        m++;
    return m == height;
}

/* A cache line of each pixel of the block after the next. */
INLINE void look_ahead(const struct product *product, size_t pixel, size_t height,
                       size_t k)
{
    const float *const *x = product->x + pixel + 2 * height;
    if (pixel + 3 * height <= product->x_row)
        UNROLL for (size_t m = 0; m < height; m++) prefetch(x[m] + product->first + k);
}

/* Lines of the next weights that are to come yet, and how many while a line of x is read, so
   that they are there with the last pixels. */
struct fetching {
    const float *next, *end;
    size_t lines;
};

static struct fetching fetching_of(const struct product *product, size_t height)
{
    const size_t count = product->taps * product->depth * product->width;
    return (struct fetching){product->next, product->next + count,
                             product->width * height / product->pixels + 1};
}

INLINE void fetch(struct fetching *f)
{
    for (size_t i = 0; i < f->lines && f->next < f->end; i++, f->next += LINE)
        prefetch(f->next);
}

/* What will be added to the sums, while they are made: where that takes long enough. */
INLINE void fetch_more(const struct product *product, size_t pixel, size_t height)
{
    UNROLL for (size_t m = 0; m < height; m++) if (pixel + m < product->pixels)
        prefetch(product->more[pixel + m] + product->to);
}

/* `height` pixels, of which the first `pixels` are wanted. Of f, NULL: nothing. With pairs of
   bf16 as much is read for two products as otherwise for one. */
INLINE void multiply_block(const struct product *product, size_t pixel, size_t height,
                           size_t vectors, struct fetching *f, bool pairs)
{
    const bool ahead = product->ahead;
    const float *const *x = product->x + pixel;
    const float *w = product->w;
    const size_t depth = product->depth, part = f ? LINE : depth;
    floats s[HIGHEST][WIDEST];
    UNROLL for (size_t m = 0; m < height; m++)
        UNROLL for (size_t j = 0; j < vectors; j++) s[m][j] =
            load(product->bias + j * LANES);
    if (product->finish && product->finish->more && product->taps * depth >= LONG)
        fetch_more(product, pixel, height);

    for (size_t t = 0; t < product->taps; t++, x += product->x_row) {
        const float *a[HIGHEST];
        if (outside(product, x, height)) {
            w += depth * vectors * LANES;
            continue;
        }
        UNROLL for (size_t m = 0; m < height; m++) a[m] = x[m] + product->first;
        for (size_t from = 0; from < depth; from += part) {
            const size_t end = from + part < depth ? from + part : depth;
            if (f && ahead)
                look_ahead(product, pixel, height, from);
            if (f)
                fetch(f);
            for (size_t k = from; k < end; k++, w += vectors * LANES) {
                floats b[WIDEST];
                if (!f && ahead && k % LINE == 0)
                    look_ahead(product, pixel, height, k);
                UNROLL for (size_t j = 0; j < vectors; j++) b[j] = load(w + j * LANES);
                UNROLL for (size_t m = 0; m < height; m++)
                {
                    const floats v = pairs ? spread(a[m] + k) : splat(a[m][k]);
                    UNROLL for (size_t j = 0; j < vectors; j++) s[m][j] =
                        pairs ? fused_pairs(v, b[j], s[m][j]) : fused(v, b[j], s[m][j]);
                }
            }
        }
    }
    if (product->channels == vectors * LANES)
        store_block(product, pixel, height, vectors, s);
    else
        store_parts(product, pixel, height, vectors, s);
}

/* Blocks are high, or by one pixel lower where fewer would then be multiplied in vain. */
INLINE void multiply_pixels(const struct product *product, size_t vectors,
                            struct fetching *f, bool pairs)
{
    const size_t high = HEIGHT(vectors), low = high - 1;
    for (size_t p = 0; p < product->pixels;) {
        const size_t left = product->pixels - p, blocks = (left + high - 1) / high;
        if (left > blocks * low) {
            multiply_block(product, p, high, vectors, f, pairs);
            p += high;
        } else {
            multiply_block(product, p, low, vectors, f, pairs);
            p += low;
        }
    }
}

INLINE void multiply_all(const struct product *product, size_t vectors, bool pairs)
{
    if (product->next) {
        struct fetching f = fetching_of(product, HEIGHT(vectors));
        multiply_pixels(product, vectors, &f, pairs);
    } else
        multiply_pixels(product, vectors, NULL, pairs);
}

INLINE void multiply_any(const struct product *product, bool pairs)
{
    if (product->width == LANES)
        multiply_all(product, 1, pairs);
    else if (product->width == 2 * LANES)
        multiply_all(product, 2, pairs);
    else
        multiply_all(product, WIDEST, pairs);
}

static void multiply(const struct product *product) { multiply_any(product, false); }

/* In a function of its own, so that compilers find registers for each. */
static void multiply_pairs(const struct product *product)
{
    multiply_any(product, true);
}

/* `height` rows of g, from `row` on. */
INLINE void correlate_block(const struct correlation *c, size_t row, size_t height)
{
    const bool ahead = row < c->ahead_rows;
    const float *d = c->d;
    floats s[CORRELATION_MOST][CORRELATION];
    UNROLL for (size_t m = 0; m < height; m++)
        UNROLL for (size_t j = 0; j < CORRELATION; j++) s[m][j] = splat(0);

    for (size_t p = 0; p < c->pixels; p++, d += CORRELATION * LANES) {
        const float *x = c->x[p] + c->first + row;
        if (ahead)
            prefetch(c->ahead + row + p * c->ahead_apart);
        floats b[CORRELATION];
        UNROLL for (size_t j = 0; j < CORRELATION; j++) b[j] = load(d + j * LANES);
        UNROLL for (size_t m = 0; m < height; m++)
        {
            const floats v = splat(x[m]);
            UNROLL for (size_t j = 0; j < CORRELATION; j++) s[m][j] =
                fused(v, b[j], s[m][j]);
        }
    }
    float *g = c->g + row * CORRELATION * LANES;
    UNROLL for (size_t m = 0; m < height; m++)
        UNROLL for (size_t j = 0; j < CORRELATION; j++, g += LANES)
            store(g, c->add ? load(g) + s[m][j] : s[m][j]);
}

static void correlate_rows(const struct correlation *c, size_t row, size_t height)
{
    switch (height) {
    case 1:
        correlate_block(c, row, 1);
        break;
    case 2:
        correlate_block(c, row, 2);
        break;
    case 3:
        correlate_block(c, row, 3);
        break;
    case 4:
        correlate_block(c, row, 4);
        break;
    case 5:
        correlate_block(c, row, 5);
        break;
    case 6:
        correlate_block(c, row, 6);
        break;
    case 7:
        correlate_block(c, row, 7);
        break;
    case 8:
        correlate_block(c, row, 8);
        break;
    }
}

/* Rows in blocks of nearly equal height, as a low one would wait for its sums; the higher
   ones first, so that branches are foreseen. */
static void correlate(const struct correlation *c)
{
    const size_t blocks = (c->rows + CORRELATION_ROWS - 1) / CORRELATION_ROWS;
    const size_t height = c->rows / blocks, higher = c->rows % blocks;
    size_t row = 0;
    for (size_t i = 0; i < higher; i++, row += height + 1)
        correlate_rows(c, row, height + 1);
    for (size_t i = higher; i < blocks; i++, row += height)
        correlate_rows(c, row, height);
}

static void gather(float *d, const float *dy, size_t stride, size_t pixels,
                   size_t channels)
{
    for (size_t p = 0; p < pixels; p++, dy += stride)
        UNROLL for (size_t j = 0; j < CORRELATION; j++, d += LANES) store(
            d, j * LANES < channels ? load_up_to(dy + j * LANES, channels - j * LANES)
                                    : splat(0));
}

static void collect(float *to, const float *const *x, size_t first, size_t rows,
                    size_t pixels)
{
    for (size_t p = 0; p < pixels; p++, to += COLLECTED)
        for (size_t i = 0; i < rows; i += LANES)
            store(to + i, load_up_to(x[p] + first + i, rows - i));
}

const struct conv_kernels KERNEL(conv) = {
    .product_width = WIDEST * LANES,
    .correlation_width = CORRELATION * LANES,
    .pack = pack,
    .unpack = unpack,
    .multiply = multiply,
    .multiply_pairs = multiply_pairs,
    .gather = gather,
    .collect = collect,
    .correlate = correlate,
};
