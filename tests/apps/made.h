/* made.h - models and pictures for tests */
#ifndef MICA_TESTS_APPS_MADE_H
#define MICA_TESTS_APPS_MADE_H

#include "apps/frame.h"
#include "apps/model.h"

/* A model of this network (JSON text) with weights and statistics drawn from `seed`; its
   classes are background, V_S1, V_S2, ... Whatever is wrong fails the running test. */
struct model *mica_made_model(const char *net, size_t classes, uint64_t seed);
/* nets/NAME.json with these parameters: "\"width\": 4". */
struct model *mica_made_model_of(const char *name, const char *params, size_t classes,
                                 uint64_t seed);
/* Noise and blobs between 0 and 1; freed with mica_free. */
struct frame mica_made_frame(size_t height, size_t width, uint64_t seed);

/* A network whose only class, V_S1, is where the image is brighter than 1/2: what stands
   behind its pixels is known. */
struct model *mica_made_threshold(void);

#endif
