/* rows.h - a table whose rows tell of images: which file and frame each is about */
#ifndef MICA_DATASETS_TRUTHS_ROWS_H
#define MICA_DATASETS_TRUTHS_ROWS_H

#include "datasets/table.h"
#include "datasets/truth.h"

#define MICA_NO_PLACE SIZE_MAX

/* A row is about the image in its column "image" or "file" (a path, a name with or without
   its ending; the number of a frame where there is one file only), in the frame of its
   column "frame" or "index" (0). Where the table has none of them, row k is about unit k of
   the listing if it has as many rows, and all rows about the only unit if there is one. */
struct table_rows {
    struct table table;
    size_t *file, *frame; /* of each row; MICA_NO_PLACE: of no image of the listing */
    size_t unknown, first_unknown; /* how many rows name no such image; one of them */
};
/* `only` (MICA_NO_PLACE: any) is the file that the whole table is about. -1 and a line where
   a name fits two files, and where a number is beyond the images or the only stack's end. */
int mica_rows_read(struct table_rows *rows, const char *path,
                   const struct listing *listing, size_t only, struct error *err);
void mica_rows_free(struct table_rows *rows);
/* The unit of the listing that a row is about, or MICA_NO_PLACE. */
size_t mica_rows_unit(const struct table_rows *rows, const struct listing *listing,
                      size_t row);

#endif
