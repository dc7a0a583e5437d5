/* stb.h - pictures that stb_image unpacks */
#ifndef MICA_DATASETS_FORMATS_STB_H
#define MICA_DATASETS_FORMATS_STB_H

#include "datasets/image.h"

/* JPEG or BMP in memory as 8-bit grey or RGB, alpha dropped. -1 and a line that begins with
   the path. */
int mica_stb_decode(const char *path, const unsigned char *data, size_t size,
                    struct image *image, struct error *err);
/* A file in memory, decoded by `decode`. */
int mica_stb_read(const char *path,
                  int (*decode)(const char *path, const unsigned char *data,
                                size_t size, struct image *image, struct error *err),
                  struct image *image, struct error *err);
/* "path: ends after 12 bytes, in the middle of the picture; the file is truncated". */
int mica_stb_truncated(const char *path, size_t size, struct error *err);

#endif
