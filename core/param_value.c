/* param_value.c - one value of a parameter: its type, its limits, what is said about it */
#include "core/param_value.h"
#include "core/text.h"
#include <limits.h>
#include <string.h>

/* An item in a few words, for the end of a message. */
static const char *found(char out[64], const cJSON *item)
{
    char digits[40];
    if (cJSON_IsNumber(item))
        snprintf(out, 64, "%s", mica_text_digits(digits, item->valuedouble, 15));
    else if (cJSON_IsString(item))
        snprintf(out, 64, "'%.40s'", item->valuestring);
    else if (cJSON_IsBool(item))
        snprintf(out, 64, "%s", cJSON_IsTrue(item) ? "true" : "false");
    else
        snprintf(out, 64, "%s",
                 cJSON_IsArray(item)    ? "an array"
                 : cJSON_IsObject(item) ? "an object"
                                        : "null");
    return out;
}

int mica_param_fail(const struct param_task *t, const cJSON *item, const char *wanted)
{
    char words[64];
    return mica_json_fail(t->reader->json, item, t->err, "must be %s, not %s", wanted,
                          found(words, item));
}

void mica_param_words(struct text *out, const char *const *words, const char *quote)
{
    for (size_t i = 0; words && words[i]; i++)
        mica_text_add(out, "%s%s%s%s",
                      i == 0         ? ""
                      : words[i + 1] ? ", "
                                     : " or ",
                      quote, words[i], quote);
}

static bool is_expression(const struct reader *reader, const cJSON *item)
{
    return reader->resolve && cJSON_IsString(item) && item->valuestring[0] == '=';
}

int mica_param_quantity(double *out, const cJSON *item, enum dimension dimension,
                        const struct reader *reader, struct error *err)
{
    struct param_task t = {.reader = reader, .err = err};
    struct error inner = {0};
    if (is_expression(reader, item)) {
        if (reader->resolve(reader->context, item, out, err))
            return -1;
        return isfinite(*out) ? 0 : mica_param_fail(&t, item, "a finite number");
    }
    if (dimension == DIMENSION_NONE) {
        *out = item->valuedouble;
        return cJSON_IsNumber(item) ? 0 : mica_param_fail(&t, item, "a number");
    }
    if (cJSON_IsNumber(item))
        return mica_json_fail(reader->json, item, err,
                              "needs a unit, for example \"%s\"%s",
                              mica_units_example(dimension),
                              dimension == DIMENSION_ANGLE ? " or \"15 deg\"" : "");
    if (!cJSON_IsString(item)) {
        char wanted[80];
        snprintf(wanted, sizeof wanted, "a %s with a unit, for example \"%s\"",
                 mica_units_name(dimension), mica_units_example(dimension));
        return mica_param_fail(&t, item, wanted);
    }
    if (mica_units_parse(item->valuestring, dimension, reader->pixel, out, &inner))
        return mica_json_fail(reader->json, item, err, "%s", inner.text);
    return 0;
}

/* --- limits --- */

static bool limited(const struct param *p)
{
    return p->least < p->most && (p->least > -HUGE_VAL || p->most < HUGE_VAL);
}

static int fail_limits(const struct param_task *t, const struct param *p,
                       const cJSON *item, double value)
{
    struct text line = {0};
    char digits[40], words[64];
    bool low = p->least > -HUGE_VAL, high = p->most < HUGE_VAL;
    mica_text_add(&line, "must be %s ",
                  low && high ? "between"
                  : low       ? "at least"
                              : "at most");
    if (low)
        mica_units_tell(&line, p->dimension, p->least);
    if (low && high)
        mica_text_add(&line, " and ");
    if (high)
        mica_units_tell(&line, p->dimension, p->most);
    bool plain =
        cJSON_IsNumber(item) || !cJSON_IsString(item) || is_expression(t->reader, item);
    mica_json_fail(t->reader->json, item, t->err, "%s, not %s", line.data,
                   plain ? mica_text_digits(digits, value, 15) : found(words, item));
    mica_text_free(&line);
    return -1;
}

static int check_limits(const struct param_task *t, const struct param *p,
                        const cJSON *item, double value)
{
    if (limited(p) && !(value >= p->least && value <= p->most))
        return fail_limits(t, p, item, value);
    return 0;
}

/* --- one reader a type: 0 or -1 --- */

typedef int read_type(const struct param_task *t, const struct param *p,
                      const cJSON *item, void *field);

/* The place of a word in the choices, -1 where it is not among them. */
static int place(const struct param *p, const cJSON *item)
{
    for (int i = 0; cJSON_IsString(item) && p->choices && p->choices[i]; i++)
        if (strcmp(p->choices[i], item->valuestring) == 0)
            return i;
    return -1;
}

static int fail_choice(const struct param_task *t, const struct param *p,
                       const cJSON *item, const char *also)
{
    size_t count = 0;
    struct text line = {0};
    while (p->choices[count])
        count++;
    const char *word = cJSON_IsString(item) ? item->valuestring : "";
    const char *near = mica_text_nearest(word, p->choices, count);
    mica_text_add(&line, "%s", also);
    mica_param_words(&line, p->choices, "'");
    if (near)
        mica_json_fail(t->reader->json, item, t->err,
                       "'%.40s' is not known; did you mean "
                       "'%s'?",
                       word, near);
    else
        mica_param_fail(t, item, line.data);
    mica_text_free(&line);
    return -1;
}

