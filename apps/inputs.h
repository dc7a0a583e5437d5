/* inputs.h - the images that a command is given: files, folders, patterns */
#ifndef MICA_APPS_INPUTS_H
#define MICA_APPS_INPUTS_H

#include "apps/options.h"

struct input {
    char *path;
    char *name; /* for tables: "scan.tif", or the path where that is not unique */
    char *stem; /* for the names of results: "scan", "scan.tif" or "day1_scan.tif" */
};
struct inputs {
    size_t count;
    struct input *list;
    size_t below; /* images in sub-folders of given folders: passed over */
};
/* Of a folder all images (but not those of its sub-folders), of a pattern what fits it, in
   alphabetical order; a line for each word that names nothing. -1 where none is left, or where
   one is given twice. */
int mica_inputs_list(struct inputs *inputs, const struct words *words,
                     struct error *err);
void mica_inputs_free(struct inputs *inputs); /* leaves it empty */

/* "masks/{stem}.png" with the name of `path` without its folder and ending; freed by the
   caller. */
char *mica_path_like(const char *pattern, const char *path);

#endif
