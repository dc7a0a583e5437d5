/* global_average_pool.c - the mean of each channel */
#include <string.h>

#include "core/kernels.h"
#include "core/parallel.h"
#include "layers/layers.h"

static int setup(struct node *node, struct error *err)
{
    (void)err;
    struct shape in = node->in[0];
    node->out = (struct shape){in.n, 1, 1, in.c};
    node->field.global = true;
    node->scratch_forward = in.n * mica_pieces_per_sample(in) * in.c * sizeof(double);
    return 0;
}

static void sum_piece(void *context, size_t i)
{
    const struct job *job = context;
    const struct tensor *x = &job->pass->x[0];
    struct piece piece = mica_piece(x->shape, i);
    double *sums = job->pass->scratch;
    mica_kernels()->column_sums(mica_layer_row(x, piece, 0), x->stride,
                                piece.to - piece.from, x->shape.c,
                                sums + i * x->shape.c);
}

static void join_sample(void *context, size_t sample)
{
    const struct job *job = context;
    const struct tensor *x = &job->pass->x[0];
    size_t c = x->shape.c, pieces = mica_pieces_per_sample(x->shape);
    double *sums = (double *)job->pass->scratch + sample * pieces * c;
    for (size_t i = 1; i < pieces; i++)
        for (size_t k = 0; k < c; k++)
            sums[k] += sums[i * c + k];
    float *y = mica_tensor_at(&job->pass->y, sample, 0);
    for (size_t k = 0; k < c; k++)
        y[k] = (float)(sums[k] / (double)mica_shape_pixels(x->shape));
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    struct shape shape = pass->x[0].shape;
    mica_parallel_for(shape.n * mica_pieces_per_sample(shape), sum_piece, &job);
    mica_parallel_for(shape.n, join_sample, &job);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *dx = &job->pass->dx[0];
    const float *dy = mica_tensor_at(&job->pass->dy, piece.sample, 0);
    float share = 1.0f / (float)mica_shape_pixels(dx->shape);
    for (size_t i = 0; i < piece.to - piece.from; i++) {
        float *out = mica_layer_row(dx, piece, i);
        for (size_t k = 0; k < dx->shape.c; k++)
            mica_layer_put(&out[k], dy[k] * share, job->pass->add[0]);
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dx[0].shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 4}}}, {"{}", {{2, 1, 1, 3}}}, {0}};

const struct layer mica_layer_global_average_pool = {
    .name = "global_average_pool",
    .summary = "the mean of each channel over the whole image: a vector",
    .equation = "y[c] = mean_{i, j} x[i, j, c]",
    .inputs = 1,
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
