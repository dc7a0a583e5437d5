/* labels.h - where the image shows a site, and the map of classes */
#ifndef MICA_DATASETS_PHYSICS_LABELS_H
#define MICA_DATASETS_PHYSICS_LABELS_H

#include "datasets/physics/atoms.h"
#include "datasets/physics/incoherent.h"
#include <stdint.h>

/* Fill in x_px and y_px of atoms and columns: the pixel at which the scan passes over
   them. */
void mica_labels_locate(struct atoms *atoms, const struct scan *scan);
/* Mark the pixels that the scan took within `radius` [A] of a column with its class:
   classes[label of a column], 0 for none; where discs overlap, the higher class wins. */
void mica_labels_discs(uint8_t *map, const struct atoms *atoms, const struct scan *scan,
                       const uint8_t *classes, double radius);

#endif
