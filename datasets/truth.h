/* truth.h - what is true of a user's images: classes of their pixels, or of each as a whole */
#ifndef MICA_DATASETS_TRUTH_H
#define MICA_DATASETS_TRUTH_H

#include "datasets/dataset.h"

/* What there is to label, before anything is kept or left to another part. */
struct listing {
    size_t count;       /* units, which a split keeps whole: files, or... */
    bool by_frame;      /* ...the frames (rows) of the only file */
    size_t files;       /* of which there are so many */
    char *const *paths; /* of the files */
    size_t fixed;       /* characters of them before the first part that may differ */
    char *const *marks; /* what stands for {label} in each path, or NULL */
    const char *from;   /* the file that names are seen from */
};

/* One frame of a file. */
struct frame_place {
    const char *path;
    size_t file, frame; /* in the listing; in the file */
    size_t frames;      /* of the file */
    size_t height, width;
    double pixel[2]; /* A; 0 where unknown */
};

/* What is true of it. */
struct frame_truth {
    uint8_t *classes;       /* [height][width], or [1] of the whole: the caller's */
    struct object *objects; /* from mica_need, the caller's from then on; NULL: none */
    size_t object_count;
    bool objects_known;
};

struct truth;
struct labelling {
    const struct truth *truth;
    const void *params;
    void *own; /* the member's */
    struct dataset *dataset;
    const struct listing *listing;
    const struct reader *reader;
    const cJSON *item; /* the dataset's JSON */
};

/* A member: a way to say what is true, known by the key of its first parameter beside
   "images" or "arrays", or by a word in their pattern. One file each. */
struct truth {
    const char *name, *summary;
    const struct param *params;
    size_t params_size;
    const char *mark; /* "{label}"; NULL: known by its first key */
    bool whole;       /* one class a sample, not one a pixel */
    /* Reads what is not read frame by frame and names the classes (mica_dataset_classes).
       close is called even where it fails. */
    int (*open)(struct labelling *l, struct error *err);
    /* For splits: the class (-1: none) and group (NULL: as the name says) of a unit; may be
       NULL. */
    void (*describe)(const struct labelling *l, size_t unit, int *label,
                     const char **group);
    int (*label)(const struct labelling *l, const struct frame_place *place,
                 struct frame_truth *labels, struct error *err);
    void (*close)(struct labelling *l);
};

const struct truth *mica_truth(size_t i); /* NULL at the end */
/* One table of a source's parameters and, behind them in memory, a truth's (may be NULL). */
const struct param *mica_source_table(const struct source *source,
                                      const struct truth *truth, struct arena *arena);
/* Whether a truth goes with a source: rows have one class each, by a key. */
bool mica_source_takes(const struct source *source, const struct truth *truth);
/* The one that a dataset's JSON asks for. NULL and a line where it asks for none or two. */
const struct truth *mica_truth_of(const cJSON *item, const struct reader *reader,
                                  struct error *err);
/* Where a pattern of files leads that the file `from` names (mica_file_find_pattern), {stem}
   replaced by the name of `path` (may be NULL) without its folder and ending. Freed with
   free. */
char *mica_truth_path(const char *pattern, const char *from, const char *path);

#endif
