/* classes.h - what losses over classes share: logits and truth, block by block

   Input 0 holds logits (n h w C), input 1 the truth: a class for each pixel (n h w 1) or
   probabilities (n h w C). The prediction is p = softmax over channels. */
#ifndef MICA_LAYERS_LOSSES_CLASSES_H
#define MICA_LAYERS_LOSSES_CLASSES_H

#include "layers/layers.h"

enum { MICA_CLASSES_MOST = 1024, MICA_CLASSES_BLOCK = 2048 /* floats */ };

/* Some pixels of a piece. Rows of p and t of pixels that do not count are 0. */
struct classes {
    size_t sample, first, pixels, count; /* `count` classes */
    bool labels;                         /* truth is given as classes */
    const float *p, *t;                  /* [pixels][count] */
    const float *log_sum;                /* ln sum_c e^x[c] of each pixel */
    const struct tensor *logits;
};

/* For setup: checks both shapes; the output is one number. */
int mica_classes_setup(struct node *node, struct error *err);

/* Calls work(context, block) for each block of a piece, in order. Pixels with the class
   `ignore`, or with a number that is no class, do not count. */
typedef void mica_classes_work(void *context, const struct classes *block);
void mica_classes_walk(const struct pass *pass, struct piece piece, int ignore,
                       mica_classes_work *work, void *context);

/* The gradient of a block, [pixels][count], goes to its place in pass->dx[0]. */
void mica_classes_put(const struct pass *pass, const struct classes *block,
                      const float *gradient);

#endif
