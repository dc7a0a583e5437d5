/* folders.c - the class of an image is a part of its path: train/{label}/<any>.png */
#include <stddef.h>

#include "datasets/truths/names.h"

struct described {
    const cJSON *classes;
};

static const struct param params[] = {
    {"classes", PARAM_JSON, offsetof(struct described, classes), 0, PARAM_ANY,
     "the classes in their order, [\"bulk\", \"vacancy\"]; without it those that are "
     "met, sorted"},
    {0}};

static int open(struct labelling *l, struct error *err)
{
    const struct described *d = l->params;
    const struct listing *listing = l->listing;
    struct names *names = l->own = mica_need(1, sizeof *names);
    const cJSON *images = cJSON_GetObjectItemCaseSensitive(l->item, "images");
    if (mica_names_read(names, d->classes, l->reader, err))
        return -1;
    if (mica_names_gather(names, (const char *const *)listing->marks, listing->files))
        return mica_json_fail(l->reader->json, images, err, "more than %d classes",
                              MICA_CLASSES_NAMED);
    for (size_t i = 0; i < listing->files; i++)
        if (mica_names_find(names, listing->marks[i]) < 0)
            return mica_json_fail(l->reader->json, d->classes, err,
                                  "does not name '%s', the class of %s",
                                  listing->marks[i], listing->paths[i]);
    if (names->count < 2)
        return mica_json_fail(l->reader->json, images, err,
                              "finds one class only, '%s'", names->list[0]);
    mica_dataset_classes(l->dataset, names->list, names->count);
    return 0;
}

static void describe(const struct labelling *l, size_t unit, int *label,
                     const char **group)
{
    (void)group;
    size_t file = l->listing->by_frame ? 0 : unit;
    *label = mica_names_find(l->own, l->listing->marks[file]);
}

static int label(const struct labelling *l, const struct frame_place *place,
                 struct frame_truth *labels, struct error *err)
{
    (void)err;
    labels->classes[0] =
        (uint8_t)mica_names_find(l->own, l->listing->marks[place->file]);
    return 0;
}

static void close(struct labelling *l) { mica_free(l->own); }

const struct truth mica_truth_folders = {.name = "folders",
                                         .summary =
                                             "images in folders that name their class",
                                         .params = params,
                                         .params_size = sizeof(struct described),
                                         .mark = "{label}",
                                         .whole = true,
                                         .open = open,
                                         .describe = describe,
                                         .label = label,
                                         .close = close};
