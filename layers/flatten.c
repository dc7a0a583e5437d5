/* flatten.c - an image as a vector */
#include "layers/layers.h"

static int setup(struct node *node, struct error *err)
{
    (void)err;
    struct shape in = node->in[0];
    node->out = (struct shape){in.n, 1, 1, in.h * in.w * in.c};
    node->field.global = true;
    return 0;
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *x = &job->pass->x[0];
    size_t pixels = mica_shape_pixels(x->shape);
    float *y = mica_tensor_at(&job->pass->y, piece.sample, 0);
    for (size_t p = piece.from; p < piece.to; p++) {
        const float *from = mica_tensor_at(x, piece.sample, p);
        for (size_t k = 0; k < x->shape.c; k++)
            y[k * pixels + p] = from[k];
    }
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->x[0].shape, forward_piece, &job);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *dx = &job->pass->dx[0];
    size_t pixels = mica_shape_pixels(dx->shape);
    const float *dy = mica_tensor_at(&job->pass->dy, piece.sample, 0);
    for (size_t p = piece.from; p < piece.to; p++) {
        float *to = mica_tensor_at(dx, piece.sample, p);
        for (size_t k = 0; k < dx->shape.c; k++)
            mica_layer_put(&to[k], dy[k * pixels + p], job->pass->add[0]);
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dx[0].shape, backward_piece, &job);
}

static const struct example examples[] = {{"{}", {{2, 3, 5, 4}}}, {0}};

const struct layer mica_layer_flatten = {
    .name = "flatten",
    .summary =
        "an image as a vector, in PyTorch's order: channel by channel, row by row",
    .equation = "y[(c h + i) w + j] = x[i, j, c]",
    .inputs = 1,
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
