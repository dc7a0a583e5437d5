/* augment.h - changes of training samples under which what is true stays known */
#ifndef MICA_DATASETS_AUGMENT_H
#define MICA_DATASETS_AUGMENT_H

#include "core/random.h"
#include "datasets/dataset.h"
#include "datasets/normalise.h"

/* A member of datasets/augment: one file each. `apply` gets the values drawn for its
   parameters in the table's order, and a stream of random numbers of its own. Images move by
   cubic interpolation, labels by the nearest pixel, objects exactly. */
struct augment {
    const char *name, *summary, *equation;
    const struct param *params;
    size_t params_size;
    bool
        normalised; /* applies behind the normalisation, which would undo it; else before */
    bool moves;     /* moves pixels: needs images of several rows and columns */
    int (*apply)(struct sample *sample, bool whole, const double *values,
                 struct random *random, struct error *err);
    /* Widens the range of pixel sizes that training sees; NULL: leaves it. */
    void (*pixels)(const void *params, double range[2]);
};
const struct augment *mica_augment(size_t i); /* NULL at the end */

/* A recipe's list: [ "dihedral", { "gamma": { "uniform": [0.8, 1.2] } } ]. Owned by the
   reader's arena. -1 and lines in err. An `item` of NULL is an empty list. */
struct augmentation {
    size_t count;
    struct augmented {
        const struct augment *what;
        void *params;
    } * list;
    uint64_t seed;
};
int mica_augmentation_read(struct augmentation *augmentation, const cJSON *item,
                           const struct reader *reader, struct error *err);
/* Those before the normalisation, the normalisation, those behind it, in the list's order.
   What is drawn is a function of (seed, number, place in the list). */
int mica_augmentation_apply(const struct augmentation *augmentation,
                            const struct normalise *normalise, bool whole,
                            uint64_t number, struct sample *sample, struct error *err);
/* -1 and a line where the list moves pixels and a sample is no image. */
int mica_augmentation_check(const struct augmentation *augmentation,
                            const struct sample *sample, struct error *err);
void mica_augmentation_pixels(const struct augmentation *augmentation, double range[2]);

/* --- for members ---------------------------------------------------------------------- */

/* Pixel (y, x) of the new sample comes from (*from_y, *from_x) of the old. */
typedef void mica_augment_from(const void *context, double y, double x, double *from_y,
                               double *from_x);
/* Replace the sample; what is outside is mirrored about the centres of the border's pixels.
   `to` tells where an object goes; NULL: found from `from` by iteration, which takes moves
   that change slowly. Objects are mirrored as pixels are: they stand for what is seen then.
   Those that leave the image farther than they reach are dropped. */
int mica_augment_move_by(struct sample *sample, bool whole, mica_augment_from *from,
                         const void *context, mica_augment_from *to,
                         const void *to_context, struct error *err);
/* The least and the largest value of a channel. */
void mica_augment_limits(const struct sample *sample, size_t channel, float *least,
                         float *most);

#endif
