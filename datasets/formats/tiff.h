/* tiff.h - the parts of the TIFF format: what others wrote into tags, and writing */
#ifndef MICA_DATASETS_FORMATS_TIFF_H
#define MICA_DATASETS_FORMATS_TIFF_H

#include "datasets/image.h"

/* What the tags of a first page say. */
struct tiff_tags {
    const char *description; /* ImageDescription; NULL where there is none */
    const char *fei;         /* FEI's text of tag 34680 or 34682, or NULL */
    double resolution[2];    /* pixels per unit (rows, columns); 0: not there */
    int unit;                /* ResolutionUnit: 1 none, 2 inch, 3 cm */
};
struct tiff_meaning {
    double pixel[2];    /* A, (rows, columns); 0 where unknown */
    const char *source; /* of the pixel size; NULL where unknown */
    double frame_time;  /* us; 0 where unknown */
    size_t images;      /* that ImageJ says there are; 0 where it does not */
    size_t channels;    /* that follow each other as pages; 1 where none do */
};
/* ImageJ's calibration, else OME's, else FEI's, else a resolution finer than any screen's. */
struct tiff_meaning mica_tiff_understand(const struct tiff_tags *tags);

/* Uncompressed pages, one strip each, with ImageJ's description. Needs no library and
   writes from the first byte to the last, so that a pipe will do. */
int mica_tiff_write(const char *path, const struct image *image, struct error *err);

#endif
