/* pooling.c - windows that slide over an image, and the largest value in each */
#include "layers/pooling.h"

#include "core/kernels.h"
#include <string.h>

struct pool_axis mica_pool_axis(size_t in, int kernel, int stride, int padding)
{
    int step = stride ? stride : kernel;
    return (struct pool_axis){mica_layer_window(in, kernel, step, padding),
                              (size_t)kernel, (size_t)step, in};
}

int mica_pool_setup(struct node *node, const struct pool *pool, int padding,
                    struct error *err)
{
    const struct pool_axis *rows = &pool->rows, *columns = &pool->columns;
    const char *name = node->layer->name;
    const int kernel = (int)columns->kernel;
    struct shape in = node->in[0];
    if (padding > kernel / 2)
        return mica_misuse(err,
                           "%s: padding %d is above half of kernel %d; lower "
                           "'padding'",
                           name, padding, kernel);
    if (!rows->window.count || !columns->window.count)
        return mica_misuse(err,
                           "%s: kernel %d does not fit into an input of %zu x %zu; use "
                           "larger images, a smaller kernel or \"padding\": \"same\"",
                           name, kernel, in.h, in.w);
    size_t before[] = {rows->window.before, columns->window.before};
    size_t most = before[0] > before[1] ? before[0] : before[1];
    size_t least = before[0] < before[1] ? before[0] : before[1];
    if (rows->kernel < columns->kernel) /* a spectrum */
        most = least = before[1];
    node->out = (struct shape){in.n, rows->window.count, columns->window.count, in.c};
    node->field = (struct field){(double)columns->stride, (double)most,
                                 (double)kernel - 1 - (double)least, false};
    return 0;
}

struct pool_span mica_pool_inputs(const struct pool_axis *axis, size_t window)
{
    size_t before = axis->window.before;
    size_t start = window * axis->stride, end = start + axis->kernel; /* padded */
    size_t skipped = start < before ? before - start : 0;
    size_t to = end - before; /* padding is below the kernel */
    return (struct pool_span){start + skipped - before, to < axis->in ? to : axis->in,
                              skipped};
}

struct pool_span mica_pool_windows(const struct pool_axis *axis, size_t input)
{
    size_t padded = input + axis->window.before, count = axis->window.count;
    size_t from =
        padded < axis->kernel ? 0 : (padded - axis->kernel) / axis->stride + 1;
    size_t to = padded / axis->stride + 1;
    return (struct pool_span){from, to < count ? to : count, 0};
}

struct walk {
    const struct pass *pass;
    const struct pool *pool;
};

static struct pool pool_of(const struct node *node)
{
    return ((const struct maxpool *)node->layer->work)->of(node);
}

static void forward_piece(void *context, struct piece piece)
{
    const struct walk *walk = context;
    const struct tensor *x = &walk->pass->x[0], *y = &walk->pass->y;
    const size_t c = y->shape.c, pixels = mica_shape_pixels(y->shape);
    const size_t wide = walk->pool->columns.kernel;
    const float *window[MICA_MAXPOOL_MOST];
    unsigned char place[MICA_MAXPOOL_MOST];
    unsigned char *places =
        (unsigned char *)walk->pass->saved + (piece.sample * pixels + piece.from) * c;
    for (size_t at = piece.from; at < piece.to; at++, places += c) {
        struct pool_span v = mica_pool_inputs(&walk->pool->rows, at / y->shape.w);
        struct pool_span h = mica_pool_inputs(&walk->pool->columns, at % y->shape.w);
        size_t count = 0;
        for (size_t i = v.from; i < v.to; i++)
            for (size_t j = h.from; j < h.to; j++, count++) {
                window[count] = mica_tensor_at(x, piece.sample, i * x->shape.w + j);
                place[count] = (unsigned char)((v.skipped + i - v.from) * wide +
                                               h.skipped + j - h.from);
            }
        mica_kernels()->maxpool(mica_tensor_at(y, piece.sample, at), places, window,
                                place, count, c);
    }
}

void mica_maxpool_forward(const struct node *node, const struct pass *pass)
{
    const struct pool pool = pool_of(node);
    struct walk walk = {pass, &pool};
    mica_parallel_pieces(pass->y.shape, forward_piece, &walk);
}

