/* augment.c - changes of training samples: the list of a recipe, and what moves pixels */
#include "datasets/augment.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "datasets/physics/draw.h"

#define AUGMENT(name) extern const struct augment mica_augment_##name;
#include "augments.inc"
#undef AUGMENT

static const struct augment *const members[] = {
#define AUGMENT(name) &mica_augment_##name,
#include "augments.inc"
    NULL};

const struct augment *mica_augment(size_t i)
{
    return i < sizeof members / sizeof *members ? members[i] : NULL;
}

/* ---- the list ---- */

static int fail_name(const cJSON *item, const char *name, const struct reader *reader,
                     struct error *err)
{
    enum { MOST = 64 };
    const char *names[MOST];
    size_t count = 0;
    struct text known = {0};
    for (; members[count] && count < MOST; count++) {
        names[count] = members[count]->name;
        mica_text_add(&known, "%s%s", count ? ", " : "", names[count]);
    }
    const char *near = name ? mica_text_nearest(name, names, count) : NULL;
    if (near)
        mica_json_fail(reader->json, item, err,
                       "no augmentation is called '%s'; did you mean '%s'?", name,
                       near);
    else
        mica_json_fail(
            reader->json, item, err,
            "must be an augmentation, \"dihedral\" or {\"gamma\": 1.1}; there "
            "are %s",
            known.data);
    mica_text_free(&known);
    return -1;
}

/* "dihedral", {"gamma": 1.2} or {"noise": {"sd": 0.1}} */
static int read_one(struct augmented *one, const cJSON *item,
                    const struct reader *reader, struct error *err)
{
    static const struct param nothing[] = {{0}};
    const cJSON *value = cJSON_IsObject(item) ? item->child : NULL;
    const char *name = cJSON_IsString(item)    ? item->valuestring
                       : value && !value->next ? value->string
                                               : NULL;
    size_t i = 0;
    while (name && members[i] && strcmp(members[i]->name, name) != 0)
        i++;
    if (!name || !members[i])
        return fail_name(item, name, reader, err);
    const struct augment *what = members[i];
    struct reader here = *reader;
    here.place = item;
    one->what = what;
    one->params = mica_arena_take(reader->arena, 1, what->params_size + 1);
    return mica_param_read(what->params ? what->params : nothing, one->params, value,
                           NULL, NULL, &here, err);
}

int mica_augmentation_read(struct augmentation *augmentation, const cJSON *item,
                           const struct reader *reader, struct error *err)
{
    const cJSON *each;
    int status = 0;
    *augmentation = (struct augmentation){0};
    if (!item)
        return 0;
    if (!cJSON_IsArray(item))
        return mica_json_fail(reader->json, item, err,
                              "must be a list, like [\"dihedral\", {\"gamma\": 1.1}]");
    size_t count = (size_t)cJSON_GetArraySize(item);
    augmentation->list =
        mica_arena_take(reader->arena, count + 1, sizeof *augmentation->list);
    cJSON_ArrayForEach(each, item)
    {
        struct augmented *one = &augmentation->list[augmentation->count];
        if (read_one(one, each, reader, err))
            status = -1;
        else
            augmentation->count++;
    }
    return status;
}

static int apply_one(const struct augmentation *a, size_t i, bool whole,
                     uint64_t number, struct sample *sample, struct error *err)
{
    const struct augmented *one = &a->list[i];
    struct text purpose = {0};
    struct random random;
    double values[DRAW_MOST] = {0};
    mica_text_add(&purpose, "augment %zu %s", i, one->what->name);
    mica_draw_stream(&random, a->seed, purpose.data, number);
    mica_text_free(&purpose);
    cJSON *drawn = cJSON_CreateObject();
    if (one->what->params)
        mica_draw(one->what->params, one->params, &random, values, drawn);
    cJSON_Delete(drawn);
    return one->what->apply(sample, whole, values, &random, err);
}

int mica_augmentation_apply(const struct augmentation *a,
                            const struct normalise *normalise, bool whole,
                            uint64_t number, struct sample *s, struct error *err)
{
    for (size_t i = 0; i < a->count; i++)
        if (!a->list[i].what->normalised && apply_one(a, i, whole, number, s, err))
            return -1;
    if (mica_normalise(normalise, s->image, s->height, s->width, s->channels, s->pixel,
                       err))
        return -1;
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].what->normalised && apply_one(a, i, whole, number, s, err))
            return -1;
    return 0;
}

