/* recipe.c - reading an experiment */
#include "apps/recipe.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/recipe_members.h"
#include "apps/sets.h"
#include "core/file.h"
#include "core/text.h"

struct top {
    int version, crop;
    const char *note, *smaller;
    const cJSON *net, *data, *normalise, *augment, *init, *train;
};

const struct param mica_recipe_params[] = {
    {"mica_run", PARAM_INT, offsetof(struct top, version), PARAM_NEEDED, 1, 1,
     "the version of this format: 1"},
    {"net", PARAM_JSON, offsetof(struct top, net), PARAM_NEEDED, PARAM_ANY,
     "the network: {\"file\": \"resunet.json\", \"params\": {...}}"},
    {"data", PARAM_JSON, offsetof(struct top, data), PARAM_NEEDED, PARAM_ANY,
     "{\"train\": {...}, \"validation\": {...}}, or one source with a \"split\""},
    {"crop", PARAM_INT, offsetof(struct top, crop), 0, 0, 65536,
     "side of the squares that images are cut to, in pixels; 0: whole images"},
    {"normalise", PARAM_JSON, offsetof(struct top, normalise), 0, PARAM_ANY,
     "what is done to values first: {\"kind\": \"standardise\", \"scope\": \"image\"}"},
    {"augment", PARAM_JSON, offsetof(struct top, augment), 0, PARAM_ANY,
     "changes of training samples, in turn: [\"dihedral\", {\"gamma\": {\"uniform\": "
     "[0.8, 1.2]}}]"},
    {"init", PARAM_JSON, offsetof(struct top, init), 0, PARAM_ANY,
     "first weights: {\"scheme\": \"pytorch\"} or {\"from\": \"weights.safetensors\"}"},
    {"train", PARAM_JSON, offsetof(struct top, train), PARAM_NEEDED, PARAM_ANY,
     "loss, optimizer, schedule, batch, epochs, ..."},
    {"note", PARAM_TEXT, offsetof(struct top, note), 0, PARAM_ANY, "for people"},
    {"smaller", PARAM_TEXT, offsetof(struct top, smaller), 0, PARAM_ANY,
     "a cheaper recipe that the first line of a run names"},
    {0}};

struct net_item {
    const char *file;
    const cJSON *params;
};

const struct param mica_recipe_net_params[] = {
    {"file", PARAM_TEXT, offsetof(struct net_item, file), PARAM_NEEDED, PARAM_ANY,
     "the network's JSON"},
    {"params", PARAM_JSON, offsetof(struct net_item, params), 0, PARAM_ANY,
     "values for its parameters"},
    {0}};

struct init_item {
    const char *from;
    const cJSON *scheme, *skip, *freeze;
};

const struct param mica_recipe_init_params[] = {
    {"scheme", PARAM_JSON, offsetof(struct init_item, scheme), 0, PARAM_ANY,
     "how weights are drawn: \"pytorch\" (default), {\"orthogonal\": {\"gain\": 1}}"},
    {"from", PARAM_TEXT, offsetof(struct init_item, from), 0, PARAM_ANY,
     "a file of weights to start from"},
    {"skip", PARAM_JSON, offsetof(struct init_item, skip), 0, PARAM_ANY,
     "names (with * and ?) that are not taken from the file: [\"fc.*\"]"},
    {"freeze", PARAM_JSON, offsetof(struct init_item, freeze), 0, PARAM_ANY,
     "names that training leaves alone: [\"conv1*\", \"layer1.*\"]"},
    {0}};

struct train_item {
    const cJSON *loss, *optimizer, *schedule, *stop, *checkpoint, *clip, *ema, *rates;
    int batch, accumulate, shards, samples, epochs, validate;
    double seed;
    int precision;
    bool balance, recompute;
};

