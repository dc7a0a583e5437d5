/* names.h - the classes that a folder or a table names */
#ifndef MICA_DATASETS_TRUTHS_NAMES_H
#define MICA_DATASETS_TRUTHS_NAMES_H

#include "core/text.h"
#include "datasets/truth.h"

enum { MICA_CLASSES_NAMED = 254 };

/* Classes in their order; `given`: the recipe lists them, else they are gathered. The names
   are the caller's. Starts as {0} or with a background. */
struct names {
    size_t count, first; /* first: 1 behind a background */
    const char *list[MICA_CLASSES_NAMED];
    bool given;
};
/* What "classes" lists (may be NULL). -1 and a line where it is wrong. */
int mica_names_read(struct names *names, const cJSON *classes,
                    const struct reader *reader, struct error *err);
/* All different words, in order: as numbers where all are, else by letters. Does nothing
   where the classes are given. -1 where there are too many, without a line. */
int mica_names_gather(struct names *names, const char *const *words, size_t count);
/* The class of a word: its name or, where the classes are given, its number. -1: none. */
int mica_names_find(const struct names *names, const char *word);
/* "a, b, c", at most ten. */
void mica_names_list(const struct names *names, struct text *text);

#endif
