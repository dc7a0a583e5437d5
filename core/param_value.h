/* param_value.h - one value of a parameter: what param.c and param_value.c share */
#ifndef MICA_CORE_PARAM_VALUE_H
#define MICA_CORE_PARAM_VALUE_H

#include "core/param.h"
#include "core/text.h"

/* What a reading carries from parameter to parameter. */
struct param_task {
    const struct param *table;
    char *target;
    const struct reader *reader;
    struct error *err;
};

/* Read `item` into the parameter's field; where it is wrong the field stays. 0 or -1. */
int mica_param_value(const struct param_task *t, const struct param *p,
                     const cJSON *item);
/* "must be a number, not 'x'". Returns -1. */
int mica_param_fail(const struct param_task *t, const cJSON *item, const char *wanted);
/* Add "a, b or c" from a list that ends with NULL. */
void mica_param_words(struct text *out, const char *const *words, const char *quote);

#endif
