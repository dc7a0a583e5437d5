/* rows.c - a table whose rows tell of images: which file and frame each is about */
#include "datasets/truths/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "datasets/split.h"

/* ---- files by name ---- */

struct name {
    const char *word;
    size_t file;
};

/* Every file by its path, its name and its stem. */
struct index {
    struct name *names;
    char **stems;
    size_t count, files;
};

static int by_word(const void *a, const void *b)
{
    const struct name *p = a, *q = b;
    int order = strcmp(p->word, q->word);
    return order ? order : (p->file > q->file) - (p->file < q->file);
}

static struct index make_index(const struct listing *listing)
{
    struct index index = {.files = listing->files};
    index.names = mica_need(3 * listing->files + 1, sizeof *index.names);
    index.stems = mica_need(listing->files + 1, sizeof *index.stems);
    for (size_t i = 0; i < listing->files; i++) {
        const char *path = listing->paths[i], *slash = strrchr(path, '/');
        index.stems[i] = mica_split_stem(path);
        index.names[index.count++] = (struct name){path, i};
        index.names[index.count++] = (struct name){slash ? slash + 1 : path, i};
        index.names[index.count++] = (struct name){index.stems[i], i};
    }
    qsort(index.names, index.count, sizeof *index.names, by_word);
    return index;
}

static void free_index(struct index *index)
{
    for (size_t i = 0; i < index->files; i++)
        mica_free(index->stems[i]);
    mica_free(index->stems);
    mica_free(index->names);
}

/* The first of the names from here on, in order, that is not below `word`. */
static size_t find_word(const struct index *index, const char *word)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(index->names[middle].word, word) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The file of that name; MICA_NO_PLACE: none. *other is another one that has it too. */
static size_t file_of(const struct index *index, const char *word, size_t *other)
{
    const struct name *names = index->names;
    size_t first = find_word(index, word), i = first;
    *other = MICA_NO_PLACE;
    if (first == index->count || strcmp(names[first].word, word) != 0)
        return MICA_NO_PLACE;
    while (i < index->count && names[i].file == names[first].file &&
           strcmp(names[i].word, word) == 0)
        i++; /* a file without folder and ending has one name thrice */
    if (i < index->count && strcmp(names[i].word, word) == 0)
        *other = names[i].file;
    return names[first].file;
}

/* ---- rows ---- */

struct columns {
    bool has_image, has_frame;
    size_t image, frame;
};

static struct columns find_columns(const struct table *table)
{
    struct columns c = {0};
    c.has_image = mica_table_column(table, "image", &c.image) ||
                  mica_table_column(table, "file", &c.image);
    c.has_frame = mica_table_column(table, "frame", &c.frame) ||
                  mica_table_column(table, "index", &c.frame);
    return c;
}

static int read_frame(const struct table_rows *rows, size_t row, size_t column,
                      size_t *frame, struct error *err)
{
    double number;
    if (mica_table_number(&rows->table, row, column, &number, err))
        return -1;
    if (!(number >= 0 && number < 1e9 && number == floor(number)))
        return mica_misuse(err, "%s:%zu: %s: must be the number of a frame, from 0 on",
                           rows->table.path, rows->table.lines[row],
                           rows->table.names[column]);
    *frame = (size_t)number;
    return 0;
}

/* Where an image's name leads: to a file, nowhere, or, in a stack that is alone, to the
   frame of that number. */
static int place_by_name(struct table_rows *rows, size_t row, const struct columns *c,
                         const struct index *index, const struct listing *listing,
                         struct error *err)
{
    const char *word = mica_table_text(&rows->table, row, c->image);
    size_t other, file = file_of(index, word, &other);
    if (other != MICA_NO_PLACE)
        return mica_misuse(
            err, "%s:%zu: '%s' may be %s or %s; give its path as it stands here",
            rows->table.path, rows->table.lines[row], word, listing->paths[file],
            listing->paths[other]);
    rows->file[row] = file;
    if (file == MICA_NO_PLACE && listing->by_frame && !c->has_frame) {
        rows->file[row] = 0;
        return read_frame(rows, row, c->image, &rows->frame[row], err);
    }
    if (file == MICA_NO_PLACE && rows->unknown++ == 0)
        rows->first_unknown = row;
    return 0;
}

