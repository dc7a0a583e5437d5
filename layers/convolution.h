/* convolution.h - what conv2d, conv1d, conv2d_transpose and linear share */
#ifndef MICA_LAYERS_CONVOLUTION_H
#define MICA_LAYERS_CONVOLUTION_H

#include "core/conv.h"
#include "layers/layers.h"

/* Weights 0 ("weight", of these dims, with its l2) and 1 ("bias", of `outputs`; none unless
   `bias`). */
int mica_convolution_weights(struct node *node, size_t rank, const size_t *dims,
                             bool bias, size_t outputs, double l2, struct error *err);
#define MICA_L2_HELP                                                                   \
    "Keras' l2: training adds l2 times the sum of squared weights (not the bias) to "  \
    "the loss"
/* A line in err where the groups do not divide the channels. */
int mica_convolution_groups_check(const struct node *node, size_t groups,
                                  size_t filters, struct error *err);

/* A layer's `work`: the convolution that a node is; where `transposed`, the layer's forward
   pass is that one's backward pass. */
struct convolution {
    struct conv (*of)(const struct node *node);
    bool transposed;
};
void mica_convolution_book(struct node *node); /* at the end of setup */
void mica_convolution_prepare(const struct node *node, void *prepared);
size_t mica_convolution_scratch_backward(const struct node *node, size_t shards);
void mica_convolution_forward(const struct node *node, const struct pass *pass);
void mica_convolution_backward(const struct node *node, const struct pass *pass);

#endif
