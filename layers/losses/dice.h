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
};
extern const char *const mica_dice_scopes[];

/* Sums: the losses of images that are complete, how many those are, the image that the
   rest belongs to, and for each class the sums of p t, p and t. With scope "batch", the
   batch is one image. */
size_t mica_dice_sums(size_t classes);
void mica_dice_begin(const struct dice *p, const struct pass *pass, struct piece piece,
                     double *sums);
void mica_dice_add(const struct classes *block, double *sums);
void mica_dice_merge(const struct dice *p, size_t classes, double *into,
                     const double *from);
double mica_dice_value(const struct dice *p, size_t classes, const double *sums);

/* With scope "image" backward adds up the sums of each image again, in its scratch. */
size_t mica_dice_scratch(const struct dice *p, const struct node *node);
void mica_dice_prepare(const struct dice *p, const struct pass *pass, int ignore);
/* gradient += scale times that of the value by the logits; `sums` is forward's. */
void mica_dice_gradient(const struct dice *p, const struct pass *pass,
                        const struct classes *block, const double *sums, double scale,
                        float *gradient);

#endif
