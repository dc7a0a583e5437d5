/* table.c - tables as CSV: a line of names, a line a row; '.' decimals in every locale */
#include "datasets/table.h"
#include "core/memory.h"
#include "core/text.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- writing -------------------------------------------------------------------------- */

/* What comes before a cell and, after the last of a row, behind it. */
static void put_cell(struct table_out *table, const char *text)
{
    FILE *out = table->file.stream;
    size_t length = strlen(text);
    bool quoted = strpbrk(text, ",;\t\"\r\n") ||
                  (length > 0 && (*text == ' ' || text[length - 1] == ' '));
    if (quoted)
        fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    if (quoted)
        fputc('"', out);
    table->cell = (table->cell + 1) % table->columns;
    fputc(table->cell > 0 ? ',' : '\n', out);
}

int mica_table_begin(struct table_out *table, const char *path,
                     const char *const *names, struct error *err)
{
    *table = (struct table_out){0};
    while (names[table->columns])
        MICA_CHECK(strcmp(names[table->columns++], "class") != 0);
    MICA_CHECK(table->columns > 0);
    if (mica_file_begin(&table->file, path, err))
        return -1;
    for (size_t i = 0; i < table->columns; i++)
        put_cell(table, names[i]);
    return 0;
}

void mica_table_put_text(struct table_out *table, const char *text)
{
    put_cell(table, text ? text : "");
}

void mica_table_put_integer(struct table_out *table, int64_t number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRId64, number);
    put_cell(table, digits);
}

void mica_table_put_number(struct table_out *table, double number, int digits)
{
    char text[40];
    put_cell(table, isnan(number) ? "" : mica_text_digits(text, number, digits));
}

int mica_table_commit(struct table_out *table, struct error *err)
{
    MICA_CHECK(table->cell == 0);
    return mica_file_commit(&table->file, err);
}

void mica_table_abandon(struct table_out *table) { mica_file_abandon(&table->file); }

/* --- reading -------------------------------------------------------------------------- */

struct reading {
    const char *path;
    char *at, *end;
    size_t line;
    char separator;
};

/* Pointers that grow. */
struct list {
    const char **items;
    size_t count, capacity;
};

static void append(struct list *list, const char *item)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 64;
        const char **items = mica_need(list->capacity, sizeof *items);
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        mica_free(list->items);
        list->items = items;
    }
    list->items[list->count++] = item;
}

/* The separator of the first line. */
static char find_separator(const char *text)
{
    size_t length = strcspn(text, "\r\n");
    if (memchr(text, ',', length))
        return ',';
    if (memchr(text, ';', length))
        return ';';
    return memchr(text, '\t', length) ? '\t' : ',';
}

static bool ends_cell(const struct reading *r, const char *at)
{
    return at == r->end || *at == r->separator || *at == '\n' ||
           (*at == '\r' && (at + 1 == r->end || at[1] == '\n'));
}

/* "a ""b""": the text is moved together in place. */
static int take_quoted(struct reading *r, char **cell, struct error *err)
{
    size_t first = r->line;
    char *to = ++r->at;
    *cell = to;
    while (r->at < r->end &&
           (*r->at != '"' || (r->at + 1 < r->end && r->at[1] == '"'))) {
        r->line += *r->at == '\n';
        r->at += *r->at == '"';
        *to++ = *r->at++;
    }
    if (r->at == r->end)
        return mica_fail(err, "%s:%zu: a quotation mark is never closed", r->path,
                         first);
    r->at++;
    if (!ends_cell(r, r->at))
        return mica_fail(err, "%s:%zu: something follows a closing quotation mark",
                         r->path, r->line);
    *to = '\0';
    return 0;
}

/* One cell; the byte behind it is what ended it, and becomes '\0'. `last` of its row? */
static int take_cell(struct reading *r, char **cell, bool *last, struct error *err)
{
    if (r->at < r->end && *r->at == '"') {
        if (take_quoted(r, cell, err))
            return -1;
    } else {
        *cell = r->at;
        while (!ends_cell(r, r->at))
            r->at++;
    }
    *last = r->at == r->end || *r->at != r->separator;
    char *behind = r->at;
    if (r->at < r->end && *r->at == '\r')
        r->at++;
    if (r->at < r->end) {
        r->line += *r->at == '\n';
        r->at++;
    }
    *behind = '\0';
    return 0;
}

static int take_row(struct reading *r, struct list *cells, size_t *count,
                    struct error *err)
{
    bool last = false;
    for (*count = 0; !last; ++*count) {
        char *cell;
        if (take_cell(r, &cell, &last, err))
            return -1;
        append(cells, cell);
    }
    return 0;
}

