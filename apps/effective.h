/* effective.h - a recipe as it counts: every default filled in, files where they are */
#ifndef MICA_APPS_EFFECTIVE_H
#define MICA_APPS_EFFECTIVE_H

#include "apps/recipe.h"

/* A recipe, too: one that says all and extends nothing, and whose files are found from any
   folder. Training with it gives the same bits. */
cJSON *mica_recipe_effective(const struct recipe *recipe);
/* As text, every bit of every number; freed with free(). */
char *mica_recipe_write(const struct recipe *recipe);
/* Whether a run of `before` can go on as one of `recipe`: what has no say in steps already
   taken may differ, the number of epochs, when to stop, how often to save. */
bool mica_recipe_continues(const struct recipe *recipe, const struct recipe *before);

#endif
