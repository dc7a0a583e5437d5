/* images.c - a user's own images as a dataset; what is true of them says a truth */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/random.h"
#include "core/text.h"
#include "datasets/image.h"
#include "datasets/listed.h"
#include "datasets/normalise.h"
#include "datasets/split.h"
#include "datasets/truth.h"

struct described {
    const char *images;
    const cJSON *split;
    double pixel;
};

static const struct param params[] = {
    {"images", PARAM_TEXT, offsetof(struct described, images), PARAM_NEEDED, PARAM_ANY,
     "the images: a pattern like img/*.tif, seen from this file; train/{label}/*.png "
     "where folders name the classes"},
    {"pixel", PARAM_QUANTITY, offsetof(struct described, pixel), 0, 0, 1e9,
     "size of a pixel, where the files do not say or say it wrong", NULL,
     DIMENSION_LENGTH},
    {"split", PARAM_JSON, offsetof(struct described, split), 0, PARAM_ANY,
     "which images validate: {\"validation\": 0.2, \"group\": \"(^[^_]+)\", \"seed\": "
     "1}"},
    {0}};

/* One frame with what is true of it. */
struct frame {
    char *name;
    size_t height, width, first_tile, tiles_y, tiles_x;
    float *image;
    struct frame_truth labels;
    double pixel[2];
};

struct images {
    struct frame *frames;
    size_t count, channels;
};

/* ---- reading ---- */

/* What is not finite is told before a run begins, not in its middle. */
static int check_values(const struct frame *frame, size_t channels, struct error *err)
{
    static const struct normalise none = {NORMALISE_NONE, 0};
    struct error why = {0};
    if (!mica_normalise(&none, frame->image, frame->height, frame->width, channels,
                        frame->pixel, &why))
        return 0;
    return mica_fail(err, "%s: %s", frame->name, why.text);
}

/* All that reading the files needs. */
struct work {
    struct images *own;
    const struct described *d;
    const struct labelling *labelling;
    const struct listing *listing;
    bool whole;
};

static int fail_memory(const struct images *own, const struct frame *frame, size_t size,
                       struct error *err)
{
    char before[32], bytes[32];
    size_t read = 0;
    for (size_t i = 0; i + 1 < own->count; i++)
        read += own->frames[i].height * own->frames[i].width * own->channels;
    return mica_fail(
        err,
        "%s: %s for this image are not to be had beside the %s of those read "
        "before it; list fewer or smaller images",
        frame->name, mica_text_bytes(bytes, (double)size),
        mica_text_bytes(before, (double)read * sizeof(float)));
}

static int take_frame(const struct work *w, const struct image *image, size_t file,
                      size_t f, struct error *err)
{
    struct images *own = w->own;
    struct frame *frame = &own->frames[own->count++];
    const char *path = w->listing->paths[file];
    size_t pixels = image->height * image->width, floats = pixels * image->channels;
    struct text name = {0};
    mica_text_add(&name, image->frames > 1 ? "%s %zu" : "%s", path, f);
    *frame = (struct frame){
        .name = name.data, .height = image->height, .width = image->width};
    for (int axis = 0; axis < 2; axis++)
        frame->pixel[axis] = w->d->pixel > 0 ? w->d->pixel : image->pixel[axis];
    frame->image = mica_allocate(floats, sizeof(float));
    frame->labels.classes = mica_allocate(w->whole ? 1 : pixels, 1);
    if (!frame->image || !frame->labels.classes)
        return fail_memory(own, frame, floats * sizeof(float), err);
    memcpy(frame->image, image->data + f * floats, floats * sizeof(float));
    if (check_values(frame, image->channels, err))
        return -1;
    struct frame_place place = {.path = path,
                                .file = file,
                                .frame = f,
                                .frames = image->frames,
                                .height = image->height,
                                .width = image->width};
    memcpy(place.pixel, frame->pixel, sizeof place.pixel);
    return w->labelling->truth->label(w->labelling, &place, &frame->labels, err);
}

/* The frames of a file; `keep` (NULL: all) tells which. */
static int take_frames(const struct work *w, const struct image *image, size_t file,
                       const bool *keep, struct error *err)
{
    struct images *own = w->own;
    if (own->count && image->channels != own->channels)
        return mica_misuse(err, "%s: %zu channels where the images before it have %zu",
                           w->listing->paths[file], image->channels, own->channels);
    own->channels = image->channels;
    struct frame *frames =
        realloc(own->frames, (own->count + image->frames) * sizeof *own->frames);
    if (!frames)
        return mica_fail(err, "%s: there is not enough memory for %zu images",
                         w->listing->paths[file], own->count + image->frames);
    own->frames = frames;
    for (size_t f = 0; f < image->frames; f++)
        if ((!keep || keep[f]) && take_frame(w, image, file, f, err))
            return -1;
    return 0;
}

