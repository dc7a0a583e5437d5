/* initialize.h - the first values of weights */
#ifndef MICA_CORE_INITIALIZE_H
#define MICA_CORE_INITIALIZE_H

#include "core/param.h"
#include "core/random.h"
#include "core/weights.h"

/* A member of core/initializers/: one file each. With uniform values in +-limit the variance
   is limit^2 / 3. w->fan_in, w->fan_out: inputs and outputs of one unit times the kernel's
   area. */
struct initializer {
    const char *name, *summary;
    const struct param *params; /* may be NULL */
    size_t params_size;
    /* Draw all values of a kernel, of a bias (NULL: they stay 0). */
    void (*kernel)(const void *params, struct weight *w, struct random *random);
    void (*bias)(const void *params, struct weight *w, struct random *random);
};
const struct initializer *mica_initializer_find(const char *name);
const struct initializer *mica_initializer(size_t i); /* NULL at the end */

/* Kernels, biases: by `how` (NULL: 0), each from a stream of random numbers of its own, named
   by the seed and its name; scales and variances 1, shifts and means 0. */
void mica_initialize(struct weight *weight, const struct initializer *how,
                     const void *params, uint64_t seed);
/* For initialisers: all values uniform in +-limit, or normal. */
void mica_initialize_uniform(struct weight *weight, struct random *random,
                             double limit);
void mica_initialize_normal(struct weight *weight, struct random *random, double sd);

#endif
