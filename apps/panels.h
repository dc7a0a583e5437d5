/* panels.h - image | truth | prediction, side by side */
#ifndef MICA_APPS_PANELS_H
#define MICA_APPS_PANELS_H

#include "apps/predictor.h"
#include "datasets/dataset.h"

/* Write a picture of a sample: the image with a scale bar, the outlines of the true classes,
   those of the predicted ones, and a legend. `names`: of `classes` classes, background
   first. */
int mica_panels_write(const char *path, const struct sample *sample,
                      const struct prediction *prediction, const char *const *names,
                      size_t classes, struct error *err);

#endif
