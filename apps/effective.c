/* effective.c - a recipe as it counts: every default filled in, files where they are */
#define _XOPEN_SOURCE 700 /* realpath */
#include "apps/effective.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/param_whole.h"
#include "core/text.h"
#include "datasets/split.h"
#include "datasets/truth.h"

static void replace(cJSON *object, const char *key, cJSON *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    cJSON_AddItemToObject(object, key, value);
}

static const cJSON *key_of(const cJSON *item, const char *key)
{
    return cJSON_IsObject(item) ? cJSON_GetObjectItemCaseSensitive(item, key) : NULL;
}

/* ---- files ---- */

/* The folder of the file that names something, as an absolute path. */
static char *folder_of(const char *origin)
{
    const char *slash = strrchr(origin, '/');
    struct text folder = {0};
    mica_text_append(&folder, origin, slash ? (size_t)(slash - origin) + 1 : 0);
    char *real = realpath(slash ? folder.data : ".", NULL);
    mica_text_free(&folder);
    return real;
}

/* Whether a name leads to `path` from any folder: the file came with mica. */
static bool comes_with_mica(const char *name, const char *path)
{
    static const char *const kinds[] = {"nets", "recipes"};
    char *wanted = realpath(path, NULL);
    bool same = false;
    for (size_t i = 0; wanted && i < sizeof kinds / sizeof *kinds; i++) {
        char *found = mica_file_find(name, NULL, kinds[i], NULL);
        char *real = found && strcmp(found, name) != 0 ? realpath(found, NULL) : NULL;
        same = same || (real && strcmp(real, wanted) == 0);
        free(real);
        free(found);
    }
    free(wanted);
    return same;
}

/* What lies beside the recipe or was found elsewhere, patterns too, is named in full:
   config.json lies in another folder. What comes with mica, no data, keeps its name. */
static void name_file(const struct recipe *r, cJSON *object, const char *key,
                      const cJSON *item, bool data)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, key);
    const char *text = cJSON_IsString(name) ? name->valuestring : NULL;
    char *folder =
        text && text[0] != '/' ? folder_of(mica_json_origin(r->json, item)) : NULL;
    struct text from = {0}, path = {0};
    if (!folder)
        return;
    mica_text_add(&from, "%s/", folder);
    char *found = mica_file_find_pattern(text, from.data);
    char *here = found[0] == '/' ? NULL : folder_of("");
    mica_text_add(&path, "%s%s%s", here ? here : "", here ? "/" : "", found);
    bool there = strpbrk(text, "*?{") || mica_file_exists(path.data);
    if (there && (data || !comes_with_mica(text, path.data)))
        replace(object, key, cJSON_CreateString(path.data));
    mica_text_free(&from);
    mica_text_free(&path);
    free(found);
    free(here);
    free(folder);
}

/* ---- sections ---- */

static cJSON *whole_net(const struct recipe *r, const cJSON *item)
{
    struct text text = {0};
    cJSON *net = mica_param_whole(mica_recipe_net_params, item);
    name_file(r, net, "file", cJSON_IsObject(item) ? key_of(item, "file") : item,
              false);
    mica_net_write(r->net, &text);
    cJSON *written = cJSON_Parse(text.data);
    cJSON *params = cJSON_DetachItemFromObjectCaseSensitive(written, "params");
    if (params)
        replace(net, "params", params);
    cJSON_Delete(written);
    mica_text_free(&text);
    return net;
}

static cJSON *whole_source(const struct recipe *r, const cJSON *item);

/* Sources inside a source. */
static cJSON *whole_mix(const struct recipe *r, const cJSON *list)
{
    cJSON *whole = cJSON_CreateArray();
    const cJSON *each;
    cJSON_ArrayForEach(each, list)
    {
        cJSON_AddItemToArray(whole, whole_source(r, each));
    }
    return whole;
}

/* A source with what is true of it; the first key of each names files. */
static cJSON *whole_source(const struct recipe *r, const cJSON *item)
{
    const struct source *source = NULL;
    const struct truth *truth = NULL;
    struct reader reader = {.json = r->json, .arena = r->arena};
    for (size_t i = 0; mica_source(i) && !source; i++)
        if (key_of(item, mica_source(i)->params[0].name))
            source = mica_source(i);
    if (source && source->labelled)
        truth = mica_truth_of(item, &reader, NULL);
    if (!source || (source->labelled && !truth))
        return cJSON_Duplicate(item, true);
    const struct param *table = mica_source_table(source, truth, r->arena);
    cJSON *whole = mica_param_whole(table, item);
    const char *names[] = {source->params[0].name,
                           truth && !truth->mark ? truth->params[0].name : NULL};
    for (size_t i = 0; i < 2 && names[i]; i++)
        name_file(r, whole, names[i], key_of(item, names[i]), source->labelled);
    if (key_of(item, "mix"))
        replace(whole, "mix", whole_mix(r, key_of(item, "mix")));
    if (key_of(item, "split"))
        replace(whole, "split",
                mica_param_whole(mica_split_params, key_of(item, "split")));
    return whole;
}

