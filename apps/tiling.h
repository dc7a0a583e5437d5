/* tiling.h - a large image in windows of one size that overlap */
#ifndef MICA_APPS_TILING_H
#define MICA_APPS_TILING_H

#include <stdbool.h>
#include <stddef.h>

/* The image is cut into tiles that begin at multiples of `multiple`, a network's total
   stride; each is computed inside a window that holds `halo` pixels more on every side, or
   reaches the image's edge there. So a tile has the values that the whole image gives. All
   windows have one size, so that one plan serves them. */
struct tiling {
    size_t height, width;  /* of the image: multiples */
    size_t multiple, halo; /* halo: a multiple */
    size_t tile[2];        /* height, width; the last ones may be cut */
    size_t window[2];
    size_t rows, columns; /* of tiles */
};

struct tile {
    size_t y, x, height, width; /* in the image */
    size_t window_y, window_x;
};

/* One tile. */
struct tiling mica_tiling_whole(size_t height, size_t width);
/* As few tiles as `fits(context, window's height, width)` allows: 1 x 1 where the whole
   image does. False where not even the smallest do; then they are in `tiling`. */
typedef bool mica_window_fits(void *context, size_t height, size_t width);
bool mica_tiling_choose(struct tiling *tiling, size_t height, size_t width,
                        size_t multiple, size_t halo, mica_window_fits *fits,
                        void *context);

size_t mica_tiling_count(const struct tiling *tiling);
struct tile mica_tiling_at(const struct tiling *tiling, size_t i); /* row by row */
/* Pixels computed for each pixel of the image: 1 for the whole. */
double mica_tiling_work(const struct tiling *tiling);

#endif
