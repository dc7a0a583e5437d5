/* norm.c - sums over pixels for each channel, and maps that differ by channel

   Pixels are taken by blocks that stay in the first cache: sums inside a block are in
   float, in four parts, sums of blocks in double. */
#include "core/kernels/finish.h"
#include "core/kernels/set.h"

enum { BLOCK = 64, PARTS = 4 }; /* pixels */

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Numbers of either type; it is known to the compiler where they are loaded. */
struct numbers {
    const void *at;
    bool narrow;
};

INLINE struct numbers numbers_at(struct numbers x, size_t place)
{
    const uint16_t *narrow = x.at;
    const float *wide = x.at;
    x.at = x.narrow ? (const void *)(narrow + place) : (const void *)(wide + place);
    return x;
}

INLINE floats load_numbers(struct numbers x, size_t place, size_t n)
{
    const struct numbers from = numbers_at(x, place);
    if (!x.narrow)
        return load_up_to(from.at, n);
    return n < LANES ? load_first_bf16(from.at, n) : load_bf16(from.at);
}

/* A block of pixels of one vector of channels; n <= LANES channels are there. */
struct column {
    struct numbers x;
    size_t x_stride, pixels, n;
};

typedef floats term(const struct column *column, size_t pixel, floats mean);

INLINE floats value(const struct column *column, size_t pixel, floats mean)
{
    return load_numbers(column->x, pixel * column->x_stride, column->n) - mean;
}

INLINE floats square(const struct column *column, size_t pixel, floats mean)
{
    floats d = value(column, pixel, mean);
    return d * d;
}

/* The sum of f over a block. */
INLINE floats sum_pixels(const struct column *column, floats mean, term *f)
{
    floats parts[PARTS] = {0};
    size_t pixel = 0;
    for (; pixel + PARTS <= column->pixels; pixel += PARTS)
        UNROLL for (size_t i = 0; i < PARTS; i++) parts[i] +=
            f(column, pixel + i, mean);
    for (; pixel < column->pixels; pixel++)
        parts[0] += f(column, pixel, mean);
    return (parts[0] + parts[1]) + (parts[2] + parts[3]);
}

/* The same, with the usual width known to the compiler. */
INLINE floats sum_block(const struct column *column, floats mean, term *f)
{
    struct column whole = *column;
    if (column->n < LANES)
        return sum_pixels(column, mean, f);
    whole.n = LANES;
    return sum_pixels(&whole, mean, f);
}

/* Chan, Golub and LeVeque (1979): join `n` more values to the mean and the sum of squared
   differences of `before` values. Of one channel. */
INLINE void join_moments(double *mean, double *m2, size_t before, double more_mean,
                         double more_m2, size_t n)
{
    double all = (double)(before + n), delta = more_mean - *mean;
    *mean += delta * (double)n / all;
    *m2 += more_m2 + delta * delta * (double)before * (double)n / all;
}

/* The mean of a block need not be exact: what it is off by is in the sum of differences. */
INLINE void block_moments(const struct column *column, size_t before, double *mean,
                          double *m2)
{
    const float n = (float)column->pixels;
    float means[LANES], differences[LANES], squares[LANES];
    floats middle = sum_block(column, splat(0), value) / n;
    store(means, middle);
    store(differences, sum_block(column, middle, value));
    store(squares, sum_block(column, middle, square));
    for (size_t i = 0; i < column->n; i++) {
        double off = (double)differences[i] / (double)n;
        join_moments(&mean[i], &m2[i], before, (double)means[i] + off,
                     (double)squares[i] - off * (double)differences[i], column->pixels);
    }
}

INLINE void moments_of(struct numbers x, size_t stride, size_t pixels, size_t c,
                       double *mean, double *m2)
{
    for (size_t k = 0; k < c; k++)
        mean[k] = m2[k] = 0;
    for (size_t done = 0; done < pixels; done += BLOCK) {
        const size_t n = least(BLOCK, pixels - done);
        for (size_t k = 0; k < c; k += LANES) {
            struct column column = {.x = numbers_at(x, done * stride + k),
                                    .x_stride = stride,
                                    .pixels = n,
                                    .n = least(LANES, c - k)};
            block_moments(&column, done, mean + k, m2 + k);
        }
    }
}

