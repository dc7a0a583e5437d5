/* surface.h - what charts are drawn on: SVG text or a canvas */
#ifndef MICA_DATASETS_SURFACE_H
#define MICA_DATASETS_SURFACE_H

#include "core/text.h"
#include "datasets/canvas.h"

/* One of the two is set. Coordinates are SVG's: (0, 0) is the corner of the first pixel; a
   canvas has `scale` pixels for one unit. */
struct surface {
    struct text *svg;
    struct canvas *canvas;
    double scale;
};
struct surface mica_surface_svg(struct text *svg, double height, double width);
void mica_surface_end(const struct surface *surface);
int mica_surface_canvas(struct surface *surface, struct canvas *canvas, double height,
                        double width, double scale, struct error *err);

void mica_surface_line(const struct surface *surface, const double *points,
                       size_t count, double thickness, struct colour colour);
void mica_surface_fill(const struct surface *surface, double y, double x, double height,
                       double width, struct colour colour);
/* `size` is the height of a capital. */
void mica_surface_text(const struct surface *surface, double y, double x, double size,
                       enum anchor anchor, bool upwards, const char *text,
                       struct colour colour);

#endif