const struct param mica_recipe_train_params[] = {
    {"loss", PARAM_JSON, offsetof(struct train_item, loss), PARAM_NEEDED, PARAM_ANY,
     "{\"dice\": {}}; `mica layers` lists the losses"},
    {"optimizer", PARAM_JSON, offsetof(struct train_item, optimizer), PARAM_NEEDED,
     PARAM_ANY, "{\"adam\": {\"lr\": 0.001}}"},
    {"schedule", PARAM_JSON, offsetof(struct train_item, schedule), 0, PARAM_ANY,
     "{\"cosine\": {\"warmup\": \"2 epochs\"}}; without it the rate stays"},
    {"batch", PARAM_INT, offsetof(struct train_item, batch), 8, 1, 65536,
     "samples that go through the network at once"},
    {"accumulate", PARAM_INT, offsetof(struct train_item, accumulate), 1, 1, 65536,
     "batches of a step, whose gradients are averaged: larger steps in the same "
     "memory"},
    {"shards", PARAM_INT, offsetof(struct train_item, shards), 0, 0, 1024,
     "equal parts of a batch whose sums are joined last, a power of two; 0: the "
     "largest up "
     "to 4 that divides the batch"},
    {"samples_per_epoch", PARAM_INT, offsetof(struct train_item, samples), 0, 0, 1e9,
     "0: all there are"},
    {"epochs", PARAM_INT, offsetof(struct train_item, epochs), PARAM_NEEDED, 1, 1e6,
     "how often"},
    {"validate_every", PARAM_INT, offsetof(struct train_item, validate), 1, 1, 1e6,
     "epochs from validation to validation"},
    {"seed", PARAM_FLOAT, offsetof(struct train_item, seed), 1, 0, 9e15,
     "of first weights, order and dropout"},
    {"balance", PARAM_BOOL, offsetof(struct train_item, balance), 0, PARAM_ANY,
     "draw images of every class alike often, however many there are of each"},
    {"precision", PARAM_CHOICE, offsetof(struct train_item, precision), 0, 0, 0,
     "of values that gradients need: bf16 keeps them in half the memory; weights, sums "
     "and "
     "losses are fp32",
     mica_type_words},
    {"recompute", PARAM_BOOL, offsetof(struct train_item, recompute), 0, PARAM_ANY,
     "make values again when gradients need them rather than keep them: about half the "
     "memory, up to a third more time, the same numbers"},
    {"clip", PARAM_JSON, offsetof(struct train_item, clip), 0, PARAM_ANY,
     "limits of the gradients: {\"norm\": 1} or {\"value\": 0.5}"},
    {"ema", PARAM_JSON, offsetof(struct train_item, ema), 0, PARAM_ANY,
     "{\"decay\": 0.999}: validate and keep a running mean of the weights"},
    {"rates", PARAM_JSON, offsetof(struct train_item, rates), 0, PARAM_ANY,
     "factors of the rate by name: [{\"down1.*\": 0.1}, {\"*.bias\": 2}]; the first "
     "that "
     "fits counts"},
    {"stop", PARAM_JSON, offsetof(struct train_item, stop), 0, PARAM_ANY,
     "{\"patience\": 20}: the run ends after so many epochs without a lower "
     "validation loss"},
    {"checkpoint", PARAM_JSON, offsetof(struct train_item, checkpoint), 0, PARAM_ANY,
     "{\"every\": \"10 min\"}"},
    {0}};

struct clip_item {
    double norm, value;
};
const struct param mica_recipe_clip_params[] = {
    {"norm", PARAM_FLOAT, offsetof(struct clip_item, norm), 0, 0, 1e9,
     "of all gradients together"},
    {"value", PARAM_FLOAT, offsetof(struct clip_item, value), 0, 0, 1e9, "of each"},
    {0}};

struct ema_item {
    double decay;
    bool ramp;
};
const struct param mica_recipe_ema_params[] = {
    {"decay", PARAM_FLOAT, offsetof(struct ema_item, decay), 0.999, 0, 0.9999999,
     "what is left of the mean after a step"},
    {"ramp", PARAM_BOOL, offsetof(struct ema_item, ramp), true, 0, 1,
     "less is left at first: at most (1 + t) / (10 + t) after t steps"},
    {0}};

static const char *const metrics[] = {"val.loss", NULL};
struct stop_item {
    int patience, metric;
};
const struct param mica_recipe_stop_params[] = {
    {"patience", PARAM_INT, offsetof(struct stop_item, patience), 20, 1, 1e6,
     "epochs without a better one; where validate_every is not 1, the run ends with "
     "the "
     "next validation"},
    {"metric", PARAM_CHOICE, offsetof(struct stop_item, metric), 0, 0, 0,
     "what must fall", metrics},
    {0}};

