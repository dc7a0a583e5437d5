/* finish.c - the end of a fused pass as a pass of its own */
#include "core/finish.h"

#include "core/kernels.h"

struct job {
    const struct tensor *y, *x;
    const struct finish *finish;
};

static void finish_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *y = job->y, *x = job->x;
    struct finish finish = *job->finish;
    if (finish.more)
        finish.more += (piece.sample * mica_shape_pixels(y->shape) + piece.from) *
                       finish.more_stride;
    mica_kernels()->finish(mica_tensor_at(y, piece.sample, piece.from), y->stride,
                           mica_tensor_place(x, piece.sample, piece.from), x->type,
                           x->stride, &finish, piece.to - piece.from, y->shape.c);
}

void mica_finish(const struct tensor *y, const struct tensor *x,
                 const struct finish *finish)
{
    struct job job = {y, x, finish};
    mica_parallel_pieces(y->shape, finish_piece, &job);
}
