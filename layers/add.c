/* add.c - the sum of tensors of one shape */
#include "core/kernels.h"
#include "layers/layers.h"

enum { BLOCK = 1024 }; /* numbers that stay in the first cache */

static int setup(struct node *node, struct error *err)
{
    struct shape a = node->in[0];
    for (size_t i = 1; i < node->inputs; i++) {
        struct shape b = node->in[i];
        if (a.n != b.n || a.h != b.h || a.w != b.w || a.c != b.c)
            return mica_misuse(err,
                               "add: input 1 is %zu x %zu x %zu and input %zu is %zu x "
                               "%zu x %zu; all must be of one shape (conv2d with "
                               "\"kernel\": 1 changes channels, its stride the size)",
                               a.h, a.w, a.c, i + 1, b.h, b.w, b.c);
    }
    return 0;
}

static void copy_rows(const struct tensor *y, const struct tensor *x, bool add,
                      struct piece piece)
{
    if (y->data == x->data && !add)
        return;
    struct rows rows = mica_layer_rows(piece, y, x, x);
    for (size_t i = 0; i < rows.count; i++) {
        float *to = mica_layer_row(y, piece, i);
        const float *from = mica_layer_row(x, piece, i);
        if (add)
            mica_kernels()->accumulate(to, from, rows.length);
        else
            mica_kernels()->copy(to, from, rows.length);
    }
}

static void add_rows(const struct tensor *y, const struct tensor *a,
                     const struct tensor *b, struct piece piece)
{
    struct rows rows = mica_layer_rows(piece, y, a, b);
    for (size_t i = 0; i < rows.count; i++)
        mica_kernels()->add(mica_layer_row(y, piece, i), mica_layer_row(a, piece, i),
                            mica_layer_row(b, piece, i), rows.length);
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    if (job->node->inputs == 1)
        copy_rows(&pass->y, &pass->x[0], false, piece);
    else
        add_rows(&pass->y, &pass->x[0], &pass->x[1], piece);
    for (size_t i = 2; i < job->node->inputs; i++)
        copy_rows(&pass->y, &pass->x[i], true, piece);
}

/* To a pass that does this, too: the input that is there. */
static void finish(const struct node *node, const struct pass *pass,
                   struct finish *finish)
{
    const struct tensor *x = &pass->x[pass->x[0].data ? 0 : 1];
    (void)node;
    finish->more = x->data;
    finish->more_stride = x->stride;
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    const bool both = pass->finish && node->inputs == 2;
    struct finish all = pass->finish ? *pass->finish : (struct finish){0};
    if (both) {
        all.more = pass->x[1].data;
        all.more_stride = pass->x[1].stride;
    } else
        mica_parallel_pieces(pass->y.shape, forward_piece, &job);
    if (pass->finish)
        mica_finish(&pass->y, both ? &pass->x[0] : &pass->y, &all);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    for (size_t i = 0; i < job->node->inputs; i++)
        if (pass->dx[i].data)
            copy_rows(&pass->dx[i], &pass->dy, pass->add[i], piece);
}

/* Some numbers of dy, which the rectifier behind lets pass where y > 0, to all inputs. */
static void backward_rectified(const struct job *job, struct piece piece, size_t row,
                               size_t from, size_t count)
{
    const struct pass *pass = job->pass;
    float passed[BLOCK];
    mica_kernels()->relu_backward(passed, mica_layer_row(&pass->dy, piece, row) + from,
                                  mica_layer_row(&pass->y, piece, row) + from, count);
    for (size_t i = 0; i < job->node->inputs; i++) {
        if (!pass->dx[i].data)
            continue;
        float *dx = mica_layer_row(&pass->dx[i], piece, row) + from;
        if (pass->add[i])
            mica_kernels()->accumulate(dx, passed, count);
        else
            mica_kernels()->copy(dx, passed, count);
    }
}

/* Tensors with gaps between their pixels are walked pixel by pixel. */
static struct rows rows_of(const struct job *job, struct piece piece)
{
    const struct pass *pass = job->pass;
    struct rows rows = mica_layer_rows(piece, &pass->dy, &pass->y, &pass->y);
    for (size_t i = 0; i < job->node->inputs; i++)
        if (pass->dx[i].data && pass->dx[i].stride != pass->dy.shape.c)
            rows = mica_layer_rows(piece, &pass->dx[i], &pass->dy, &pass->y);
    return rows;
}

static void backward_rectified_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct rows rows = rows_of(job, piece);
    for (size_t row = 0; row < rows.count; row++)
        for (size_t from = 0; from < rows.length; from += BLOCK)
            backward_rectified(job, piece, row, from,
                               rows.length - from < BLOCK ? rows.length - from : BLOCK);
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(
        pass->dy.shape, pass->finish ? backward_rectified_piece : backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 4}, {2, 3, 5, 4}}},
    {"{}", {{2, 3, 2, 3}, {2, 3, 2, 3}, {2, 3, 2, 3}}},
    {0}};

const struct layer mica_layer_add = {.name = "add",
                                     .summary = "the sum of its inputs",
                                     .equation = "y = x0 + x1 + ...",
                                     .in_place = true,
                                     .setup = setup,
                                     .cheap = true,
                                     .forward = forward,
                                     .backward = backward,
                                     .finishes = FINISH_RELU,
                                     .undoes = UNDO_BY_OUTPUT,
                                     .part = FINISH_ADD,
                                     .finish = finish,
                                     .examples = examples};
