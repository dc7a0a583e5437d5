/* image.h - an image or a stack in memory, with its calibration */
#ifndef MICA_DATASETS_IMAGE_H
#define MICA_DATASETS_IMAGE_H

#include "core/error.h"
#include <stdint.h>

/* data[((frame height + y) width + x) channels + c]. The values are those of the file: a
   16-bit count stays that count, an indexed image gives its indices. */
struct image {
    size_t frames, height, width, channels;
    float *data;       /* from mica_allocate */
    int bits;          /* of the file's samples: 8, 16, 32, 64 */
    bool whole;        /* the file's samples are integers */
    double pixel[2];   /* A, (rows, columns); 0 where the file does not say */
    double frame_time; /* us from frame to frame; 0 where unknown */
    uint8_t palette[256][3];
    size_t colours; /* entries of the palette; 0: not indexed */
};
int mica_image_new(struct image *image, size_t frames, size_t height, size_t width,
                   size_t channels, struct error *err);
void mica_image_free(struct image *image); /* leaves it empty */

/* A member of datasets/formats: one file each. */
struct format {
    const char *name, *summary;
    const char *const *extensions; /* without the dot, lower case, ended by NULL */
    bool (*recognise)(const unsigned char *head, size_t size); /* the first bytes */
    int (*read)(const char *path, struct image *image, struct error *err);
    /* Writes what `image` says: 8 or 16 bits where `whole`, else fp32; an indexed image
       where it has colours. NULL where the format is only read. */
    int (*write)(const char *path, const struct image *image, struct error *err);
};

/* Read a file whatever its format (by its first bytes, then by its name); write one by the
   name's extension. Messages name the file. */
int mica_image_read(const char *path, struct image *image, struct error *err);
int mica_image_write(const char *path, const struct image *image, struct error *err);
/* The formats, one after another; NULL at the end. */
const struct format *mica_format(size_t i);

#endif
