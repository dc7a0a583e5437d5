/* tables.h - objects and concentrations as CSV, as docs/reference/conventions.md has them */
#ifndef MICA_APPS_TABLES_H
#define MICA_APPS_TABLES_H

#include "apps/findings.h"
#include "datasets/table.h"

/* FOLDER/objects.csv and FOLDER/concentration.csv. */
struct tables {
    struct table_out objects, concentrations;
    size_t object_rows, concentration_rows;
};
int mica_tables_begin(struct tables *tables, const char *folder, struct error *err);
/* The rows of one frame; `image` is the name in the first column. */
void mica_tables_add(struct tables *tables, const char *image, size_t number,
                     const struct frame *frame, const struct findings *findings,
                     const struct model *model);
/* The files appear, or nothing where `status` is not 0. */
int mica_tables_end(struct tables *tables, int status, struct error *err);

#endif
