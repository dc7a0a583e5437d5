/* grid.c - a frame as a network sees it: resampled, normalised, padded */
#include "apps/grid.h"

#include <math.h>
#include <string.h>

#include "datasets/image_transform.h"

int mica_frame_check(const struct frame *f, const char *name, struct error *err)
{
    for (size_t i = 0; i < f->height * f->width * f->channels; i++)
        if (!isfinite(f->data[i]))
            return mica_fail(err,
                             "%s: the pixel x %zu, y %zu is %s; give images with "
                             "numbers everywhere",
                             name, i / f->channels % f->width,
                             i / f->channels / f->width,
                             isnan(f->data[i]) ? "not a number" : "infinite");
    return 0;
}

static size_t round_up(size_t a, size_t unit) { return (a + unit - 1) / unit * unit; }

/* So many pixels that theirs is within the model's range; it may miss by rounding. */
static size_t pixels_within(const double range[2], size_t count, double pixel)
{
    double nearest = fmin(fmax(pixel, range[0]), range[1]);
    if (!(range[1] > 0) || !(pixel > 0) || fabs(nearest - pixel) < 1e-3 * pixel)
        return count;
    return (size_t)fmax(1, floor((double)count * pixel / nearest + 0.5));
}

struct grid mica_grid_for(const struct frame *f, const double range[2], size_t multiple)
{
    struct grid c = {.height = pixels_within(range, f->height, f->pixel[0]),
                     .width = pixels_within(range, f->width, f->pixel[1]),
                     .channels = f->channels};
    c.rows = round_up(c.height, multiple);
    c.columns = round_up(c.width, multiple);
    c.pixel[0] = f->pixel[0] * (double)f->height / (double)c.height;
    c.pixel[1] = f->pixel[1] * (double)f->width / (double)c.width;
    return c;
}

/* Pixel i of an image continued by its mirror image about its last pixel's centre. */
static size_t mirrored(size_t i, size_t count)
{
    if (count == 1)
        return 0;
    size_t period = 2 * (count - 1), k = i % period;
    return k < count ? k : period - k;
}

/* The image lies at the beginning of the memory; from the end on, each pixel moves to its
   place behind, so nothing is overwritten before it has moved. */
static void pad(struct grid *c)
{
    size_t size = c->channels * sizeof(float);
    for (size_t y = c->height; y-- > 0;)
        memmove(c->data + y * c->columns * c->channels,
                c->data + y * c->width * c->channels, c->width * size);
    for (size_t y = 0; y < c->height; y++) {
        float *row = c->data + y * c->columns * c->channels;
        for (size_t x = c->width; x < c->columns; x++)
            memcpy(row + x * c->channels, row + mirrored(x, c->width) * c->channels,
                   size);
    }
    for (size_t y = c->height; y < c->rows; y++)
        memcpy(c->data + y * c->columns * c->channels,
               c->data + mirrored(y, c->height) * c->columns * c->channels,
               c->columns * size);
}

/* The frame on the grid at the beginning of the memory. */
static int resample(struct grid *c, const struct frame *f, struct error *err)
{
    size_t bytes = c->height * c->width * c->channels * sizeof(float);
    struct image to, from = {.frames = 1,
                             .height = f->height,
                             .width = f->width,
                             .channels = f->channels,
                             .data = (float *)f->data}; /* only read */
    if (c->height == f->height && c->width == f->width) {
        memcpy(c->data, f->data, bytes);
        return 0;
    }
    if (mica_image_resample(&to, &from, c->height, c->width, INTERPOLATE_LINEAR, err))
        return -1;
    memcpy(c->data, to.data, bytes);
    mica_image_free(&to);
    return 0;
}

int mica_grid_fill(struct grid *c, const struct frame *f,
                   const struct normalise *normalise, struct error *err)
{
    if (resample(c, f, err) || mica_normalise(normalise, c->data, c->height, c->width,
                                              c->channels, c->pixel, err))
        return -1;
    pad(c);
    return 0;
}