static void skip_empty_lines(struct reading *r)
{
    while (r->at < r->end && (*r->at == '\n' || *r->at == '\r')) {
        r->line += *r->at == '\n';
        r->at++;
    }
}

static int take_rows(struct reading *r, struct table *table, struct list *cells,
                     struct list *lines, struct error *err)
{
    size_t count;
    if (take_row(r, cells, &table->columns, err))
        return -1;
    for (skip_empty_lines(r); r->at < r->end; skip_empty_lines(r)) {
        size_t line = r->line;
        if (take_row(r, cells, &count, err))
            return -1;
        if (count != table->columns)
            return mica_fail(err,
                             "%s:%zu: has %zu cells where the first line has %zu names",
                             r->path, line, count, table->columns);
        append(lines, (const char *)(uintptr_t)line);
        table->rows++;
    }
    return 0;
}

static int check_names(const struct table *table, struct error *err)
{
    for (size_t i = 0; i < table->columns; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(table->names[i], table->names[k]) == 0)
                return mica_fail(err, "%s:1: two columns are called '%s'", table->path,
                                 table->names[i]);
    return 0;
}

/* The lists and the text move to the arena. */
static void keep(struct table *table, const struct list *cells,
                 const struct list *lines)
{
    const char **all = mica_arena_take(table->arena, cells->count, sizeof *all);
    for (size_t i = 0; i < cells->count; i++)
        all[i] = mica_arena_text(table->arena, cells->items[i]);
    size_t *numbers = mica_arena_take(table->arena, table->rows, sizeof *numbers);
    for (size_t i = 0; i < table->rows; i++)
        numbers[i] = (size_t)(uintptr_t)lines->items[i];
    table->names = all;
    table->cells = all + table->columns;
    table->lines = numbers;
}

int mica_table_read(struct table *table, const char *path, struct error *err)
{
    size_t size;
    *table = (struct table){0};
    char *data = mica_file_read(path, &size, err);
    if (!data)
        return -1;
    struct reading r = {path, data, data + size, 1, ','};
    if (size >= 3 &&
        memcmp(data, "\xef\xbb\xbf", 3) == 0) /* what Excel begins UTF-8 with */
        r.at += 3;
    r.separator = find_separator(r.at);
    struct list cells = {0}, lines = {0};
    table->arena = mica_arena_new();
    table->path = mica_arena_text(table->arena, path);
    int result = 0;
    if (memchr(data, '\0', size))
        result = mica_fail(err, "%s: is not text", path);
    else if (r.at == r.end)
        result = mica_fail(err, "%s: is empty; its first line should name the columns",
                           path);
    else
        result = take_rows(&r, table, &cells, &lines, err);
    if (result == 0) {
        keep(table, &cells, &lines);
        result = check_names(table, err);
    }
    mica_free(cells.items);
    mica_free(lines.items);
    free(data);
    if (result)
        mica_table_free(table);
    return result;
}

void mica_table_free(struct table *table)
{
    mica_arena_free(table->arena);
    *table = (struct table){0};
}

bool mica_table_column(const struct table *table, const char *name, size_t *column)
{
    for (*column = 0; *column < table->columns; ++*column)
        if (strcmp(table->names[*column], name) == 0)
            return true;
    return false;
}

int mica_table_need(const struct table *table, const char *name, size_t *column,
                    struct error *err)
{
    if (mica_table_column(table, name, column))
        return 0;
    struct text list = {0};
    for (size_t i = 0; i < table->columns; i++)
        mica_text_add(&list, "%s%s", i > 0 ? ", " : "", table->names[i]);
    const char *near = mica_text_nearest(name, table->names, table->columns);
    mica_fail(err, "%s:1: has no column '%s'%s%s%s (it has %s)", table->path, name,
              near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "",
              list.data);
    mica_text_free(&list);
    return -1;
}

int mica_table_number(const struct table *table, size_t row, size_t column,
                      double *number, struct error *err)
{
    const char *text = mica_table_text(table, row, column);
    text += strspn(text, " ");
    char *end = NULL;
    *number = (double)NAN;
    if (*text == '\0')
        return 0;
    *number = mica_text_number(text, &end);
    if (end > text && end[strspn(end, " ")] == '\0')
        return 0;
    *number = (double)NAN;
    return mica_fail(err, "%s:%zu: %s: '%s' is not a number%s", table->path,
                     table->lines[row], table->names[column], text,
                     strchr(text, ',') ? "; decimals are written with '.'" : "");
}
