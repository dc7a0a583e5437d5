/* colours.h - colours of classes, of curves and of values, safe for colour-blind eyes */
#ifndef MICA_DATASETS_COLOURS_H
#define MICA_DATASETS_COLOURS_H

#include <stddef.h>
#include <stdint.h>

struct colour {
    uint8_t red, green, blue;
};

/* Okabe and Ito's colours: class 0 is background (black, and transparent in overlays), 1
   orange, 2 sky blue, 3 bluish green, 4 yellow, 5 vermilion, 6 reddish purple, 7 blue, then
   lighter ones of the same. */
struct colour mica_class_colour(size_t i);
/* The palette of a list of classes, background first: classes with a name of the field (V_S1,
   V_S2, V_M, Re_W, Se_S1, Se_S2, Mo_S2) have the same colour in every list; the others take
   what is left in order. */
void mica_class_palette(const char *const *names, size_t count, uint8_t palette[][3]);

/* Curves on white. */
struct colour mica_curve_colour(size_t i);

/* A value from 0 to 1: grey; dark to light for maps; white to blue for tables; blue over
   white to vermilion for signed values (0.5 is white). NaN is a light red. */
enum colour_map { COLOURS_GREY, COLOURS_DARK, COLOURS_LIGHT, COLOURS_SIGNED };
struct colour mica_value_colour(enum colour_map map, double value);

#endif
