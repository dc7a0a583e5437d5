/* cost.h - what a run will take, before it has */
#ifndef MICA_APPS_COST_H
#define MICA_APPS_COST_H

#include "apps/recipe.h"

/* Multiply-adds of the forward passes of all of a recipe's training; -1 and lines in err
   where it cannot be read. */
double mica_cost_of(const struct recipe *recipe, struct error *err);
/* "33 min an epoch, 3.4 days; mos2_vacancy_small takes about 6 min": from the seconds that
   one step took, and what the recipe's "smaller" does in comparison. */
void mica_cost_tell(const struct recipe *recipe, uint64_t steps_per_epoch,
                    double seconds, struct text *text);

#endif
