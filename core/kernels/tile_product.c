/* tile_product.c - the two products of complex matrices at a frequency of tiles

   A block of results stays in registers: tiles, or inputs, x VECTORS of outputs. With 16 registers
   it is 6 tiles x 8 outputs (AVX2) by four real products: 12 sums, for which each input brings
   2 vectors of weights and 12 numbers that go to all lanes; 24 multiply-adds for 14 loads reach
   97 % of the ceiling. Three real products have room for 9 sums of 3 tiles, and a processor
   that does two operations a cycle, additions among them, gains nothing by them. With 32
   registers they are 4 tiles x 32 outputs, and a + b serves two vectors. Correlated tiles are few:
   there sums before and behind would take longer than the fourth product. */
#include "core/kernels/set.h"

enum {
    VECTORS = REGISTERS / 16,
    HIGH = REGISTERS == 16 ? 6 : 4, /* tiles of a block */
    HIGHEST = 6,
    INPUTS = 4,
    NUMBER = 2 * LANES
};

/* Sums of a block. */
struct sums {
    floats re[HIGHEST][VECTORS], im[HIGHEST][VECTORS];
};

INLINE void start_sums(struct sums *s, size_t high, size_t vectors)
{
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < vectors; j++)
        s->re[m][j] = s->im[m][j] = splat(0);
}

/* x conj(w) of (a, b), LANES apart, and weights (c, d); rows of x are so many floats apart. */
INLINE void add_products(struct sums *s, const float *x, size_t apart, const floats *c,
                         const floats *d, size_t high, size_t vectors)
{
    UNROLL for (size_t m = 0; m < high; m++)
    {
        const floats a = spread(x + m * apart);
        UNROLL for (size_t j = 0; j < vectors; j++)
        {
            s->re[m][j] = fused(a, c[j], s->re[m][j]);
            s->im[m][j] = fused_less(a, d[j], s->im[m][j]);
        }
    }
    UNROLL for (size_t m = 0; m < high; m++)
    {
        const floats b = spread(x + m * apart + LANES);
        UNROLL for (size_t j = 0; j < vectors; j++)
        {
            s->re[m][j] = fused(b, d[j], s->re[m][j]);
            s->im[m][j] = fused(b, c[j], s->im[m][j]);
        }
    }
}

INLINE void store_number(float *to, floats re, floats im, bool add)
{
    store(to, add ? load(to) + re : re);
    store(to + LANES, add ? load(to + LANES) + im : im);
}

/* ---- x by weights ---- */

/* The same channels and tiles of the next product; the first block of outputs does it. */
INLINE void fetch_ahead(const struct tile_product *t, const float *x, size_t high)
{
    UNROLL for (size_t m = 0; m < high; m++) prefetch_near(x + t->ahead + m * NUMBER);
}

/* Weights as c and d. */
INLINE void multiply_by_four(const struct tile_product *t, const float *x,
                             const float *w, float *y, size_t high, size_t vectors)
{
    const bool ahead = t->ahead > 0 && w == t->w;
    struct sums s;
    start_sums(&s, high, vectors);
    for (size_t first = 0; first < t->inputs; first += LANES, x += t->x_group - LANES) {
        if (ahead)
            fetch_ahead(t, x, high);
        for (size_t i = 0; i < LANES && first + i < t->inputs; i++, x++) {
            floats c[VECTORS], d[VECTORS];
            UNROLL for (size_t j = 0; j < vectors; j++)
            {
                c[j] = load(w + j * LANES);
                d[j] = load(w + (vectors + j) * LANES);
            }
            w += 2 * vectors * LANES;
            add_products(&s, x, NUMBER, c, d, high, vectors);
        }
    }
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < vectors; j++)
        store_number(y + m * NUMBER + j * t->y_group, s.re[m][j], s.im[m][j], t->add);
}

/* Weights as c, - c - d and c - d: products p, q and r (tile.h). */
INLINE void multiply_by_three(const struct tile_product *t, const float *x,
                              const float *w, float *y, size_t high, size_t vectors)
{
    const bool ahead = t->ahead > 0 && w == t->w;
    floats p[HIGHEST][VECTORS], q[HIGHEST][VECTORS], r[HIGHEST][VECTORS];
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < vectors; j++)
        p[m][j] = q[m][j] = r[m][j] = splat(0);
    for (size_t first = 0; first < t->inputs; first += LANES, x += t->x_group - LANES) {
        if (ahead)
            fetch_ahead(t, x, high);
        for (size_t i = 0; i < LANES && first + i < t->inputs; i++, x++) {
            floats c[VECTORS], minus[VECTORS], gap[VECTORS];
            UNROLL for (size_t j = 0; j < vectors; j++)
            {
                c[j] = load(w + j * LANES);
                minus[j] = load(w + (vectors + j) * LANES);
                gap[j] = load(w + (2 * vectors + j) * LANES);
            }
            w += 3 * vectors * LANES;
            UNROLL for (size_t m = 0; m < high; m++)
            {
                const floats a = spread(x + m * NUMBER);
                const floats b = spread(x + m * NUMBER + LANES), both = a + b;
                UNROLL for (size_t j = 0; j < vectors; j++)
                {
                    p[m][j] = fused(both, c[j], p[m][j]);
                    q[m][j] = fused(a, minus[j], q[m][j]);
                    r[m][j] = fused(b, gap[j], r[m][j]);
                }
            }
        }
    }
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < vectors; j++)
        store_number(y + m * NUMBER + j * t->y_group, p[m][j] - r[m][j],
                     p[m][j] + q[m][j], t->add);
}