static int read_int(const struct param_task *t, const struct param *p,
                    const cJSON *item, void *field)
{
    double value;
    int word = place(p, item);
    if (word >= 0) {
        *(int *)field = -1 - word;
        return 0;
    }
    bool expression = is_expression(t->reader, item);
    if (!expression && !cJSON_IsNumber(item))
        return p->choices ? fail_choice(t, p, item, "a whole number or ")
                          : mica_param_fail(t, item, "a whole number");
    if (mica_param_quantity(&value, item, DIMENSION_NONE, t->reader, t->err))
        return -1;
    if (value != floor(value)) {
        char digits[40];
        return mica_json_fail(t->reader->json, item, t->err,
                              "must be a whole number, not %s",
                              mica_text_digits(digits, value, 15));
    }
    if (check_limits(t, p, item, value))
        return -1;
    if (fabs(value) > INT_MAX)
        return mica_json_fail(t->reader->json, item, t->err, "is too large a number");
    *(int *)field = (int)value;
    return 0;
}

/* PARAM_FLOAT and PARAM_QUANTITY */
static int read_double(const struct param_task *t, const struct param *p,
                       const cJSON *item, void *field)
{
    enum dimension d = p->type == PARAM_QUANTITY ? p->dimension : DIMENSION_NONE;
    double value;
    if (mica_param_quantity(&value, item, d, t->reader, t->err) ||
        check_limits(t, p, item, value))
        return -1;
    *(double *)field = value;
    return 0;
}

static int read_bool(const struct param_task *t,
                     __attribute__((unused)) const struct param *p, const cJSON *item,
                     void *field)
{
    double value = cJSON_IsTrue(item);
    if (is_expression(t->reader, item)) {
        if (t->reader->resolve(t->reader->context, item, &value, t->err))
            return -1;
    } else if (!cJSON_IsBool(item))
        return mica_param_fail(t, item, "true or false");
    *(bool *)field = value != 0;
    return 0;
}

static int read_choice(const struct param_task *t, const struct param *p,
                       const cJSON *item, void *field)
{
    int word = place(p, item);
    if (word < 0)
        return fail_choice(t, p, item, "");
    *(int *)field = word;
    return 0;
}

/* Quantities in the help of a text: "of the discs: \"0.95 A\", or \"4 px\"". */
static void add_quantities(struct text *out, const char *help)
{
    for (const char *at = strchr(help, '"'), *end; at; at = strchr(end + 1, '"')) {
        end = strchr(at + 1, '"');
        if (!end)
            return;
        if (at[1] >= '0' && at[1] <= '9')
            mica_text_add(out, "%s%.*s", out->length ? " or " : ", like ",
                          (int)(end - at) + 1, at);
    }
}

static int read_text(const struct param_task *t, const struct param *p,
                     const cJSON *item, void *field)
{
    if (!cJSON_IsString(item)) {
        struct text like = {0}, wanted = {0};
        if (cJSON_IsNumber(item))
            add_quantities(&like, p->help);
        mica_text_add(&wanted, "text in double quotes%s", like.data ? like.data : "");
        mica_param_fail(t, item, wanted.data);
        mica_text_free(&like);
        mica_text_free(&wanted);
        return -1;
    }
    *(const char **)field = mica_arena_text(t->reader->arena, item->valuestring);
    return 0;
}

static int read_random(const struct param_task *t, const struct param *p,
                       const cJSON *item, void *field)
{
    struct spread spread;
    double least, most;
    if (mica_param_spread(&spread, item, p->dimension, t->reader, t->err))
        return -1;
    mica_spread_limits(&spread, &least, &most);
    if (check_limits(t, p, item, least) || check_limits(t, p, item, most))
        return -1;
    *(struct spread *)field = spread;
    return 0;
}

static int read_numbers(const struct param_task *t, const struct param *p,
                        const cJSON *item, void *field)
{
    const cJSON *entry = cJSON_IsArray(item) ? item->child : item;
    size_t count = cJSON_IsArray(item) ? (size_t)cJSON_GetArraySize(item) : 1;
    struct numbers numbers = {count, NULL};
    int status = 0;
    numbers.values = mica_arena_take(t->reader->arena, count, sizeof *numbers.values);
    for (size_t i = 0; i < count; i++, entry = entry->next) {
        double *value = &numbers.values[i];
        if (mica_param_quantity(value, entry, p->dimension, t->reader, t->err) ||
            check_limits(t, p, entry, *value))
            status = -1;
    }
    if (status == 0)
        *(struct numbers *)field = numbers;
    return status;
}

static int keep_json(__attribute__((unused)) const struct param_task *t,
                     __attribute__((unused)) const struct param *p, const cJSON *item,
                     void *field)
{
    *(const cJSON **)field = item;
    return 0;
}

static read_type *const readers[] = {
    [PARAM_INT] = read_int,       [PARAM_FLOAT] = read_double,
    [PARAM_BOOL] = read_bool,     [PARAM_CHOICE] = read_choice,
    [PARAM_TEXT] = read_text,     [PARAM_QUANTITY] = read_double,
    [PARAM_RANDOM] = read_random, [PARAM_NUMBERS] = read_numbers,
    [PARAM_JSON] = keep_json,
};

int mica_param_value(const struct param_task *t, const struct param *p,
                     const cJSON *item)
{
    return readers[p->type](t, p, item, t->target + p->offset);
}
