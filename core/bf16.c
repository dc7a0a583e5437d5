/* bf16.c - values kept as bf16 */
#include "core/bf16.h"

#include "core/error.h"
#include "core/kernels.h"

enum { BLOCK = 1024 }; /* numbers that stay in the first cache */

struct job {
    const struct tensor *y;
    uint16_t *kept;
};

/* The numbers of a piece: from `first` on. */
static size_t numbers_of(const struct job *job, struct piece piece, size_t *first)
{
    const struct shape shape = job->y->shape;
    MICA_CHECK(job->y->type == TYPE_F32 && job->y->stride == shape.c);
    *first = (piece.sample * mica_shape_pixels(shape) + piece.from) * shape.c;
    return (piece.to - piece.from) * shape.c;
}

static void round_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct kernels *kernels = mica_kernels();
    uint16_t block[BLOCK];
    size_t first, count = numbers_of(job, piece, &first);
    float *y = (float *)job->y->data + first;
    for (size_t i = 0; i < count; i += BLOCK) {
        const size_t n = count - i < BLOCK ? count - i : BLOCK;
        uint16_t *kept = job->kept ? job->kept + first + i : block;
        kernels->narrow(kept, y + i, n);
        kernels->widen(y + i, kept, n);
    }
}

static void narrow_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    size_t first, count = numbers_of(job, piece, &first);
    mica_kernels()->narrow(job->kept + first, (const float *)job->y->data + first,
                           count);
}

static void widen_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    size_t first, count = numbers_of(job, piece, &first);
    mica_kernels()->widen((float *)job->y->data + first, job->kept + first, count);
}

void mica_bf16_round(const struct tensor *y, uint16_t *kept)
{
    struct job job = {y, kept};
    mica_parallel_pieces(y->shape, round_piece, &job);
}

void mica_bf16_narrow(const struct tensor *y, uint16_t *kept)
{
    struct job job = {y, kept};
    mica_parallel_pieces(y->shape, narrow_piece, &job);
}

void mica_bf16_widen(const struct tensor *y, const uint16_t *kept)
{
    struct job job = {y, (uint16_t *)(uintptr_t)kept};
    mica_parallel_pieces(y->shape, widen_piece, &job);
}