static int take_file(const struct work *w, size_t file, struct error *err)
{
    struct image image;
    if (mica_image_read(w->listing->paths[file], &image, err))
        return -1;
    int status = take_frames(w, &image, file, NULL, err);
    mica_image_free(&image);
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

/* The frames of the only file are units of the split; else files are. */
static int take_units(const struct work *w, const struct image *only,
                      struct dataset *dataset, struct error *err)
{
    const struct listing *listing = w->listing;
    bool *keep = mica_need(listing->count, sizeof *keep);
    int status = mica_listed_split(w->labelling, dataset->part, w->d->split, keep, err);
    if (!status && listing->by_frame)
        status = take_frames(w, only, 0, keep, err);
    for (size_t i = 0; !listing->by_frame && i < listing->count && !status; i++)
        if (keep[i])
            status = take_file(w, i, err);
    mica_free(keep);
    return status;
}

static int take_listing(struct dataset *dataset, const struct described *d,
                        struct listing *listing, const struct reader *reader,
                        const cJSON *item, struct error *err)
{
    struct image only = {0};
    if (listing->files == 1) {
        if (mica_image_read(listing->paths[0], &only, err))
            return -1;
        listing->by_frame = only.frames > 1;
    }
    listing->count = listing->by_frame ? only.frames : listing->files;
    struct labelling l = {.truth = dataset->truth,
                          .params = d + 1,
                          .dataset = dataset,
                          .listing = listing,
                          .reader = reader,
                          .item = item};
    struct work work = {dataset->own, d, &l, listing, dataset->whole};
    int status = l.truth->open(&l, err);
    if (!status)
        status = take_units(&work, &only, dataset, err);
    l.truth->close(&l);
    mica_image_free(&only);
    return status;
}

static int open(struct dataset *dataset, const void *p, const struct reader *reader,
                const cJSON *item, struct error *err)
{
    struct images *own = dataset->own = mica_need(1, sizeof *own);
    struct listed listed;
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(item, "images");
    if (mica_listed_open(&listed, place, reader, err))
        return -1;
    int status = take_listing(dataset, p, &listed.listing, reader, item, err);
    mica_listed_close(&listed);
    if (status || check_crop(dataset, err))
        return -1;
    dataset->channels = own->channels;
    count_samples(dataset);
    note_pixels(dataset);
    return 0;
}

/* ---- samples ---- */

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

/* Objects whose centres are in the cut, or whose Gaussians reach into it. */
static void cut_objects(const struct cut *cut, struct sample *sample)
{
    const struct frame_truth *all = &cut->frame->labels;
    double reach[2] = {mica_sample_reach(sample, 0), mica_sample_reach(sample, 1)};
    sample->objects_known = all->objects_known;
    if (all->object_count == 0)
        return;
    sample->objects = mica_need(all->object_count, sizeof *sample->objects);
    for (size_t i = 0; i < all->object_count; i++) {
        struct object o = all->objects[i];
        o.x -= (double)cut->x;
        o.y -= (double)cut->y;
        if (mica_sample_holds(sample, o.y, o.x, reach))
            sample->objects[sample->object_count++] = o;
    }
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
        if (!dataset->whole)
            memcpy(sample->labels + y * cut.width, frame->labels.classes + from,
                   cut.width);
    }
    if (dataset->whole)
        sample->labels[0] = frame->labels.classes[0];
    memcpy(sample->pixel, frame->pixel, sizeof sample->pixel);
    sample->sigma = dataset->sigma;
    sample->sigma_px = dataset->sigma_px;
    cut_objects(&cut, sample);
    snprintf(sample->name, sizeof sample->name, "%s", frame->name);
    return 0;
}

static int label_of(const struct dataset *dataset, uint64_t number)
{
    size_t tile = (size_t)(number % dataset->count);
    return dataset->whole ? frame_of(dataset->own, tile)->labels.classes[0] : -1;
}

static void close(struct dataset *dataset)
{
    struct images *own = dataset->own;
    for (size_t i = 0; own && i < own->count; i++) {
        free(own->frames[i].name);
        mica_free(own->frames[i].image);
        mica_free(own->frames[i].labels.classes);
        mica_free(own->frames[i].labels.objects);
    }
    if (own)
        free(own->frames);
    mica_free(own);
}

const struct source mica_source_images = {.name = "images",
                                          .summary = "images",
                                          .params = params,
                                          .params_size = sizeof(struct described),
                                          .labelled = true,
                                          .open = open,
                                          .get = get,
                                          .check_sizes = check_sizes,
                                          .label_of = label_of,
                                          .close = close};
