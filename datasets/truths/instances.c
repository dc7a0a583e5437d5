/* instances.c - an image of the same size that numbers objects: inside, border, background */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "datasets/truths/companion.h"

struct described {
    const char *instances, *name;
    int border;
};

static const struct param params[] = {
    {"instances", PARAM_TEXT, offsetof(struct described, instances), PARAM_NEEDED,
     PARAM_ANY,
     "an image for each, mask/{stem}.tif, whose values number its objects; 0 is the "
     "background"},
    {"name", PARAM_TEXT, offsetof(struct described, name), 0, PARAM_ANY,
     "the class of the objects (object)"},
    {"border", PARAM_INT, offsetof(struct described, border), 1, 0, 16,
     "pixels of an object that are so near to another or to the background are of the "
     "class \"border\", so that objects that touch stay apart; 0: no such class"},
    {0}};

enum { BACKGROUND, INSIDE, BORDER };

static int open(struct labelling *l, struct error *err)
{
    (void)err;
    const struct described *d = l->params;
    const char *names[] = {"background", d->name ? d->name : "object", "border"};
    l->own = mica_need(1, sizeof(struct companion));
    mica_dataset_classes(l->dataset, names, d->border > 0 ? 3 : 2);
    return 0;
}

/* Whether another object or the background is within `reach` pixels. */
static bool is_border(const float *values, const struct frame_place *p, size_t y,
                      size_t x, int reach)
{
    float own = values[y * p->width + x];
    for (int dy = -reach; dy <= reach; dy++)
        for (int dx = -reach; dx <= reach; dx++) {
            long row = (long)y + dy, column = (long)x + dx;
            if (dy * dy + dx * dx <= reach * reach && row >= 0 && column >= 0 &&
                row < (long)p->height && column < (long)p->width &&
                values[(size_t)row * p->width + (size_t)column] != own)
                return true;
        }
    return false;
}

struct sum {
    float number; /* of the object */
    double x, y, count;
};

static int by_number(const void *a, const void *b)
{
    float p = ((const struct sum *)a)->number, q = ((const struct sum *)b)->number;
    return (p > q) - (p < q);
}

/* The numbers that are met, each once, in their order. */
static struct sum *gather(const float *values, size_t pixels, size_t *count)
{
    size_t room = 1, kept = 0;
    for (size_t i = 0; i < pixels; i++)
        room += i == 0 || values[i] != values[i - 1];
    struct sum *sums = mica_need(room, sizeof *sums);
    *count = 0;
    for (size_t i = 0; i < pixels; i++)
        if (values[i] > 0 && (i == 0 || values[i] != values[i - 1]))
            sums[(*count)++].number = values[i];
    qsort(sums, *count, sizeof *sums, by_number);
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || sums[i].number != sums[kept - 1].number)
            sums[kept++] = sums[i];
    *count = kept;
    return sums;
}

/* The centres of mass of the objects, in the order of their numbers. */
static void list_objects(const float *values, const struct frame_place *p,
                         struct frame_truth *labels)
{
    size_t pixels = p->height * p->width, count;
    struct sum *sums = gather(values, pixels, &count), *sum = NULL;
    for (size_t i = 0; i < pixels; i++) {
        if (values[i] <= 0)
            continue;
        if (!sum || sum->number != values[i])
            sum = bsearch(&(struct sum){.number = values[i]}, sums, count, sizeof *sums,
                          by_number);
        sum->x += (double)(i % p->width);
        sum->y += (double)(i / p->width);
        sum->count++;
    }
    labels->objects = mica_need(count + 1, sizeof *labels->objects);
    labels->objects_known = true;
    for (size_t i = 0; i < count; i++)
        labels->objects[labels->object_count++] = (struct object){
            INSIDE, sums[i].x / sums[i].count, sums[i].y / sums[i].count};
    mica_free(sums);
}

static int label(const struct labelling *l, const struct frame_place *place,
                 struct frame_truth *labels, struct error *err)
{
    enum { MOST = 1 << 22 };
    const struct described *d = l->params;
    struct companion *companion = l->own;
    const float *values =
        mica_companion(companion, d->instances, l->listing->from, place, err);
    for (size_t i = 0; values && i < place->height * place->width; i++) {
        float v = values[i];
        if (!(v >= 0 && v < MOST && v == floorf(v)))
            return mica_misuse(err,
                               "%s: the value %g at (%zu, %zu) is not the number of an "
                               "object: whole, from 0 on",
                               companion->path, (double)v, i % place->width,
                               i / place->width);
        bool border =
            v > 0 && d->border > 0 &&
            is_border(values, place, i / place->width, i % place->width, d->border);
        labels->classes[i] = v == 0 ? BACKGROUND : border ? BORDER : INSIDE;
    }
    if (values)
        list_objects(values, place, labels);
    return values ? 0 : -1;
}

static void close(struct labelling *l)
{
    if (l->own)
        mica_companion_close(l->own);
    mica_free(l->own);
}

const struct truth mica_truth_instances = {
    .name = "instances",
    .summary = "images with masks that number their objects",
    .params = params,
    .params_size = sizeof(struct described),
    .open = open,
    .label = label,
    .close = close};
