/* tile_product.c - the two products of complex matrices at a frequency of tiles

   A block of results stays in registers: HIGH tiles x VECTORS of outputs x 3 real products. For each input a block of AVX2 reads 3 vectors of weights and 6 numbers that go to
   all lanes, for 9 multiply-adds: two of each a cycle. With 4 tiles there were 12 for 11, but
   a sum would not fit into the registers, and wait for its memory: 35 % of the ceiling.

   Correlated tiles are few: there it is 4 real products of INPUTS x VECTORS, as sums before and
   behind take longer than the fourth product. */
#include "core/kernels/set.h"

enum {
    VECTORS = REGISTERS / 16,
    HIGH = REGISTERS == 16 ? 3 : 4,
    INPUTS = 4,
    NUMBER = 2 * LANES
};

/* Products p, q and r (tile.h). */
struct sums {
    floats p, q, r;
};

INLINE void store_sums(float *y, struct sums s, bool add)
{
    const floats re = s.p - s.r, im = s.p + s.q;
    store(y, add ? load(y) + re : re);
    store(y + LANES, add ? load(y + LANES) + im : im);
}

INLINE void multiply_block(const struct tile_product *t, const float *x, const float *w,
                           float *y, size_t high, size_t vectors)
{
    const bool ahead = t->ahead > 0 && w == t->w;
    struct sums s[HIGH][VECTORS];
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < vectors; j++)
        s[m][j] = (struct sums){splat(0), splat(0), splat(0)};
    for (size_t first = 0; first < t->inputs; first += LANES, x += t->x_group - LANES) {
        if (ahead)
            UNROLL for (size_t m = 0; m < high; m++)
                prefetch_near(x + t->ahead + m * NUMBER);
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
                    s[m][j].p = fused(both, c[j], s[m][j].p);
                    s[m][j].q = fused(a, minus[j], s[m][j].q);
                    s[m][j].r = fused(b, gap[j], s[m][j].r);
                }
            }
        }
    }
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < vectors; j++)
        store_sums(y + m * NUMBER + j * t->y_group, s[m][j], t->add);
}

/* A block of weights, `vectors` wide, and all tiles. */
INLINE void multiply_tiles(const struct tile_product *t, const float *w, float *y,
                           size_t vectors)
{
    const float *x = t->x;
    size_t tile = 0;
    for (; tile + HIGH <= t->tiles; tile += HIGH) {
        multiply_block(t, x, w, y, HIGH, vectors);
        x += HIGH * NUMBER;
        y += HIGH * NUMBER;
    }
    switch (t->tiles - tile) {
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

void KERNEL(tile_multiply)(const struct tile_product *t)
{
    const float *w = t->w;
    size_t vector = 0;
    for (; vector + VECTORS <= t->vectors; vector += VECTORS) {
        multiply_tiles(t, w, t->y + vector * t->y_group, VECTORS);
        w += 3 * VECTORS * LANES * t->inputs;
    }
    for (; vector < t->vectors; vector++)
        multiply_tiles(t, w, t->y + vector * t->y_group, 1);
}

/* `high` inputs from x on, VECTORS of outputs. */
INLINE void correlate_block(const struct tile_correlation *t, const float *x,
                            const float *d, float *g, size_t high, bool add)
{
    floats re[INPUTS][VECTORS], im[INPUTS][VECTORS];
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < VECTORS; j++)
        re[m][j] = im[m][j] = splat(0);
    for (size_t tile = 0; tile < t->tiles; tile++, x += NUMBER, d += NUMBER) {
        floats c[VECTORS], i[VECTORS];
        UNROLL for (size_t j = 0; j < VECTORS; j++)
        {
            c[j] = load(d + j * t->d_group);
            i[j] = load(d + j * t->d_group + LANES);
        }
        UNROLL for (size_t m = 0; m < high; m++)
        {
            const floats a = spread(x + m);
            UNROLL for (size_t j = 0; j < VECTORS; j++)
            {
                re[m][j] = fused(a, c[j], re[m][j]);
                im[m][j] = fused_less(a, i[j], im[m][j]);
            }
        }
        UNROLL for (size_t m = 0; m < high; m++)
        {
            const floats b = spread(x + m + LANES);
            UNROLL for (size_t j = 0; j < VECTORS; j++)
            {
                re[m][j] = fused(b, i[j], re[m][j]);
                im[m][j] = fused(b, c[j], im[m][j]);
            }
        }
    }
    UNROLL for (size_t m = 0; m < high; m++) UNROLL for (size_t j = 0; j < VECTORS; j++)
    {
        float *to = g + (2 * m + j) * NUMBER;
        store(to, add ? load(to) + re[m][j] : re[m][j]);
        store(to + LANES, add ? load(to + LANES) + im[m][j] : im[m][j]);
    }
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
