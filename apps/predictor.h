/* predictor.h - a model's answer for each pixel of a picture of any size */
#ifndef MICA_APPS_PREDICTOR_H
#define MICA_APPS_PREDICTOR_H

#include "apps/frame.h"
#include "apps/model.h"
#include "apps/tiling.h"

/* Keeps the plan of the last size: the frames of a stack share one. */
struct predictor {
    const struct model *model;
    size_t memory; /* bytes, for everything */
    size_t held;   /* of them in the caller's hands: images, masks */
    struct reach reach;
    size_t inputs, outputs; /* channels */
    size_t first;           /* the class of the first output (mica_model_first) */
    bool whole;             /* the network gives one answer for a frame */
    bool open[2];           /* rows, columns: the network takes any number */
    struct runner runner;
    size_t planned[2]; /* height, width; 0: no plan yet */
};
/* Memory 0: seven eighths of what is free. -1 and a line where the network gives neither one
   answer for each pixel nor one for all. */
int mica_predictor_open(struct predictor *predictor, const struct model *model,
                        size_t memory, struct error *err);
void mica_predictor_close(struct predictor *predictor);

/* On the pixels of the frame, whatever grid the network saw; of a network that gives one
   answer for a frame: of 1 x 1. */
struct prediction {
    size_t height, width, channels;
    size_t first;         /* the class of channel 0: 1 where the background has none */
    float *probabilities; /* [height][width][channels]: of the network's outputs */
    uint8_t *classes; /* the most probable one of each pixel; without a channel of its
                             own the background is where none is above one half */
    float *scores;    /* its probability: of such a background, 1 less the largest */
    size_t grid[2];   /* rows and columns that the network saw... */
    double pixel[2];  /* ...and their size [A]; 0 where unknown */
    struct tiling tiling;
    size_t plan_bytes, picture_bytes; /* memory of the plan, and of all beside it */
};
/* Predict a frame:
   - where its pixel size is outside the model's range it is resampled to the nearest end;
   - it is normalised as a whole;
   - it is continued by reflection at the bottom and on the right to the multiple that the
     network needs;
   - it is computed whole, or in exact tiles where that would take more than the memory.
   Where the network gives one answer for a frame it is neither continued nor tiled.
   What is not finite is refused with its place. `name` begins the messages. */
int mica_predictor_run(struct predictor *predictor, const struct frame *frame,
                       const char *name, struct prediction *prediction,
                       struct error *err);
void mica_prediction_free(struct prediction *prediction); /* leaves it empty */

#endif
