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
    const char *folder;
    const char *exclude; /* "masks/{stem}.png": what is left out; NULL: nothing */
    double pixel;        /* A; 0: as the files say */
    bool probabilities;
    struct text told; /* for people */
    struct progress progress;
    bool by_frame;                     /* progress counts frames, not images */
    const volatile sig_atomic_t *stop; /* set by a signal: end after this frame */
};
/* -1 and a line where the image cannot be predicted; other images can. */
int mica_predict_image(struct predicting *p, const struct input *input,
                       struct error *err);

#endif
