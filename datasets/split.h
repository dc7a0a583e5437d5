/* split.h - which files train and which validate */
#ifndef MICA_DATASETS_SPLIT_H
#define MICA_DATASETS_SPLIT_H

#include "core/file.h"
#include "datasets/dataset.h"

/* What is never parted: a file, a frame of the only file, a row. */
struct unit {
    const char *name;  /* in messages */
    const char *stem;  /* what "group" is matched with */
    const char *own;   /* the group without "group" and where the data says nothing */
    const char *group; /* what the data says of it; NULL: nothing */
    int label;         /* its class; -1: it has none */
};

/* keep[i]: unit i is in this part. `item` is a "split" object, NULL: every unit is in every
   part. Units of one group stay together; the share is of the groups, of which at least one
   validates. Which groups do is drawn from their names and the seed: neither the order of
   units nor one more or less of a group changes it. With "kfold" the groups are dealt to so
   many folds, of which "fold" validates. Stratified, groups of each class (the commonest of
   their units) are dealt in turn, so that all parts have the same shares of classes. With
   "last" nothing is drawn: the last units (of each class) validate. -1 and lines in err where
   `item` is wrong or nothing is left for a part. */
int mica_split_choose(const struct unit *units, size_t count, enum part part,
                      const cJSON *item, const struct reader *reader, bool *keep,
                      struct error *err);
extern const struct param mica_split_params[];

/* A file's name without folder and ending; freed with mica_free. */
char *mica_split_stem(const char *path);

#endif
