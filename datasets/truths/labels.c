/* labels.c - the class of each image, row or spectrum stands in a table or an array */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "datasets/features.h"
#include "datasets/truths/names.h"
#include "datasets/truths/rows.h"

struct described {
    const char *labels, *column, *groups;
    const cJSON *classes;
};

static const struct param params[] = {
    {"labels", PARAM_TEXT, offsetof(struct described, labels), PARAM_NEEDED, PARAM_ANY,
     "a table with the columns image (or index) and label, or an array of numbers "
     "(NPY, "
     "IDX): the class of each"},
    {"column", PARAM_TEXT, offsetof(struct described, column), 0, PARAM_ANY,
     "the table's column of classes (label)"},
    {"groups", PARAM_TEXT, offsetof(struct described, groups), 0, PARAM_ANY,
     "the table's column of what a split never parts: sample, session (group, where "
     "there is one)"},
    {"classes", PARAM_JSON, offsetof(struct described, classes), 0, PARAM_ANY,
     "the classes in their order, [\"bulk\", \"vacancy\"]: labels are these names or "
     "their numbers from 0 on; without it those that are met, sorted"},
    {0}};

/* Of each unit: its word in the table, its group, its class. */
struct stored {
    struct names names;
    struct arena *arena;
    const char **words, **groups;
    int *classes;
    const char *path;
};

/* ---- a table ---- */

static int fail_twice(const struct labelling *l, const struct table_rows *rows,
                      size_t row, const char *what, const char *word,
                      const char *before, struct error *err)
{
    const char *path = l->listing->paths[rows->file[row]];
    if (rows->frame[row] > 0 && !l->listing->by_frame)
        return mica_misuse(
            err,
            "%s:%zu: frame %zu of %s is '%s', an earlier one '%s', but of "
            "several files (%zu) each has one %s; give each stack by "
            "itself in a \"mix\", or its frames as files",
            rows->table.path, rows->table.lines[row], rows->frame[row], path, word,
            before, l->listing->files, what);
    return mica_misuse(err,
                       "%s:%zu: says '%s' of %s, of which an earlier line says '%s'; "
                       "leave one of the lines",
                       rows->table.path, rows->table.lines[row], word, path, before);
}

/* A row may say again what another has said, but nothing else. */
static int keep_word(const struct labelling *l, const struct table_rows *rows,
                     size_t row, const char *what, size_t column, const char **kept,
                     struct error *err)
{
    struct stored *own = l->own;
    const char *word = mica_table_text(&rows->table, row, column);
    if (*kept && strcmp(*kept, word) != 0)
        return fail_twice(l, rows, row, what, word, *kept, err);
    *kept = mica_arena_text(own->arena, word);
    return 0;
}

static int keep_row(const struct labelling *l, const struct table_rows *rows,
                    size_t row, size_t column, bool grouped, size_t group,
                    struct error *err)
{
    struct stored *own = l->own;
    size_t unit = mica_rows_unit(rows, l->listing, row);
    if (unit == MICA_NO_PLACE)
        return 0;
    if (keep_word(l, rows, row, "class", column, &own->words[unit], err))
        return -1;
    return grouped ? keep_word(l, rows, row, "group", group, &own->groups[unit], err)
                   : 0;
}

static int read_table(const struct labelling *l, const char *path, struct error *err)
{
    const struct described *d = l->params;
    struct table_rows rows;
    size_t column = 0, group = 0;
    if (mica_rows_read(&rows, path, l->listing, MICA_NO_PLACE, err))
        return -1;
    int status =
        mica_table_need(&rows.table, d->column ? d->column : "label", &column, err);
    bool grouped = !d->groups && mica_table_column(&rows.table, "group", &group);
    if (!status && d->groups) {
        status = mica_table_need(&rows.table, d->groups, &group, err);
        grouped = true;
    }
    for (size_t i = 0; i < rows.table.rows && !status; i++)
        status = keep_row(l, &rows, i, column, grouped, group, err);
    mica_rows_free(&rows);
    return status;
}

/* ---- an array ---- */

