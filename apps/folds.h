/* folds.h - the runs of a k-fold cross-validation side by side */
#ifndef MICA_APPS_FOLDS_H
#define MICA_APPS_FOLDS_H

#include "apps/training.h"

/* How many folds a recipe asks to be run one after another; 0: it is one run. */
int mica_folds_asked(const struct recipe *recipe);

/* The epoch of the lowest validation loss of each run; epoch 0: it was not run. */
struct folds {
    struct epoch *best;
    int count;
    bool whole; /* one class a sample */
};
void mica_folds_take(struct folds *folds, int fold, const struct training *t);
/* FOLDER/folds.csv: a row a fold, then mean and standard deviation (n - 1); and the same for
   people. */
int mica_folds_write(const struct folds *folds, const char *folder, struct error *err);
void mica_folds_tell(const struct folds *folds, const char *folder);

#endif
