/* mistakes.h - images that were taken for another class: a sheet of the surest, and a table */
#ifndef MICA_APPS_MISTAKES_H
#define MICA_APPS_MISTAKES_H

#include "apps/predictor.h"
#include "datasets/dataset.h"

struct mistakes;
/* Of `most` mistakes those with the largest probability are kept. `names` are those of the
   classes, and are the caller's. */
struct mistakes *mica_mistakes_new(size_t most, char *const *names);
void mica_mistakes_free(struct mistakes *mistakes);
/* A sample of one class and what the model says of it; what is right is passed over. */
int mica_mistakes_add(struct mistakes *mistakes, const struct sample *sample,
                      const struct prediction *prediction, struct error *err);
/* FOLDER/mistakes.png: each image beneath "truth -> prediction, probability", the surest first;
   and mistakes.csv, a row each in the same order, with the names of the samples. Nothing where there are
   none: the number that is returned. -1 and a line where a file cannot be written. */
int mica_mistakes_write(struct mistakes *mistakes, const char *folder,
                        struct error *err);

#endif
