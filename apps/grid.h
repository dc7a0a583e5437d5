/* grid.h - a frame as a network sees it: resampled, normalised, padded */
#ifndef MICA_APPS_GRID_H
#define MICA_APPS_GRID_H

#include "apps/frame.h"
#include "datasets/normalise.h"

/* The frame on the network's grid is the first height x width of rows x columns pixels. */
struct grid {
    size_t height, width, rows, columns, channels;
    double pixel[2]; /* A; 0 where unknown */
    float *data;     /* [rows][columns][channels] */
};
/* Where the frame's pixel size is outside `range` [A] (0: none), the grid has the size at
   its nearest end; rows and columns are multiples of `multiple`. No memory yet. */
struct grid mica_grid_for(const struct frame *frame, const double range[2],
                          size_t multiple);
/* Fill data: the frame resampled to the grid, normalised as a whole, and continued by its
   mirror image at the bottom and on the right. */
int mica_grid_fill(struct grid *grid, const struct frame *frame,
                   const struct normalise *normalise, struct error *err);

/* A line in err with the place of the first value that is not finite. */
int mica_frame_check(const struct frame *frame, const char *name, struct error *err);

#endif
