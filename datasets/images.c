/* images.c - a user's own images with masks of classes as a dataset */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/random.h"
#include "core/text.h"
#include "datasets/dataset.h"
#include "datasets/image.h"
#include "datasets/normalise.h"
#include "datasets/split.h"

struct described {
    const char *images, *masks;
    const cJSON *values, *split;
    struct numbers ignore;
    double pixel;
};

static const struct param params[] = {
    {"images", PARAM_TEXT, offsetof(struct described, images), PARAM_NEEDED, PARAM_ANY,
     "the images: a pattern like img/*.tif, seen from this file"},
    {"masks", PARAM_TEXT, offsetof(struct described, masks), PARAM_NEEDED, PARAM_ANY,
     "the mask of each: mask/{stem}.png, {stem} is the image's name without its "
     "ending"},
    {"values", PARAM_JSON, offsetof(struct described, values), PARAM_NEEDED, PARAM_ANY,
     "the class of each value of the masks: {\"0\": \"background\", \"255\": "
     "\"V_S1\"}"},
    {"ignore", PARAM_NUMBERS, offsetof(struct described, ignore), 0, PARAM_ANY,
     "values of the masks that count nowhere"},
    {"pixel", PARAM_QUANTITY, offsetof(struct described, pixel), 0, 0, 1e9,
     "size of a pixel, where the files do not say or say it wrong", NULL,
     DIMENSION_LENGTH},
    {"split", PARAM_JSON, offsetof(struct described, split), 0, PARAM_ANY,
     "which images validate: {\"validation\": 0.2, \"group\": \"(^[^_]+)\", \"seed\": "
     "1}"},
    {0}};

/* One frame with its labels. */
struct frame {
    char *name;
    size_t height, width, first_tile, tiles_y, tiles_x;
    float *image;
    uint8_t *labels;
    double pixel[2];
};

struct images {
    struct frame *frames;
    size_t count, channels;
    uint8_t class_of[65536]; /* of a mask's value; UNKNOWN: none */
};
enum { UNKNOWN = 254, VALUES = 65536 };

/* ---- classes ---- */

static int add_class(const char **names, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    names[*count] = name;
    return (int)(*count)++;
}

static int read_values(struct dataset *dataset, const struct described *d,
                       const struct reader *reader, const cJSON *place,
                       struct error *errors)
{
    struct error none = {0}, *err = mica_error_or(errors, &none);
    struct images *own = dataset->own;
    const char *names[UNKNOWN] = {"background"};
    size_t count = 1, before = err->lines;
    memset(own->class_of, UNKNOWN, sizeof own->class_of);
    const cJSON *item;
    cJSON_ArrayForEach(item, d->values)
    {
        char *end = NULL;
        unsigned long value = item->string ? strtoul(item->string, &end, 10) : VALUES;
        if (!cJSON_IsString(item) || value >= VALUES || !end || *end || !*item->string)
            mica_json_fail(reader->json, item, err,
                           "must be a value from 0 to 65535 and the name of its class, "
                           "like \"255\": \"V_S1\"");
        else if (count >= UNKNOWN)
            mica_json_fail(reader->json, item, err, "more than 253 classes");
        else
            own->class_of[value] = (uint8_t)add_class(names, &count, item->valuestring);
    }
    for (size_t i = 0; i < d->ignore.count; i++) {
        double value = d->ignore.values[i];
        if (value >= 0 && value < VALUES && value == floor(value))
            own->class_of[(size_t)value] = MICA_IGNORED;
        else
            mica_json_fail(reader->json,
                           cJSON_GetObjectItemCaseSensitive(place, "ignore"), err,
                           "must be whole numbers from 0 to 65535, not %g", value);
    }
    if (err->lines > before)
        return -1;
    if (count < 2)
        return mica_json_fail(reader->json, d->values, err,
                              "names no class beside \"background\"");
    mica_dataset_classes(dataset, names, count);
    return 0;
}

/* ---- files ---- */

/* `pattern` seen from the folder of `from`; {stem} is replaced where it is given. */
static char *resolve(const char *pattern, const char *from, const char *stem)
{
    struct text path = {0};
    const char *slash = from ? strrchr(from, '/') : NULL;
    if (slash && pattern[0] != '/')
        mica_text_append(&path, from, (size_t)(slash - from) + 1);
    const char *mark = stem ? strstr(pattern, "{stem}") : NULL;
    if (mark) {
        mica_text_append(&path, pattern, (size_t)(mark - pattern));
        mica_text_add(&path, "%s%s", stem, mark + 6);
    } else {
        mica_text_add(&path, "%s", pattern);
    }
    return path.data;
}

static int take_labels(const struct images *own, const struct image *mask, size_t frame,
                       const char *path, struct frame *out, struct error *err)
{
    size_t pixels = mask->height * mask->width;
    const float *values = mask->data + frame * pixels;
    out->labels = mica_need(pixels, 1);
    for (size_t i = 0; i < pixels; i++) {
        float v = values[i];
        bool whole = v >= 0 && v < VALUES && v == (float)(size_t)v;
        uint8_t label = whole ? own->class_of[(size_t)v] : UNKNOWN;
        if (label == UNKNOWN)
            return mica_misuse(
                err,
                "%s: the value %g at (%zu, %zu) has no class; name it in "
                "'values' or list it in 'ignore'",
                path, (double)v, i % mask->width, i / mask->width);
        out->labels[i] = label;
    }
    return 0;
}