void KERNEL(moments)(const void *x, enum type type, size_t stride, size_t pixels,
                     size_t c, double *mean, double *m2)
{
    if (type == TYPE_BF16)
        moments_of((struct numbers){x, true}, stride, pixels, c, mean, m2);
    else
        moments_of((struct numbers){x, false}, stride, pixels, c, mean, m2);
}

INLINE void add_block(const struct column *column, floats mean, term *f, double *sums)
{
    float block[LANES];
    store(block, sum_block(column, mean, f));
    for (size_t i = 0; i < column->n; i++)
        sums[i] += (double)block[i];
}

void KERNEL(column_sums)(const float *x, size_t stride, size_t pixels, size_t c,
                         double *sums)
{
    for (size_t k = 0; k < c; k++)
        sums[k] = 0;
    for (size_t done = 0; done < pixels; done += BLOCK, x += BLOCK * stride)
        for (size_t k = 0; k < c; k += LANES) {
            struct column column = {.x = {x + k, false},
                                    .x_stride = stride,
                                    .pixels = least(BLOCK, pixels - done),
                                    .n = least(LANES, c - k)};
            add_block(&column, splat(0), value, sums + k);
        }
}

/* The map before a rectifier, of one vector of channels. */
struct map {
    floats scale, shift;
};

INLINE struct map map_at(const struct finish *relu, size_t channel, size_t n)
{
    if (!relu)
        return (struct map){0};
    return (struct map){load_up_to(relu->scale + channel, n),
                        load_up_to(relu->shift + channel, n)};
}

/* dy, as far as the rectifier behind the map passes it on. */
INLINE floats gradient(const float *dy, floats x, const struct map *map, bool relu,
                       size_t n)
{
    const floats v = load_up_to(dy, n);
    return relu ? where_passed(v, fused(x, map->scale, map->shift)) : v;
}

/* A block of pixels of one vector of channels, from pixel to pixel. */
struct gradients {
    const float *dy;
    struct numbers x;
    size_t dy_stride, x_stride, pixels;
    floats mean;
    struct map map;
};

INLINE void add_gradient(const struct gradients *g, size_t pixel, size_t n, bool relu,
                         floats sums[2])
{
    const floats x = load_numbers(g->x, pixel * g->x_stride, n);
    const floats v = gradient(g->dy + pixel * g->dy_stride, x, &g->map, relu, n);
    sums[0] += v;
    sums[1] += v * (x - g->mean);
}

/* Adds the sum of dy and, c further on, that of dy (x - mean). */
INLINE void add_gradients(const struct gradients *g, size_t n, bool relu, double *sums,
                          size_t c)
{
    floats parts[PARTS][2] = {0};
    size_t pixel = 0;
    for (; pixel + PARTS <= g->pixels; pixel += PARTS)
        UNROLL for (size_t i = 0; i < PARTS; i++)
            add_gradient(g, pixel + i, n, relu, parts[i]);
    for (; pixel < g->pixels; pixel++)
        add_gradient(g, pixel, n, relu, parts[0]);
    for (size_t k = 0; k < 2; k++) {
        float block[LANES];
        store(block, (parts[0][k] + parts[1][k]) + (parts[2][k] + parts[3][k]));
        for (size_t i = 0; i < n; i++)
            sums[k * c + i] += (double)block[i];
    }
}

/* With the usual width known to the compiler. */
INLINE void add_any_gradients(const struct gradients *g, size_t n, bool relu,
                              double *sums, size_t c)
{
    if (n < LANES)
        add_gradients(g, n, relu, sums, c);
    else
        add_gradients(g, LANES, relu, sums, c);
}

INLINE void norm_sums_of(const float *dy, size_t dy_stride, struct numbers x,
                         size_t x_stride, const float *mean, const struct finish *relu,
                         size_t pixels, size_t c, double *sums)
{
    for (size_t k = 0; k < 2 * c; k++)
        sums[k] = 0;
    for (size_t done = 0; done < pixels; done += BLOCK) {
        for (size_t k = 0; k < c; k += LANES) {
            const size_t n = least(LANES, c - k);
            const struct gradients g = {.dy = dy + done * dy_stride + k,
                                        .x = numbers_at(x, done * x_stride + k),
                                        .dy_stride = dy_stride,
                                        .x_stride = x_stride,
                                        .pixels = least(BLOCK, pixels - done),
                                        .mean = load_up_to(mean + k, n),
                                        .map = map_at(relu, k, n)};
            if (relu)
                add_any_gradients(&g, n, true, sums + k, c);
            else
                add_any_gradients(&g, n, false, sums + k, c);
        }
    }
}

