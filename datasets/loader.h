/* loader.h - batches: samples made side by side, straight into a network's inputs */
#ifndef MICA_DATASETS_LOADER_H
#define MICA_DATASETS_LOADER_H

#include "core/tensor.h"
#include "datasets/dataset.h"
#include "datasets/normalise.h"

/* Fill `images` [n, h, w, channels] and, where their data is not NULL, `labels` with the
   samples numbers[0 .. n-1] of the dataset, normalised. Labels are [n, h, w, 1]: the
   classes' numbers, NAN where ignored; or [n, h, w, classes - 1]: the numbers of
   datasets/targets.h; [n, 1, 1, ...] of a dataset of one class a sample. With two classes
   both are the same. Every sample must have the tensors' size. Samples are made in parallel;
   each is a pure function of its number. */
int mica_loader_fill(const struct dataset *dataset, const struct normalise *normalise,
                     const uint64_t *numbers, size_t n, struct tensor *images,
                     struct tensor *labels, struct error *err);

#endif
