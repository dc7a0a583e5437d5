/* image_transform.h - images resampled, cropped, turned; and where their points go */
#ifndef MICA_DATASETS_IMAGE_TRANSFORM_H
#define MICA_DATASETS_IMAGE_TRANSFORM_H

#include "datasets/image.h"

/* Each function makes a new image `out` (freed by the caller) from `image`, with the
   calibration that then holds. Integer coordinates are the centres of pixels. */

/* To height x width pixels over the same field: a length s times as many pixels long maps x
   to (x + 0.5) s - 0.5. An axis that shrinks is averaged over the area of the new pixel
   (as OpenCV's INTER_AREA); one that grows is interpolated as asked: linear (torch's
   bilinear with align_corners=False) or cubic (Keys 1981, a = -1/2, which at the border
   takes the weights of the pixels there are, as Pillow's). Nearest keeps the values of
   labels and is what an indexed image always gets. A NaN spreads to all that it touches. */
enum interpolation { INTERPOLATE_NEAREST, INTERPOLATE_LINEAR, INTERPOLATE_CUBIC };
int mica_image_resample(struct image *out, const struct image *image, size_t height,
                        size_t width, enum interpolation how, struct error *err);

/* The part whose first pixel is (y, x); it must lie in the image. */
int mica_image_crop(struct image *out, const struct image *image, size_t y, size_t x,
                    size_t height, size_t width, struct error *err);

/* The eight symmetries of a square: mirrored left to right where element >= 4, then turned
   counter-clockwise by element % 4 quarters (numpy.fliplr, numpy.rot90). */
enum { MICA_DIHEDRAL_ELEMENTS = 8 };
int mica_image_dihedral(struct image *out, const struct image *image, unsigned element,
                        struct error *err);
/* The element that takes it back. */
unsigned mica_dihedral_inverse(unsigned element);
/* Where the point (y, x) of an image of this size goes. */
void mica_dihedral_point(unsigned element, size_t height, size_t width, double *y,
                         double *x);

/* Read the axes of an array otherwise: "HW", "NHW", "HWC", "CHW", "NHWC" or "NCHW" for the
   axes as the file has them. In place where only the meaning changes. */
int mica_image_axes(struct image *image, const char *axes, struct error *err);

#endif
