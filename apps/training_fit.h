/* training_fit.h - whether the network's input and output are those of the data */
#ifndef MICA_APPS_TRAINING_FIT_H
#define MICA_APPS_TRAINING_FIT_H

#include "apps/training.h"

/* -1 and a line that says what to set: `in` is what the network takes, `out` what it gives,
   `data` one sample's shape. */
int mica_training_fit_input(const struct training *t, struct shape in,
                            struct shape data, struct error *err);
int mica_training_fit_output(const struct training *t, struct shape out,
                             struct shape in, struct error *err);

#endif
