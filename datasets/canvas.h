/* canvas.h - a picture to draw on: lines, circles and letters, without jagged edges */
#ifndef MICA_DATASETS_CANVAS_H
#define MICA_DATASETS_CANVAS_H

#include "core/error.h"
#include "datasets/colours.h"

/* RGB, row after row. Coordinates are those of images: the integer (x, y) is the centre of
   a pixel, y runs downward. What lies outside is cut off. */
struct canvas {
    size_t height, width;
    uint8_t *pixels;
};
int mica_canvas_new(struct canvas *canvas, size_t height, size_t width,
                    struct colour background, struct error *err);
void mica_canvas_free(struct canvas *canvas); /* leaves it empty */

/* Cover a pixel by the share 0 .. 1. */
void mica_canvas_blend(struct canvas *canvas, long y, long x, struct colour colour,
                       double share);
/* All pixels from (y, x) on. */
void mica_canvas_fill(struct canvas *canvas, long y, long x, long height, long width,
                      struct colour colour, double share);
/* A line through points x, y, x, y, ... with round ends; one point makes a dot. */
void mica_canvas_line(struct canvas *canvas, const double *points, size_t count,
                      double thickness, struct colour colour);
void mica_canvas_circle(struct canvas *canvas, double y, double x, double radius,
                        double thickness, struct colour colour);
void mica_canvas_disc(struct canvas *canvas, double y, double x, double radius,
                      struct colour colour);
/* Text from its left, middle or right; (y, x) is on its base line; `size` is the height of a
   capital. The halo (may be NULL) is a rim of another colour that keeps it readable. */
enum anchor { ANCHOR_LEFT, ANCHOR_MIDDLE, ANCHOR_RIGHT };
void mica_canvas_text(struct canvas *canvas, double y, double x, double size,
                      enum anchor anchor, const char *text, struct colour colour,
                      const struct colour *halo);
void mica_canvas_text_upwards(struct canvas *canvas, double y, double x, double size,
                              enum anchor anchor, const char *text,
                              struct colour colour);
/* Copy one canvas onto another, its first pixel to (y, x). */
void mica_canvas_paste(struct canvas *canvas, long y, long x,
                       const struct canvas *other);

/* As PNG (or what else the ending names); `pixel` is the size of a pixel in A, 0 where it has none. */
int mica_canvas_write(const struct canvas *canvas, const char *path, double pixel,
                      struct error *err);

#endif