static int place_row(struct table_rows *rows, size_t row, const struct columns *c,
                     const struct index *index, const struct listing *listing,
                     struct error *err)
{
    rows->file[row] = 0;
    rows->frame[row] = 0;
    if (c->has_image && place_by_name(rows, row, c, index, listing, err))
        return -1;
    return c->has_frame ? read_frame(rows, row, c->frame, &rows->frame[row], err) : 0;
}

/* Frames of a stack that is alone are units, as files are where "index" counts them. */
static int check_unit(const struct table_rows *rows, size_t row,
                      const struct listing *listing, struct error *err)
{
    if (rows->file[row] == MICA_NO_PLACE || rows->frame[row] < listing->count)
        return 0;
    return mica_misuse(err, "%s:%zu: is about number %zu of %zu %s, counted from 0 on",
                       rows->table.path, rows->table.lines[row], rows->frame[row],
                       listing->count, listing->by_frame ? "frames" : "images");
}

/* Without a column that tells, the order does. */
static int place_by_order(struct table_rows *rows, const struct listing *listing,
                          struct error *err)
{
    size_t count = rows->table.rows;
    if (listing->count != 1 && listing->count != count)
        return mica_misuse(err,
                           "%s: %zu rows for %zu images, and no column \"image\" or "
                           "\"index\" that tells which is which",
                           rows->table.path, count, listing->count);
    for (size_t i = 0; i < count; i++) {
        size_t unit = listing->count == 1 ? 0 : i;
        rows->file[i] = listing->by_frame ? 0 : unit;
        rows->frame[i] = listing->by_frame ? unit : 0;
    }
    return 0;
}

static int place_rows(struct table_rows *rows, const struct listing *listing,
                      size_t only, struct error *err)
{
    struct columns c = find_columns(&rows->table);
    bool alone = only != MICA_NO_PLACE;
    if (!c.has_frame && !alone && !c.has_image)
        return place_by_order(rows, listing, err);
    struct index index = {0};
    int status = 0;
    c.has_image = c.has_image && !alone;
    bool counted = !alone && (listing->by_frame || !c.has_image);
    if (c.has_image)
        index = make_index(listing);
    for (size_t i = 0; i < rows->table.rows && !status; i++) {
        status = place_row(rows, i, &c, &index, listing, err);
        if (!status && counted)
            status = check_unit(rows, i, listing, err);
        if (alone)
            rows->file[i] = only;
        else if (!c.has_image && !listing->by_frame) { /* "index" counts the files */
            rows->file[i] = rows->frame[i];
            rows->frame[i] = 0;
        }
    }
    free_index(&index);
    return status;
}

int mica_rows_read(struct table_rows *rows, const char *path,
                   const struct listing *listing, size_t only, struct error *err)
{
    *rows = (struct table_rows){0};
    if (mica_table_read(&rows->table, path, err))
        return -1;
    rows->file = mica_need(rows->table.rows + 1, sizeof *rows->file);
    rows->frame = mica_need(rows->table.rows + 1, sizeof *rows->frame);
    if (!place_rows(rows, listing, only, err))
        return 0;
    mica_rows_free(rows);
    return -1;
}

void mica_rows_free(struct table_rows *rows)
{
    mica_free(rows->file);
    mica_free(rows->frame);
    mica_table_free(&rows->table);
    *rows = (struct table_rows){0};
}

size_t mica_rows_unit(const struct table_rows *rows, const struct listing *listing,
                      size_t row)
{
    size_t unit = listing->by_frame ? rows->frame[row] : rows->file[row];
    if (rows->file[row] == MICA_NO_PLACE || unit >= listing->count)
        return MICA_NO_PLACE;
    return unit;
}
