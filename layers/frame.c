/* frame.c - images with pixels put around them or taken off: what pad and crop share */
#include "layers/frame.h"

#include <string.h>

#include "core/kernels.h"
#include "core/parallel.h"

struct walk {
    const struct pass *pass;
    struct frame frame;
};

struct sides mica_frame_sides(const struct sides *given)
{
    struct sides s = *given;
    s.top = s.top < 0 ? s.margin : s.top;
    s.bottom = s.bottom < 0 ? s.margin : s.bottom;
    s.left = s.left < 0 ? s.margin : s.left;
    s.right = s.right < 0 ? s.margin : s.right;
    return s;
}

/* Along one axis of `in` pixels: the input that output i is, or -1 for 0. */
static ptrdiff_t source(ptrdiff_t i, ptrdiff_t before, size_t in, enum edge edge)
{
    const ptrdiff_t last = (ptrdiff_t)in - 1, at = i - before;
    if (at >= 0 && at <= last)
        return at;
    if (edge == EDGE_ZERO)
        return -1;
    if (edge == EDGE_REPLICATE)
        return at < 0 ? 0 : last;
    return at < 0 ? -at : 2 * last - at;
}

static void forward_piece(void *context, struct piece piece)
{
    const struct walk *walk = context;
    const struct frame *f = &walk->frame;
    const struct tensor *x = &walk->pass->x[0], *y = &walk->pass->y;
    for (size_t at = piece.from; at < piece.to; at++) {
        ptrdiff_t i = source((ptrdiff_t)(at / y->shape.w), f->top, x->shape.h, f->edge);
        ptrdiff_t j =
            source((ptrdiff_t)(at % y->shape.w), f->left, x->shape.w, f->edge);
        float *to = mica_tensor_at(y, piece.sample, at);
        if (i < 0 || j < 0)
            memset(to, 0, y->shape.c * sizeof *to);
        else
            mica_kernels()->copy(
                to, mica_tensor_at(x, piece.sample, (size_t)i * x->shape.w + (size_t)j),
                y->shape.c);
    }
}

static struct walk walk_of(const struct node *node, const struct pass *pass)
{
    const struct framing *work = node->layer->work;
    return (struct walk){pass, work->of(node)};
}

void mica_frame_forward(const struct node *node, const struct pass *pass)
{
    struct walk walk = walk_of(node, pass);
    mica_parallel_pieces(pass->y.shape, forward_piece, &walk);
}

/* Row `row` of dx gathers row a of dy. */
static void gather_row(const struct walk *walk, size_t sample, size_t row, size_t a)
{
    const struct tensor *dx = &walk->pass->dx[0], *dy = &walk->pass->dy;
    const struct frame *f = &walk->frame;
    for (size_t b = 0; b < dy->shape.w; b++) {
        ptrdiff_t j = source((ptrdiff_t)b, f->left, dx->shape.w, f->edge);
        if (j >= 0)
            mica_kernels()->accumulate(
                mica_tensor_at(dx, sample, row * dx->shape.w + (size_t)j),
                mica_tensor_at(dy, sample, a * dy->shape.w + b), dx->shape.c);
    }
}

/* A row of an input gathers from all outputs that are this row, in their order. */
static void backward_row(void *context, size_t i)
{
    const struct walk *walk = context;
    const struct tensor *dx = &walk->pass->dx[0], *dy = &walk->pass->dy;
    const size_t sample = i / dx->shape.h, row = i % dx->shape.h;
    for (size_t j = 0; j < dx->shape.w && !walk->pass->add[0]; j++)
        memset(mica_tensor_at(dx, sample, row * dx->shape.w + j), 0,
               dx->shape.c * sizeof(float));
    for (size_t a = 0; a < dy->shape.h; a++)
        if (source((ptrdiff_t)a, walk->frame.top, dx->shape.h, walk->frame.edge) ==
            (ptrdiff_t)row)
            gather_row(walk, sample, row, a);
}

void mica_frame_backward(const struct node *node, const struct pass *pass)
{
    struct walk walk = walk_of(node, pass);
    if (pass->dx[0].data)
        mica_parallel_for(pass->dx[0].shape.n * pass->dx[0].shape.h, backward_row,
                          &walk);
}
