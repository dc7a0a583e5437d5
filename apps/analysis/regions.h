/* regions.h - connected regions of a map of classes */
#ifndef MICA_APPS_ANALYSIS_REGIONS_H
#define MICA_APPS_ANALYSIS_REGIONS_H

#include "core/error.h"
#include <stdint.h>

/* Pixels of one class that touch each other. */
struct region {
    uint8_t label;                   /* the class */
    size_t area;                     /* pixels */
    double x, y;                     /* the centre of its pixels */
    double score;                    /* the mean of `scores` over them */
    size_t top, bottom, left, right; /* rows top .. bottom-1, columns left .. right-1 */
};

struct regions {
    size_t count;
    struct region *list;
};

/* All regions of classes above 0, in the order of their first pixels, row by row.
   `neighbours` is 4 (sides touch) or 8 (corners too). `scores` may be NULL: then they are
   0. `marks` may be NULL; else it gets the number of each pixel's region, from 1 on, 0 for
   the background. -1 where memory is short. */
int mica_regions_find(struct regions *regions, const uint8_t *classes,
                      const float *scores, size_t height, size_t width, int neighbours,
                      uint32_t *marks, struct error *err);
void mica_regions_free(struct regions *regions); /* leaves it empty */

#endif