struct checkpoint_item {
    double every;
};
const struct param mica_recipe_checkpoint_params[] = {
    {"every", PARAM_QUANTITY, offsetof(struct checkpoint_item, every), 6e8, 1e6, 1e12,
     "time between checkpoints", NULL, DIMENSION_TIME},
    {0}};

/* ---- sections ---- */

static const char **patterns(struct recipe *r, const cJSON *item, struct error *err)
{
    int count = cJSON_GetArraySize(item);
    const char **list = mica_arena_take(r->arena, (size_t)count + 1, sizeof *list);
    const cJSON *each;
    size_t n = 0;
    if (item && !cJSON_IsArray(item))
        mica_json_fail(r->json, item, err, "must be a list of names, like [\"fc.*\"]");
    else
        cJSON_ArrayForEach(each, item)
        {
            if (cJSON_IsString(each))
                list[n++] = each->valuestring;
            else
                mica_json_fail(r->json, each, err, "must be a name, with * and ?");
        }
    return list;
}

static void read_init(struct recipe *r, const cJSON *item, struct error *err)
{
    struct init_item init = {0};
    struct reader reader = {.json = r->json, .arena = r->arena};
    mica_param_read(mica_recipe_init_params, &init, NULL, item, NULL, &reader, err);
    mica_recipe_read_scheme(r, init.scheme, err);
    r->from = init.from;
    r->skip = patterns(r, init.skip, err);
    r->freeze = patterns(r, init.freeze, err);
}

static void read_rate(struct recipe *r, const cJSON *item, struct error *err)
{
    const cJSON *factor = cJSON_IsObject(item) ? item->child : NULL;
    if (!factor || factor->next || !cJSON_IsNumber(factor) ||
        !(factor->valuedouble >= 0 && factor->valuedouble <= 1e3)) {
        mica_json_fail(r->json, item, err,
                       "must be one name with a factor from 0 to 1000, like "
                       "{\"down1.*\": 0.1}");
        return;
    }
    r->rates[r->rate_count++] =
        (struct rate_of){factor->string, factor->valuedouble, item};
}

static void read_rates(struct recipe *r, const cJSON *list, struct error *err)
{
    const cJSON *each;
    r->rates = mica_arena_take(r->arena, (size_t)cJSON_GetArraySize(list) + 1,
                               sizeof *r->rates);
    if (list && !cJSON_IsArray(list))
        mica_json_fail(r->json, list, err,
                       "must be a list of names with factors, like "
                       "[{\"down1.*\": 0.1}]");
    else
        cJSON_ArrayForEach(each, list) read_rate(r, each, err);
}

static void read_ema(struct recipe *r, const cJSON *item, struct error *err)
{
    struct ema_item ema;
    struct reader reader = {.json = r->json, .arena = r->arena};
    if (!item ||
        mica_param_read(mica_recipe_ema_params, &ema, item, NULL, NULL, &reader, err))
        return;
    r->ema = true;
    r->ema_decay = ema.decay;
    r->ema_ramp = ema.ramp;
}

int mica_recipe_shards(int batch)
{
    int shards = 1;
    while (shards < 4 && batch % (2 * shards) == 0)
        shards *= 2;
    return shards;
}

static void check_shards(struct recipe *r, const cJSON *train, struct error *err)
{
    if (!r->shards)
        r->shards = mica_recipe_shards(r->batch);
    if ((r->shards & (r->shards - 1)) || r->batch % r->shards)
        mica_json_fail(r->json, cJSON_GetObjectItemCaseSensitive(train, "shards"), err,
                       "must be a power of two that divides the batch (%d), not %d",
                       r->batch, r->shards);
}

