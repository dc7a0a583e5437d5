/* tiff_page.h - one page of a TIFF file: what it is like, and its strips or tiles */
#ifndef MICA_DATASETS_FORMATS_TIFF_PAGE_H
#define MICA_DATASETS_FORMATS_TIFF_PAGE_H

#include "datasets/image.h"
#include <stdio.h>

struct tiff; /* libtiff's TIFF */

struct tiff_page {
    uint32_t width, height;
    uint16_t samples, bits, kind, planar, photometric, compression; /* values of tags */
    bool tiled;
    uint32_t block_width, block_height; /* of a tile or strip */
    size_t channels; /* that are kept: extras of colours are dropped */
};

/* Where a page goes in an image. */
struct tiff_target {
    struct image *image;
    size_t frame, channel; /* its first channel */
};

/* Look at libtiff's current page; -1 and a line where it cannot be read. */
int mica_tiff_page_look(struct tiff *tiff, const char *path, uint64_t file_size,
                        struct tiff_page *page, struct error *err);
bool mica_tiff_page_is_whole(const struct tiff_page *page); /* integers */
bool mica_tiff_page_alike(const struct tiff_page *a, const struct tiff_page *b);
/* The byte behind the last of the page's strips or tiles. */
uint64_t mica_tiff_page_end(struct tiff *tiff, const struct tiff_page *page);
/* -1 without a line where libtiff fails: it said why to its handler. */
int mica_tiff_page_read(struct tiff *tiff, const struct tiff_page *page,
                        const struct tiff_target *target);

/* Stacks with one directory hold further pages right behind the first: whether these can
   be read, the bytes of each, and page `index` of them. */
bool mica_tiff_page_is_plain(const struct tiff_page *page);
uint64_t mica_tiff_page_bytes(const struct tiff_page *page);
int mica_tiff_page_read_plain(struct tiff *tiff, const struct tiff_page *page,
                              FILE *stream, size_t index,
                              const struct tiff_target *target);

#endif
