/* values.h - what losses over numbers share: the mean of a term over all that count

   Input 0 is the prediction (n h w C). Input 1 is the truth: a number for each (n h w C), or
   with two channels or more a class for each pixel (n h w 1), which stands for 1 in the
   channel of the class and 0 in the others. */
#ifndef MICA_LAYERS_LOSSES_VALUES_H
#define MICA_LAYERS_LOSSES_VALUES_H

#include <stddef.h>

#include "layers/layers.h"

/* The loss of one number of a channel, and its slope by the prediction x. */
struct term {
    double value, slope;
};
typedef struct term mica_values_term(const void *params, size_t channel, double x,
                                     double truth);

/* A loss's `work`: its term. Truths outside of least .. most do not count, nor do those that
   are no number, nor pixels of the class `ignore` or of no class. */
struct values {
    mica_values_term *term;
    double least, most;
};
#define MICA_VALUES_FINITE (-3.4e38), 3.4e38 /* any truth that is a number */

/* What a loss's struct of parameters begins with, and its row. */
struct values_params {
    int ignore;
};
#define MICA_VALUES_IGNORE                                                             \
    {                                                                                  \
        "ignore", PARAM_INT, offsetof(struct values_params, ignore), -1, -1e9, 1e9,    \
            "where every class has an output: pixels of this class do not count"       \
    }

int mica_values_setup(struct node *node, struct error *err);
void mica_values_partial(const struct node *node, const struct pass *pass,
                         struct piece piece, double *sums);
void mica_values_forward(const struct node *node, const struct pass *pass);
void mica_values_backward(const struct node *node, const struct pass *pass);

#endif
