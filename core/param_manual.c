/* param_manual.c - a table of parameters as a manual for people and a schema for editors */
#include "core/param_whole.h"
#include "core/text.h"
#include <string.h>

static const char *const nouns[] = {
    [PARAM_INT] = "whole number",   [PARAM_FLOAT] = "number",
    [PARAM_BOOL] = "true or false", [PARAM_CHOICE] = "one of",
    [PARAM_TEXT] = "text",          [PARAM_QUANTITY] = "quantity",
    [PARAM_RANDOM] = "number",      [PARAM_NUMBERS] = "numbers",
    [PARAM_JSON] = "JSON",
};

static bool has_number(const struct param *p)
{
    return p->type == PARAM_INT || p->type == PARAM_FLOAT ||
           p->type == PARAM_QUANTITY || p->type == PARAM_RANDOM;
}

static bool limited(double limit) { return limit > -HUGE_VAL && limit < HUGE_VAL; }

static void add_type(struct text *out, const struct param *p)
{
    mica_text_add(out, "%s",
                  p->dimension ? mica_units_name(p->dimension) : nouns[p->type]);
    if (p->type == PARAM_RANDOM)
        mica_text_add(out, " or random");
    for (size_t i = 0; p->choices && p->choices[i]; i++)
        mica_text_add(out, "%s%s",
                      p->type == PARAM_INT ? " or "
                      : i                  ? ", "
                                           : " ",
                      p->choices[i]);
    if (p->least >= p->most || p->type == PARAM_BOOL || p->type == PARAM_CHOICE)
        return;
    if (limited(p->least) && limited(p->most)) {
        mica_text_add(out, ", ");
        mica_units_tell(out, p->dimension, p->least);
        mica_text_add(out, " to ");
        mica_units_tell(out, p->dimension, p->most);
    } else if (limited(p->least) || limited(p->most)) {
        mica_text_add(out, limited(p->least) ? ", at least " : ", at most ");
        mica_units_tell(out, p->dimension, limited(p->least) ? p->least : p->most);
    }
}

static void add_standard(struct text *out, const struct param *p)
{
    bool word = p->type == PARAM_CHOICE || (p->type == PARAM_INT && p->standard < 0);
    if (isnan(p->standard)) {
        mica_text_add(out, "; needed");
    } else if (p->type == PARAM_BOOL) {
        mica_text_add(out, "; default %s", p->standard != 0 ? "true" : "false");
    } else if (word && p->choices) {
        double place = p->type == PARAM_INT ? -1 - p->standard : p->standard;
        mica_text_add(out, "; default %s", p->choices[(size_t)place]);
    } else if (has_number(p)) {
        mica_text_add(out, "; default ");
        mica_units_tell(out, p->dimension, p->standard);
    }
}

void mica_param_describe(const struct param *table, FILE *out)
{
    size_t width = 0;
    for (const struct param *p = table; p->name; p++)
        width = strlen(p->name) > width ? strlen(p->name) : width;
    for (const struct param *p = table; p->name; p++) {
        struct text line = {0};
        mica_text_add(&line, "  %-*s  %s (", (int)width, p->name, p->help);
        add_type(&line, p);
        add_standard(&line, p);
        fprintf(out, "%s)\n", line.data);
        mica_text_free(&line);
    }
}

/* --- JSON Schema (2020-12) --- */

static cJSON *new_type(const char *name)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "type", name);
    return schema;
}

static void add_limits(cJSON *schema, const struct param *p)
{
    if (p->least >= p->most)
        return;
    if (limited(p->least))
        cJSON_AddNumberToObject(schema, "minimum", p->least);
    if (limited(p->most))
        cJSON_AddNumberToObject(schema, "maximum", p->most);
}

/* "^[-+]?[0-9.]+([eE][-+]?[0-9]+)? *(A|pm|...)$" */
static cJSON *new_quantity(enum dimension dimension)
{
    cJSON *schema = new_type("string");
    struct text pattern = {0};
    const char *unit;
    mica_text_add(&pattern, "^ *[-+]?[0-9.]+([eE][-+]?[0-9]+)? *(");
    for (size_t i = 0; (unit = mica_units_unit(dimension, i)); i++) {
        mica_text_add(&pattern, "%s", i ? "|" : "");
        for (; *unit; unit++)
            mica_text_add(&pattern, *unit == '^' ? "\\%c" : "%c", *unit);
    }
    mica_text_add(&pattern, ") *$");
    cJSON_AddStringToObject(schema, "pattern", pattern.data);
    mica_text_free(&pattern);
    return schema;
}