static cJSON *whole_data(const struct recipe *r, const cJSON *item)
{
    const cJSON *train = key_of(item, "train"), *check = key_of(item, "validation");
    if (!train)
        return whole_source(r, item);
    cJSON *whole = cJSON_CreateObject();
    cJSON_AddItemToObject(whole, "train", whole_source(r, train));
    if (check)
        cJSON_AddItemToObject(whole, "validation", whole_source(r, check));
    return whole;
}

static cJSON *whole_member(const struct member *member, const char *name,
                           const struct param *table)
{
    static const struct param nothing[] = {{0}};
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToObject(
        object, name,
        mica_param_whole(table ? table : nothing, key_of(member->item, name)));
    return object;
}

static cJSON *whole_init(const struct recipe *r, const cJSON *item)
{
    cJSON *init = mica_param_whole(mica_recipe_init_params, item);
    const struct initializer *scheme = r->scheme.what;
    replace(init, "scheme", whole_member(&r->scheme, scheme->name, scheme->params));
    name_file(r, init, "from", key_of(item, "from"), false);
    return init;
}

static cJSON *whole_loss(const struct recipe *r)
{
    const struct layer *loss = r->loss.what;
    if (!cJSON_IsArray(key_of(r->train, "loss")))
        return whole_member(&r->loss, loss->name, loss->params);
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < r->aim_count; i++) {
        static const struct param nothing[] = {{0}};
        const struct aim *aim = &r->aims[i];
        loss = aim->loss.what;
        cJSON *one = mica_param_whole(mica_recipe_aim_params, aim->item);
        replace(one, loss->name,
                mica_param_whole(loss->params ? loss->params : nothing,
                                 key_of(aim->item, loss->name)));
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *whole_train(const struct recipe *r)
{
    const struct optimizer *optimizer = r->optimizer.what;
    const struct schedule *schedule = r->schedule.what;
    cJSON *t = mica_param_whole(mica_recipe_train_params, r->train);
    replace(t, "loss", whole_loss(r));
    replace(t, "optimizer",
            whole_member(&r->optimizer, optimizer->name, optimizer->params));
    replace(t, "schedule",
            whole_member(&r->schedule, schedule->name, schedule->params));
    replace(t, "shards", cJSON_CreateNumber(r->shards));
    replace(t, "clip",
            mica_param_whole(mica_recipe_clip_params, key_of(r->train, "clip")));
    replace(t, "checkpoint",
            mica_param_whole(mica_recipe_checkpoint_params,
                             key_of(r->train, "checkpoint")));
    if (r->ema)
        replace(t, "ema",
                mica_param_whole(mica_recipe_ema_params, key_of(r->train, "ema")));
    if (r->patience)
        replace(t, "stop",
                mica_param_whole(mica_recipe_stop_params, key_of(r->train, "stop")));
    return t;
}

/* ---- the whole ---- */

cJSON *mica_recipe_effective(const struct recipe *r)
{
    const cJSON *root = mica_json_root(r->json);
    cJSON *whole = mica_param_whole(mica_recipe_params, root);
    cJSON_DeleteItemFromObjectCaseSensitive(whole, "extends"); /* it is laid over */
    cJSON_DeleteItemFromObjectCaseSensitive(whole, "$schema");
    replace(whole, "net", whole_net(r, key_of(root, "net")));
    replace(whole, "data", whole_data(r, r->data));
    replace(whole, "normalise", mica_normalise_json(&r->normalise));
    replace(whole, "init", whole_init(r, key_of(root, "init")));
    replace(whole, "train", whole_train(r));
    return whole;
}

bool mica_recipe_continues(const struct recipe *r, const struct recipe *before)
{
    static const char *const free_keys[] = {"epochs", "stop", "checkpoint"};
    cJSON *a = mica_recipe_effective(r), *b = mica_recipe_effective(before);
    for (size_t i = 0; i < sizeof free_keys / sizeof *free_keys; i++) {
        cJSON_DeleteItemFromObjectCaseSensitive(
            cJSON_GetObjectItemCaseSensitive(a, "train"), free_keys[i]);
        cJSON_DeleteItemFromObjectCaseSensitive(
            cJSON_GetObjectItemCaseSensitive(b, "train"), free_keys[i]);
    }
    bool same = cJSON_Compare(a, b, true);
    cJSON_Delete(a);
    cJSON_Delete(b);
    return same;
}

static bool is_short(double number)
{
    char digits[40];
    double read = mica_text_number(mica_text_digits(digits, number, 15), NULL);
    return !(read < number) && !(read > number);
}

/* cJSON writes 15 digits, which are not every bit of every number. */
static void write_exactly(cJSON *item)
{
    char digits[40];
    for (cJSON *child = item->child, *next; child; child = next) {
        next = child->next;
        write_exactly(child);
        if (!cJSON_IsNumber(child) || is_short(child->valuedouble))
            continue;
        cJSON *raw = cJSON_CreateRaw(mica_text_digits(digits, child->valuedouble, 17));
        raw->string = child->string;
        child->string = NULL;
        cJSON_ReplaceItemViaPointer(item, child, raw);
    }
}

char *mica_recipe_write(const struct recipe *r)
{
    cJSON *whole = mica_recipe_effective(r);
    write_exactly(whole);
    char *text = cJSON_Print(whole);
    MICA_CHECK(text);
    cJSON_Delete(whole);
    return text;
}
