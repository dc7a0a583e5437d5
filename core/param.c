/* param.c - a table of parameters: reading, defaults, limits, messages */
#include "core/param.h"
#include "core/text.h"
#include <limits.h>
#include <string.h>

/* What a reading carries from parameter to parameter. */
struct task {
    const struct param *table;
    char *target;
    const struct reader *reader;
    struct error *err;
};

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

static int fail_type(const struct task *t, const cJSON *item, const char *wanted)
{
    char words[64];
    return mica_json_fail(t->reader->json, item, t->err, "must be %s, not %s", wanted,
                          found(words, item));
}

/* "a, b or c", from a list that ends with NULL. */
static void add_words(struct text *out, const char *const *words, const char *quote)
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
    struct task t = {.reader = reader, .err = err};
    struct error inner = {0};
    if (is_expression(reader, item)) {
        if (reader->resolve(reader->context, item, out, err))
            return -1;
        return isfinite(*out) ? 0 : fail_type(&t, item, "a finite number");
    }
    if (dimension == DIMENSION_NONE) {
        *out = item->valuedouble;
        return cJSON_IsNumber(item) ? 0 : fail_type(&t, item, "a number");
    }
    if (cJSON_IsNumber(item))
        return mica_json_fail(reader->json, item, err,
                              "needs a unit, for example \"%s\"",
                              mica_units_example(dimension));
    if (!cJSON_IsString(item)) {
        char wanted[80];
        snprintf(wanted, sizeof wanted, "a %s with a unit, for example \"%s\"",
                 mica_units_name(dimension), mica_units_example(dimension));
        return fail_type(&t, item, wanted);
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

/* "16" or "16 A" */
static void add_limit(struct text *out, double limit, enum dimension dimension)
{
    char digits[40];
    const char *unit = mica_units_unit(dimension, 0);
    mica_text_add(out, "%s%s%s", mica_text_digits(digits, limit, 10), unit ? " " : "",
                  unit ? unit : "");
}

static int fail_limits(const struct task *t, const struct param *p, const cJSON *item,
                       double value)
{
    struct text line = {0};
    char digits[40], words[64];
    bool low = p->least > -HUGE_VAL, high = p->most < HUGE_VAL;
    mica_text_add(&line, "must be %s ",
                  low && high ? "between"
                  : low       ? "at least"
                              : "at most");
    if (low)
        add_limit(&line, p->least, p->dimension);
    if (low && high)
        mica_text_add(&line, " and ");
    if (high)
        add_limit(&line, p->most, p->dimension);
    bool plain =
        cJSON_IsNumber(item) || !cJSON_IsString(item) || is_expression(t->reader, item);
    mica_json_fail(t->reader->json, item, t->err, "%s, not %s", line.data,
                   plain ? mica_text_digits(digits, value, 15) : found(words, item));
    mica_text_free(&line);
    return -1;
}

static int check_limits(const struct task *t, const struct param *p, const cJSON *item,
                        double value)
{
    if (limited(p) && !(value >= p->least && value <= p->most))
        return fail_limits(t, p, item, value);
    return 0;
}

/* --- one reader a type: 0 or -1 --- */

typedef int read_type(const struct task *t, const struct param *p, const cJSON *item,
                      void *field);

/* The place of a word in the choices, -1 where it is not among them. */
static int place(const struct param *p, const cJSON *item)
{
    for (int i = 0; cJSON_IsString(item) && p->choices && p->choices[i]; i++)
        if (strcmp(p->choices[i], item->valuestring) == 0)
            return i;
    return -1;
}

static int fail_choice(const struct task *t, const struct param *p, const cJSON *item,
                       const char *also)
{
    size_t count = 0;
    struct text line = {0};
    while (p->choices[count])
        count++;
    const char *word = cJSON_IsString(item) ? item->valuestring : "";
    const char *near = mica_text_nearest(word, p->choices, count);
    mica_text_add(&line, "%s", also);
    add_words(&line, p->choices, "'");
    if (near)
        mica_json_fail(t->reader->json, item, t->err,
                       "'%.40s' is not known; did you mean "
                       "'%s'?",
                       word, near);
    else
        fail_type(t, item, line.data);
    mica_text_free(&line);
    return -1;
}

static int read_int(const struct task *t, const struct param *p, const cJSON *item,
                    void *field)
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
                          : fail_type(t, item, "a whole number");
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
static int read_double(const struct task *t, const struct param *p, const cJSON *item,
                       void *field)
{
    enum dimension d = p->type == PARAM_QUANTITY ? p->dimension : DIMENSION_NONE;
    double value;
    if (mica_param_quantity(&value, item, d, t->reader, t->err) ||
        check_limits(t, p, item, value))
        return -1;
    *(double *)field = value;
    return 0;
}

static int read_bool(const struct task *t,
                     __attribute__((unused)) const struct param *p, const cJSON *item,
                     void *field)
{
    double value = cJSON_IsTrue(item);
    if (is_expression(t->reader, item)) {
        if (t->reader->resolve(t->reader->context, item, &value, t->err))
            return -1;
    } else if (!cJSON_IsBool(item))
        return fail_type(t, item, "true or false");
    *(bool *)field = value != 0;
    return 0;
}

static int read_choice(const struct task *t, const struct param *p, const cJSON *item,
                       void *field)
{
    int word = place(p, item);
    if (word < 0)
        return fail_choice(t, p, item, "");
    *(int *)field = word;
    return 0;
}

static int read_text(const struct task *t,
                     __attribute__((unused)) const struct param *p, const cJSON *item,
                     void *field)
{
    if (!cJSON_IsString(item))
        return fail_type(t, item, "text in double quotes");
    *(const char **)field = mica_arena_text(t->reader->arena, item->valuestring);
    return 0;
}

static int read_random(const struct task *t, const struct param *p, const cJSON *item,
                       void *field)
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

static int read_numbers(const struct task *t, const struct param *p, const cJSON *item,
                        void *field)
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

static int keep_json(__attribute__((unused)) const struct task *t,
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

static int read_one(const struct task *t, const struct param *p, const cJSON *item)
{
    return readers[p->type](t, p, item, t->target + p->offset);
}

/* --- the whole table --- */

static void set_standard(const struct param *p, void *field)
{
    double standard = isnan(p->standard) ? 0 : p->standard;
    switch (p->type) {
    case PARAM_INT:
    case PARAM_CHOICE:
        *(int *)field = (int)standard;
        break;
    case PARAM_FLOAT:
    case PARAM_QUANTITY:
        *(double *)field = standard;
        break;
    case PARAM_BOOL:
        *(bool *)field = standard != 0;
        break;
    case PARAM_TEXT:
        *(const char **)field = NULL;
        break;
    case PARAM_RANDOM:
        *(struct spread *)field = (struct spread){.a = standard};
        break;
    case PARAM_NUMBERS:
        *(struct numbers *)field = (struct numbers){0};
        break;
    default:
        *(const cJSON **)field = NULL;
    }
}

void mica_param_standard(const struct param *table, void *target)
{
    for (const struct param *p = table; p->name; p++)
        set_standard(p, (char *)target + p->offset);
}

static bool is_among(const char *word, const char *const *words)
{
    for (; words && *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static const struct param *find(const struct param *table, const char *name)
{
    for (const struct param *p = table; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

static int fail_key(const struct task *t, const cJSON *item, const char *const *others)
{
    enum { MOST = 128 };
    const char *names[MOST + 1];
    size_t count = 0;
    for (const struct param *p = t->table; p->name && count < MOST; p++)
        names[count++] = p->name;
    for (; others && *others && count < MOST; others++)
        names[count++] = *others;
    names[count] = NULL;
    const char *near = mica_text_nearest(item->string, names, count);
    struct text line = {0};
    mica_text_add(&line, "unknown key '%.60s'", item->string);
    if (near)
        mica_text_add(&line, "; did you mean '%s'?", near);
    else if (count == 0)
        mica_text_add(&line, "; there are no keys here");
    else {
        mica_text_add(&line, "; known are ");
        add_words(&line, names, "");
    }
    mica_json_fail(t->reader->json, item, t->err, "%s", line.data);
    mica_text_free(&line);
    return -1;
}

static int read_object(const struct task *t, const cJSON *object,
                       const char *const *others)
{
    int status = 0;
    for (const cJSON *item = object ? object->child : NULL; item; item = item->next) {
        const struct param *p = find(t->table, item->string);
        if (p && !is_among(p->name, others))
            status |= read_one(t, p, item);
        else if (!p && !is_among(item->string, others))
            status |= fail_key(t, item, others);
    }
    return status;
}

/* Whether `main` holds the keys ({"dropout": {"rate": 0.5}}) or is the first one's value. */
static bool holds_keys(const struct param *first, const cJSON *main)
{
    if (!cJSON_IsObject(main) || first->type == PARAM_JSON)
        return false;
    return first->type != PARAM_RANDOM || !mica_param_is_spread(main);
}

/* What must be given and was not. */
static int find_missing(const struct task *t, bool main_given, const cJSON *inner,
                        const cJSON *object, const cJSON *blamed)
{
    int status = 0;
    for (const struct param *p = t->table; p->name; p++) {
        bool given = (p == t->table && main_given) ||
                     cJSON_GetObjectItemCaseSensitive(inner, p->name) ||
                     cJSON_GetObjectItemCaseSensitive(object, p->name);
        if (isnan(p->standard) && !given)
            status = mica_json_fail(t->reader->json, blamed, t->err, "needs '%s': %s",
                                    p->name, p->help);
    }
    return status;
}

int mica_param_read(const struct param *table, void *target, const cJSON *main,
                    const cJSON *object, const char *const *others,
                    const struct reader *reader, struct error *err)
{
    struct task t = {table, target, reader, err};
    const struct param *first = table;
    const cJSON *inner = main && holds_keys(first, main) ? main : NULL;
    bool main_given = main && !inner;
    int status = 0;
    mica_param_standard(table, target);
    if (object && !cJSON_IsObject(object))
        return fail_type(&t, object, "an object");
    if (main_given && !first->name)
        status = fail_type(&t, main, "{}: it takes no values");
    else if (main_given)
        status = read_one(&t, first, main);
    const cJSON *twice = main_given && first->name && !is_among(first->name, others)
                             ? cJSON_GetObjectItemCaseSensitive(object, first->name)
                             : NULL;
    if (twice)
        status = mica_json_fail(reader->json, twice, err, "'%s' is given twice",
                                first->name);
    status |= read_object(&t, inner, NULL);
    status |= read_object(&t, object, others);
    const cJSON *blamed = inner ? inner : object ? object : main ? main : reader->place;
    status |= find_missing(&t, main_given, inner, object, blamed);
    return status;
}
