/* samples.h - the numbers of files as floats, and back */
#ifndef MICA_DATASETS_SAMPLES_H
#define MICA_DATASETS_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

/* How a file keeps a number: {'u', 2, true} is a 16-bit count, highest byte first. */
struct sample_type {
    char
        kind; /* 'u' and 'i' whole numbers without and with sign, 'f' IEEE, 'b' 0 or 1 */
    size_t size; /* bytes: u, i: 1, 2, 4, 8; f: 2, 4, 8; b: 1 */
    bool big;    /* the highest byte comes first */
};

bool mica_sample_type_known(struct sample_type type);
bool mica_sample_big_here(
    void); /* the order of this machine: is the highest byte first? */
/* The nearest float of each number; NaN and infinities stay. */
void mica_samples_decode(struct sample_type type, const void *bytes, size_t count,
                         float *values);
/* The bytes of each value, which must fit: u and i of at most 2 bytes, f of 4. */
void mica_samples_encode(struct sample_type type, const float *values, size_t count,
                         void *bytes);

#endif
