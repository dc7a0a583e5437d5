/* classes.h - what losses over classes share: logits and truth, block by block

   Input 0 holds logits (n h w C), input 1 the truth: a class for each pixel (n h w 1) or
   probabilities (n h w C). The prediction is p = softmax over channels. */
#ifndef MICA_LAYERS_LOSSES_CLASSES_H
#define MICA_LAYERS_LOSSES_CLASSES_H

#include <stddef.h>

#include "layers/layers.h"

enum { MICA_CLASSES_MOST = 1024, MICA_CLASSES_BLOCK = 2048 /* floats */ };

/* Some pixels of a piece. Rows of p and t of pixels that do not count are 0. */
struct classes {
    size_t sample, first, pixels, count; /* `count` classes */
    size_t image;       /* the sample's number among all that the loss is taken over */
    bool labels;        /* truth is given as classes */
    const float *p, *t; /* [pixels][count] */
    const float *log_sum; /* ln sum_c e^x[c] of each pixel */
    const struct tensor *logits;
};

/* A loss's `work`. */
struct classes_loss {
    /* Adds what a block has to the sums. */
    void (*add)(const struct node *node, const struct classes *block, double *sums);
    double (*value)(const struct node *node, const double *sums);
    /* dx [pixels][count] += `scale` times the value's gradient by the logits; pass->saved has
       the sums. */
    void (*gradient)(const struct node *node, const struct pass *pass,
                     const struct classes *block, double scale, float *dx);
    /* Before a pass of gradients; may be NULL. */
    void (*prepare)(const struct node *node, const struct pass *pass);
};

/* What a loss's struct of parameters begins with, and its row. Pixels of that class, or with
   a number that is no class, do not count. */
struct classes_params {
    int ignore;
};
#define MICA_CLASSES_IGNORE                                                            \
    {                                                                                  \
        "ignore", PARAM_INT, offsetof(struct classes_params, ignore), -1, -1e9, 1e9,   \
            "pixels of this class do not count, nor do those with a number that is "   \
            "no class"                                                                 \
    }

/* For setup: checks both shapes; the output is one number, made from so many sums. */
int mica_classes_setup(struct node *node, size_t sums, struct error *err);
void mica_classes_partial(const struct node *node, const struct pass *pass,
                          struct piece piece, double *sums);
void mica_classes_forward(const struct node *node, const struct pass *pass);
void mica_classes_backward(const struct node *node, const struct pass *pass);

#endif
