/* font.h - letters as strokes of a pen, for pictures and charts */
#ifndef MICA_DATASETS_FONT_H
#define MICA_DATASETS_FONT_H

#include <stdbool.h>
#include <stddef.h>

/* The drawn height of a capital letter is `size`; ASCII and a few signs of the field (A with
   ring, micro, degree, plus-minus, times, squared, cubed, middle dot, dash); UTF-8. */
double mica_font_width(const char *text, double size);

/* Calls draw for each stroke with its points x, y, x, y, ... The text begins at (x, y), the
   left end of its base line; with `upwards` it runs up the page. */
typedef void mica_font_stroke(void *context, const double *points, size_t count);
void mica_font_draw(const char *text, double size, double x, double y, bool upwards,
                    mica_font_stroke *draw, void *context);

#endif
