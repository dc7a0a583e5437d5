/* average.h - a running mean of weights, less noisy than the last of them */
#ifndef MICA_OPTIM_AVERAGE_H
#define MICA_OPTIM_AVERAGE_H

#include "core/error.h"
#include "core/weights.h"

struct average;
/* Of every weight and statistic; they must outlive it. After a step a share `decay` of the
   mean is left; with `ramp` at most (1 + t) / (10 + t) of it after t steps, so that the first
   weights are soon forgotten. NULL and a line where memory is short. */
struct average *mica_average_new(struct weights *weights, double decay, bool ramp,
                                 struct error *err);
void mica_average_free(struct average *average);
/* After a step: take the weights into the mean. The first are copied. */
void mica_average_take(struct average *average);
/* Change weights and mean for each other: to validate and to save; again to go on. */
void mica_average_swap(struct average *average);

/* The state as tensors "average.WEIGHT" and the metadata "average.steps", and back;
   messages begin with `path`, the file's. */
struct safetensors;
struct safetensors_out;
void mica_average_save(const struct average *average, struct safetensors_out *out);
int mica_average_load(struct average *average, const struct safetensors *file,
                      const char *path, struct error *err);

#endif
