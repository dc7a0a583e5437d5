/* maxpool2d.c - the largest value in each window */
#include <string.h>

#include "layers/layers.h"

struct maxpool2d {
    int kernel, stride, padding;
};

/* The place of the largest in its window is kept in a byte. */
enum { KERNEL_MOST = 16 };

static const struct param params[] = {
    {"kernel", PARAM_INT, offsetof(struct maxpool2d, kernel), 2, 1, KERNEL_MOST,
     "rows and columns of a window"},
    {"stride", PARAM_INT, offsetof(struct maxpool2d, stride), 0, 0, 64,
     "input pixels from one window to the next; 0: as the kernel"},
    {"padding", PARAM_INT, offsetof(struct maxpool2d, padding), 0, 0, KERNEL_MOST / 2,
     "pixels on every side that are never the largest; \"same\": ceil(size / stride) "
     "outputs; \"valid\": none",
     mica_padding_words},
    {0}};

static int stride_of(const struct maxpool2d *p)
{
    return p->stride ? p->stride : p->kernel;
}

static struct window window_of(const struct maxpool2d *p, size_t in)
{
    return mica_layer_window(in, p->kernel, stride_of(p), p->padding);
}

static int setup(struct node *node, struct error *err)
{
    const struct maxpool2d *p = node->params;
    struct shape in = node->in[0];
    if (p->padding > p->kernel / 2)
        return mica_misuse(err,
                           "maxpool2d: padding %d is above half of kernel %d; lower "
                           "'padding'",
                           p->padding, p->kernel);
    if (mica_layer_windows_check(node, p->kernel, stride_of(p), p->padding, err))
        return -1;
    struct window rows = window_of(p, in.h), columns = window_of(p, in.w);
    size_t most = rows.before > columns.before ? rows.before : columns.before;
    size_t least = rows.before < columns.before ? rows.before : columns.before;
    node->out = (struct shape){in.n, rows.count, columns.count, in.c};
    node->field = (struct field){stride_of(p), (double)most,
                                 (double)p->kernel - 1 - (double)least, false};
    node->saved = mica_shape_size(node->out);
    return 0;
}

/* One axis of window i: inputs from .. to-1 lie inside the image; `skipped` do not. */
struct span {
    size_t from, to, skipped;
};
static struct span span_of(struct window window, size_t stride, size_t kernel,
                           size_t in, size_t i)
{
    size_t start = i * stride, end = start + kernel; /* in the padded image */
    size_t skipped = start < window.before ? window.before - start : 0;
    size_t to = end - window.before; /* padding is below the kernel */
    return (struct span){start + skipped - window.before, to < in ? to : in, skipped};
}

/* y = x where it is larger (or no number), and the place of such x. */
static void take_larger(float *restrict y, unsigned char *restrict places,
                        const float *restrict x, unsigned char place, size_t c)
{
    for (size_t k = 0; k < c; k++) {
        bool larger = (x[k] > y[k]) | (x[k] != x[k]);
        y[k] = larger ? x[k] : y[k];
        places[k] = larger ? place : places[k];
    }
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    const struct maxpool2d *p = job->node->params;
    const struct tensor *x = &pass->x[0], *y = &pass->y;
    size_t kernel = (size_t)p->kernel, stride = (size_t)stride_of(p), c = y->shape.c;
    struct window rows = window_of(p, x->shape.h), columns = window_of(p, x->shape.w);
    size_t pixels = mica_shape_pixels(y->shape);
    for (size_t at = piece.from; at < piece.to; at++) {
        struct span v = span_of(rows, stride, kernel, x->shape.h, at / y->shape.w);
        struct span h = span_of(columns, stride, kernel, x->shape.w, at % y->shape.w);
        float *out = mica_tensor_at(y, piece.sample, at);
        unsigned char *places =
            (unsigned char *)pass->saved + (piece.sample * pixels + at) * c;
        memcpy(out, mica_tensor_at(x, piece.sample, v.from * x->shape.w + h.from),
               c * sizeof *out);
        memset(places, (int)(v.skipped * kernel + h.skipped), c);
        for (size_t i = v.from; i < v.to; i++)
            for (size_t j = h.from; j < h.to; j++) {
                size_t place =
                    (v.skipped + i - v.from) * kernel + h.skipped + j - h.from;
                take_larger(out, places,
                            mica_tensor_at(x, piece.sample, i * x->shape.w + j),
                            (unsigned char)place, c);
            }
    }
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

/* The windows from .. to-1 that see input pixel i. */
static struct span windows_at(struct window window, size_t stride, size_t kernel,
                              size_t i)
{
    size_t padded = i + window.before;
    size_t from = padded < kernel ? 0 : (padded - kernel) / stride + 1;
    size_t to = padded / stride + 1;
    return (struct span){from, to < window.count ? to : window.count, 0};
}

static void add_where(float *restrict dx, const float *restrict dy,
                      const unsigned char *restrict places, unsigned char place,
                      size_t c)
{
    for (size_t k = 0; k < c; k++)
        dx[k] += places[k] == place ? dy[k] : 0;
}

/* Each input pixel gathers from the windows that see it, in their order. */
static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    const struct maxpool2d *p = job->node->params;
    const struct tensor *dx = &pass->dx[0], *dy = &pass->dy;
    size_t kernel = (size_t)p->kernel, stride = (size_t)stride_of(p), c = dx->shape.c;
    struct window rows = window_of(p, dx->shape.h), columns = window_of(p, dx->shape.w);
    const unsigned char *saved = pass->saved;
    saved += piece.sample * mica_shape_pixels(dy->shape) * c;
    for (size_t at = piece.from; at < piece.to; at++) {
        size_t i = at / dx->shape.w, j = at % dx->shape.w;
        struct span v = windows_at(rows, stride, kernel, i);
        struct span h = windows_at(columns, stride, kernel, j);
        float *out = mica_tensor_at(dx, piece.sample, at);
        if (!pass->add[0])
            memset(out, 0, c * sizeof *out);
        for (size_t a = v.from; a < v.to; a++)
            for (size_t b = h.from; b < h.to; b++) {
                size_t place = (i + rows.before - a * stride) * kernel + j +
                               columns.before - b * stride;
                size_t from = a * dy->shape.w + b;
                add_where(out, mica_tensor_at(dy, piece.sample, from), saved + from * c,
                          (unsigned char)place, c);
            }
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dx[0].shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 6, 5, 3}}},
    {"{\"kernel\": 3, \"stride\": 2, \"padding\": 1}", {{2, 7, 6, 3}}},
    {"{\"kernel\": 3, \"stride\": 1, \"padding\": \"same\"}", {{2, 4, 5, 2}}},
    {0}};

const struct layer mica_layer_maxpool2d = {
    .name = "maxpool2d",
    .summary =
        "keeps the largest value of each window; of equal ones, the first in row "
        "order gets the gradient",
    .equation = "y[i, j, c] = max_{u, v} x[i stride + u - top, j stride + v - left, c]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct maxpool2d),
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .examples = examples};