INLINE void multiply_block(const struct tile_product *t, const float *x, const float *w,
                           float *y, size_t high, size_t vectors)
{
    if (TILE_NUMBERS == 3)
        multiply_by_three(t, x, w, y, high, vectors);
    else
        multiply_by_four(t, x, w, y, high, vectors);
}

/* `high` tiles, at most HIGH. */
INLINE void multiply_some(const struct tile_product *t, const float *x, const float *w,
                          float *y, size_t high, size_t vectors)
{
    switch (high) {
    case 6:
        multiply_block(t, x, w, y, HIGH > 4 ? 6 : HIGH, vectors);
        break;
    case 5:
        multiply_block(t, x, w, y, HIGH > 4 ? 5 : HIGH, vectors);
        break;
    case 4:
        multiply_block(t, x, w, y, 4, vectors);
        break;
    case 3:
        multiply_block(t, x, w, y, 3, vectors);
        break;
    case 2:
        multiply_block(t, x, w, y, 2, vectors);
        break;
    case 1:
        multiply_block(t, x, w, y, 1, vectors);
        break;
    }
}

/* A block of weights, `vectors` wide, and all tiles, in blocks of nearly equal height. */
INLINE void multiply_tiles(const struct tile_product *t, const float *w, float *y,
                           size_t vectors)
{
    const float *x = t->x;
    size_t left = t->tiles;
    for (size_t blocks = (left + HIGH - 1) / HIGH; blocks; blocks--) {
        const size_t high = (left + blocks - 1) / blocks;
        multiply_some(t, x, w, y, high, vectors);
        x += high * NUMBER;
        y += high * NUMBER;
        left -= high;
    }
}

void KERNEL(tile_multiply)(const struct tile_product *t)
{
    const float *w = t->w;
    size_t vector = 0;
    for (; vector + VECTORS <= t->vectors; vector += VECTORS) {
        multiply_tiles(t, w, t->y + vector * t->y_group, VECTORS);
        w += TILE_NUMBERS * VECTORS * LANES * t->inputs;
    }
    for (; vector < t->vectors; vector++)
        multiply_tiles(t, w, t->y + vector * t->y_group, 1);
}

/* ---- x by dy ---- */

/* `high` inputs from x on, VECTORS of outputs. */
INLINE void correlate_block(const struct tile_correlation *t, const float *x,
                            const float *d, float *g, size_t high, bool add)
{
    struct sums s;
    start_sums(&s, high, VECTORS);
    for (size_t tile = 0; tile < t->tiles; tile++, x += NUMBER, d += NUMBER) {
        floats re[VECTORS], im[VECTORS];
        UNROLL for (size_t j = 0; j < VECTORS; j++)
        {
            re[j] = load(d + j * t->d_group);
            im[j] = load(d + j * t->d_group + LANES);
        }
        add_products(&s, x, 1, re, im, high, VECTORS);
    }
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < VECTORS; j++)
        store_number(g + (2 * m + j) * NUMBER, s.re[m][j], s.im[m][j], add);
}

/* Some inputs and VECTORS of outputs at all frequencies. */
INLINE void correlate_inputs(const struct tile_correlation *t, size_t first,
                             size_t vector, size_t high)
{
    const float *x = t->x + first, *d = t->d + vector * t->d_group;
    float *g = t->g + (2 * first + vector) * NUMBER;
    for (size_t y = 0; y < t->frequencies; y++) {
        if (t->add)
            correlate_block(t, x, d, g, high, true);
        else
            correlate_block(t, x, d, g, high, false);
        x += t->apart;
        d += t->apart;
        g += t->inputs * 2 * NUMBER;
    }
}

void KERNEL(tile_correlate)(const struct tile_correlation *t)
{
    for (size_t vector = 0; vector < 2; vector += VECTORS) {
        size_t first = 0;
        for (; first + INPUTS <= t->inputs; first += INPUTS)
            correlate_inputs(t, first, vector, INPUTS);
        switch (t->inputs - first) {
        case 3:
            correlate_inputs(t, first, vector, 3);
            break;
        case 2:
            correlate_inputs(t, first, vector, 2);
            break;
        case 1:
            correlate_inputs(t, first, vector, 1);
            break;
        }
    }
}