int mica_augmentation_check(const struct augmentation *a, const struct sample *sample,
                            struct error *err)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].what->moves && (sample->height < 2 || sample->width < 2))
            return mica_misuse(
                err,
                "augment: '%s' moves pixels, but %s is %zu x %zu; leave it "
                "out",
                a->list[i].what->name, sample->name, sample->height, sample->width);
    return 0;
}

void mica_augmentation_pixels(const struct augmentation *a, double range[2])
{
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].what->pixels)
            a->list[i].what->pixels(a->list[i].params, range);
}

void mica_augment_limits(const struct sample *sample, size_t channel, float *least,
                         float *most)
{
    *least = *most = sample->image[channel];
    for (size_t i = 0; i < sample->height * sample->width; i++) {
        float value = sample->image[i * sample->channels + channel];
        *least = fminf(*least, value);
        *most = fmaxf(*most, value);
    }
}

/* ---- moving pixels ---- */

static size_t mirrored(long i, size_t count)
{
    if (count == 1)
        return 0;
    long period = 2 * ((long)count - 1), k = i % period;
    k = k < 0 ? k + period : k;
    return (size_t)(k < (long)count ? k : period - k);
}

/* Keys' cubic, a = -1/2, of the neighbours at -1, 0, 1, 2 for a place t in [0, 1). */
static void cubic_weights(double t, double weights[4])
{
    double t2 = t * t, t3 = t2 * t;
    weights[0] = -0.5 * t3 + t2 - 0.5 * t;
    weights[1] = 1.5 * t3 - 2.5 * t2 + 1;
    weights[2] = -1.5 * t3 + 2 * t2 + 0.5 * t;
    weights[3] = 0.5 * t3 - 0.5 * t2;
}

static void take_pixel(const struct sample *s, double y, double x, float *out)
{
    double wy[4], wx[4], fy = floor(y), fx = floor(x);
    cubic_weights(y - fy, wy);
    cubic_weights(x - fx, wx);
    for (size_t c = 0; c < s->channels; c++) {
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            size_t row = mirrored((long)fy + i - 1, s->height);
            for (int k = 0; k < 4; k++) {
                size_t at = row * s->width + mirrored((long)fx + k - 1, s->width);
                sum += wy[i] * wx[k] * (double)s->image[at * s->channels + c];
            }
        }
        out[c] = (float)sum;
    }
}

/* The place p with from(p) = the object's: p += object - from(p). */
static void move_object(const struct object *object, mica_augment_from *from,
                        const void *context, double *y, double *x)
{
    enum { ROUNDS = 60 };
    *y = object->y;
    *x = object->x;
    for (int i = 0; i < ROUNDS; i++) {
        double from_y, from_x;
        from(context, *y, *x, &from_y, &from_x);
        *y += object->y - from_y;
        *x += object->x - from_x;
    }
}

static void move_objects(struct sample *s, mica_augment_from *from, const void *context,
                         mica_augment_from *to, const void *to_context)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->object_count; i++) {
        struct object o = s->objects[i];
        if (to)
            to(to_context, s->objects[i].y, s->objects[i].x, &o.y, &o.x);
        else
            move_object(&s->objects[i], from, context, &o.y, &o.x);
        if (o.y >= -0.5 && o.x >= -0.5 && o.y < (double)s->height - 0.5 &&
            o.x < (double)s->width - 0.5)
            s->objects[kept++] = o;
    }
    s->object_count = kept;
}

int mica_augment_move_by(struct sample *s, bool whole, mica_augment_from *from,
                         const void *context, mica_augment_from *to,
                         const void *to_context, struct error *err)
{
    size_t pixels = s->height * s->width;
    float *image = mica_allocate(pixels, s->channels * sizeof *image);
    uint8_t *labels = mica_allocate(pixels, 1);
    if (!image || !labels) {
        mica_free(image);
        mica_free(labels);
        return mica_fail(err, "no memory to move the pixels of %s", s->name);
    }
    for (size_t i = 0; i < pixels; i++) {
        double y, x;
        from(context, (double)(i / s->width), (double)(i % s->width), &y, &x);
        take_pixel(s, y, x, image + i * s->channels);
        if (s->labels && !whole)
            labels[i] = s->labels[mirrored((long)floor(y + 0.5), s->height) * s->width +
                                  mirrored((long)floor(x + 0.5), s->width)];
    }
    if (s->labels && !whole)
        memcpy(s->labels, labels, pixels);
    memcpy(s->image, image, pixels * s->channels * sizeof *image);
    mica_free(image);
    mica_free(labels);
    move_objects(s, from, context, to, to_context);
    return 0;
}
