/* pooling.h - windows that slide over an image: what poolings share */
#ifndef MICA_LAYERS_POOLING_H
#define MICA_LAYERS_POOLING_H

#include "layers/layers.h"

/* Windows along one axis. */
struct pool_axis {
    struct window window;
    size_t kernel, stride, in; /* pixels */
};
struct pool {
    struct pool_axis rows, columns;
};

/* Inputs, or windows, from .. to-1; `skipped` pixels of the window come before them and lie
   outside the image. */
struct pool_span {
    size_t from, to, skipped;
};
struct pool_span mica_pool_inputs(const struct pool_axis *axis, size_t window);
struct pool_span mica_pool_windows(const struct pool_axis *axis, size_t input);

/* stride 0: as the kernel. The axis of one pixel that a spectrum has for rows: kernel 1. */
struct pool_axis mica_pool_axis(size_t in, int kernel, int stride, int padding);
/* Checks padding and sizes; fills the node's output and field from the axes. */
int mica_pool_setup(struct node *node, const struct pool *pool, int padding,
                    struct error *err);

/* The largest of each window; node->saved holds a byte for each output: its place. A
   layer's `work` is the windows of a node. */
enum { MICA_MAXPOOL_MOST = 256 }; /* pixels of a window */
struct maxpool {
    struct pool (*of)(const struct node *node);
};
void mica_maxpool_forward(const struct node *node, const struct pass *pass);
void mica_maxpool_backward(const struct node *node, const struct pass *pass);

#endif
