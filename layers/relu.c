/* relu.c - the rectifier */
#include "core/kernels.h"
#include "layers/layers.h"

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *x = &job->pass->x[0], *y = &job->pass->y;
    struct rows rows = mica_layer_rows(piece, x, y, y);
    for (size_t i = 0; i < rows.count; i++)
        mica_kernels()->relu(mica_layer_row(y, piece, i), mica_layer_row(x, piece, i),
                             rows.length);
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    struct rows rows = mica_layer_rows(piece, &pass->dx[0], &pass->dy, &pass->y);
    for (size_t i = 0; i < rows.count; i++)
        mica_kernels()->relu_backward(
            mica_layer_row(&pass->dx[0], piece, i), mica_layer_row(&pass->dy, piece, i),
            mica_layer_row(&pass->y, piece, i), rows.length, pass->add[0]);
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {{"{}", {{2, 3, 5, 7}}}, {0}};

const struct layer mica_layer_relu = {.name = "relu",
                                      .summary = "sets what is negative to 0",
                                      .equation = "y = max(x, 0)",
                                      .inputs = 1,
                                      .keeps_output = true,
                                      .in_place = true,
                                      .forward = forward,
                                      .backward = backward,
                                      .examples = examples};
