/* findings.h - what a prediction says of a picture: objects, counts, concentrations */
#ifndef MICA_APPS_FINDINGS_H
#define MICA_APPS_FINDINGS_H

#include "apps/analysis/area.h"
#include "apps/analysis/concentration.h"
#include "apps/analysis/regions.h"
#include "apps/predictor.h"

struct rules {
    double
        least_area; /* A^2: smaller regions are no objects; where pixels have a size */
    uint64_t least_pixels;
    struct exclusion exclusion;
    const struct crystal *crystal; /* NULL: unknown, no concentrations */
};

struct findings {
    struct regions objects;    /* those that are large enough */
    size_t small;              /* regions that were not */
    double analysed, excluded; /* A^2; 0 where the pixel size is unknown */
    size_t classes;
    struct concentration *concentrations; /* of each class; [0] is unused */
};
/* Objects are regions of pixels of one class that touch, corners included. An object counts
   for the concentrations where its centre is inside the analysed area; a class called
   "vacuum" is left out of that. */
int mica_findings_make(struct findings *findings, const struct prediction *prediction,
                       const struct frame *frame, const struct model *model,
                       const struct rules *rules, struct error *err);
void mica_findings_free(struct findings *findings); /* leaves it empty */

/* "V_S1", "class 3" where the model has no name; `buffer` of 32. */
const char *mica_class_name(const struct model *model, size_t label, char *buffer);

#endif
