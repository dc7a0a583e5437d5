/* normalise.h - what is done to an image's values before a network sees them */
#ifndef MICA_DATASETS_NORMALISE_H
#define MICA_DATASETS_NORMALISE_H

#include "core/param.h"

enum normalise_kind { NORMALISE_NONE, NORMALISE_STANDARDISE, NORMALISE_RANGE };

/* Statistics of each channel come from the whole image before it is tiled, or from a
   window around each pixel (docs/reference/conventions.md); an image that is smaller than
   the window, along either axis, is its own window along that axis. */
struct normalise {
    enum normalise_kind kind; /* (x - mean) / sd; (x - least) / (most - least) */
    double window;            /* A; 0: the whole image */
};
extern const struct param mica_normalise_params[]; /* "kind", "scope" */
int mica_normalise_read(struct normalise *out, const cJSON *item,
                        const struct reader *reader, struct error *err);
/* As JSON, for model files: {"kind": "standardise", "scope": "window 60 A"}. */
cJSON *mica_normalise_json(const struct normalise *normalise);

/* In place on [height][width][channels]; `pixel` [A] (rows, columns), 0 where unknown: then
   the whole image is the window. A line in err where a value is not finite. */
int mica_normalise(const struct normalise *normalise, float *image, size_t height,
                   size_t width, size_t channels, const double pixel[2],
                   struct error *err);

#endif
