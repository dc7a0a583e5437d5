/* class_weights.h - how common each class is in training, and weights that make up for it */
#ifndef MICA_APPS_CLASS_WEIGHTS_H
#define MICA_APPS_CLASS_WEIGHTS_H

#include "apps/training.h"

/* Count the classes of the training samples (at most 2000, evenly; of data without an end
   the first 64) and give the losses that ask for them the weights all / (classes x of each), 1 for a class that
   was not met. Pixels are counted where they have classes. */
int mica_class_weights_find(struct training *t, struct error *err);
/* "class weights: background 0.34 (97.1 %), V_S1 12.3 (2.7 %)". */
void mica_class_weights_tell(const struct training *t);

#endif
