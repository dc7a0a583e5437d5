/* param.c - a table of parameters: reading, defaults, what is missing or unknown */
#include "core/param.h"
#include "core/param_value.h"
#include <string.h>

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

static int fail_key(const struct param_task *t, const cJSON *item,
                    const char *const *others)
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
        mica_param_words(&line, names, "");
    }
    mica_json_fail(t->reader->json, item, t->err, "%s", line.data);
    mica_text_free(&line);
    return -1;
}

static int read_object(const struct param_task *t, const cJSON *object,
                       const char *const *others)
{
    int status = 0;
    for (const cJSON *item = object ? object->child : NULL; item; item = item->next) {
        const struct param *p = find(t->table, item->string);
        if (p && !is_among(p->name, others))
            status |= mica_param_value(t, p, item);
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
static int find_missing(const struct param_task *t, bool main_given, const cJSON *inner,
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
    struct param_task t = {table, target, reader, err};
    const struct param *first = table;
    const cJSON *inner = main && holds_keys(first, main) ? main : NULL;
    bool main_given = main && !inner;
    int status = 0;
    mica_param_standard(table, target);
    if (object && !cJSON_IsObject(object))
        return mica_param_fail(&t, object, "an object");
    if (main_given && !first->name)
        status = mica_param_fail(&t, main, "{}: it takes no values");
    else if (main_given)
        status = mica_param_value(&t, first, main);
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
