/* avgpool2d.c - the mean of each window */
#include <string.h>

#include "layers/pooling.h"

struct avgpool2d {
    int kernel, stride, padding;
    bool count_padding;
};

static const struct param params[] = {
    {"kernel", PARAM_INT, offsetof(struct avgpool2d, kernel), 2, 1, 255,
     "rows and columns of a window"},
    {"stride", PARAM_INT, offsetof(struct avgpool2d, stride), 0, 0, 64,
     "input pixels from one window to the next; 0: as the kernel"},
    {"padding", PARAM_INT, offsetof(struct avgpool2d, padding), 0, 0, 127,
     "pixels of 0 on every side; \"same\": ceil(size / stride) outputs; \"valid\": "
     "none",
     mica_padding_words},
    {"count_padding", PARAM_BOOL, offsetof(struct avgpool2d, count_padding), true, 0, 1,
     "divide by all pixels of a window (PyTorch's count_include_pad) rather than by "
     "those of the image (as Keras does)"},
    {0}};

static struct pool pool_of(const struct node *node)
{
    const struct avgpool2d *p = node->params;
    struct shape in = node->in[0];
    return (struct pool){mica_pool_axis(in.h, p->kernel, p->stride, p->padding),
                         mica_pool_axis(in.w, p->kernel, p->stride, p->padding)};
}

static int setup(struct node *node, struct error *err)
{
    const struct avgpool2d *p = node->params;
    struct pool pool = pool_of(node);
    return mica_pool_setup(node, &pool, p->padding, err);
}

/* What a pixel counts in the mean of the window of these spans. */
static float share(const struct avgpool2d *p, struct pool_span v, struct pool_span h)
{
    size_t kernel = (size_t)p->kernel, inside = (v.to - v.from) * (h.to - h.from);
    return 1 / (float)(p->count_padding ? kernel * kernel : inside);
}

static void add_scaled(float *restrict y, const float *restrict x, float factor,
                       size_t c)
{
    for (size_t k = 0; k < c; k++)
        y[k] += factor * x[k];
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *x = &job->pass->x[0], *y = &job->pass->y;
    const struct pool pool = pool_of(job->node);
    const size_t c = y->shape.c;
    for (size_t at = piece.from; at < piece.to; at++) {
        struct pool_span v = mica_pool_inputs(&pool.rows, at / y->shape.w);
        struct pool_span h = mica_pool_inputs(&pool.columns, at % y->shape.w);
        float *out = mica_tensor_at(y, piece.sample, at);
        memset(out, 0, c * sizeof *out);
        for (size_t i = v.from; i < v.to; i++)
            for (size_t j = h.from; j < h.to; j++)
                add_scaled(out, mica_tensor_at(x, piece.sample, i * x->shape.w + j), 1,
                           c);
        const float factor = share(job->node->params, v, h);
        for (size_t k = 0; k < c; k++)
            out[k] *= factor;
    }
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

/* Each input pixel gathers from the windows that see it, in their order. */
static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *dx = &job->pass->dx[0], *dy = &job->pass->dy;
    const struct pool pool = pool_of(job->node);
    const size_t c = dx->shape.c;
    for (size_t at = piece.from; at < piece.to; at++) {
        struct pool_span v = mica_pool_windows(&pool.rows, at / dx->shape.w);
        struct pool_span h = mica_pool_windows(&pool.columns, at % dx->shape.w);
        float *out = mica_tensor_at(dx, piece.sample, at);
        if (!job->pass->add[0])
            memset(out, 0, c * sizeof *out);
        for (size_t a = v.from; a < v.to; a++)
            for (size_t b = h.from; b < h.to; b++) {
                float factor = share(job->node->params, mica_pool_inputs(&pool.rows, a),
                                     mica_pool_inputs(&pool.columns, b));
                add_scaled(out, mica_tensor_at(dy, piece.sample, a * dy->shape.w + b),
                           factor, c);
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
    {"{\"kernel\": 3, \"stride\": 1, \"padding\": \"same\", \"count_padding\": false}",
     {{2, 4, 5, 2}}},
    {0}};

const struct layer mica_layer_avgpool2d = {
    .name = "avgpool2d",
    .summary = "the mean of each window",
    .equation =
        "y[i, j, c] = mean_{u, v} x[i stride + u - top, j stride + v - left, c]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct avgpool2d),
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
