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

/* ---- moving objects ---- */

struct move {
    mica_augment_from *from, *to;
    const void *context, *to_context;
    double span[2][2]; /* axis: the old places that the new image shows, with what
                                 reaches into it from beyond */
    double reach[2], keep[2]; /* pixels beyond the old and the new image */
};

/* The new place of an old one; without `to` p with from(p) = old: p += old - from(p). */
static void move_place(const struct move *m, double *y, double *x)
{
    enum { ROUNDS = 60 };
    double old_y = *y, old_x = *x;
    if (m->to) {
        m->to(m->to_context, old_y, old_x, y, x);
        return;
    }
    for (int i = 0; i < ROUNDS; i++) {
        double from_y, from_x;
        m->from(m->context, *y, *x, &from_y, &from_x);
        *y += old_y - from_y;
        *x += old_x - from_x;
    }
}

static void find_span(const struct sample *s, struct move *m)
{
    const size_t size[2] = {s->height, s->width};
    for (size_t i = 0; i < s->height * s->width; i++) {
        double place[2];
        m->from(m->context, (double)(i / s->width), (double)(i % s->width), &place[0],
                &place[1]);
        for (int axis = 0; axis < 2; axis++) {
            double *span = m->span[axis];
            span[0] = i ? fmin(span[0], place[axis]) : place[axis];
            span[1] = i ? fmax(span[1], place[axis]) : place[axis];
        }
    }
    for (int axis = 0; axis < 2; axis++) {
        double *span = m->span[axis];
        double shown = fmax(span[1] - span[0], 1),
               last = fmax((double)size[axis] - 1, 1);
        m->reach[axis] = mica_sample_reach(s, axis);
        m->keep[axis] = m->reach[axis] * fmax(last / shown, 1);
        span[0] -= 1 + m->reach[axis] * fmax(shown / last, 1);
        span[1] += 1 + m->reach[axis] * fmax(shown / last, 1);
    }
}

/* The places within the span where pixels show what is at `v`: v and -v, a period apart.
   Their count; `places` may be NULL. */
static size_t list_mirrored(double v, size_t size, const double span[2], double *places)
{
    double period = size > 1 ? 2 * ((double)size - 1) : 2;
    size_t count = 0;
    for (int sign = 1; sign >= -1; sign -= 2) {
        double at = sign * v + period * ceil((span[0] - sign * v) / period);
        for (; at <= span[1]; at += period) {
            if (places)
                places[count] = at;
            count++;
        }
    }
    return count;
}

/* An object and its mirror images: how many come into `out`. */
static size_t move_inside(const struct sample *s, const struct move *m,
                          const struct object *o, struct object *out)
{
    size_t rows = list_mirrored(o->y, s->height, m->span[0], NULL);
    size_t columns = list_mirrored(o->x, s->width, m->span[1], NULL), kept = 0;
    double *y = mica_need(rows + columns + 1, sizeof *y), *x = y + rows;
    list_mirrored(o->y, s->height, m->span[0], y);
    list_mirrored(o->x, s->width, m->span[1], x);
    for (size_t i = 0; i < rows * columns; i++) {
        struct object moved = {o->label, x[i % columns], y[i / columns]};
        move_place(m, &moved.y, &moved.x);
        if (mica_sample_holds(s, moved.y, moved.x, m->keep))
            out[kept++] = moved;
    }
    mica_free(y);
    return kept;
}

/* Whether the new image ends near a new place where the old one ended, or before. */
static bool hides(const struct sample *s, const struct move *m, double y, double x)
{
    static const double LEAST = 0.25; /* pixels that a mirror must show */
    double last_y = (double)s->height - 1, last_x = (double)s->width - 1, from_y,
           from_x;
    m->from(m->context, fmin(fmax(y, 0), last_y), fmin(fmax(x, 0), last_x), &from_y,
            &from_x);
    return from_y >= -LEAST && from_x >= -LEAST && from_y <= last_y + LEAST &&
           from_x <= last_x + LEAST;
}

/* What shows of an object beyond the image, as far as two sigma, counts nowhere. */
static void ignore_cap(struct sample *s, const struct move *m, const struct object *o)
{
    double ry = m->reach[0] * 2 / MICA_REACH, rx = m->reach[1] * 2 / MICA_REACH;
    for (double y = fmax(ceil(o->y - ry), 0);
         y <= fmin(o->y + ry, (double)s->height - 1); y++)
        for (double x = fmax(ceil(o->x - rx), 0);
             x <= fmin(o->x + rx, (double)s->width - 1); x++) {
            double dy = (y - o->y) / ry, dx = (x - o->x) / rx;
            if (dy * dy + dx * dx <= 1)
                s->labels[(size_t)y * s->width + (size_t)x] = MICA_IGNORED;
        }
}

/* An object beyond the image goes on reaching into it where its side stays outside. Where it
   comes to be seen, the mirror shows the cap of it twice and not its middle, which is no
   Gaussian. */
static size_t move_beyond(struct sample *s, const struct move *m,
                          const struct object *o, struct object *out)
{
    *out = *o;
    move_place(m, &out->y, &out->x);
    if (hides(s, m, out->y, out->x))
        return mica_sample_holds(s, out->y, out->x, m->keep);
    if (s->labels)
        ignore_cap(s, m, o);
    return 0;
}

static void move_objects(struct sample *s, struct move *m)
{
    size_t most = 0, count = 0;
    find_span(s, m);
    for (size_t i = 0; i < s->object_count; i++)
        most += 1 + list_mirrored(s->objects[i].y, s->height, m->span[0], NULL) *
                        list_mirrored(s->objects[i].x, s->width, m->span[1], NULL);
    struct object *moved = mica_need(most + 1, sizeof *moved);
    for (size_t i = 0; i < s->object_count; i++) {
        const struct object *o = &s->objects[i];
        count += mica_sample_inside(s, o) ? move_inside(s, m, o, moved + count)
                                          : move_beyond(s, m, o, moved + count);
    }
    mica_free(s->objects);
    s->objects = moved;
    s->object_count = count;
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
    struct move move = {from, to, context, to_context, {{0}}, {0}, {0}};
    if (s->object_count)
        move_objects(s, &move);
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
    return 0;
}
