/* points.c - places of objects in a table become discs of their classes, or Gaussians */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "datasets/targets.h"
#include "datasets/truths/names.h"
#include "datasets/truths/rows.h"

struct described {
    const char *points, *radius, *sigma, *column;
    const cJSON *classes;
};

static const struct param params[] = {
    {"points", PARAM_TEXT, offsetof(struct described, points), PARAM_NEEDED, PARAM_ANY,
     "a table with the columns image, x_px, y_px (or x, y; or x_A, y_A) and label; or "
     "one for each image, points/{stem}.csv"},
    {"radius", PARAM_TEXT, offsetof(struct described, radius), 0, PARAM_ANY,
     "of the discs: \"0.95 A\", or \"4 px\""},
    {"sigma", PARAM_TEXT, offsetof(struct described, sigma), 0, PARAM_ANY,
     "in place of 'radius': the truth is Gaussians, exp(-r^2 / (2 sigma^2)), one "
     "number for "
     "each class but the background: \"0.4 A\", or \"2 px\""},
    {"column", PARAM_TEXT, offsetof(struct described, column), 0, PARAM_ANY,
     "the table's column of classes (label; without it all are of one)"},
    {"classes", PARAM_JSON, offsetof(struct described, classes), 0, PARAM_ANY,
     "the classes behind the background, in their order: labels are these names or "
     "their "
     "numbers from 0 on; without it those that are met, sorted"},
    {0}};

struct point {
    size_t file, frame, line;
    double x, y;
    bool angstrom; /* x and y are in A */
    const char *word, *path;
    int label;
};

struct points {
    struct names names;
    struct arena *arena;
    struct point *list; /* by file, frame and line */
    size_t count, room;
    size_t unknown; /* rows about images that are not here, the first of them */
    const char *first_unknown;
    const char
        *unlabelled; /* NULL, or that a table has no classes, but other columns */
    double radius;
    bool radius_px;
};

/* ---- tables ---- */

struct columns {
    size_t x, y, label;
    bool angstrom, labelled;
};

static int find_columns(const struct labelling *l, const struct table *table,
                        struct columns *c, struct error *err)
{
    static const char *const pairs[][2] = {
        {"x_px", "y_px"}, {"x", "y"}, {"x_A", "y_A"}};
    const struct described *d = l->params;
    size_t i = 0;
    while (i < 3 && !(mica_table_column(table, pairs[i][0], &c->x) &&
                      mica_table_column(table, pairs[i][1], &c->y)))
        i++;
    if (i == 3)
        return mica_misuse(err,
                           "%s: has no columns x_px and y_px (or x and y, or x_A and "
                           "y_A)",
                           table->path);
    c->angstrom = i == 2;
    c->labelled = !d->column && mica_table_column(table, "label", &c->label);
    if (!d->column)
        return 0;
    c->labelled = true;
    return mica_table_need(table, d->column, &c->label, err);
}

/* Where each point's class could stand: a column that is none of its place. */
static void note_unlabelled(struct points *own, const struct table *table)
{
    static const char *const places[] = {"image", "file", "frame", "index", "x_px",
                                         "y_px",  "x",    "y",     "x_A",   "y_A"};
    struct text text = {0};
    bool other = false;
    mica_text_add(&text, "%s has no column 'label' (it has ", table->path);
    for (size_t i = 0; i < table->columns; i++) {
        bool place = false;
        for (size_t k = 0; k < sizeof places / sizeof *places; k++)
            place = place || strcmp(table->names[i], places[k]) == 0;
        other = other || !place;
        mica_text_add(&text, "%s%s", i ? ", " : "", table->names[i]);
    }
    mica_text_add(&text, "): all points are one class; \"column\" names another");
    if (other)
        own->unlabelled = mica_arena_text(own->arena, text.data);
    mica_text_free(&text);
}

static struct point *add(struct points *own)
{
    if (own->count == own->room) {
        own->room = 2 * own->room + 64;
        own->list = realloc(own->list, own->room * sizeof *own->list);
        MICA_CHECK(own->list);
    }
    return &own->list[own->count++];
}

