/* cross_entropy.h - the parts of cross-entropy, for losses that contain it */
#ifndef MICA_LAYERS_LOSSES_CROSS_ENTROPY_H
#define MICA_LAYERS_LOSSES_CROSS_ENTROPY_H

#include "layers/losses/classes.h"

struct cross_entropy {
    struct numbers class_weights; /* empty: all 1 */
    double label_smoothing;       /* share of the truth that all classes get alike */
};

int mica_cross_entropy_check(const struct cross_entropy *p, const struct node *node,
                             struct error *err);
/* Sums: of weighted logarithms, and of the weights of the pixels that count. */
enum { MICA_CROSS_ENTROPY_SUMS = 2 };
void mica_cross_entropy_add(const struct cross_entropy *p, const struct classes *block,
                            double *sums);
double mica_cross_entropy_value(const double *sums);
/* gradient += scale times that of the value by the logits. */
void mica_cross_entropy_gradient(const struct cross_entropy *p,
                                 const struct classes *block, const double *sums,
                                 double scale, float *gradient);

#endif
