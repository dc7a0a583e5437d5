/* predict_text.h - what was found in an image, for people */
#ifndef MICA_APPS_PREDICT_TEXT_H
#define MICA_APPS_PREDICT_TEXT_H

#include "apps/predict_image.h"

enum { CLASSES_TOLD = 256 };

/* Sums over the frames of an image. */
struct image_text {
    size_t frames, small, classes;
    double analysed, excluded; /* A^2 */
    size_t objects[CLASSES_TOLD];
    struct concentration sums[CLASSES_TOLD]; /* of one frame: that frame's */
    struct tiling tiling;                    /* of the last frame */
    size_t bytes, grid[2];
    double pixel[2];
};
void mica_image_text_add(struct image_text *text, const struct prediction *prediction,
                         const struct findings *findings);
void mica_image_text_tell(const struct image_text *text, const struct predicting *p,
                          const struct input *input, const struct image *image,
                          struct text *out);

#endif