static int take_row(struct points *own, const struct table_rows *rows, size_t row,
                    const struct columns *c, const char *path, struct error *err)
{
    struct point p = {.file = rows->file[row],
                      .frame = rows->frame[row],
                      .line = rows->table.lines[row],
                      .angstrom = c->angstrom,
                      .path = path};
    if (mica_table_number(&rows->table, row, c->x, &p.x, err) ||
        mica_table_number(&rows->table, row, c->y, &p.y, err))
        return -1;
    if (isnan(p.x) || isnan(p.y))
        return mica_misuse(err, "%s:%zu: x or y is empty", path, p.line);
    p.word = c->labelled ? mica_arena_text(own->arena,
                                           mica_table_text(&rows->table, row, c->label))
                         : "object";
    if (p.file != MICA_NO_PLACE)
        *add(own) = p;
    return 0;
}

static void note_unknown(struct points *own, const struct table_rows *rows)
{
    size_t column = 0, row = rows->first_unknown;
    if (!rows->unknown)
        return;
    if (!mica_table_column(&rows->table, "image", &column))
        mica_table_column(&rows->table, "file", &column);
    struct text first = {0};
    mica_text_add(&first, "'%s' in line %zu",
                  mica_table_text(&rows->table, row, column), rows->table.lines[row]);
    own->first_unknown = mica_arena_text(own->arena, first.data);
    own->unknown = rows->unknown;
    mica_text_free(&first);
}

static int read_table(const struct labelling *l, const char *name, size_t only,
                      struct error *err)
{
    struct points *own = l->own;
    const char *path = mica_arena_text(own->arena, name);
    struct table_rows rows;
    struct columns c;
    if (mica_rows_read(&rows, path, l->listing, only, err))
        return -1;
    int status = find_columns(l, &rows.table, &c, err);
    if (!status && !c.labelled && !own->unlabelled)
        note_unlabelled(own, &rows.table);
    note_unknown(own, &rows);
    for (size_t i = 0; i < rows.table.rows && !status; i++)
        status = take_row(own, &rows, i, &c, path, err);
    mica_rows_free(&rows);
    return status;
}

static int read_tables(const struct labelling *l, struct error *err)
{
    const struct described *d = l->params;
    const struct listing *listing = l->listing;
    bool each = strstr(d->points, "{stem}") != NULL;
    int status = 0;
    for (size_t i = 0; i < (each ? listing->files : 1) && !status; i++) {
        char *path = mica_truth_path(d->points, listing->from, listing->paths[i]);
        status = read_table(l, path, each ? i : MICA_NO_PLACE, err);
        free(path);
    }
    return status;
}

/* ---- opening ---- */

static int by_place(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    if (p->file != q->file)
        return p->file < q->file ? -1 : 1;
    if (p->frame != q->frame)
        return p->frame < q->frame ? -1 : 1;
    return (p->line > q->line) - (p->line < q->line);
}