static int check_pair(const struct images *own, const struct image *image,
                      const struct image *mask, const char *path, const char *mask_path,
                      struct error *err)
{
    if (mask->channels != 1)
        return mica_misuse(err,
                           "%s: a mask has one channel, not %zu; save it as grey or "
                           "indexed",
                           mask_path, mask->channels);
    if (mask->height != image->height || mask->width != image->width ||
        mask->frames != image->frames)
        return mica_misuse(err,
                           "%s: %zu x %zu x %zu, but its image %s is %zu x %zu x %zu "
                           "(frames x rows x columns)",
                           mask_path, mask->frames, mask->height, mask->width, path,
                           image->frames, image->height, image->width);
    if (own->count && image->channels != own->channels)
        return mica_misuse(err, "%s: %zu channels where the images before it have %zu",
                           path, image->channels, own->channels);
    return 0;
}

/* What is not finite is told before a run begins, not in its middle. */
static int check_values(struct frame *frame, size_t channels, struct error *err)
{
    static const struct normalise none = {NORMALISE_NONE, 0};
    struct error why = {0};
    if (!mica_normalise(&none, frame->image, frame->height, frame->width, channels,
                        frame->pixel, &why))
        return 0;
    return mica_fail(err, "%s: %s", frame->name, why.text);
}

static int take_frames(struct images *own, const struct image *image,
                       const struct image *mask, const char *path,
                       const char *mask_path, double pixel, struct error *err)
{
    size_t floats = image->height * image->width * image->channels;
    own->channels = image->channels;
    own->frames =
        realloc(own->frames, (own->count + image->frames) * sizeof *own->frames);
    MICA_CHECK(own->frames);
    for (size_t f = 0; f < image->frames; f++) {
        struct frame *frame = &own->frames[own->count++];
        struct text name = {0};
        mica_text_add(&name, image->frames > 1 ? "%s %zu" : "%s", path, f);
        *frame = (struct frame){
            .name = name.data, .height = image->height, .width = image->width};
        for (int axis = 0; axis < 2; axis++)
            frame->pixel[axis] = pixel > 0 ? pixel : image->pixel[axis];
        frame->image = mica_need(floats, sizeof(float));
        memcpy(frame->image, image->data + f * floats, floats * sizeof(float));
        if (check_values(frame, image->channels, err) ||
            take_labels(own, mask, f, mask_path, frame, err))
            return -1;
    }
    return 0;
}

static int take_file(struct images *own, const struct described *d, const char *path,
                     const char *from, struct error *err)
{
    char *stem = mica_split_stem(path), *mask_path = resolve(d->masks, from, stem);
    struct image image = {0}, mask = {0};
    int status = -1;
    if (!mica_image_read(path, &image, err) &&
        !mica_image_read(mask_path, &mask, err) &&
        !check_pair(own, &image, &mask, path, mask_path, err))
        status = take_frames(own, &image, &mask, path, mask_path, d->pixel, err);
    mica_image_free(&image);
    mica_image_free(&mask);
    free(mask_path);
    mica_free(stem);
    return status;
}

/* ---- the dataset ---- */

static int check_crop(const struct dataset *dataset, struct error *err)
{
    const struct images *own = dataset->own;
    for (size_t i = 0; i < own->count && dataset->crop; i++)
        if (own->frames[i].height < dataset->crop ||
            own->frames[i].width < dataset->crop)
            return mica_misuse(err, "%s: %zu x %zu pixels, less than 'crop' (%zu)",
                               own->frames[i].name, own->frames[i].height,
                               own->frames[i].width, dataset->crop);
    return 0;
}

static int check_sizes(const struct dataset *dataset, struct error *err)
{
    const struct images *own = dataset->own;
    const struct frame *first = own->frames;
    size_t smallest = SIZE_MAX, other = 0;
    for (size_t i = own->count; i-- > 0;) {
        const struct frame *frame = &own->frames[i];
        size_t side = frame->height < frame->width ? frame->height : frame->width;
        smallest = side < smallest ? side : smallest;
        if (frame->height != first->height || frame->width != first->width)
            other = i;
    }
    if (dataset->crop || !other)
        return 0;
    return mica_misuse(err,
                       "%s: %zu x %zu pixels, but %s has %zu x %zu: a batch needs "
                       "images of one size; \"crop\" (at most %zu) cuts squares out of "
                       "them",
                       own->frames[other].name, own->frames[other].height,
                       own->frames[other].width, first->name, first->height,
                       first->width, smallest);
}

/* Tiles cover the frames. Training draws places in their stead, as many, so that a large
   frame is seen more often than a small one. */
