/* param_whole.h - the keys of a table with defaults for those that were not given */
#ifndef MICA_CORE_PARAM_WHOLE_H
#define MICA_CORE_PARAM_WHOLE_H

#include "core/param.h"

/* What counts where the parameter is not given; NULL where that is nothing. */
cJSON *mica_param_default(const struct param *p);
/* A new object with all keys of `item` (may be NULL; the short form of the first parameter's
   value is one, too), and the default of each that it lacks. */
cJSON *mica_param_whole(const struct param *table, const cJSON *item);

#endif
