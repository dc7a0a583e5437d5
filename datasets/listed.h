/* listed.h - the files of a pattern, and which of them a part of the data has */
#ifndef MICA_DATASETS_LISTED_H
#define MICA_DATASETS_LISTED_H

#include "core/file.h"
#include "datasets/truth.h"

struct listed {
    struct listing listing;
    struct file_list files;
};
/* `place` holds the pattern; {label} stands for a part of one folder's or file's name. -1 and
   a line where no file fits. The caller says what the units are. */
int mica_listed_open(struct listed *listed, const cJSON *place,
                     const struct reader *reader, struct error *err);
void mica_listed_close(struct listed *listed);

/* keep[unit] for the units of l->listing, as a "split" (may be NULL) chooses. */
int mica_listed_split(const struct labelling *l, enum part part, const cJSON *split,
                      bool *keep, struct error *err);

#endif
