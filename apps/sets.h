/* sets.h - values given on the command line: --set PATH=VALUE */
#ifndef MICA_APPS_SETS_H
#define MICA_APPS_SETS_H

#include "core/json.h"

/* Put each "path=value" into the document (mica_json_set). -1 and a line for each that
   cannot be understood. */
int mica_sets_apply(struct json *json, const char *const *sets, size_t count,
                    struct error *err);

#endif
