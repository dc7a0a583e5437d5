/* dataset.h - a dataset is a count and a sample by index */
#ifndef MICA_DATASETS_DATASET_H
#define MICA_DATASETS_DATASET_H

#include "core/param.h"

enum { MICA_IGNORED = 255 }; /* the label of a pixel that counts nowhere */
enum { MICA_REACH = 5 };     /* sigmas: Gaussians end there, at 3.7e-6 */

/* Something that is true of a sample: an object of a class with its centre. */
struct object {
    int label;   /* the class */
    double x, y; /* pixels of the sample; integers are pixel centres */
};

struct sample {
    size_t height, width, channels;
    float *image;    /* [height][width][channels] */
    uint8_t *labels; /* [height][width]: classes, MICA_IGNORED; NULL: none; of a dataset
                         of one class a sample: [1] */
    float *carbon;   /* [height][width] nm of contamination; NULL: unknown */
    double pixel[2]; /* A, (rows, columns); 0 where unknown */
    double electrons; /* per pixel; 0 where unknown */
    struct object
        *objects; /* in the image, and beyond it as far as mica_sample_reach */
    size_t object_count;
    bool objects_known; /* else they are the connected regions of the labels */
    double sigma;       /* the dataset's, where objects stand for Gaussians */
    bool sigma_px;
    char name[256]; /* what people call it: "cells_07.tif 3", "sample 12" */
};
void mica_sample_free(struct sample *sample); /* leaves it empty */
/* How many pixels beyond its edges a sample lists objects along an axis: five sigma, from
   where Gaussians reach in; without Gaussians 0. */
double mica_sample_reach(const struct sample *sample, int axis);
/* Whether a place is in the image, or `beyond` (rows, columns) pixels from it at most. */
bool mica_sample_holds(const struct sample *sample, double y, double x,
                       const double beyond[2]);
bool mica_sample_inside(const struct sample *sample, const struct object *object);
/* Image and labels of this size, zeroed. */
int mica_sample_size(struct sample *sample, size_t height, size_t width,
                     size_t channels, struct error *err);

struct dataset;
/* A member: a way to give samples, found by the key that its JSON must have, which is its
   first parameter: { "simulation": "mos2.json", "seed": 2, "count": 512 }. One file each. */
struct source {
    const char *name, *summary;
    const struct param *params;
    size_t params_size;
    bool rows; /* its samples are no images: they have one class each */
    bool
        labelled; /* its JSON has the keys of a truth (truth.h) too; the truth's parameters
                      stand behind the source's */
    int (*open)(struct dataset *dataset, const void *params,
                const struct reader *reader, const cJSON *item, struct error *err);
    /* The sample called `number`: a pure function of it. Called by several threads. */
    int (*get)(const struct dataset *dataset, uint64_t number, struct sample *sample,
               struct error *err);
    /* Whether all samples have one size, as a batch needs: -1 and a line that names two
       which differ. NULL: they always have. */
    int (*check_sizes)(const struct dataset *dataset, struct error *err);
    /* The class of that sample as a whole, or -1; may be NULL. */
    int (*label_of)(const struct dataset *dataset, uint64_t number);
    void (*close)(struct dataset *dataset);
};

/* Which part of the data a "split" gives. */
enum part { PART_ALL, PART_TRAINING, PART_VALIDATION };

struct truth;
struct augmentation;
struct dataset {
    const struct source *source;
    const struct truth *truth; /* NULL: the source knows by itself */
    enum part part;
    void *own;             /* the source's */
    uint64_t count;        /* 0: endless, sample k is drawn anew for every k */
    size_t channels;       /* of every image */
    size_t classes;        /* background included; at most 254 */
    char **names;          /* of the classes */
    double pixel_range[2]; /* A; 0 where unknown */
    double dose_range[2];  /* electrons per pixel */
    bool whole;            /* one class a sample, not one a pixel; no background */
    double
        label_radius; /* A: of the smallest discs that stand for objects; 0: unknown or
                            none */
    double sigma;     /* of the Gaussians that stand for objects (targets.h), in A; 0:
                              truth is classes */
    bool sigma_px;    /* it is in pixels */
    bool training;    /* samples may be cut out at random */
    size_t crop;      /* pixels; 0: whole images */
    const char *crystal; /* that images show one layer of; NULL: unknown */
    const struct augmentation *augmentation; /* of training; NULL: none */
    const char *warning; /* what a user should know; NULL: nothing */
};

/* From its JSON; `crop` cuts samples to this size (0: whole). NULL and lines in err. */
struct dataset *mica_dataset_open(const cJSON *item, enum part part, size_t crop,
                                  const struct reader *reader, struct error *err);
void mica_dataset_free(struct dataset *dataset);
/* In training number = epoch * per_epoch + i; with a count, number k of an epoch is the
   one that a permutation by (seed, epoch) puts there, and stays a running number, so that
   what is drawn at random differs from epoch to epoch. Validation: 0 .. count-1. */
uint64_t mica_dataset_number(const struct dataset *dataset, uint64_t seed,
                             uint64_t number);
int mica_dataset_check_sizes(const struct dataset *dataset, struct error *err);
/* Samples that stand for all where figures of the data are taken, as counts of classes: at
   most 2000, evenly spread, 64 of data without an end; and the number of the i-th. */
uint64_t mica_dataset_probes(const struct dataset *dataset);
uint64_t mica_dataset_probe(const struct dataset *dataset, uint64_t i);
int mica_dataset_get(const struct dataset *dataset, uint64_t number,
                     struct sample *sample, struct error *err);

const struct source *mica_source(size_t i); /* NULL at the end */
/* For sources made of sources: `others` are keys of the item that are the caller's. */
struct dataset *mica_dataset_open_with(const cJSON *item, enum part part, size_t crop,
                                       const char *const *others,
                                       const struct reader *reader, struct error *err);
/* For sources: take over class names (copied). */
void mica_dataset_classes(struct dataset *dataset, const char *const *names,
                          size_t count);

#endif