static void read_train(struct recipe *r, const cJSON *item, struct error *err)
{
    struct train_item t;
    struct reader reader = {.json = r->json, .arena = r->arena};
    struct clip_item clip;
    struct stop_item stop;
    struct checkpoint_item checkpoint;
    if (mica_param_read(mica_recipe_train_params, &t, NULL, item, NULL, &reader, err))
        return;
    mica_recipe_read_loss(r, t.loss, err);
    mica_recipe_read_optimizer(r, t.optimizer, err);
    mica_recipe_read_schedule(r, t.schedule, err);
    mica_param_read(mica_recipe_clip_params, &clip, NULL, t.clip, NULL, &reader, err);
    mica_param_read(mica_recipe_stop_params, &stop, NULL, t.stop, NULL, &reader, err);
    mica_param_read(mica_recipe_checkpoint_params, &checkpoint, NULL, t.checkpoint,
                    NULL, &reader, err);
    read_ema(r, t.ema, err);
    read_rates(r, t.rates, err);
    r->batch = t.batch;
    r->accumulate = t.accumulate;
    r->shards = t.shards;
    r->samples_per_epoch = t.samples;
    r->epochs = t.epochs;
    r->validate_every = t.validate;
    r->seed = (uint64_t)t.seed;
    r->balance = t.balance;
    r->recompute = t.recompute;
    r->precision = (enum type)t.precision;
    r->clip_norm = clip.norm;
    r->clip_value = clip.value;
    r->patience = t.stop ? stop.patience : 0;
    r->checkpoint_every = checkpoint.every;
    check_shards(r, item, err);
}

static void read_net(struct recipe *r, const cJSON *item, struct error *err)
{
    struct net_item net = {0};
    struct reader reader = {.json = r->json, .arena = r->arena};
    const cJSON *object = cJSON_IsObject(item) ? item : NULL;
    if (mica_param_read(mica_recipe_net_params, &net, object ? NULL : item, object,
                        NULL, &reader, err))
        return;
    const cJSON *file =
        object ? cJSON_GetObjectItemCaseSensitive(object, "file") : item;
    struct error why = {0};
    char *path =
        mica_file_find(net.file, mica_json_origin(r->json, file), "nets", &why);
    if (path)
        r->net = mica_net_read(path, net.params, r->json, err);
    else
        mica_json_fail(r->json, file, err, "%s", why.text);
    free(path);
}

/* What is no recipe at all gets one line, not one a key. */
static int refuse_others(const struct recipe *r, const cJSON *root, struct error *err)
{
    static const struct {
        const char *key, *what;
    } others[] = {{"mica_simulation", "a simulation, which mica simulate takes"},
                  {"mica_net", "a network, which mica net takes"}};
    if (!cJSON_IsObject(root))
        return mica_json_fail(r->json, root, err, "must be an object: a recipe");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!cJSON_HasObjectItem(root, "mica_run") &&
            cJSON_HasObjectItem(root, others[i].key))
            return mica_json_fail(r->json, root, err, "is %s, and no recipe",
                                  others[i].what);
    return 0;
}

static int read_sections(struct recipe *r, struct error *err)
{
    struct top top = {0};
    struct reader reader = {.json = r->json, .arena = r->arena};
    static const char *const others[] = {"extends", "$schema", NULL};
    const cJSON *root = mica_json_root(r->json);
    size_t before = err->lines;
    if (refuse_others(r, root, err))
        return -1;
    if (mica_param_read(mica_recipe_params, &top, NULL, root, others, &reader, err) &&
        (!top.net || !top.train || !top.data))
        return -1;
    r->crop = top.crop;
    r->note = top.note;
    r->smaller = top.smaller;
    r->data = top.data;
    r->train = top.train;
    read_net(r, top.net, err);
    mica_normalise_read(&r->normalise, top.normalise, &reader, err);
    mica_augmentation_read(&r->augmentation, top.augment, &reader, err);
    read_init(r, top.init, err);
    read_train(r, top.train, err);
    return err->lines > before ? -1 : 0;
}

/* ---- the file and what it extends ---- */

