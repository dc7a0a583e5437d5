/* masks.c - an image of the same size whose values name the class of each pixel */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/truths/companion.h"

enum { UNKNOWN = 254, VALUES = 65536 };

struct described {
    const char *masks;
    const cJSON *values;
    struct numbers ignore;
};

static const struct param params[] = {
    {"masks", PARAM_TEXT, offsetof(struct described, masks), PARAM_NEEDED, PARAM_ANY,
     "the mask of each: mask/{stem}.png, {stem} is the image's name without its "
     "ending"},
    {"values", PARAM_JSON, offsetof(struct described, values), PARAM_NEEDED, PARAM_ANY,
     "the class of each value of the masks: {\"0\": \"background\", \"255\": "
     "\"V_S1\"}"},
    {"ignore", PARAM_NUMBERS, offsetof(struct described, ignore), 0, PARAM_ANY,
     "values of the masks that count nowhere"},
    {0}};

struct masks {
    struct companion companion;
    uint8_t class_of[VALUES]; /* of a mask's value; UNKNOWN: none */
};

static int add_class(const char **names, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    names[*count] = name;
    return (int)(*count)++;
}

static void read_ignored(const struct labelling *l, struct error *err)
{
    const struct described *d = l->params;
    struct masks *own = l->own;
    for (size_t i = 0; i < d->ignore.count; i++) {
        double value = d->ignore.values[i];
        if (value >= 0 && value < VALUES && value == floor(value))
            own->class_of[(size_t)value] = MICA_IGNORED;
        else
            mica_json_fail(l->reader->json,
                           cJSON_GetObjectItemCaseSensitive(l->item, "ignore"), err,
                           "must be whole numbers from 0 to 65535, not %g", value);
    }
}

static int open(struct labelling *l, struct error *errors)
{
    struct error none = {0}, *err = mica_error_or(errors, &none);
    const struct described *d = l->params;
    struct masks *own = l->own = mica_need(1, sizeof *own);
    const char *names[UNKNOWN] = {"background"};
    size_t count = 1, before = err->lines;
    memset(own->class_of, UNKNOWN, sizeof own->class_of);
    const cJSON *item;
    cJSON_ArrayForEach(item, d->values)
    {
        char *end = NULL;
        unsigned long value = item->string ? strtoul(item->string, &end, 10) : VALUES;
        if (!cJSON_IsString(item) || value >= VALUES || !end || *end || !*item->string)
            mica_json_fail(l->reader->json, item, err,
                           "must be a value from 0 to 65535 and the name of its class, "
                           "like \"255\": \"V_S1\"");
        else if (count >= UNKNOWN)
            mica_json_fail(l->reader->json, item, err, "more than 253 classes");
        else
            own->class_of[value] = (uint8_t)add_class(names, &count, item->valuestring);
    }
    read_ignored(l, err);
    if (err->lines > before)
        return -1;
    if (count < 2)
        return mica_json_fail(l->reader->json, d->values, err,
                              "names no class beside \"background\"");
    mica_dataset_classes(l->dataset, names, count);
    return 0;
}

static int label(const struct labelling *l, const struct frame_place *place,
                 struct frame_truth *labels, struct error *err)
{
    const struct described *d = l->params;
    struct masks *own = l->own;
    const float *values =
        mica_companion(&own->companion, d->masks, l->listing->from, place, err);
    if (!values)
        return -1;
    for (size_t i = 0; i < place->height * place->width; i++) {
        float v = values[i];
        bool whole = v >= 0 && v < VALUES && v == (float)(size_t)v;
        labels->classes[i] = whole ? own->class_of[(size_t)v] : UNKNOWN;
        if (labels->classes[i] == UNKNOWN)
            return mica_misuse(
                err,
                "%s: the value %g at (%zu, %zu) has no class; name it in "
                "'values' or list it in 'ignore'",
                own->companion.path, (double)v, i % place->width, i / place->width);
    }
    return 0;
}

static void close(struct labelling *l)
{
    struct masks *own = l->own;
    if (own)
        mica_companion_close(&own->companion);
    mica_free(own);
}

const struct truth mica_truth_masks = {.name = "masks",
                                       .summary = "images with masks of classes",
                                       .params = params,
                                       .params_size = sizeof(struct described),
                                       .open = open,
                                       .label = label,
                                       .close = close};