/* A number within limits, or an expression of a network's ("=2*width"). */
static cJSON *new_number(const struct param *p, const char *type)
{
    cJSON *schema = cJSON_CreateObject(),
          *any = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON *number = new_type(type), *expression = new_type("string");
    add_limits(number, p);
    cJSON_AddStringToObject(expression, "pattern", "^=");
    cJSON_AddItemToArray(any, number);
    cJSON_AddItemToArray(any, expression);
    return schema;
}

static cJSON *new_words(const char *const *words)
{
    cJSON *schema = cJSON_CreateObject(),
          *list = cJSON_AddArrayToObject(schema, "enum");
    for (; words && *words; words++)
        cJSON_AddItemToArray(list, cJSON_CreateString(*words));
    return schema;
}

static cJSON *new_value(const struct param *p)
{
    return p->dimension ? new_quantity(p->dimension) : new_number(p, "number");
}

static cJSON *new_list(const struct param *p, int least, int most)
{
    cJSON *schema = new_type("array");
    cJSON_AddItemToObject(schema, "items", new_value(p));
    cJSON_AddNumberToObject(schema, "minItems", least);
    if (most > 0)
        cJSON_AddNumberToObject(schema, "maxItems", most);
    return schema;
}

static cJSON *new_spread(const struct param *p)
{
    static const struct {
        const char *word;
        int least, most;
    } forms[] = {{"uniform", 2, 2},
                 {"log_uniform", 2, 2},
                 {"normal", 2, 2},
                 {"choice", 1, 0},
                 {"range", 3, 3}};
    struct param free_value =
        *p; /* limits hold for the draws, not for an sd or a step */
    free_value.least = free_value.most = 0;
    cJSON *schema = cJSON_CreateObject(),
          *any = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON *object = new_type("object");
    cJSON *properties = cJSON_AddObjectToObject(object, "properties");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        cJSON_AddItemToObject(properties, forms[i].word,
                              new_list(&free_value, forms[i].least, forms[i].most));
    cJSON_AddBoolToObject(object, "additionalProperties", false);
    cJSON_AddNumberToObject(object, "minProperties", 1);
    cJSON_AddNumberToObject(object, "maxProperties", 1);
    cJSON_AddItemToArray(any, new_value(p));
    cJSON_AddItemToArray(any, object);
    return schema;
}

static cJSON *new_either(cJSON *one, cJSON *other)
{
    cJSON *schema = cJSON_CreateObject(),
          *any = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON_AddItemToArray(any, one);
    cJSON_AddItemToArray(any, other);
    return schema;
}

static cJSON *new_property(const struct param *p)
{
    switch (p->type) {
    case PARAM_INT:
        return p->choices ? new_either(new_number(p, "integer"), new_words(p->choices))
                          : new_number(p, "integer");
    case PARAM_FLOAT:
        return new_number(p, "number");
    case PARAM_BOOL:
        return new_type("boolean");
    case PARAM_CHOICE:
        return new_words(p->choices);
    case PARAM_TEXT:
        return new_type("string");
    case PARAM_QUANTITY:
        return new_quantity(p->dimension);
    case PARAM_RANDOM:
        return new_spread(p);
    case PARAM_NUMBERS:
        return new_either(new_value(p), new_list(p, 0, 0));
    default:
        return cJSON_CreateObject();
    }
}

/* The member of that name, made where it is missing. */
static cJSON *member(cJSON *schema, const char *name, bool array)
{
    cJSON *item = cJSON_GetObjectItemCaseSensitive(schema, name);
    if (item)
        return item;
    return array ? cJSON_AddArrayToObject(schema, name)
                 : cJSON_AddObjectToObject(schema, name);
}

void mica_param_schema(const struct param *table, cJSON *schema)
{
    cJSON *properties = member(schema, "properties", false);
    for (const struct param *p = table; p->name; p++) {
        cJSON *property = new_property(p);
        cJSON_AddStringToObject(property, "description", p->help);
        cJSON *standard = mica_param_default(p);
        if (standard)
            cJSON_AddItemToObject(property, "default", standard);
        cJSON_AddItemToObject(properties, p->name, property);
        if (isnan(p->standard))
            cJSON_AddItemToArray(member(schema, "required", true),
                                 cJSON_CreateString(p->name));
    }
}