static int read_numbers(const struct labelling *l, const char *path, struct error *err)
{
    const struct described *d = l->params;
    struct stored *own = l->own;
    struct array array;
    if (d->column || d->groups)
        return mica_json_fail(l->reader->json, l->item, err,
                              "'column' and 'groups' are of tables; %s is an array",
                              path);
    if (mica_array_read(path, &array, err))
        return -1;
    int status = 0;
    if (array.axes != 1 || array.shape[0] != l->listing->count)
        status = mica_misuse(
            err,
            "%s: has %zu axes, the first of %zu; labels are one axis of "
            "as many as there are images (%zu)",
            path, array.axes, array.axes ? array.shape[0] : 0, l->listing->count);
    for (size_t i = 0; i < l->listing->count && !status; i++) {
        char word[40];
        own->words[i] = mica_arena_text(
            own->arena, mica_text_digits(word, (double)array.data[i], 9));
    }
    mica_array_free(&array);
    return status;
}

/* ---- both ---- */

static const char *unit_name(const struct labelling *l, size_t unit)
{
    return l->listing->paths[l->listing->by_frame ? 0 : unit];
}

static int fail_unit(const struct labelling *l, size_t unit, const char *what,
                     struct error *err)
{
    const struct stored *own = l->own;
    if (l->listing->by_frame)
        return mica_misuse(err, "%s: %s frame %zu of %s", own->path, what, unit,
                           unit_name(l, unit));
    return mica_misuse(err, "%s: %s %s", own->path, what, unit_name(l, unit));
}

static int name_classes(const struct labelling *l, struct error *err)
{
    struct stored *own = l->own;
    for (size_t i = 0; i < l->listing->count; i++)
        if (!own->words[i])
            return fail_unit(l, i, "has no label for", err);
    if (mica_names_gather(&own->names, own->words, l->listing->count))
        return mica_misuse(err, "%s: has more than %d classes", own->path,
                           MICA_CLASSES_NAMED);
    for (size_t i = 0; i < l->listing->count; i++) {
        own->classes[i] = mica_names_find(&own->names, own->words[i]);
        if (own->classes[i] < 0) {
            struct text what = {0};
            mica_text_add(&what, "the label '%s' is none of 'classes' (",
                          own->words[i]);
            mica_names_list(&own->names, &what);
            mica_text_add(&what, "); it is that of");
            fail_unit(l, i, what.data, err);
            mica_text_free(&what);
            return -1;
        }
    }
    if (own->names.count < 2)
        return mica_misuse(err, "%s: has one class only", own->path);
    mica_dataset_classes(l->dataset, own->names.list, own->names.count);
    return 0;
}

static int open(struct labelling *l, struct error *err)
{
    const struct described *d = l->params;
    struct stored *own = l->own = mica_need(1, sizeof *own);
    size_t count = l->listing->count;
    own->arena = mica_arena_new();
    own->words = mica_arena_take(own->arena, count + 1, sizeof *own->words);
    own->groups = mica_arena_take(own->arena, count + 1, sizeof *own->groups);
    own->classes = mica_arena_take(own->arena, count + 1, sizeof *own->classes);
    char *path = mica_truth_path(d->labels, l->listing->from, NULL);
    own->path = mica_arena_text(own->arena, path);
    free(path);
    if (mica_names_read(&own->names, d->classes, l->reader, err) ||
        (mica_features_is_table(own->path) ? read_table : read_numbers)(l, own->path,
                                                                        err))
        return -1;
    return name_classes(l, err);
}

static void describe(const struct labelling *l, size_t unit, int *label,
                     const char **group)
{
    const struct stored *own = l->own;
    *label = own->classes[unit];
    *group = own->groups[unit];
}

static int label(const struct labelling *l, const struct frame_place *place,
                 struct frame_truth *labels, struct error *err)
{
    (void)err;
    const struct stored *own = l->own;
    labels->classes[0] =
        (uint8_t)own->classes[l->listing->by_frame ? place->frame : place->file];
    return 0;
}

static void close(struct labelling *l)
{
    struct stored *own = l->own;
    if (own)
        mica_arena_free(own->arena);
    mica_free(own);
}

const struct truth mica_truth_labels = {
    .name = "labels",
    .summary = "images or arrays whose classes stand in a table or an array",
    .params = params,
    .params_size = sizeof(struct described),
    .whole = true,
    .open = open,
    .describe = describe,
    .label = label,
    .close = close};
