/* split.h - which files train and which validate */
#ifndef MICA_DATASETS_SPLIT_H
#define MICA_DATASETS_SPLIT_H

#include "core/file.h"
#include "datasets/dataset.h"

extern const struct param mica_split_params[];
/* keep[i]: file i is in this part. `item` is a "split" object, NULL: every file is in every
   part. Files of one group stay together; the share is of the groups, of which at least one
   validates. Which groups do is drawn from their names and the seed: neither the order of
   files nor a file more or less of a group changes it. -1 and lines in err where `item` is
   wrong or nothing is left for a part. */
int mica_split_choose(const struct file_list *files, enum part part, const cJSON *item,
                      const struct reader *reader, bool *keep, struct error *err);

/* A file's name without folder and ending; freed with mica_free. */
char *mica_split_stem(const char *path);

#endif
