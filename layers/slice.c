/* slice.c - some of the channels */
#include <string.h>

#include "core/kernels.h"
#include "layers/layers.h"

struct slice {
    int from, to;
};

static const struct param params[] = {
    {"from", PARAM_INT, offsetof(struct slice, from), 0, 0, 1048576,
     "the first channel that is kept, counted from 0"},
    {"to", PARAM_INT, offsetof(struct slice, to), 0, 0, 1048576,
     "the first that is not kept any more; 0: all to the last"},
    {0}};

static int setup(struct node *node, struct error *err)
{
    const struct slice *p = node->params;
    size_t c = node->in[0].c, from = (size_t)p->from, to = p->to ? (size_t)p->to : c;
    if (to > c || from >= to)
        return mica_misuse(err,
                           "slice: channels %zu up to %zu are not among 0 up to %zu; "
                           "'to' must be above 'from' and at most %zu",
                           from, to, c, c);
    node->out.c = to - from;
    return 0;
}

static size_t first_of(const struct node *node)
{
    return (size_t)((const struct slice *)node->params)->from;
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    for (size_t i = 0; i < piece.to - piece.from; i++)
        mica_kernels()->copy(mica_layer_row(&pass->y, piece, i),
                             mica_layer_row(&pass->x[0], piece, i) +
                                 first_of(job->node),
                             pass->y.shape.c);
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
    for (size_t i = 0; i < piece.to - piece.from; i++) {
        float *dx = mica_layer_row(&pass->dx[0], piece, i);
        if (!pass->add[0])
            memset(dx, 0, pass->dx[0].shape.c * sizeof *dx);
        mica_kernels()->accumulate(dx + first_of(job->node),
                                   mica_layer_row(&pass->dy, piece, i),
                                   pass->dy.shape.c);
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {{"{\"from\": 1, \"to\": 3}", {{2, 3, 5, 4}}},
                                          {"{\"from\": 2}", {{2, 1, 1, 19}}},
                                          {0}};

const struct layer mica_layer_slice = {.name = "slice",
                                       .summary = "keeps some of the channels",
                                       .equation = "y[c] = x[from + c]",
                                       .inputs = 1,
                                       .params = params,
                                       .params_size = sizeof(struct slice),
                                       .setup = setup,
                                       .cheap = true,
                                       .forward = forward,
                                       .backward = backward,
                                       .examples = examples};
