/* conv.h - convolution over NHWC tensors: packing, walking and threading */
#ifndef MICA_CORE_CONV_H
#define MICA_CORE_CONV_H

#include "core/finish.h"
#include "core/tensor.h"
#include <stdbool.h>

/* y[n, i, j, o] = sum_{u, v, c} x[n, i stride + u (1 + gap) - top,
                                   j stride + v (1 + gap) - left, c]
                   w[o, c, u, v]  (+ bias[o]),  x = 0 outside the image.
   Weights are O I H W. Channels may be in groups, of which output group g sees input group g
   alone: then I is in_c / groups. A linear layer is a 1x1 convolution of a 1x1 image; a transposed
   convolution is the backward-data pass of the one that it transposes. */
enum conv_algorithm { CONV_AUTO, CONV_DIRECT, CONV_FFT, CONV_WINOGRAD };
struct conv {
    size_t in_h, in_w, in_c, out_h, out_w, out_c;
    size_t kernel_h, kernel_w, stride, top, left;
    size_t gap;    /* pixels between two taps: dilation - 1 */
    size_t groups; /* 0 and 1: all channels see all */
    /* Of a shard of the batch that is planned for: the way of a gradient by the weights follows
       from it, whatever part of that comes. 0: as many as come. */
    size_t images;
    /* Auto is what is fastest for the shape of an image. FFT is possible with stride 1 and
       without gap, for kernels of 9 to 1024 weights and sides of at most 36, with less padding
       than that, and at least as many inputs and outputs (of a group) as a vector has
       lanes; Winograd where the kernel is then 3x3 and inputs are at most 2048; elsewhere it is direct, too. */
    enum conv_algorithm algorithm;
    bool pairs; /* for core/conv_bf16 alone: a channel is a pair of them */
};
/* How a pass is done: never CONV_AUTO; the side of its tiles, 0 where it is direct; what it is
   foretold to cost beside the direct way, by which auto chooses. `images` of
   a shard concern gradients by the weights alone. */
enum conv_pass { CONV_FORWARD, CONV_BACKWARD_DATA, CONV_BACKWARD_WEIGHTS };
struct conv_way {
    enum conv_algorithm algorithm;
    size_t tile;
    double cost;
};
struct conv_way mica_conv_way(const struct conv *conv, enum conv_pass pass,
                              size_t images);
/* What CONV_AUTO means from now on; for the main thread, before anything is planned. */
void mica_conv_pin(enum conv_algorithm algorithm);
enum conv_algorithm mica_conv_pinned(void);
extern const char
    *const mica_conv_words[]; /* "auto", "direct", "fft", "winograd", NULL */

/* Weights as the passes forward and backward by the data take them. Each call prepares them
   in its scratch: it turns them to the form that its algorithm reads. Who does not change them
   may have that done once, and keep it. */
struct conv_weights {
    const float *given;    /* O I H W */
    const float *prepared; /* by mica_conv_prepare, for this pass; NULL: not yet */
};
/* Bytes that they take then; 0: the algorithm always prepares them itself. They serve any
   batch. */
size_t mica_conv_prepared(const struct conv *conv, bool backward);
void mica_conv_prepare(const struct conv *conv, const float *weights, bool backward,
                       float *prepared);

/* Bytes of scratch that each call needs, for a batch of n in so many shards. */
size_t mica_conv_forward_scratch(const struct conv *conv, size_t n);
size_t mica_conv_backward_data_scratch(const struct conv *conv, size_t n);
size_t mica_conv_backward_weights_scratch(const struct conv *conv, size_t n,
                                          size_t shards);

/* y = the finish of conv(x) + bias (either may be NULL). y is written, or added to where
   `add`, before it is finished. */
void mica_conv_forward(const struct conv *conv, const struct tensor *x,
                       struct conv_weights weights, const float *bias,
                       const struct finish *finish, struct tensor *y, bool add,
                       void *scratch);
/* dx = the transposed convolution of dy (+ bias, over in_c: for conv2d_transpose). */
void mica_conv_backward_data(const struct conv *conv, const struct tensor *dy,
                             struct conv_weights weights, const float *bias,
                             const struct finish *finish, struct tensor *dx, bool add,
                             void *scratch);
/* dweights (O I H W) = sum over the batch: per shard in sample order, shards by the fixed
   tree; the same bits for any number of threads. */
void mica_conv_backward_weights(const struct conv *conv, const struct tensor *x,
                                const struct tensor *dy, size_t shards, float *dweights,
                                bool add, void *scratch);
/* dbias[c] = sum of dy over pixels and batch, in the same fixed order. */
size_t mica_conv_backward_bias_scratch(const struct tensor *dy, size_t shards);
void mica_conv_backward_bias(const struct tensor *dy, size_t shards, float *dbias,
                             bool add, void *scratch);

#endif
