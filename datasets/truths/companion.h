/* companion.h - the image of labels that lies beside an image, of the same size */
#ifndef MICA_DATASETS_TRUTHS_COMPANION_H
#define MICA_DATASETS_TRUTHS_COMPANION_H

#include "datasets/image.h"
#include "datasets/truth.h"

/* The last one is kept: the frames of a stack share it. Starts as {0}. */
struct companion {
    char *path;
    struct image image;
};
/* The values [height][width] of a frame's labels, from the file that `pattern` names; they
   live until the next call. NULL and a line where it is missing or unlike its image. */
const float *mica_companion(struct companion *companion, const char *pattern,
                            const char *from, const struct frame_place *place,
                            struct error *err);
void mica_companion_close(struct companion *companion);

#endif
