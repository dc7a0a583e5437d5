/* recipe_members.c - what a recipe names with its settings: {"adam": {...}}, {"adam": 0.01}
   or "adam" */
#include "apps/recipe_members.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "core/text.h"

static const char *const warmup_key[] = {"warmup", NULL};

/* The next key that is not null: null takes away what an extended recipe says. */
static const cJSON *key_from(const cJSON *child)
{
    while (child && cJSON_IsNull(child))
        child = child->next;
    return child;
}

static const cJSON *member_key(const cJSON *item)
{
    return cJSON_IsObject(item) ? key_from(item->child) : NULL;
}

static const char *member_name(const cJSON *item)
{
    if (cJSON_IsString(item))
        return item->valuestring;
    const cJSON *key = member_key(item);
    return key && !key_from(key->next) ? key->string : NULL;
}

/* The settings of a member: an object of keys, or the value of the first of them. */
static int read_settings(struct recipe *r, struct member *m, const cJSON *value,
                         const struct param *table, size_t size,
                         const char *const *others, struct error *err)
{
    struct reader reader = {.json = r->json, .arena = r->arena};
    const cJSON *object = cJSON_IsObject(value) ? value : NULL;
    static const struct param nothing[] = {{0}};
    m->params = mica_arena_take(r->arena, 1, size + 1);
    return mica_param_read(table ? table : nothing, m->params, object ? NULL : value,
                           object, others, &reader, err);
}

static int read_member(struct recipe *r, struct member *m, const struct param *table,
                       size_t size, const char *const *others, struct error *err)
{
    return read_settings(r, m, member_key(m->item), table, size, others, err);
}

typedef const char *name_at(size_t i); /* NULL at the end */

static const char *loss_name(size_t i)
{
    size_t losses = 0;
    for (size_t k = 0; mica_layer(k); k++)
        if (mica_layer(k)->activation && losses++ == i)
            return mica_layer(k)->name;
    return NULL;
}

static const char *optimizer_name(size_t i)
{
    return mica_optimizer(i) ? mica_optimizer(i)->name : NULL;
}

static const char *schedule_name(size_t i)
{
    return mica_schedule(i) ? mica_schedule(i)->name : NULL;
}

static const char *scheme_name(size_t i)
{
    return mica_initializer(i) ? mica_initializer(i)->name : NULL;
}

static int unknown(const struct recipe *r, const cJSON *item, const char *what,
                   name_at *names, struct error *err)
{
    struct text list = {0};
    for (size_t i = 0; names(i); i++)
        mica_text_add(&list, "%s%s", i ? ", " : "", names(i));
    const char *found = member_name(item);
    const cJSON *first = member_key(item),
                *second = first ? key_from(first->next) : NULL;
    if (found)
        mica_json_fail(r->json, item, err, "no %s is called '%s'; there are %s", what,
                       found, list.data);
    else if (second)
        mica_json_fail(r->json, item, err,
                       "must be one %s, not both '%s' and '%s'; null takes one away "
                       "that an extended recipe has: \"%s\": null",
                       what, first->string, second->string, first->string);
    else
        mica_json_fail(
            r->json, item, err,
            "must be one %s with its settings, like {\"%s\": {}}; there are %s", what,
            names(0) ? names(0) : "", list.data ? list.data : "none");
    mica_text_free(&list);
    return -1;
}

struct aim_item {
    const char *output;
    double weight;
    int truth;
};

static const char *const truths[] = {"labels", "image", NULL};

const struct param mica_recipe_aim_params[] = {
    {"output", PARAM_TEXT, offsetof(struct aim_item, output), 0, PARAM_ANY,
     "an output of the network, or a node's id; not given: the first output"},
    {"weight", PARAM_FLOAT, offsetof(struct aim_item, weight), 1, 0, 1e9,
     "what the loss is multiplied by in the sum"},
    {"truth", PARAM_CHOICE, offsetof(struct aim_item, truth), TRUTH_LABELS, 0, 1,
     "what it is compared with: the labels, or the image that went in", truths},
    {0}};

static bool is_aim_key(const char *key)
{
    for (const struct param *p = mica_recipe_aim_params; p->name; p++)
        if (strcmp(p->name, key) == 0)
            return true;
    return false;
}

/* The key of an aim that names its loss; the first where there are several. */
static const cJSON *loss_key(const cJSON *item)
{
    const cJSON *key = member_key(item);
    while (key && is_aim_key(key->string))
        key = key_from(key->next);
    return key;
}

/* "class_weights": "auto" is known when the data is. */
static bool wants_weights(const struct layer *loss, const cJSON *settings)
{
    const cJSON *weights = cJSON_GetObjectItemCaseSensitive(settings, "class_weights");
    bool known = false;
    for (const struct param *p = loss->params; p && p->name; p++)
        known = known || strcmp(p->name, "class_weights") == 0;
    return known && cJSON_IsString(weights) &&
           strcmp(weights->valuestring, "auto") == 0;
}

/* The settings of an aim's loss but those weights. */
static int read_loss(struct recipe *r, struct aim *aim, const cJSON *settings,
                     struct error *err)
{
    static const char *const later[] = {"class_weights", NULL};
    const struct layer *loss = aim->loss.what;
    aim->weigh = wants_weights(loss, settings);
    r->weigh = r->weigh || aim->weigh;
    return read_settings(r, &aim->loss, settings, loss->params, loss->params_size,
                         aim->weigh ? later : NULL, err);
}

