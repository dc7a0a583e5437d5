/* recipe_members.h - what a recipe names with its settings: losses, optimisers, ... */
#ifndef MICA_APPS_RECIPE_MEMBERS_H
#define MICA_APPS_RECIPE_MEMBERS_H

#include "apps/recipe.h"

/* Each fills its part of the recipe from its item. -1 and lines in err. */
int mica_recipe_read_loss(struct recipe *r, const cJSON *item, struct error *err);
int mica_recipe_read_optimizer(struct recipe *r, const cJSON *item, struct error *err);
/* `item` may be NULL in these: a rate that stays, PyTorch's first weights. */
int mica_recipe_read_schedule(struct recipe *r, const cJSON *item, struct error *err);
int mica_recipe_read_scheme(struct recipe *r, const cJSON *item, struct error *err);

#endif
