/* features.h - rows of numbers: vectors and spectra, from arrays and tables */
#ifndef MICA_DATASETS_FEATURES_H
#define MICA_DATASETS_FEATURES_H

#include "datasets/array.h"

/* The last axes of a row: F features are channels of one pixel; L samples of a spectrum lie
   along x, C channels each. */
struct features {
    size_t rows, width, channels;
    float *data; /* [rows][width][channels] */
};
/* `axes`: "NF", "NL", "NLC" or "NCL"; NULL: NF for two, NLC for three. `columns` (may be
   NULL): of a table (.csv, .tsv), a pattern like "f*"; needed there. Every number is finite.
   Freed with mica_free(data). */
int mica_features_read(struct features *features, const char *path, const char *axes,
                       const char *columns, struct error *err);
/* Whether a path names a table. */
bool mica_features_is_table(const char *path);

#endif
