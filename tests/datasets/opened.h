/* opened.h - a dataset opened from JSON, as tests need it */
#ifndef MICA_TESTS_DATASETS_OPENED_H
#define MICA_TESTS_DATASETS_OPENED_H

#include "datasets/dataset.h"

/* A dataset and what keeps its text alive. */
struct opened {
    struct json *json;
    struct arena *arena;
    struct dataset *data; /* NULL: it was refused */
};

/* `members` are those of a dataset's JSON, with or without the braces around them; its files are
   looked for in the test's folder. The test fails where it is no JSON. */
struct opened opened_with(const char *members, enum part part, size_t crop,
                          struct error *err);
/* The same, and the test fails where it is refused. */
struct opened opened_good(const char *members, enum part part, size_t crop);
void opened_close(struct opened *opened);
/* One of its samples, freed with mica_sample_free. */
struct sample opened_take(const struct opened *opened, uint64_t number);

#endif