static int read_aim(struct recipe *r, const cJSON *item, struct error *err)
{
    struct aim_item fields;
    struct reader reader = {.json = r->json, .arena = r->arena};
    const cJSON *key = loss_key(item);
    const char *others[] = {key ? key->string : NULL, NULL};
    const struct layer *layer = key ? mica_layer_find(key->string) : NULL;
    if (key && (!layer || !layer->activation))
        return mica_json_fail(r->json, key, err,
                              "no loss is called '%s', nor any other key here; `mica "
                              "layers` lists the losses",
                              key->string);
    if (!key)
        return mica_json_fail(
            r->json, item, err,
            "must be a loss with its settings, and where it is meant: "
            "{\"output\": \"mask\", \"weight\": 0.5, \"dice\": {}}");
    if (mica_param_read(mica_recipe_aim_params, &fields, NULL, item, others, &reader,
                        err))
        return -1;
    struct aim *aim = &r->aims[r->aim_count++];
    *aim = (struct aim){.loss = {.what = layer, .item = item},
                        .output = fields.output,
                        .weight = fields.weight,
                        .truth = fields.truth,
                        .item = item};
    return read_loss(r, aim, key, err);
}

static int read_aims(struct recipe *r, const cJSON *list, struct error *err)
{
    const cJSON *each;
    int count = cJSON_GetArraySize(list), status = 0;
    if (count < 1 || count > MICA_INPUTS_MAX)
        return mica_json_fail(r->json, list, err, "must have 1 to %d losses, not %d",
                              (int)MICA_INPUTS_MAX, count);
    r->aims = mica_arena_take(r->arena, (size_t)count, sizeof *r->aims);
    cJSON_ArrayForEach(each, list) status = read_aim(r, each, err) ? -1 : status;
    if (!status)
        r->loss = r->aims[0].loss;
    return status;
}

int mica_recipe_read_loss(struct recipe *r, const cJSON *item, struct error *err)
{
    if (cJSON_IsArray(item))
        return read_aims(r, item, err);
    const char *name = member_name(item);
    const struct layer *layer = name ? mica_layer_find(name) : NULL;
    if (!layer || !layer->activation)
        return unknown(r, item, "loss", loss_name, err);
    struct aim *aim = r->aims = mica_arena_take(r->arena, 1, sizeof *r->aims);
    r->aim_count = 1;
    *aim =
        (struct aim){.loss = {.what = layer, .item = item}, .weight = 1, .item = item};
    int status = read_loss(r, aim, member_key(item), err);
    r->loss = aim->loss;
    return status;
}

int mica_recipe_read_optimizer(struct recipe *r, const cJSON *item, struct error *err)
{
    const char *name = member_name(item);
    const struct optimizer *optimizer = name ? mica_optimizer_find(name) : NULL;
    if (!optimizer)
        return unknown(r, item, "optimizer", optimizer_name, err);
    r->optimizer = (struct member){.what = optimizer, .item = item};
    if (read_member(r, &r->optimizer, optimizer->params, optimizer->params_size, NULL,
                    err))
        return -1;
    const char *base = r->optimizer.params;
    memcpy(&r->rate, base + optimizer->params[0].offset, sizeof r->rate);
    return 0;
}

static int read_warmup(struct recipe *r, const cJSON *item, struct error *err)
{
    const cJSON *settings = member_key(item);
    const cJSON *warmup = cJSON_GetObjectItemCaseSensitive(settings, "warmup");
    if (!warmup)
        return 0;
    char *end = NULL;
    double number =
        cJSON_IsString(warmup) ? mica_text_number(warmup->valuestring, &end) : -1;
    while (end && *end == ' ')
        end++;
    bool epochs = end && (strcmp(end, "epochs") == 0 || strcmp(end, "epoch") == 0);
    bool steps = end && (strcmp(end, "steps") == 0 || strcmp(end, "step") == 0);
    if (!(number >= 0 && number < 1e9 && number == floor(number)) ||
        (!epochs && !steps))
        return mica_json_fail(
            r->json, warmup, err,
            "must be a whole number of epochs or steps, like \"2 epochs\"");
    r->warmup = (uint64_t)number;
    r->warmup_epochs = epochs;
    return 0;
}

int mica_recipe_read_schedule(struct recipe *r, const cJSON *item, struct error *err)
{
    const char *name = item ? member_name(item) : "constant";
    const struct schedule *schedule = name ? mica_schedule_find(name) : NULL;
    if (!schedule)
        return unknown(r, item, "schedule", schedule_name, err);
    r->schedule = (struct member){.what = schedule, .item = item};
    int status = read_member(r, &r->schedule, schedule->params, schedule->params_size,
                             warmup_key, err);
    return read_warmup(r, item, err) || status ? -1 : 0;
}

int mica_recipe_read_scheme(struct recipe *r, const cJSON *item, struct error *err)
{
    const char *name = item ? member_name(item) : "pytorch";
    const struct initializer *scheme = name ? mica_initializer_find(name) : NULL;
    if (!scheme)
        return unknown(r, item, "scheme", scheme_name, err);
    r->scheme = (struct member){.what = scheme, .item = item};
    return read_member(r, &r->scheme, scheme->params, scheme->params_size, NULL, err);
}
