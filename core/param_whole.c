/* param_whole.c - the keys of a table with defaults for those that were not given */
#include "core/param_whole.h"
#include "core/text.h"

static cJSON *quantity_of(double number, enum dimension dimension)
{
    char digits[40];
    struct text text = {0};
    mica_text_add(&text, "%s %s", mica_text_digits(digits, number, 15),
                  mica_units_unit(dimension, 0));
    cJSON *item = cJSON_CreateString(text.data);
    mica_text_free(&text);
    return item;
}

cJSON *mica_param_default(const struct param *p)
{
    if (isnan(p->standard))
        return NULL;
    switch (p->type) {
    case PARAM_BOOL:
        return cJSON_CreateBool(p->standard != 0);
    case PARAM_CHOICE:
        return cJSON_CreateString(p->choices[(size_t)p->standard]);
    case PARAM_INT:
        if (p->choices && p->standard < 0)
            return cJSON_CreateString(p->choices[(size_t)(-1 - p->standard)]);
        return cJSON_CreateNumber(p->standard);
    case PARAM_FLOAT:
    case PARAM_QUANTITY:
    case PARAM_RANDOM:
        return p->dimension ? quantity_of(p->standard, p->dimension)
                            : cJSON_CreateNumber(p->standard);
    default:
        return NULL;
    }
}

/* Whether `item` is the first parameter's value, not an object of keys. */
static bool is_value(const struct param *first, const cJSON *item)
{
    if (!item || !first->name || cJSON_IsNull(item))
        return false;
    return !cJSON_IsObject(item) ||
           (first->type == PARAM_RANDOM && mica_param_is_spread(item));
}

cJSON *mica_param_whole(const struct param *table, const cJSON *item)
{
    cJSON *whole = cJSON_CreateObject(), *value;
    const cJSON *each;
    if (is_value(table, item))
        cJSON_AddItemToObject(whole, table->name, cJSON_Duplicate(item, true));
    else
        cJSON_ArrayForEach(each, item)
        {
            if (!cJSON_IsNull(each))
                cJSON_AddItemToObject(whole, each->string, cJSON_Duplicate(each, true));
        }
    for (const struct param *p = table; p->name; p++)
        if (!cJSON_HasObjectItem(whole, p->name) &&
            (value = mica_param_default(p)) != NULL)
            cJSON_AddItemToObject(whole, p->name, value);
    return whole;
}
