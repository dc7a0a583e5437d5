/* targets.h - the truth of a sample as a number for each class but the first */
#ifndef MICA_DATASETS_TARGETS_H
#define MICA_DATASETS_TARGETS_H

#include "core/tensor.h"
#include "datasets/dataset.h"

/* Fill sample `i` of `targets` [n, h, w, classes - 1] ([n, 1, 1, classes - 1] of a dataset of
   one class a sample). Channel k - 1 is about class k: 1 where the pixel is of it, else 0;
   where the dataset has a sigma, the largest exp(-r^2 / (2 sigma^2)) of the sample's objects
   of class k, those beyond its edges too, 0 beyond five sigma, r from the object's centre.
   What is ignored is NAN in every channel. */
void mica_targets_fill(const struct dataset *dataset, const struct sample *sample,
                       const struct tensor *targets, size_t i);
/* Where a Gaussian is one half: its class in the map of classes is a disc so large. */
double mica_targets_half(double sigma);

#endif
