/* schema_run.c - the JSON Schema of recipes */
#include "apps/recipe.h"
#include "apps/schema.h"
#include "apps/schema_parts.h"
#include "datasets/split.h"
#include "datasets/truth.h"

static cJSON *one_loss(void)
{
    cJSON *either = mica_schema_either();
    for (size_t i = 0; mica_layer(i) != NULL; i++)
        if (mica_layer(i)->activation != NULL)
            mica_schema_allow_member(either, mica_layer(i)->name,
                                     mica_layer(i)->summary, mica_layer(i)->params);
    return either;
}

/* One loss, or a list of them with what each is of. */
static cJSON *losses(void)
{
    cJSON *either = one_loss(), *aim = mica_schema_object(mica_recipe_aim_params);
    for (size_t i = 0; mica_layer(i) != NULL; i++)
        if (mica_layer(i)->activation != NULL)
            mica_schema_put(aim, mica_layer(i)->name,
                            mica_schema_object(mica_layer(i)->params));
    mica_schema_allow(either, mica_schema_list_of(aim));
    return either;
}

static cJSON *optimizers(void)
{
    cJSON *either = mica_schema_either();
    for (size_t i = 0; mica_optimizer(i) != NULL; i++)
        mica_schema_allow_member(either, mica_optimizer(i)->name,
                                 mica_optimizer(i)->summary, mica_optimizer(i)->params);
    return either;
}

static cJSON *schedules(void)
{
    cJSON *either = mica_schema_either();
    for (size_t i = 0; mica_schedule(i) != NULL; i++) {
        const struct schedule *schedule = mica_schedule(i);
        cJSON *inner = mica_schema_allow_member(either, schedule->name,
                                                schedule->summary, schedule->params);
        cJSON *warmup = mica_schema_described(
            "string", "the rate rises from 0 for so long: \"2 epochs\", \"500 steps\"");
        cJSON_AddStringToObject(warmup, "pattern", "^[0-9.]+ *(epochs?|steps?)$");
        mica_schema_put(inner, "warmup", warmup);
    }
    return either;
}

/* A source, known by the first key of its table, and a truth (may be NULL) by its own. */
static void allow_source(cJSON *either, const struct source *source,
                         const struct truth *truth)
{
    cJSON *one = mica_schema_object(source->params);
    cJSON_AddStringToObject(one, "description",
                            truth ? truth->summary : source->summary);
    if (cJSON_HasObjectItem(cJSON_GetObjectItemCaseSensitive(one, "properties"),
                            "split"))
        mica_schema_put(one, "split", mica_schema_object(mica_split_params));
    if (truth)
        mica_schema_join(one, truth->params);
    mica_schema_allow(either, one);
}

static cJSON *sources(void)
{
    cJSON *either = mica_schema_either();
    for (size_t i = 0; mica_source(i) != NULL; i++) {
        const struct source *source = mica_source(i);
        if (!source->labelled)
            allow_source(either, source, NULL);
        for (size_t k = 0; source->labelled && mica_truth(k); k++)
            if (mica_source_takes(source, mica_truth(k)))
                allow_source(either, source, mica_truth(k));
    }
    return either;
}

static cJSON *data(void)
{
    cJSON *either = sources(), *parts = mica_schema_object(NULL);
    mica_schema_put(parts, "train", sources());
    mica_schema_put(parts, "validation", sources());
    cJSON *required = cJSON_AddArrayToObject(parts, "required");
    cJSON_AddItemToArray(required, cJSON_CreateString("train"));
    mica_schema_allow(either, parts);
    return either;
}

static cJSON *augmentations(void)
{
    cJSON *either = mica_schema_either();
    for (size_t i = 0; mica_augment(i) != NULL; i++)
        mica_schema_allow_member(either, mica_augment(i)->name,
                                 mica_augment(i)->summary, mica_augment(i)->params);
    return mica_schema_list_of(either);
}

static cJSON *init(void)
{
    cJSON *schema = mica_schema_object(mica_recipe_init_params);
    cJSON *schemes = mica_schema_either();
    for (size_t i = 0; mica_initializer(i) != NULL; i++)
        mica_schema_allow_member(schemes, mica_initializer(i)->name,
                                 mica_initializer(i)->summary,
                                 mica_initializer(i)->params);
    mica_schema_put(schema, "scheme", schemes);
    mica_schema_put(schema, "skip",
                    mica_schema_list_of(mica_schema_described("string", NULL)));
    mica_schema_put(schema, "freeze",
                    mica_schema_list_of(mica_schema_described("string", NULL)));
    return schema;
}

static cJSON *train(void)
{
    cJSON *schema = mica_schema_object(mica_recipe_train_params);
    mica_schema_put(schema, "loss", losses());
    mica_schema_put(schema, "optimizer", optimizers());
    mica_schema_put(schema, "schedule", schedules());
    mica_schema_put(schema, "clip", mica_schema_object(mica_recipe_clip_params));
    cJSON *ema = mica_schema_either(), *decay = mica_schema_described("number", NULL);
    mica_schema_allow(ema, decay);
    mica_schema_allow(ema, mica_schema_object(mica_recipe_ema_params));
    mica_schema_put(schema, "ema", ema);
    cJSON *rate = mica_schema_described("object", NULL);
    cJSON_AddItemToObject(rate, "additionalProperties",
                          mica_schema_described("number", "factor of the rate"));
    mica_schema_put(schema, "rates", mica_schema_list_of(rate));
    mica_schema_put(schema, "stop", mica_schema_object(mica_recipe_stop_params));
    mica_schema_put(schema, "checkpoint",
                    mica_schema_object(mica_recipe_checkpoint_params));
    return schema;
}

static cJSON *net(void)
{
    cJSON *either = mica_schema_either();
    mica_schema_allow(either, mica_schema_described("string", "the network's JSON"));
    mica_schema_allow(either, mica_schema_object(mica_recipe_net_params));
    return either;
}

static cJSON *normalise(void)
{
    cJSON *either = mica_schema_either();
    cJSON *object = mica_schema_object(mica_normalise_params);
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(object, "properties");
    mica_schema_allow(
        either,
        cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(properties, "kind"), true));
    mica_schema_allow(either, object);
    return either;
}

/* Nothing is needed of a recipe that extends another: the other has it. */
static void need_or_extend(cJSON *schema)
{
    cJSON *required = cJSON_DetachItemFromObjectCaseSensitive(schema, "required");
    cJSON *either = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON *whole = cJSON_CreateObject(), *extends = cJSON_CreateObject();
    cJSON_AddItemToObject(whole, "required", required);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(extends, "required"),
                         cJSON_CreateString("extends"));
    cJSON_AddItemToArray(either, whole);
    cJSON_AddItemToArray(either, extends);
}

static cJSON *make(void)
{
    cJSON *schema = mica_schema_document("a recipe of mica", mica_recipe_params);
    mica_schema_put(schema, "extends",
                    mica_schema_described("string", "the recipe that this one changes: "
                                                    "objects merge key by key"));
    mica_schema_put(schema, "net", net());
    mica_schema_put(schema, "data", data());
    mica_schema_put(schema, "normalise", normalise());
    mica_schema_put(schema, "augment", augmentations());
    mica_schema_put(schema, "init", init());
    mica_schema_put(schema, "train", train());
    need_or_extend(schema);
    return schema;
}

const struct schema mica_schema_run = {
    .name = "run", .summary = "a recipe: network, data, training", .make = make};
