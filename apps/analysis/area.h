/* area.h - which part of an image is analysed */
#ifndef MICA_APPS_ANALYSIS_AREA_H
#define MICA_APPS_ANALYSIS_AREA_H

#include "apps/frame.h"

/* What is left out of an image's analysed area: its border, where objects are cut; vacuum,
   where the mean of the first channel within a window is below a value; and what a mask
   names. */
struct exclusion {
    double border;     /* A from every edge; 0: none */
    bool vacuum;       /* look for vacuum */
    double level;      /* vacuum is darker than this, in the image's values */
    double window;     /* A: the means' square windows */
    const float *mask; /* [height][width]: all but 0 is left out; NULL: none */
};

/* analysed[height][width]: 1 inside the analysed area, 0 outside. Border and vacuum are
   lengths: they are looked at where the pixel size is known. Returns the pixels that are
   inside, or SIZE_MAX and a line in err where memory is short. */
size_t mica_area_find(const struct exclusion *exclusion, const struct frame *frame,
                      uint8_t *analysed, struct error *err);

#endif
