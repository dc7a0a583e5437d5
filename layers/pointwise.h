/* pointwise.h - layers that treat every number alike: activations */
#ifndef MICA_LAYERS_POINTWISE_H
#define MICA_LAYERS_POINTWISE_H

#include "core/kernels.h"
#include "layers/layers.h"

/* Numbers that a function gets at once, at most: for arrays of its own. They stay in the
   first cache. */
enum { MICA_POINTWISE_MOST = 1024 };

/* What such a layer computes: its `work`. `own` is its struct of parameters. */
struct pointwise {
    /* y = f(x) for n numbers */
    void (*value)(const void *own, float *y, const float *x, size_t n);
    /* dx = dy f'(x); `kept` is y where the layer keeps its output, else x */
    void (*gradient)(const void *own, float *dx, const float *dy, const float *kept,
                     size_t n);
    bool overlap; /* any n at once, and y may be x, dx may be dy: kernels can */
};

/* The passes of such a layer over whole tensors; it may be declared in_place. */
void mica_pointwise_forward(const struct node *node, const struct pass *pass);
void mica_pointwise_backward(const struct node *node, const struct pass *pass);

#endif
