/* image_transform.h - images resampled, cropped, turned; and where their points go */
#ifndef MICA_DATASETS_IMAGE_TRANSFORM_H
#define MICA_DATASETS_IMAGE_TRANSFORM_H

#include "datasets/image.h"

/* Each function makes a new image `out` (freed by the caller) from `image`, with the
   calibration that then holds. Integer coordinates are the centres of pixels. */

/* To height x width pixels over the same field: a length s times as many pixels long maps x
   to (x + 0.5) s - 0.5. An axis that shrinks by a whole number is averaged; else the kernel
   is a triangle (linear) or Keys' cubic (IEEE Trans. ASSP 29 (1981) 1153, a = -1/2), wider
   by the ratio where pixels become fewer, and at the border made of the pixels there are:
   what Pillow and torch's interpolate with antialias do. Cubic keeps a spot's place to 0.005
   pixels at any ratio, where averages over areas move it by up to 0.035; linear stays within
   the least and the most. Nearest keeps the values of labels and is what an indexed image
   always gets. A NaN spreads to all that it touches. */
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
