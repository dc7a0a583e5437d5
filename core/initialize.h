/* initialize.h - the first values of weights */
#ifndef MICA_CORE_INITIALIZE_H
#define MICA_CORE_INITIALIZE_H

#include "core/weights.h"

/* fan_in, fan_out: inputs and outputs of one unit times the kernel's area. */
struct initializer {
    const char *name, *summary;
    /* Kernel and bias: uniform in +-limit or normal with this sd; 0: zeros. */
    double (*kernel)(size_t fan_in, size_t fan_out);
    double (*bias)(size_t fan_in, size_t fan_out);
    bool normal;
};
/* "pytorch", "keras", "glorot_uniform", "glorot_normal", "he_uniform", "he_normal". */
const struct initializer *mica_initializer_find(const char *name);
const struct initializer *mica_initializer(size_t i); /* NULL at the end */
/* Kernels, biases: by `how` (NULL: 0), keyed by (seed, hash of the name); scales and
   variances 1, shifts and means 0, slopes 1/4. */
void mica_initialize(struct weight *weight, const struct initializer *how,
                     uint64_t seed);

#endif