static struct json *read_extended(const char *path, int depth, struct error *err)
{
    struct json *json = mica_json_read(path, err);
    if (!json)
        return NULL;
    const cJSON *extends =
        cJSON_GetObjectItemCaseSensitive(mica_json_root(json), "extends");
    if (!extends)
        return json;
    struct json *base = NULL;
    struct error why = {0};
    char *found = cJSON_IsString(extends)
                      ? mica_file_find(extends->valuestring, path, "recipes", &why)
                      : NULL;
    if (depth > 8)
        mica_json_fail(json, extends, err, "more than 8 recipes extend each other");
    else if (!found)
        mica_json_fail(json, extends, err, "%s",
                       why.lines ? why.text : "must be the name of a recipe");
    else
        base = read_extended(found, depth + 1, err);
    free(found);
    if (!base) {
        mica_json_free(json);
        return NULL;
    }
    mica_json_lay(base, json);
    return base;
}

static void take_name(struct recipe *r, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".json") == 0)
        length -= 5;
    snprintf(r->name, sizeof r->name, "%.*s", (int)length, name);
}

struct recipe *mica_recipe_read(const char *path, const char *const *sets,
                                size_t set_count, struct error *errors)
{
    struct error none = {0}, *err = mica_error_or(errors, &none);
    char *found = mica_file_find(path, NULL, "recipes", err);
    struct json *json = found ? read_extended(found, 0, err) : NULL;
    struct recipe *r = NULL;
    if (json) {
        r = mica_need(1, sizeof *r);
        r->json = json;
        r->arena = mica_arena_new();
        take_name(r, found);
        if (mica_sets_apply(json, sets, set_count, err) || read_sections(r, err)) {
            mica_recipe_free(r);
            r = NULL;
        }
    }
    free(found);
    return r;
}

void mica_recipe_free(struct recipe *r)
{
    if (!r)
        return;
    mica_net_free(r->net);
    mica_arena_free(r->arena);
    mica_json_free(r->json);
    mica_free(r);
}

/* ---- data ---- */

/* No split, or one that says "validation": 0. */
static bool nobody_validates(const cJSON *split)
{
    const cJSON *share = cJSON_GetObjectItemCaseSensitive(split, "validation");
    return !split || (cJSON_IsNumber(share) && share->valuedouble == 0);
}

/* Beside "train" there is nothing but "validation": a source says its own "split". */
static int check_parts(const struct recipe *r, struct error *err)
{
    const cJSON *item;
    int status = 0;
    cJSON_ArrayForEach(item, r->data)
    {
        if (strcmp(item->string, "train") != 0 &&
            strcmp(item->string, "validation") != 0)
            status = mica_json_fail(r->json, item, err,
                                    "unknown key '%s'; beside \"train\" there is "
                                    "\"validation\" only",
                                    item->string);
    }
    return status;
}

int mica_recipe_data(const struct recipe *r, struct dataset **training,
                     struct dataset **validation, struct error *err)
{
    struct reader reader = {.json = r->json, .arena = r->arena};
    const cJSON *train = cJSON_GetObjectItemCaseSensitive(r->data, "train");
    const cJSON *check = cJSON_GetObjectItemCaseSensitive(r->data, "validation");
    const cJSON *split = cJSON_GetObjectItemCaseSensitive(r->data, "split");
    if (!train && !split)
        return mica_json_fail(r->json, r->data, err,
                              "needs \"train\" and \"validation\", or a source with a "
                              "\"split\"");
    if (train && check_parts(r, err))
        return -1;
    if (training) {
        *training = mica_dataset_open(train ? train : r->data, PART_TRAINING,
                                      (size_t)r->crop, &reader, err);
        if (!*training)
            return -1;
    }
    if (!validation || (!check && nobody_validates(split)))
        return 0;
    *validation = mica_dataset_open(check ? check : r->data, PART_VALIDATION,
                                    (size_t)r->crop, &reader, err);
    return *validation ? 0 : -1;
}

uint64_t mica_recipe_samples(const struct recipe *r, const struct dataset *training)
{
    uint64_t samples = (uint64_t)r->samples_per_epoch;
    bool all = !samples || (training->count && samples > training->count);
    return all ? training->count : samples;
}

uint64_t mica_recipe_step_samples(const struct recipe *r)
{
    return (uint64_t)r->batch * (uint64_t)r->accumulate;
}

uint64_t mica_recipe_steps(const struct recipe *r, const struct dataset *training)
{
    return mica_recipe_samples(r, training) / mica_recipe_step_samples(r);
}
