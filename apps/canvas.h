/* canvas.h - a frame as a network sees it: resampled, normalised, padded */
#ifndef MICA_APPS_CANVAS_H
#define MICA_APPS_CANVAS_H

#include "apps/frame.h"
#include "datasets/normalise.h"

/* The frame on the network's grid is the first height x width of rows x columns pixels. */
struct canvas {
    size_t height, width, rows, columns, channels;
    double pixel[2]; /* A; 0 where unknown */
    float *data;     /* [rows][columns][channels] */
};
/* Where the frame's pixel size is outside `range` [A] (0: none), the grid has the size at
   its nearest end; rows and columns are multiples of `multiple`. No memory yet. */
struct canvas mica_canvas_for(const struct frame *frame, const double range[2],
                              size_t multiple);
/* Fill data: the frame resampled to the grid, normalised as a whole, and continued by its
   mirror image at the bottom and on the right. */
int mica_canvas_fill(struct canvas *canvas, const struct frame *frame,
                     const struct normalise *normalise, struct error *err);

/* A line in err with the place of the first value that is not finite. */
int mica_frame_check(const struct frame *frame, const char *name, struct error *err);

#endif
