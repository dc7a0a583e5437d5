/* predict_image.h - one image or stack: predict each frame, write what is found, tell it */
#ifndef MICA_APPS_PREDICT_IMAGE_H
#define MICA_APPS_PREDICT_IMAGE_H

#include <signal.h>

#include "apps/inputs.h"
#include "apps/predictor.h"
#include "apps/tables.h"
#include "core/log.h"

/* What all images of a run share. */
struct predicting {
    const struct model *model;
    struct predictor predictor;
    struct rules rules;
    struct tables tables;
    struct table_out classes; /* where the network gives one answer for a frame */
    size_t *class_counts;     /* frames of each class, then */
    const char *columns;      /* of a table of vectors: which are features */
    const char *folder;
    const char *exclude; /* "masks/{stem}.png": what is left out; NULL: nothing */
    double pixel;        /* A; 0: as the files say */
    bool calibrated;     /* some frame had a pixel size: areas were known */
    bool probabilities;
    struct text told; /* for people */
    struct progress progress;
    bool by_frame;                     /* progress counts frames, not images */
    const volatile sig_atomic_t *stop; /* set by a signal: end after this frame */
};
/* An image or stack with the model's channels, its calibration and finite numbers. */
int mica_predict_read(const struct predicting *p, const char *path, struct image *image,
                      struct error *err);
/* -1 and a line where the image cannot be predicted; other images can. */
int mica_predict_image(struct predicting *p, const struct input *input,
                       struct error *err);

#endif
