/* palette.h - the colour of each class, the same in every picture */
#ifndef MICA_DATASETS_PALETTE_H
#define MICA_DATASETS_PALETTE_H

#include <stddef.h>
#include <stdint.h>

struct colour {
    uint8_t red, green, blue;
};
/* Class 0, the background, is black; the others are far apart for colour-blind eyes too
   (Okabe and Ito, 2008); after the eighth they come again. */
struct colour mica_class_colour(size_t label);

#endif
