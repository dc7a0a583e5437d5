/* pointwise.c - the walk of an activation over its tensors, in blocks */
#include "layers/pointwise.h"

struct walk {
    const struct node *node;
    const struct pass *pass;
    const struct pointwise *work;
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static void forward_row(const struct walk *walk, float *y, const float *x, size_t n)
{
    float block[MICA_POINTWISE_MOST];
    const bool overlap = walk->work->overlap;
    const size_t most = overlap ? n : MICA_POINTWISE_MOST;
    for (size_t from = 0; from < n; from += most) {
        size_t count = least(most, n - from);
        float *to = y == x && !overlap ? block : y + from;
        walk->work->value(walk->node->params, to, x + from, count);
        mica_kernels()->copy(y + from, to, count);
    }
}

static void forward_piece(void *context, struct piece piece)
{
    const struct walk *walk = context;
    const struct tensor *x = &walk->pass->x[0], *y = &walk->pass->y;
    struct rows rows = mica_layer_rows(piece, x, y, y);
    for (size_t i = 0; i < rows.count; i++)
        forward_row(walk, mica_layer_row(y, piece, i), mica_layer_row(x, piece, i),
                    rows.length);
}

void mica_pointwise_forward(const struct node *node, const struct pass *pass)
{
    struct walk walk = {node, pass, node->layer->work};
    mica_parallel_pieces(pass->y.shape, forward_piece, &walk);
}

static void backward_row(const struct walk *walk, float *dx, const float *dy,
                         const float *kept, size_t n)
{
    float block[MICA_POINTWISE_MOST];
    const bool add = walk->pass->add[0], overlap = walk->work->overlap;
    const size_t most = overlap && !add ? n : MICA_POINTWISE_MOST;
    for (size_t from = 0; from < n; from += most) {
        size_t count = least(most, n - from);
        float *to = add || (dx == dy && !overlap) ? block : dx + from;
        walk->work->gradient(walk->node->params, to, dy + from, kept + from, count);
        if (add)
            mica_kernels()->accumulate(dx + from, to, count);
        else
            mica_kernels()->copy(dx + from, to, count);
    }
}

static void backward_piece(void *context, struct piece piece)
{
    const struct walk *walk = context;
    const struct pass *pass = walk->pass;
    const struct tensor *kept =
        walk->node->layer->keeps_output ? &pass->y : &pass->x[0];
    struct rows rows = mica_layer_rows(piece, &pass->dx[0], &pass->dy, kept);
    for (size_t i = 0; i < rows.count; i++)
        backward_row(walk, mica_layer_row(&pass->dx[0], piece, i),
                     mica_layer_row(&pass->dy, piece, i),
                     mica_layer_row(kept, piece, i), rows.length);
}

void mica_pointwise_backward(const struct node *node, const struct pass *pass)
{
    struct walk walk = {node, pass, node->layer->work};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &walk);
}
