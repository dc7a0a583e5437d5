/* mix.c - several sources in one dataset, by shares: simulated and measured images */
#include <stddef.h>
#include <string.h>

#include "core/random.h"
#include "datasets/dataset.h"

enum {
    BLOCK = 1000,
    PARTS = 16,
    SHARE_MOST = 1000000
}; /* shares are exact in every block of samples */

struct described {
    const cJSON *mix;
};

static const struct param params[] = {
    {"mix", PARAM_JSON, offsetof(struct described, mix), PARAM_NEEDED, PARAM_ANY,
     "sources with their shares: [{\"share\": 0.8, \"simulation\": \"mos2.json\"}, "
     "{\"share\": 0.2, \"images\": ...}]; the first one's classes count"},
    {0}};

struct source_part {
    struct dataset *data;
    size_t first, slots;   /* of a block: first .. first + slots - 1 are its samples */
    uint64_t begins;       /* in validation: the number of its first sample */
    uint8_t class_of[256]; /* its classes among those of the mix */
};

struct mix {
    struct source_part parts[PARTS];
    size_t count;
};

/* Classes are matched by name. */
static int match_classes(struct dataset *dataset, struct source_part *part,
                         const cJSON *item, const struct reader *reader,
                         struct error *err)
{
    const struct dataset *data = part->data;
    memset(part->class_of, MICA_IGNORED, sizeof part->class_of);
    for (size_t i = 0; i < data->classes; i++) {
        size_t k = 0;
        while (k < dataset->classes && strcmp(dataset->names[k], data->names[i]) != 0)
            k++;
        if (k == dataset->classes)
            return mica_json_fail(
                reader->json, item, err,
                "has the class '%s', which the first of the mix has not",
                data->names[i]);
        part->class_of[i] = (uint8_t)k;
    }
    if (data->sigma != dataset->sigma || data->sigma_px != dataset->sigma_px)
        return mica_json_fail(
            reader->json, item, err,
            "has another 'sigma' than the first of the mix: Gaussians "
            "must be alike, and all parts have them or none");
    if (data->channels == dataset->channels && data->whole == dataset->whole)
        return 0;
    return mica_json_fail(reader->json, item, err,
                          "has other channels than the first of the mix, or classes of "
                          "%s where that has them of %s",
                          data->whole ? "images" : "pixels",
                          dataset->whole ? "images" : "pixels");
}

static void join_ranges(double range[2], const double other[2])
{
    if (other[0] > 0 && (range[0] <= 0 || other[0] < range[0]))
        range[0] = other[0];
    if (other[1] > range[1])
        range[1] = other[1];
}

static int open_part(struct dataset *dataset, const cJSON *item,
                     const struct reader *reader, struct error *err)
{
    static const char *const others[] = {"share", NULL};
    struct mix *own = dataset->own;
    struct source_part *part = &own->parts[own->count];
    const cJSON *share = cJSON_GetObjectItemCaseSensitive(item, "share");
    if (!cJSON_IsNumber(share) || !(share->valuedouble > 0) ||
        !(share->valuedouble <= SHARE_MOST))
        return mica_json_fail(reader->json, share ? share : item, err,
                              "needs a \"share\" above 0 and at most %d",
                              (int)SHARE_MOST);
    part->data =
        mica_dataset_open_with(item, dataset->part, dataset->crop, others, reader, err);
    if (!part->data)
        return -1;
    const struct dataset *data = part->data;
    if (own->count++ == 0) {
        mica_dataset_classes(dataset, (const char *const *)data->names, data->classes);
        dataset->channels = data->channels;
        dataset->whole = data->whole;
        dataset->sigma = data->sigma;
        dataset->sigma_px = data->sigma_px;
    }
    if (data->label_radius > 0 &&
        (dataset->label_radius <= 0 || data->label_radius < dataset->label_radius))
        dataset->label_radius = data->label_radius;
    join_ranges(dataset->pixel_range, data->pixel_range);
    join_ranges(dataset->dose_range, data->dose_range);
    dataset->warning = dataset->warning ? dataset->warning : data->warning;
    return match_classes(dataset, part, item, reader, err);
}

