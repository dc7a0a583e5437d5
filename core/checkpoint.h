/* checkpoint.h - weights to and from a file of named tensors */
#ifndef MICA_CORE_CHECKPOINT_H
#define MICA_CORE_CHECKPOINT_H

#include "core/safetensors.h"
#include "core/weights.h"

/* Add every weight to a file being collected, under its name, as F32. */
void mica_weights_save(const struct weights *weights, struct safetensors_out *out);

/* Fill every weight from the file's tensor of its name; those whose names fit a pattern in
   `skip` (ended by NULL; may be NULL) keep their values. A missing tensor, another shape,
   and a tensor that nothing takes add a line each, at most three, and one with their count ("optimizer.", "average." and "num_batches_tracked"
   are nobody's). `path` is for messages. */
int mica_weights_load(struct weights *weights, const struct safetensors *file,
                      const char *path, const char *const *skip, struct error *err);

#endif
