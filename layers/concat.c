/* concat.c - the channels of tensors, one after another */
#include "core/kernels.h"
#include "layers/layers.h"

static int setup(struct node *node, struct error *err)
{
    struct shape a = node->in[0];
    for (size_t i = 1; i < node->inputs; i++) {
        struct shape b = node->in[i];
        if (a.n != b.n || a.h != b.h || a.w != b.w)
            return mica_misuse(
                err,
                "concat: input 1 is %zu x %zu x %zu and input %zu is %zu "
                "x %zu x %zu; heights and widths must be equal (channels "
                "may differ)",
                a.h, a.w, a.c, i + 1, b.h, b.w, b.c);
        node->out.c += b.c;
    }
    return 0;
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    size_t first = 0;
    for (size_t k = 0; k < job->node->inputs; k++) {
        size_t c = pass->x[k].shape.c;
        for (size_t i = 0; i < piece.to - piece.from; i++)
            mica_kernels()->copy(mica_layer_row(&pass->y, piece, i) + first,
                                 mica_layer_row(&pass->x[k], piece, i), c);
        first += c;
    }
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

static void give_back(const struct tensor *dx, const struct tensor *dy, size_t first,
                      bool add, struct piece piece)
{
    for (size_t i = 0; i < piece.to - piece.from; i++) {
        float *to = mica_layer_row(dx, piece, i);
        const float *from = mica_layer_row(dy, piece, i) + first;
        if (add)
            mica_kernels()->accumulate(to, from, dx->shape.c);
        else
            mica_kernels()->copy(to, from, dx->shape.c);
    }
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    size_t first = 0;
    for (size_t k = 0; k < job->node->inputs; k++) {
        if (pass->dx[k].data)
            give_back(&pass->dx[k], &pass->dy, first, pass->add[k], piece);
        first += job->node->in[k].c;
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 4}, {2, 3, 5, 3}}},
    {"{}", {{2, 2, 3, 1}, {2, 2, 3, 17}, {2, 2, 3, 2}}},
    {0}};

const struct layer mica_layer_concat = {
    .name = "concat",
    .summary = "puts the channels of its inputs one after another",
    .equation = "y = [x0, x1, ...]",
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