/* Slots of a block by the sums of shares, rounded, so that they fill it. */
static int give_slots(struct dataset *dataset, const cJSON *list,
                      const struct reader *reader, struct error *err)
{
    struct mix *own = dataset->own;
    double sum = 0, all = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) all +=
        cJSON_GetObjectItemCaseSensitive(item, "share")->valuedouble;
    bool endless = false;
    for (size_t i = 0; i < own->count; i++) {
        struct source_part *part = &own->parts[i];
        item = cJSON_GetArrayItem(list, (int)i);
        part->first = (size_t)(BLOCK * sum / all + 0.5);
        sum += cJSON_GetObjectItemCaseSensitive(item, "share")->valuedouble;
        part->slots = (size_t)(BLOCK * sum / all + 0.5) - part->first;
        part->begins = dataset->count;
        if (part->slots == 0)
            return mica_json_fail(reader->json, item, err,
                                  "its share is below one in %d", 2 * BLOCK);
        endless = endless || part->data->count == 0;
        dataset->count += part->data->count;
    }
    dataset->count = endless ? 0 : dataset->count;
    return 0;
}

static int open(struct dataset *dataset, const void *p, const struct reader *reader,
                const cJSON *item, struct error *err)
{
    (void)item;
    const struct described *d = p;
    const cJSON *each;
    dataset->own = mica_need(1, sizeof(struct mix));
    int count = cJSON_GetArraySize(d->mix);
    if (!cJSON_IsArray(d->mix) || count < 1 || count > PARTS)
        return mica_json_fail(reader->json, d->mix, err,
                              "must be a list of 1 to %d sources with their shares",
                              PARTS);
    cJSON_ArrayForEach(each, d->mix)
    {
        if (open_part(dataset, each, reader, err))
            return -1;
    }
    return give_slots(dataset, d->mix, reader, err);
}

/* In training sample n is one of the slots of its block, in a drawn order, and the k-th of
   its part in all; validation has the parts one after another. */
static const struct source_part *find(const struct dataset *dataset, uint64_t number,
                                      uint64_t *of_part)
{
    const struct mix *own = dataset->own;
    size_t i = own->count - 1;
    if (!dataset->training && dataset->count) {
        number %= dataset->count;
        while (i > 0 && number < own->parts[i].begins)
            i--;
        *of_part = number - own->parts[i].begins;
        return &own->parts[i];
    }
    size_t slot =
        mica_random_permuted(3, number / BLOCK, (size_t)(number % BLOCK), BLOCK);
    while (i > 0 && slot < own->parts[i].first)
        i--;
    const struct source_part *part = &own->parts[i];
    *of_part = mica_dataset_number(part->data, 4,
                                   number / BLOCK * part->slots + slot - part->first);
    return part;
}

static int get(const struct dataset *dataset, uint64_t number, struct sample *sample,
               struct error *err)
{
    uint64_t of_part;
    const struct source_part *part = find(dataset, number, &of_part);
    if (mica_dataset_get(part->data, of_part, sample, err))
        return -1;
    size_t labels = dataset->whole ? 1 : sample->height * sample->width;
    for (size_t i = 0; sample->labels && i < labels; i++)
        sample->labels[i] = part->class_of[sample->labels[i]];
    for (size_t i = 0; i < sample->object_count; i++)
        sample->objects[i].label = part->class_of[sample->objects[i].label & 255];
    return 0;
}

static int label_of(const struct dataset *dataset, uint64_t number)
{
    uint64_t of_part;
    const struct source_part *part = find(dataset, number, &of_part);
    const struct source *source = part->data->source;
    int label = source->label_of ? source->label_of(part->data, of_part) : -1;
    return label < 0 ? -1 : part->class_of[label];
}

static int check_sizes(const struct dataset *dataset, struct error *err)
{
    const struct mix *own = dataset->own;
    for (size_t i = 0; i < own->count; i++)
        if (mica_dataset_check_sizes(own->parts[i].data, err))
            return -1;
    return 0;
}

static void close(struct dataset *dataset)
{
    struct mix *own = dataset->own;
    for (size_t i = 0; own && i < own->count; i++)
        mica_dataset_free(own->parts[i].data);
    mica_free(own);
}

const struct source mica_source_mix = {.name = "mix",
                                       .summary = "several sources, by shares",
                                       .params = params,
                                       .params_size = sizeof(struct described),
                                       .open = open,
                                       .get = get,
                                       .label_of = label_of,
                                       .check_sizes = check_sizes,
                                       .close = close};
