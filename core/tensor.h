/* tensor.h - a view of numbers: samples, rows, columns, channels */
#ifndef MICA_CORE_TENSOR_H
#define MICA_CORE_TENSOR_H

#include <stddef.h>
#include <stdint.h>

enum type { TYPE_F32, TYPE_BF16 };
extern const char *const mica_type_words[]; /* "fp32", "bf16"; NULL at the end */

struct shape {
    size_t n, h, w, c; /* samples, rows, columns, channels; a vector has h = w = 1 */
};

/* Element (n, y, x, c) is at ((n h + y) w + x) stride + c: channels are contiguous, pixels
   are `stride` >= c elements apart. A view owns nothing. */
struct tensor {
    struct shape shape;
    size_t stride;
    enum type type;
    void *data;
};

static inline size_t mica_shape_pixels(struct shape s) { return s.h * s.w; }
static inline size_t mica_shape_size(struct shape s) { return s.n * s.h * s.w * s.c; }
/* The first channel of pixel p (row-major) of sample n, of an fp32 tensor. */
static inline float *mica_tensor_at(const struct tensor *t, size_t n, size_t p)
{
    return (float *)t->data + (n * t->shape.h * t->shape.w + p) * t->stride;
}

/* The same of a tensor of either type. */
static inline const void *mica_tensor_place(const struct tensor *t, size_t n, size_t p)
{
    const size_t size = t->type == TYPE_BF16 ? sizeof(uint16_t) : sizeof(float);
    const size_t pixel = n * t->shape.h * t->shape.w + p;
    return (const unsigned char *)t->data + pixel * t->stride * size;
}

/* A fixed piece of a tensor: pixels from .. to-1 of one sample. The pieces depend on the
   sample's shape alone, so every sum over them has one order for any number of threads. */
struct piece {
    size_t sample, from, to;
};
/* Some 2048 pixels each; the i-th piece of the whole tensor, sample after sample. */
size_t mica_pieces_per_sample(struct shape shape);
struct piece mica_piece(struct shape shape, size_t i);
/* work(context, piece) for every piece of the shape.n samples, in parallel. */
typedef void mica_piece_work(void *context, struct piece piece);
void mica_parallel_pieces(struct shape shape, mica_piece_work *work, void *context);

#endif
