/* frame.h - one picture of an image or a stack */
#ifndef MICA_APPS_FRAME_H
#define MICA_APPS_FRAME_H

#include "datasets/image.h"

/* data[(y width + x) channels + c]; the owner is elsewhere. */
struct frame {
    const float *data;
    size_t height, width, channels;
    double pixel[2]; /* A, (rows, columns); 0 where unknown */
};

static inline struct frame mica_frame_of(const struct image *image, size_t i)
{
    size_t size = image->height * image->width * image->channels;
    return (struct frame){image->data + i * size,
                          image->height,
                          image->width,
                          image->channels,
                          {image->pixel[0], image->pixel[1]}};
}

static inline bool mica_frame_calibrated(const struct frame *frame)
{
    return frame->pixel[0] > 0 && frame->pixel[1] > 0;
}

#endif
