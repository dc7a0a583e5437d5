/* balance.h - samples of every class alike often, however many of each there are */
#ifndef MICA_DATASETS_BALANCE_H
#define MICA_DATASETS_BALANCE_H

#include "datasets/dataset.h"

/* Draw n of a training set: of each run of as many draws as there are classes with samples,
   every class has one, in a drawn order; the samples of a class come one after another in a
   drawn order, all once before any comes again. NULL and a line where samples have no class of
   their own. */
struct balance;
struct balance *mica_balance_new(const struct dataset *dataset, struct error *err);
void mica_balance_free(struct balance *balance);
/* The sample's number: every draw has another, for what is drawn with it. */
uint64_t mica_balance_number(const struct balance *balance, uint64_t seed, uint64_t n);

#endif
