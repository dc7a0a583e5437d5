/* npy.h - NumPy's arrays with exactly the axes that a caller wants */
#ifndef MICA_DATASETS_FORMATS_NPY_H
#define MICA_DATASETS_FORMATS_NPY_H

#include "core/file.h"

/* fp32 in C order; `axes` of at least 1. (An image is written with the fewest axes that are
   read back as they were.) */
int mica_npy_write(const char *path, const float *values, size_t axes,
                   const size_t *shape, struct error *err);

/* The same part by part: begun, so many values added as the shape says, then committed with
   mica_file_commit, which tells of errors. */
int mica_npy_begin(struct file_out *out, const char *path, size_t axes,
                   const size_t *shape, struct error *err);
void mica_npy_add(struct file_out *out, const float *values, size_t count);

#endif
