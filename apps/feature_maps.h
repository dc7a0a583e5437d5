/* feature_maps.h - the channels of a node's output as a sheet of pictures */
#ifndef MICA_APPS_FEATURE_MAPS_H
#define MICA_APPS_FEATURE_MAPS_H

#include "datasets/image.h"

/* Write a sheet with each channel of the first frame in grey, black and white at its own 2nd
   and 98th percentile; its least and its largest value stand in its title. */
int mica_feature_maps_write(const struct image *maps, const char *path,
                            const char *heading, struct error *err);

#endif
