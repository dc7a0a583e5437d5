/* file.h - whole files in, whole files out: written beside, synced, renamed */
#ifndef MICA_CORE_FILE_H
#define MICA_CORE_FILE_H

#include "core/error.h"
#include "core/text.h"
#include <stdio.h>

/* The whole file in memory (a '\0' follows the last byte); freed with free(). NULL and a
   line in err where it is missing, a folder, unreadable. */
char *mica_file_read(const char *path, size_t *size, struct error *err);

/* Open to read. NULL and a line in err as of mica_file_read. */
FILE *mica_file_open(const char *path, struct error *err);

/* Writing: what is written to `stream` appears under `path` only after a commit, which
   flushes, syncs and renames. Where anything fails the old file stays as it was. */
struct file_out {
    FILE *stream;
    char *path, *temporary;
};
int mica_file_begin(struct file_out *out, const char *path, struct error *err);
int mica_file_commit(struct file_out *out, struct error *err);
void mica_file_abandon(struct file_out *out);
int mica_file_write(const char *path, const void *data, size_t size, struct error *err);

/* Make a folder and its parents; one that exists is fine. */
int mica_file_folder(const char *path, struct error *err);
/* The same for a folder of results: where nothing came to lie in what was made of it, it
   goes again at the end, with its parents. */
struct folder_out {
    char *path;
    size_t before; /* characters of the path that were there already */
};
int mica_folder_begin(struct folder_out *out, const char *path, struct error *err);
void mica_folder_end(struct folder_out *out);
bool mica_file_exists(const char *path);
bool mica_file_is_folder(const char *path);
/* Whether it holds nothing, or is not there. */
bool mica_file_folder_is_empty(const char *path);
/* Where `name` is: beside the file `from` (may be NULL), in the current folder, in each of
   $MICA_PATH, and in what came with mica (share/mica) and its sub-folder `kind` ("nets",
   "recipes"). The result
   is freed with free(); NULL and a line that says where it was looked for. */
char *mica_file_find(const char *name, const char *from, const char *kind,
                     struct error *err);
/* The same for a pattern of data, without what came with mica; {words} in it, which the caller
   replaces, stand for anything. Where nothing fits: the pattern beside `from`. */
char *mica_file_find_pattern(const char *pattern, const char *from);
/* Add where that looks: "recipes/, ., data". */
void mica_file_places(const char *from, struct text *places);
/* The paths that fit a pattern with * and ?, sorted; {stem} and folders are the caller's.
   Freed with mica_file_list_free. */
struct file_list {
    char **paths;
    size_t count;
};
int mica_file_list(struct file_list *list, const char *pattern, struct error *err);
void mica_file_list_free(struct file_list *list);

#endif
