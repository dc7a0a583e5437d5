/* predict_whole.h - the class of each image, frame or row, where a network gives one answer */
#ifndef MICA_APPS_PREDICT_WHOLE_H
#define MICA_APPS_PREDICT_WHOLE_H

#include "apps/predict_image.h"

/* FOLDER/classes.csv: image, frame, label, score and the probability p_NAME of each class. */
int mica_predict_whole_begin(struct predicting *p, struct error *err);
/* The rows of one input: of each frame of a stack; of each row of an array or table where the
   network takes vectors or spectra. -1 and a line where it cannot be read; others can. */
int mica_predict_whole(struct predicting *p, const struct input *input,
                       struct error *err);
/* The table appears, or nothing where `status` is not 0; then says what was found. */
int mica_predict_whole_end(struct predicting *p, int status, struct error *err);

#endif
