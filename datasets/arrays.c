/* arrays.c - vectors and spectra as a dataset: a row of an array or table is a sample */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/features.h"
#include "datasets/listed.h"
#include "datasets/truth.h"

struct described {
    const char *arrays, *axes, *columns;
    const cJSON *split;
};

static const struct param params[] = {
    {"arrays", PARAM_TEXT, offsetof(struct described, arrays), PARAM_NEEDED, PARAM_ANY,
     "vectors or spectra: an array (NPY, IDX) or a table (CSV), seen from this file"},
    {"axes", PARAM_TEXT, offsetof(struct described, axes), 0, PARAM_ANY,
     "the array's: NF, features of N samples; NL, NLC or NCL, spectra of L places and "
     "C "
     "channels (NF; of three NLC)"},
    {"columns", PARAM_TEXT, offsetof(struct described, columns), 0, PARAM_ANY,
     "the table's columns that are features: \"f*\""},
    {"split", PARAM_JSON, offsetof(struct described, split), 0, PARAM_ANY,
     "which rows validate: {\"validation\": 0.2, \"seed\": 1}"},
    {0}};

struct arrays {
    struct features features;
    size_t *rows;    /* of each sample */
    uint8_t *labels; /* of each sample */
    char *path;
};

static int take_rows(struct dataset *dataset, const struct labelling *l,
                     const cJSON *split, struct error *err)
{
    struct arrays *own = dataset->own;
    size_t count = l->listing->count;
    bool *keep = mica_need(count, sizeof *keep);
    int status = mica_listed_split(l, dataset->part, split, keep, err);
    own->rows = mica_need(count, sizeof *own->rows);
    own->labels = mica_need(count, 1);
    for (size_t i = 0; i < count && !status; i++) {
        struct frame_place place = {.path = own->path, .frame = i, .frames = count};
        struct frame_truth labels = {.classes = &own->labels[dataset->count]};
        if (!keep[i])
            continue;
        status = l->truth->label(l, &place, &labels, err);
        own->rows[dataset->count++] = i;
    }
    mica_free(keep);
    return status;
}

static int check(const struct dataset *dataset, const struct described *d,
                 const struct reader *reader, const cJSON *item, struct error *err)
{
    static const char *const known[] = {"NF", "NL", "NLC", "NCL"};
    size_t i = 0;
    while (d->axes && i < 4 && strcmp(d->axes, known[i]) != 0)
        i++;
    if (i == 4)
        return mica_json_fail(reader->json,
                              cJSON_GetObjectItemCaseSensitive(item, "axes"), err,
                              "must be NF, NL, NLC or NCL, not \"%s\"", d->axes);
    if (!mica_source_takes(dataset->source, dataset->truth))
        return mica_json_fail(reader->json, item, err,
                              "rows have one class each: give 'labels', not '%s'",
                              dataset->truth->params[0].name);
    if (dataset->crop)
        return mica_json_fail(reader->json, item, err,
                              "'crop' (%zu) is for images: rows are not cut",
                              dataset->crop);
    return 0;
}

static int open(struct dataset *dataset, const void *p, const struct reader *reader,
                const cJSON *item, struct error *err)
{
    const struct described *d = p;
    struct arrays *own = dataset->own = mica_need(1, sizeof *own);
    const char *from = mica_json_origin(
        reader->json, cJSON_GetObjectItemCaseSensitive(item, "arrays"));
    if (check(dataset, d, reader, item, err))
        return -1;
    own->path = mica_truth_path(d->arrays, from, NULL);
    if (mica_features_read(&own->features, own->path, d->axes, d->columns, err))
        return -1;
    struct listing listing = {.count = own->features.rows,
                              .by_frame = true,
                              .files = 1,
                              .paths = &own->path,
                              .from = from};
    struct labelling l = {.truth = dataset->truth,
                          .params = d + 1,
                          .dataset = dataset,
                          .listing = &listing,
                          .reader = reader,
                          .item = item};
    int status = l.truth->open(&l, err);
    if (!status)
        status = take_rows(dataset, &l, d->split, err);
    l.truth->close(&l);
    dataset->channels = own->features.channels;
    return status;
}

static int get(const struct dataset *dataset, uint64_t number, struct sample *sample,
               struct error *err)
{
    const struct arrays *own = dataset->own;
    const struct features *f = &own->features;
    size_t i = (size_t)(number % dataset->count), size = f->width * f->channels;
    if (mica_sample_size(sample, 1, f->width, f->channels, err))
        return -1;
    memcpy(sample->image, f->data + own->rows[i] * size, size * sizeof(float));
    sample->labels[0] = own->labels[i];
    snprintf(sample->name, sizeof sample->name, "%s %zu", own->path, own->rows[i]);
    return 0;
}

static int label_of(const struct dataset *dataset, uint64_t number)
{
    const struct arrays *own = dataset->own;
    return own->labels[number % dataset->count];
}

static void close(struct dataset *dataset)
{
    struct arrays *own = dataset->own;
    if (own) {
        mica_free(own->features.data);
        mica_free(own->rows);
        mica_free(own->labels);
        free(own->path);
    }
    mica_free(own);
}

const struct source mica_source_arrays = {.name = "arrays",
                                          .summary = "vectors and spectra",
                                          .params = params,
                                          .params_size = sizeof(struct described),
                                          .rows = true,
                                          .labelled = true,
                                          .open = open,
                                          .get = get,
                                          .label_of = label_of,
                                          .close = close};
