/* dice.h - the parts of the Dice loss, for losses that contain or extend it */
#ifndef MICA_LAYERS_LOSSES_DICE_H
#define MICA_LAYERS_LOSSES_DICE_H

#include "layers/losses/classes.h"

struct dice {
    double smooth;
    int scope;
    bool background;
    /* How much more pixels count that are wrongly of a class, wrongly not of it: Tversky's
       2 alpha - 1 and 2 beta - 1. */
    double more_false, more_missed;
    size_t at; /* where its sums begin among those of the loss; others stand before */
};
extern const char *const mica_dice_scopes[];

/* The `work` of a loss that contains it. */
struct dice_loss {
    struct classes_loss loss; /* of MICA_DICE_LOSS, or functions that call them */
    struct dice (*of)(const struct node *node);
};
#define MICA_DICE_LOSS                                                                 \
    {                                                                                  \
        mica_dice_add, mica_dice_value, mica_dice_gradient, mica_dice_prepare          \
    }

/* For setup, in place of mica_classes_setup. */
int mica_dice_setup(struct node *node, struct error *err);
/* Sums: the losses of images that are complete, how many those are, the image that the
   rest belongs to, and for each class the sums of p t, p and t. With scope "batch", the
   batch is one image. */
void mica_dice_add(const struct node *node, const struct classes *block, double *sums);
void mica_dice_merge(const struct node *node, double *into, const double *from);
double mica_dice_value(const struct node *node, const double *sums);
/* With scope "image" backward adds up the sums of each image again, in its scratch. */
void mica_dice_prepare(const struct node *node, const struct pass *pass);
void mica_dice_gradient(const struct node *node, const struct pass *pass,
                        const struct classes *block, double scale, float *dx);

#endif
