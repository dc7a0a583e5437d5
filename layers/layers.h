/* layers.h - what layers share: jobs over pieces, rows, windows */
#ifndef MICA_LAYERS_LAYERS_H
#define MICA_LAYERS_LAYERS_H

#include "core/layer.h"

/* What the work on a piece knows: the context of mica_parallel_pieces. */
struct job {
    const struct node *node;
    const struct pass *pass;
};

/* A piece as rows of contiguous numbers, for work that is the same on each number: one
   row of them all where no tensor has gaps between its pixels, else a row a pixel. */
struct rows {
    size_t count, length;
};
static inline struct rows mica_layer_rows(struct piece piece, const struct tensor *a,
                                          const struct tensor *b,
                                          const struct tensor *d)
{
    size_t pixels = piece.to - piece.from, c = a->shape.c;
    if (a->stride == c && b->stride == c && d->stride == c)
        return (struct rows){1, pixels * c};
    return (struct rows){pixels, c};
}
static inline float *mica_layer_row(const struct tensor *t, struct piece piece,
                                    size_t row)
{
    return mica_tensor_at(t, piece.sample, piece.from + row);
}

/* The windows of a convolution or a pooling along one axis: window i starts at pixel
   i stride - before. "same" is TensorFlow's padding: ceil(in / stride) windows, the odd
   pixel of padding at the end. No window fits where the count is 0. */
enum { MICA_PADDING_SAME = -1, MICA_PADDING_VALID = -2 };
extern const char *const mica_padding_words[]; /* for the table of parameters */
struct window {
    size_t before, count;
};
struct window mica_layer_window(size_t in, int kernel, int stride, int padding);
/* A line in err where an image is too small or padding too large. */
int mica_layer_windows_check(const struct node *node, int kernel, int stride,
                             int padding, struct error *err);

/* A line in err where the input is no spectrum (points x channels). */
int mica_layer_spectrum_check(const struct node *node, struct error *err);

/* a += b, or a = b. */
static inline void mica_layer_put(float *a, float b, bool add)
{
    *a = add ? *a + b : b;
}

#endif