/* Each input pixel gathers from the windows that see it, in their order. */
static void gather(const struct walk *walk, size_t sample, size_t at, float *out)
{
    const struct tensor *dx = &walk->pass->dx[0], *dy = &walk->pass->dy;
    const struct pool_axis *rows = &walk->pool->rows, *columns = &walk->pool->columns;
    const size_t c = dx->shape.c, i = at / dx->shape.w, j = at % dx->shape.w;
    const unsigned char *saved = walk->pass->saved;
    struct pool_span v = mica_pool_windows(rows, i);
    struct pool_span h = mica_pool_windows(columns, j);
    saved += sample * mica_shape_pixels(dy->shape) * c;
    for (size_t a = v.from; a < v.to; a++)
        for (size_t b = h.from; b < h.to; b++) {
            size_t row = i + rows->window.before - a * rows->stride;
            size_t column = j + columns->window.before - b * columns->stride;
            size_t from = a * dy->shape.w + b;
            mica_kernels()->maxpool_backward(
                out, mica_tensor_at(dy, sample, from), saved + from * c,
                (unsigned char)(row * columns->kernel + column), c, true);
        }
}

static void backward_piece(void *context, struct piece piece)
{
    const struct walk *walk = context;
    const struct tensor *dx = &walk->pass->dx[0];
    for (size_t at = piece.from; at < piece.to; at++) {
        float *out = mica_tensor_at(dx, piece.sample, at);
        if (!walk->pass->add[0])
            memset(out, 0, dx->shape.c * sizeof *out);
        gather(walk, piece.sample, at, out);
    }
}

/* Input `i` of the row or column that window `a` begins with. */
static bool in_window(const struct pool_axis *axis, size_t a, size_t i)
{
    return i - a * axis->stride < axis->kernel;
}

static size_t end_of(const struct pool_axis *axis, size_t a)
{
    return a + 1 == axis->window.count ? axis->in : (a + 1) * axis->stride;
}

/* A window's gradient to all pixels up to the next window, or to the border. */
static void scatter(const struct walk *walk, size_t sample, size_t a, size_t b)
{
    const struct tensor *dx = &walk->pass->dx[0], *dy = &walk->pass->dy;
    const struct pool_axis *rows = &walk->pool->rows, *columns = &walk->pool->columns;
    const size_t c = dx->shape.c, from = a * dy->shape.w + b;
    const float *gradient = mica_tensor_at(dy, sample, from);
    const unsigned char *places = walk->pass->saved;
    places += (sample * mica_shape_pixels(dy->shape) + from) * c;
    for (size_t i = a * rows->stride; i < end_of(rows, a); i++)
        for (size_t j = b * columns->stride; j < end_of(columns, b); j++) {
            float *out = mica_tensor_at(dx, sample, i * dx->shape.w + j);
            size_t place =
                (i - a * rows->stride) * columns->kernel + j - b * columns->stride;
            bool inside = in_window(rows, a, i) && in_window(columns, b, j);
            if (inside)
                mica_kernels()->maxpool_backward(
                    out, gradient, places, (unsigned char)place, c, walk->pass->add[0]);
            else if (!walk->pass->add[0])
                memset(out, 0, c * sizeof *out);
        }
}

static void scatter_piece(void *context, struct piece piece)
{
    const struct walk *walk = context;
    const size_t w = walk->pass->dy.shape.w;
    for (size_t at = piece.from; at < piece.to; at++)
        scatter(walk, piece.sample, at / w, at % w);
}

static bool overlaps(const struct pool_axis *axis)
{
    return axis->stride < axis->kernel || axis->window.before > 0;
}

void mica_maxpool_backward(const struct node *node, const struct pass *pass)
{
    const struct pool pool = pool_of(node);
    struct walk walk = {pass, &pool};
    if (!pass->dx[0].data)
        return;
    if (overlaps(&pool.rows) || overlaps(&pool.columns))
        mica_parallel_pieces(pass->dx[0].shape, backward_piece, &walk);
    else
        mica_parallel_pieces(pass->dy.shape, scatter_piece, &walk);
}
