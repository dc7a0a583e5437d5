/* loader.h - batches: samples made side by side, straight into a network's inputs */
#ifndef MICA_DATASETS_LOADER_H
#define MICA_DATASETS_LOADER_H

#include "core/tensor.h"
#include "datasets/dataset.h"
#include "datasets/normalise.h"

/* Fill `images` [n, h, w, channels] and, where their data is not NULL, `labels` [n, h, w, 1]
   (class numbers, MICA_IGNORED; [n, 1, 1, 1] of a dataset of one class a sample) with the samples numbers[0 .. n-1] of the dataset,
   normalised. Every sample must have the tensors' size. Samples are made in parallel; each
   is a pure function of its number. */
int mica_loader_fill(const struct dataset *dataset, const struct normalise *normalise,
                     const uint64_t *numbers, size_t n, struct tensor *images,
                     struct tensor *labels, struct error *err);

#endif
