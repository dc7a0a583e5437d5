/* array.h - plain arrays of any number of axes: features, spectra, labels */
#ifndef MICA_DATASETS_ARRAY_H
#define MICA_DATASETS_ARRAY_H

#include "core/error.h"

enum { MICA_ARRAY_AXES = 4 };

/* In C order: the last axis runs fastest. */
struct array {
    size_t axes, shape[MICA_ARRAY_AXES];
    float *data; /* from mica_allocate */
    int bits;    /* of the file's numbers: 8, 16, 32, 64 */
    bool whole;  /* they are integers */
};
/* A file of a format that holds arrays (NPY, IDX), found as mica_image_read finds it. */
int mica_array_read(const char *path, struct array *array, struct error *err);
/* Zeros. -1 and a line that begins with the path where memory is short. */
int mica_array_new_for(const char *path, struct array *array, size_t axes,
                       const size_t *shape, struct error *err);
void mica_array_free(struct array *array); /* leaves it empty */
size_t mica_array_size(const struct array *array);

#endif
