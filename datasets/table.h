/* table.h - tables as CSV: a line of names, a line a row; '.' decimals in every locale */
#ifndef MICA_DATASETS_TABLE_H
#define MICA_DATASETS_TABLE_H

#include "core/error.h"
#include "core/file.h"
#include <stdint.h>

/* --- writing: cell after cell; a row ends by itself ----------------------------------- */

struct table_out {
    struct file_out file;
    size_t columns, cell; /* the cell of its row that comes next */
};
/* The names end with NULL; none is "class" (pandas and C++ stumble over it). The file
   appears with the commit. */
int mica_table_begin(struct table_out *table, const char *path,
                     const char *const *names, struct error *err);
void mica_table_put_text(struct table_out *table, const char *text); /* NULL: empty */
void mica_table_put_integer(struct table_out *table, int64_t number);
/* Significant digits, at most 17. NaN, an unknown value, is an empty cell. */
void mica_table_put_number(struct table_out *table, double number, int digits);
int mica_table_commit(struct table_out *table, struct error *err);
void mica_table_abandon(struct table_out *table);

/* --- reading -------------------------------------------------------------------------- */

/* Cells are separated by ',', or by ';' or tabs where the first line has no ','; quoted as
   "a ""b"", c" where they need be. Every row has as many cells as there are names. */
struct table {
    size_t rows, columns;
    const char *const *names;
    const char *const *cells; /* row after row; "" where empty */
    const size_t *lines;      /* of the file at which each row begins */
    const char *path;
    struct arena *arena; /* owns it all */
};
int mica_table_read(struct table *table, const char *path, struct error *err);
void mica_table_free(struct table *table);

static inline const char *mica_table_text(const struct table *table, size_t row,
                                          size_t column)
{
    return table->cells[row * table->columns + column];
}
/* Finds a column: false where there is none; the other adds a line that says so, with the
   nearest name. */
bool mica_table_column(const struct table *table, const char *name, size_t *column);
int mica_table_need(const struct table *table, const char *name, size_t *column,
                    struct error *err);
/* A number; an empty cell is NaN. -1 and "path:line: column: ..." where it is none. */
int mica_table_number(const struct table *table, size_t row, size_t column,
                      double *number, struct error *err);

#endif
