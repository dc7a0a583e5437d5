/* softmax.c - channels of a pixel as probabilities */
#include "core/kernels.h"
#include "layers/layers.h"

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *x = &job->pass->x[0], *y = &job->pass->y;
    mica_kernels()->softmax(mica_layer_row(y, piece, 0), y->stride,
                            mica_layer_row(x, piece, 0), x->stride, NULL,
                            piece.to - piece.from, y->shape.c);
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

/* dx = y (dy - sum_c y dy), each pixel read whole before it is written. */
static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    size_t c = pass->y.shape.c;
    for (size_t i = 0; i < piece.to - piece.from; i++) {
        float *dx = mica_layer_row(&pass->dx[0], piece, i);
        const float *dy = mica_layer_row(&pass->dy, piece, i);
        const float *y = mica_layer_row(&pass->y, piece, i);
        float sum = (float)mica_kernels()->dot(y, dy, c);
        for (size_t k = 0; k < c; k++)
            mica_layer_put(&dx[k], y[k] * (dy[k] - sum), pass->add[0]);
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 4}}}, {"{}", {{2, 1, 1, 19}}}, {0}};

const struct layer mica_layer_softmax = {
    .name = "softmax",
    .summary = "turns the channels of each pixel into probabilities",
    .equation = "y[c] = e^x[c] / sum_k e^x[k]",
    .inputs = 1,
    .keeps_output = true,
    .in_place = true,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