void KERNEL(norm_sums)(const float *dy, size_t dy_stride, const void *x, enum type type,
                       size_t x_stride, const float *mean, const struct finish *relu,
                       size_t pixels, size_t c, double *sums)
{
    if (type == TYPE_BF16)
        norm_sums_of(dy, dy_stride, (struct numbers){x, true}, x_stride, mean, relu,
                     pixels, c, sums);
    else
        norm_sums_of(dy, dy_stride, (struct numbers){x, false}, x_stride, mean, relu,
                     pixels, c, sums);
}

INLINE void finish_of(float *y, size_t y_stride, struct numbers x, size_t x_stride,
                      const struct finish *finish, size_t pixels, size_t c)
{
    const struct finish own = *finish; /* nobody writes to it: it stays in registers */
    const float *more = own.more;
    for (size_t p = 0; p < pixels; p++, y += y_stride, x = numbers_at(x, x_stride)) {
        size_t k = 0;
        for (; k + LANES <= c; k += LANES)
            store(y + k, finished(&own, load_numbers(x, k, LANES), more, k, LANES));
        if (k < c)
            store_first(y + k,
                        finished(&own, load_numbers(x, k, c - k), more, k, c - k),
                        c - k);
        if (more)
            more += own.more_stride;
    }
}

void KERNEL(finish)(float *y, size_t y_stride, const void *x, enum type type,
                    size_t x_stride, const struct finish *finish, size_t pixels,
                    size_t c)
{
    if (type == TYPE_BF16)
        finish_of(y, y_stride, (struct numbers){x, true}, x_stride, finish, pixels, c);
    else
        finish_of(y, y_stride, (struct numbers){x, false}, x_stride, finish, pixels, c);
}

/* What dx is made of; from channel `k` on. */
struct factors {
    const float *a, *b, *d;
    const struct finish *relu;
};

INLINE void norm_backward_at(float *dx, const float *dy, struct numbers x,
                             const struct factors *f, size_t k, size_t n, bool add)
{
    const floats in = load_numbers(x, k, n);
    const struct map map = map_at(f->relu, k, n);
    const floats g = gradient(dy + k, in, &map, f->relu != NULL, n);
    floats v = fused(load_up_to(f->b + k, n), in, load_up_to(f->d + k, n));
    v = fused(load_up_to(f->a + k, n), g, v);
    store_up_to(dx + k, add ? load_up_to(dx + k, n) + v : v, n);
}

INLINE void norm_backward_of(float *dx, size_t dx_stride, const float *dy,
                             size_t dy_stride, struct numbers x, size_t x_stride,
                             const struct factors *f, size_t pixels, size_t c, bool add)
{
    for (size_t p = 0; p < pixels; p++) {
        size_t k = 0;
        for (; k + LANES <= c; k += LANES)
            norm_backward_at(dx, dy, x, f, k, LANES, add);
        if (k < c)
            norm_backward_at(dx, dy, x, f, k, c - k, add);
        dx += dx_stride;
        dy += dy_stride;
        x = numbers_at(x, x_stride);
    }
}

void KERNEL(norm_backward)(float *dx, size_t dx_stride, const float *dy,
                           size_t dy_stride, const void *x, enum type type,
                           size_t x_stride, const float *a, const float *b,
                           const float *d, const struct finish *relu, size_t pixels,
                           size_t c, bool add)
{
    const struct factors f = {a, b, d, relu};
    if (type == TYPE_BF16)
        norm_backward_of(dx, dx_stride, dy, dy_stride, (struct numbers){x, true},
                         x_stride, &f, pixels, c, add);
    else
        norm_backward_of(dx, dx_stride, dy, dy_stride, (struct numbers){x, false},
                         x_stride, &f, pixels, c, add);
}