/* The first point that is not before this frame of this file. */
static size_t find_frame(const struct points *own, size_t file, size_t frame)
{
    const struct point wanted = {.file = file, .frame = frame};
    size_t low = 0, high = own->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_place(&own->list[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Points of images that a pattern leaves out on purpose, or whose names are misspelt: people
   see which by the images that have none. */
static void tell_unknown(const struct labelling *l, struct text *text)
{
    const struct described *d = l->params;
    const struct points *own = l->own;
    size_t without = 0, files = l->listing->files;
    const char *example = "";
    if (!own->unknown)
        return;
    for (size_t i = files; i-- > 0;)
        if (find_frame(own, i, 0) == find_frame(own, i + 1, 0)) {
            without++;
            example = l->listing->paths[i];
        }
    mica_text_add(text, "%s%s: %zu point%s of images that are not among these (%s)",
                  text->length ? "; " : "", d->points, own->unknown,
                  own->unknown == 1 ? " is" : "s are", own->first_unknown);
    if (without)
        mica_text_add(text,
                      ", and %zu of these %zu have no point (%s): are names "
                      "misspelt?",
                      without, files, example);
}

static void warn(const struct labelling *l)
{
    const struct points *own = l->own;
    struct text text = {0};
    if (own->unlabelled)
        mica_text_add(&text, "%s", own->unlabelled);
    tell_unknown(l, &text);
    if (text.length)
        l->dataset->warning = mica_arena_text(l->reader->arena, text.data);
    mica_text_free(&text);
}

/* "0.95 A" or "4 px" */
static int read_size(const struct labelling *l, const char *key, const char *text,
                     double *size, bool *px, struct error *err)
{
    struct error why = {0};
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(l->item, key);
    size_t length = strlen(text);
    *px = length > 2 && strcmp(text + length - 2, "px") == 0;
    if (mica_units_parse(text, DIMENSION_LENGTH, 1, size, &why))
        return mica_json_fail(l->reader->json, place, err, "%s", why.text);
    if (!(*size > 0))
        return mica_json_fail(l->reader->json, place, err,
                              "must be larger than 0, not \"%s\"", text);
    return 0;
}

/* Discs of a radius; or Gaussians, whose discs are where they are above a half. */
static int read_radius(const struct labelling *l, struct error *err)
{
    const struct described *d = l->params;
    struct points *own = l->own;
    struct dataset *data = l->dataset;
    if (!d->radius == !d->sigma)
        return mica_json_fail(l->reader->json, l->item, err,
                              "points need either a \"radius\" (discs of classes) or a "
                              "\"sigma\" (Gaussians)");
    if (d->radius) {
        if (read_size(l, "radius", d->radius, &own->radius, &own->radius_px, err))
            return -1;
    } else {
        if (read_size(l, "sigma", d->sigma, &data->sigma, &data->sigma_px, err))
            return -1;
        own->radius = mica_targets_half(data->sigma);
        own->radius_px = data->sigma_px;
    }
    data->label_radius = own->radius_px ? 0 : own->radius;
    return 0;
}

static int name_classes(const struct labelling *l, struct error *err)
{
    struct points *own = l->own;
    const char **words = mica_need(own->count + 1, sizeof *words);
    for (size_t i = 0; i < own->count; i++)
        words[i] = own->list[i].word;
    int status = mica_names_gather(&own->names, words, own->count);
    mica_free(words);
    if (status)
        return mica_misuse(err, "%s: has more than %d classes", own->list[0].path,
                           MICA_CLASSES_NAMED - 1);
    for (size_t i = 0; i < own->count; i++) {
        struct point *p = &own->list[i];
        p->label = mica_names_find(&own->names, p->word);
        if (p->label >= 1)
            continue;
        struct text known = {0};
        mica_names_list(&own->names, &known);
        mica_misuse(err, "%s:%zu: the label '%s' is none of 'classes' (%s)", p->path,
                    p->line, p->word, known.data ? known.data : "none");
        mica_text_free(&known);
        return -1;
    }
    if (own->names.count < 2)
        return mica_json_fail(l->reader->json,
                              cJSON_GetObjectItemCaseSensitive(l->item, "points"), err,
                              "names no point of these images%s%s",
                              own->first_unknown ? "; its first image is " : "",
                              own->first_unknown ? own->first_unknown : "");
    mica_dataset_classes(l->dataset, own->names.list, own->names.count);
    return 0;
}

static int open(struct labelling *l, struct error *err)
{
    const struct described *d = l->params;
    struct points *own = l->own = mica_need(1, sizeof *own);
    own->arena = mica_arena_new();
    own->names = (struct names){.count = 1, .first = 1, .list = {"background"}};
    if (read_radius(l, err) ||
        mica_names_read(&own->names, d->classes, l->reader, err) || read_tables(l, err))
        return -1;
    if (own->count)
        qsort(own->list, own->count, sizeof *own->list, by_place);
    warn(l);
    return name_classes(l, err);
}

/* ---- discs ---- */

/* A pixel is of the class of the nearest point. `nearest` has the squared distances, by the
   radius, of all pixels so far. */
static void draw_disc(const struct object *o, const double radius[2],
                      const struct frame_place *p, float *nearest, uint8_t *classes)
{
    double top = ceil(o->y - radius[0]), bottom = floor(o->y + radius[0]);
    double left = ceil(o->x - radius[1]), right = floor(o->x + radius[1]);
    for (double y = fmax(top, 0); y <= fmin(bottom, (double)p->height - 1); y++)
        for (double x = fmax(left, 0); x <= fmin(right, (double)p->width - 1); x++) {
            double dy = (y - o->y) / radius[0], dx = (x - o->x) / radius[1];
            size_t i = (size_t)y * p->width + (size_t)x;
            float distance = (float)(dy * dy + dx * dx);
            if (distance <= 1 && distance < nearest[i]) {
                nearest[i] = distance;
                classes[i] = (uint8_t)o->label;
            }
        }
}

static int place_point(const struct point *point, const struct frame_place *p,
                       struct object *out, struct error *err)
{
    *out = (struct object){point->label, point->x, point->y};
    if (point->angstrom && !(p->pixel[0] > 0))
        return mica_misuse(err,
                           "%s: places are in A, but the size of a pixel of %s is "
                           "unknown; give 'pixel'",
                           point->path, p->path);
    if (point->angstrom) {
        out->x /= p->pixel[1];
        out->y /= p->pixel[0];
    }
    if (out->x >= -0.5 && out->y >= -0.5 && out->x < (double)p->width - 0.5 &&
        out->y < (double)p->height - 0.5)
        return 0;
    return mica_misuse(err,
                       "%s:%zu: the point (%g, %g) is outside %s, which has %zu x %zu "
                       "pixels (x runs along columns, from 0 on)",
                       point->path, point->line, out->x, out->y, p->path, p->height,
                       p->width);
}

static int find_radius(const struct labelling *l, const struct frame_place *p,
                       double radius[2], struct error *err)
{
    const struct points *own = l->own;
    const struct dataset *data = l->dataset;
    if (!own->radius_px && !(p->pixel[0] > 0 && p->pixel[1] > 0))
        return mica_misuse(err,
                           "%s: the size of a pixel is unknown; give 'pixel', or "
                           "'%s' in px",
                           p->path, data->sigma > 0 ? "sigma" : "radius");
    for (int axis = 0; axis < 2; axis++)
        radius[axis] = own->radius_px ? own->radius : own->radius / p->pixel[axis];
    return 0;
}

/* The last point of a file is not beyond its end. */
static int check_frames(const struct points *own, const struct frame_place *place,
                        struct error *err)
{
    size_t end = find_frame(own, place->file + 1, 0);
    const struct point *last = end ? &own->list[end - 1] : NULL;
    if (!last || last->file != place->file || last->frame < place->frames)
        return 0;
    return mica_misuse(err,
                       "%s:%zu: is about frame %zu of %s, which has %zu (from 0 on)",
                       last->path, last->line, last->frame, place->path, place->frames);
}

static int label(const struct labelling *l, const struct frame_place *place,
                 struct frame_truth *labels, struct error *err)
{
    const struct points *own = l->own;
    double radius[2] = {0, 0};
    if (find_radius(l, place, radius, err))
        return -1;
    size_t pixels = place->height * place->width;
    float *nearest = mica_need(pixels, sizeof *nearest);
    for (size_t i = 0; i < pixels; i++)
        nearest[i] = HUGE_VALF;
    size_t from = find_frame(own, place->file, place->frame);
    size_t to = find_frame(own, place->file, place->frame + 1);
    labels->objects = mica_need(to - from + 1, sizeof *labels->objects);
    labels->objects_known = true;
    int status = check_frames(own, place, err);
    for (size_t i = from; i < to && !status; i++) {
        struct object *object = &labels->objects[labels->object_count];
        status = place_point(&own->list[i], place, object, err);
        if (status)
            break;
        labels->object_count++;
        draw_disc(object, radius, place, nearest, labels->classes);
    }
    mica_free(nearest);
    return status;
}

static void close(struct labelling *l)
{
    struct points *own = l->own;
    if (own) {
        mica_arena_free(own->arena);
        free(own->list);
    }
    mica_free(own);
}

const struct truth mica_truth_points = {.name = "points",
                                        .summary = "images with places of objects",
                                        .params = params,
                                        .params_size = sizeof(struct described),
                                        .open = open,
                                        .label = label,
                                        .close = close};
