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
    return strcmp(((const struct name *)a)->word, ((const struct name *)b)->word);
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

/* A word that two files share tells neither. */
static size_t file_of(const struct index *index, const char *word)
{
    const struct name key = {word, 0};
    const struct name *found =
        bsearch(&key, index->names, index->count, sizeof key, by_word);
    if (!found)
        return MICA_NO_PLACE;
    for (size_t i = 0; i < index->count; i++)
        if (strcmp(index->names[i].word, word) == 0 &&
            index->names[i].file != found->file)
            return MICA_NO_PLACE;
    return found->file;
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

static int place_row(struct table_rows *rows, size_t row, const struct columns *c,
                     const struct index *index, const struct listing *listing,
                     struct error *err)
{
    rows->file[row] = listing->files == 1 ? 0 : MICA_NO_PLACE;
    rows->frame[row] = 0;
    if (c->has_image) {
        rows->file[row] = file_of(index, mica_table_text(&rows->table, row, c->image));
        if (rows->file[row] == MICA_NO_PLACE && listing->by_frame && !c->has_frame) {
            rows->file[row] = 0;
            return read_frame(rows, row, c->image, &rows->frame[row], err);
        }
    }
    return c->has_frame ? read_frame(rows, row, c->frame, &rows->frame[row], err) : 0;
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
    struct index index = make_index(listing);
    int status = 0;
    c.has_image = c.has_image && !alone;
    for (size_t i = 0; i < rows->table.rows && !status; i++) {
        status = place_row(rows, i, &c, &index, listing, err);
        if (alone)
            rows->file[i] = only;
        else if (!c.has_image && !listing->by_frame) { /* "index" counts the files */
            rows->file[i] =
                rows->frame[i] < listing->files ? rows->frame[i] : MICA_NO_PLACE;
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