static void count_samples(struct dataset *dataset)
{
    struct images *own = dataset->own;
    size_t crop = dataset->crop, tiles = 0;
    for (size_t i = 0; i < own->count; i++) {
        struct frame *frame = &own->frames[i];
        frame->first_tile = tiles;
        frame->tiles_y = crop ? (frame->height + crop - 1) / crop : 1;
        frame->tiles_x = crop ? (frame->width + crop - 1) / crop : 1;
        tiles += frame->tiles_y * frame->tiles_x;
    }
    dataset->count = tiles;
}

static void note_pixels(struct dataset *dataset)
{
    const struct images *own = dataset->own;
    for (size_t i = 0; i < own->count; i++) {
        double pixel = own->frames[i].pixel[0], *range = dataset->pixel_range;
        if (pixel > 0 && (range[0] <= 0 || pixel < range[0]))
            range[0] = pixel;
        if (pixel > range[1])
            range[1] = pixel;
    }
}

static int read_files(struct dataset *dataset, const struct described *d,
                      const struct file_list *files, const struct reader *reader,
                      const char *from, struct error *err)
{
    bool *keep = mica_need(files->count, sizeof *keep);
    int status = mica_split_choose(files, dataset->part, d->split, reader, keep, err);
    for (size_t i = 0; i < files->count && !status; i++)
        if (keep[i])
            status = take_file(dataset->own, d, files->paths[i], from, err);
    mica_free(keep);
    return status;
}

static int open(struct dataset *dataset, const void *p, const struct reader *reader,
                const cJSON *item, struct error *err)
{
    const struct described *d = p;
    const char *from = mica_json_origin(reader->json, item);
    struct file_list files = {0};
    struct error why = {0};
    dataset->own = mica_need(1, sizeof(struct images));
    if (read_values(dataset, d, reader, item, err))
        return -1;
    char *pattern = resolve(d->images, from, NULL);
    int status = mica_file_list(&files, pattern, &why);
    if (status || !files.count)
        status = mica_json_fail(reader->json,
                                cJSON_GetObjectItemCaseSensitive(item, "images"), err,
                                "no file fits %s", pattern);
    free(pattern);
    if (!status)
        status = read_files(dataset, d, &files, reader, from, err);
    mica_file_list_free(&files);
    if (status || check_crop(dataset, err))
        return -1;
    dataset->channels = ((struct images *)dataset->own)->channels;
    count_samples(dataset);
    note_pixels(dataset);
    return 0;
}

static size_t tile_origin(size_t tile, size_t crop, size_t size)
{
    return tile * crop + crop > size ? size - crop : tile * crop;
}

struct cut {
    const struct frame *frame;
    size_t y, x, height, width;
};

static const struct frame *frame_of(const struct images *own, size_t tile)
{
    size_t low = 0,
           high = own->count; /* the last frame whose first tile is not behind */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(own->frames[middle].first_tile <= tile ? &low : &high) = middle;
    }
    return &own->frames[low];
}

static struct cut cut_of(const struct dataset *dataset, uint64_t number)
{
    size_t tile = (size_t)(number % dataset->count), crop = dataset->crop;
    const struct frame *frame = frame_of(dataset->own, tile);
    if (!crop)
        return (struct cut){frame, 0, 0, frame->height, frame->width};
    if (dataset->training) {
        struct random random;
        mica_random_start(&random, 0, 2, number);
        size_t y = mica_random_below(&random, frame->height - crop + 1);
        size_t x = mica_random_below(&random, frame->width - crop + 1);
        return (struct cut){frame, y, x, crop, crop};
    }
    tile -= frame->first_tile;
    return (struct cut){frame, tile_origin(tile / frame->tiles_x, crop, frame->height),
                        tile_origin(tile % frame->tiles_x, crop, frame->width), crop,
                        crop};
}

static int get(const struct dataset *dataset, uint64_t number, struct sample *sample,
               struct error *err)
{
    struct cut cut = cut_of(dataset, number);
    const struct frame *frame = cut.frame;
    size_t c = dataset->channels;
    if (mica_sample_size(sample, cut.height, cut.width, c, err))
        return -1;
    for (size_t y = 0; y < cut.height; y++) {
        size_t from = (cut.y + y) * frame->width + cut.x;
        memcpy(sample->image + y * cut.width * c, frame->image + from * c,
               cut.width * c * sizeof(float));
        memcpy(sample->labels + y * cut.width, frame->labels + from, cut.width);
    }
    memcpy(sample->pixel, frame->pixel, sizeof sample->pixel);
    snprintf(sample->name, sizeof sample->name, "%s", frame->name);
    return 0;
}

static void close(struct dataset *dataset)
{
    struct images *own = dataset->own;
    for (size_t i = 0; own && i < own->count; i++) {
        free(own->frames[i].name);
        mica_free(own->frames[i].image);
        mica_free(own->frames[i].labels);
    }
    if (own)
        free(own->frames);
    mica_free(own);
}

const struct source mica_source_images = {.name = "images",
                                          .summary = "images with masks of classes",
                                          .params = params,
                                          .params_size = sizeof(struct described),
                                          .open = open,
                                          .get = get,
                                          .check_sizes = check_sizes,
                                          .close = close};
