/* tensor.c - tensors cut into pieces that depend on their shape alone */
#include "core/tensor.h"
#include "core/parallel.h"

const char *const mica_type_words[] = {"fp32", "bf16", NULL};

/* Enough work for a thread (some 10 us at 32 channels), few enough for the caches. */
enum { PIECE = 2048 }; /* pixels */

size_t mica_pieces_per_sample(struct shape shape)
{
    size_t pixels = mica_shape_pixels(shape);
    return pixels <= PIECE ? 1 : (pixels + PIECE - 1) / PIECE;
}

struct piece mica_piece(struct shape shape, size_t i)
{
    size_t pixels = mica_shape_pixels(shape), pieces = mica_pieces_per_sample(shape);
    size_t from = i % pieces * PIECE;
    size_t to = from + PIECE < pixels ? from + PIECE : pixels;
    return (struct piece){i / pieces, from, to};
}

struct job {
    struct shape shape;
    mica_piece_work *work;
    void *context;
};

static void run(void *context, size_t i)
{
    const struct job *job = context;
    job->work(job->context, mica_piece(job->shape, i));
}

void mica_parallel_pieces(struct shape shape, mica_piece_work *work, void *context)
{
    struct job job = {shape, work, context};
    mica_parallel_for(shape.n * mica_pieces_per_sample(shape), run, &job);
}
