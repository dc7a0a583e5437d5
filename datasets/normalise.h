/* normalise.h - what is done to an image's values before a network sees them */
#ifndef MICA_DATASETS_NORMALISE_H
#define MICA_DATASETS_NORMALISE_H

#include "core/memory.h"
#include "core/param.h"

enum normalise_kind { NORMALISE_NONE, NORMALISE_STANDARDISE, NORMALISE_RANGE };

/* Of each channel (column of a table), over all values of all samples that train; rounded to
   float, so that what a file keeps of them is all of them. */
struct statistics {
    size_t channels; /* 0: not measured yet */
    double *mean, *sd;
};

/* Statistics of each channel come from the whole image before it is tiled, or from a
   window around each pixel (docs/reference/conventions.md); an image that is smaller than
   the window, along either axis, is its own window along that axis. */
struct normalise {
    enum normalise_kind kind; /* (x - mean) / sd; (x - least) / (most - least) */
    double window;            /* A; 0: the whole image */
    struct statistics *data;  /* in place of the image's; NULL: the image's */
};
extern const struct param mica_normalise_params[]; /* "kind", "scope", ... */
/* What it refers to lives as long as the reader's arena. */
int mica_normalise_read(struct normalise *out, const cJSON *item,
                        const struct reader *reader, struct error *err);
/* Fill in the statistics that are asked for and not given: of the samples of `data`, of more
   than 2000 so many, spread evenly (the first 64 where it has no end). Their memory is the
   arena's. */
struct dataset;
int mica_normalise_measure(const struct normalise *normalise,
                           const struct dataset *data, struct arena *arena,
                           struct error *err);
/* As JSON, for model files: {"kind": "standardise", "scope": "window 60 A"}. */
cJSON *mica_normalise_json(const struct normalise *normalise);

/* In place on [height][width][channels]; `pixel` [A] (rows, columns), 0 where unknown: then
   the whole image is the window. A line in err where a value is not finite. */
int mica_normalise(const struct normalise *normalise, float *image, size_t height,
                   size_t width, size_t channels, const double pixel[2],
                   struct error *err);

#endif
