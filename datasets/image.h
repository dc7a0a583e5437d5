/* image.h - an image or a stack in memory, with its calibration */
#ifndef MICA_DATASETS_IMAGE_H
#define MICA_DATASETS_IMAGE_H

#include "core/error.h"
#include "datasets/samples.h"
#include <stdint.h>

/* data[((frame height + y) width + x) channels + c]. The values are those of the file: a
   16-bit count stays that count, an indexed image gives its indices. */
struct image {
    size_t frames, height, width, channels;
    float *data;        /* from mica_allocate */
    int bits;           /* of the file's samples: 8, 16, 32, 64 */
    bool whole;         /* the file's samples are integers */
    double pixel[2];    /* A, (rows, columns); 0 where the file does not say */
    const char *source; /* what in the file said so: "ImageJ's unit"; NULL: nothing */
    double frame_time;  /* us from frame to frame; 0 where unknown */
    uint8_t palette[256][3];
    size_t colours; /* entries of the palette; 0: not indexed */
};
/* Zeros, 32 bits, without calibration. -1 where a size is 0 or memory is short. */
int mica_image_new(struct image *image, size_t frames, size_t height, size_t width,
                   size_t channels, struct error *err);
void mica_image_free(struct image *image);         /* leaves it empty */
size_t mica_image_size(const struct image *image); /* how many values it has */

struct array;

/* A member of datasets/formats: one file each. */
struct format {
    const char *name, *summary;
    const char *const *extensions; /* without the dot, lower case, ended by NULL */
    bool (*recognise)(const unsigned char *head, size_t size); /* the first bytes */
    int (*read)(const char *path, struct image *image, struct error *err);
    /* Writes what `image` says: 8 or 16 bits where `whole`, else fp32; an indexed image
       where it has colours. NULL where the format is only read. */
    int (*write)(const char *path, const struct image *image, struct error *err);
    /* The numbers with the axes that the file says (datasets/array.h); NULL where the format
       holds pictures only. */
    int (*read_array)(const char *path, struct array *array, struct error *err);
};

/* Read a file whatever its format (by its first bytes, then by its name); write one by the
   name's extension. Messages name the file. What could not be read is left empty. */
int mica_image_read(const char *path, struct image *image, struct error *err);
int mica_image_write(const char *path, const struct image *image, struct error *err);
/* The format of a file as mica_image_read finds it; NULL and a line where it is none. */
const struct format *mica_image_format(const char *path, struct error *err);
/* The formats, one after another; NULL at the end. */
const struct format *mica_format(size_t i);
/* The format that a path's extension names; NULL where none does. */
const struct format *mica_format_of(const char *path);

/* --- for formats ---------------------------------------------------------------------- */

/* mica_image_new with a message that begins with the path. */
int mica_image_new_for(const char *path, struct image *image, size_t frames,
                       size_t height, size_t width, size_t channels, struct error *err);
/* How the values are to be written: counts of 8 or 16 bits as the image says, wider (i16,
   f32) where a value would not fit. */
struct sample_type mica_image_sample_type(const struct image *image);
/* "path: ends after 12 of 4,096 bytes; the file is truncated". Returns -1. */
int mica_image_truncated(const char *path, uint64_t bytes, uint64_t needed,
                         struct error *err);
/* Pixels of screens and printers (72 .. 2400 dpi) say nothing about the specimen: the
   resolution of a picture is believed below 10 um = 1e5 A. */
#define MICA_PIXEL_BELIEVED 1e5

#endif
