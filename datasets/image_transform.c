/* image_transform.c - images cropped, turned, with other axes; and where their points go */
#include "datasets/image_transform.h"
#include "core/memory.h"
#include <string.h>

/* A new image of this size with the calibration of another. */
static int make_like(struct image *out, const struct image *image, size_t height,
                     size_t width, struct error *err)
{
    if (mica_image_new(out, image->frames, height, width, image->channels, err))
        return -1;
    float *data = out->data;
    *out = *image;
    out->data = data;
    out->height = height;
    out->width = width;
    return 0;
}

int mica_image_crop(struct image *out, const struct image *image, size_t y, size_t x,
                    size_t height, size_t width, struct error *err)
{
    if (y > image->height || height > image->height - y || x > image->width ||
        width > image->width - x) {
        *out = (struct image){0};
        return mica_fail(
            err,
            "%zu x %zu pixels from (%zu, %zu) on do not lie in an image of "
            "%zu x %zu",
            height, width, y, x, image->height, image->width);
    }
    if (make_like(out, image, height, width, err))
        return -1;
    size_t row = width * image->channels;
    for (size_t n = 0; n < image->frames; n++)
        for (size_t i = 0; i < height; i++) {
            size_t from = (n * image->height + y + i) * image->width + x;
            memcpy(out->data + (n * height + i) * row,
                   image->data + from * image->channels, row * sizeof *out->data);
        }
    return 0;
}

/* --- the eight symmetries ------------------------------------------------------------- */

unsigned mica_dihedral_inverse(unsigned element)
{
    MICA_CHECK(element < MICA_DIHEDRAL_ELEMENTS);
    return element < 4 ? (4 - element) % 4 : element; /* reflections undo themselves */
}

void mica_dihedral_point(unsigned element, size_t height, size_t width, double *y,
                         double *x)
{
    MICA_CHECK(element < MICA_DIHEDRAL_ELEMENTS);
    double h = (double)height - 1, w = (double)width - 1;
    if (element >= 4)
        *x = w - *x;
    for (unsigned turn = 0; turn < element % 4; turn++) {
        double old = *y, old_h = h;
        *y = w - *x;
        *x = old;
        h = w;
        w = old_h;
    }
}

int mica_image_dihedral(struct image *out, const struct image *image, unsigned element,
                        struct error *err)
{
    bool lies = element % 2 == 1;
    size_t height = lies ? image->width : image->height;
    size_t width = lies ? image->height : image->width;
    if (make_like(out, image, height, width, err))
        return -1;
    if (lies) {
        out->pixel[0] = image->pixel[1];
        out->pixel[1] = image->pixel[0];
    }
    unsigned back = mica_dihedral_inverse(element);
    size_t channels = image->channels;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            double from_y = (double)y, from_x = (double)x;
            mica_dihedral_point(back, height, width, &from_y, &from_x);
            size_t from = (size_t)from_y * image->width + (size_t)from_x;
            for (size_t n = 0; n < image->frames; n++)
                memcpy(out->data + ((n * height + y) * width + x) * channels,
                       image->data + (n * height * width + from) * channels,
                       channels * sizeof *out->data);
        }
    return 0;
}

/* --- axes ----------------------------------------------------------------------------- */

/* The sizes in the order of the file: those of the four axes less the ones that reading put
   in. A single size of 1 that could be either is taken as `axes` would have it. */
static int file_sizes(const struct image *image, const char *axes, size_t sizes[4])
{
    const size_t all[4] = {image->frames, image->height, image->width, image->channels};
    size_t count = strlen(axes);
    bool first = count == 4 || (count == 3 && image->channels == 1 &&
                                (image->frames > 1 || axes[2] != 'C'));
    bool last = count == 4 || (count == 3 && !first);
    if ((!first && image->frames > 1) || (!last && image->channels > 1))
        return -1;
    memcpy(sizes, all + (first ? 0 : 1), count * sizeof *sizes);
    return 0;
}

/* data[c][pixels] of every frame becomes [pixels][c]. */
static int put_channels_last(struct image *image, struct error *err)
{
    size_t pixels = image->height * image->width, channels = image->channels;
    float *data = mica_allocate(mica_image_size(image), sizeof *data);
    if (!data)
        return mica_fail(err,
                         "there is not enough memory to turn the axes of an image");
    for (size_t n = 0; n < image->frames; n++)
        for (size_t c = 0; c < channels; c++)
            for (size_t p = 0; p < pixels; p++)
                data[(n * pixels + p) * channels + c] =
                    image->data[(n * channels + c) * pixels + p];
    mica_free(image->data);
    image->data = data;
    return 0;
}

int mica_image_axes(struct image *image, const char *axes, struct error *err)
{
    static const char *const known[] = {"HW", "NHW", "HWC", "CHW", "NHWC", "NCHW"};
    size_t i = 0, sizes[4];
    while (i < 6 && strcmp(axes, known[i]) != 0)
        i++;
    if (i == 6)
        return mica_misuse(
            err, "axes '%s' are none of HW, NHW, HWC, CHW, NHWC and NCHW", axes);
    if (file_sizes(image, axes, sizes))
        return mica_misuse(
            err,
            "axes '%s' do not fit an image of %zu frames, %zu x %zu pixels, "
            "%zu channels",
            axes, image->frames, image->height, image->width, image->channels);
    image->frames = image->channels = 1;
    for (size_t k = 0; axes[k]; k++)
        *(axes[k] == 'N'   ? &image->frames
          : axes[k] == 'H' ? &image->height
          : axes[k] == 'W' ? &image->width
                           : &image->channels) = sizes[k];
    return strstr(axes, "CH") ? put_channels_last(image, err) : 0;
}
