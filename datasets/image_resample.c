/* image_resample.c - an image at another number of pixels over the same field */
#include "core/memory.h"
#include "core/parallel.h"
#include "datasets/image_transform.h"
#include <math.h>
#include <string.h>

/* What a new pixel takes along one axis: `count` old pixels from `first` on. */
struct taps {
    size_t first, count;
    float *weights;
};

/* --- weights along an axis ------------------------------------------------------------ */

static double line(double x) { return x < 1 ? 1 - x : 0; }

/* Keys, IEEE Trans. ASSP 29 (1981) 1153, a = -1/2 */
static double cubic(double x)
{
    if (x < 1)
        return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/* The kernel's values at the old centres near the new centre (i + 1/2) ratio - 1/2; where
   pixels become fewer it is as many times wider, so that it averages. */
static void weigh(struct taps *taps, size_t i, double ratio, size_t size, bool smooth)
{
    double centre = ((double)i + 0.5) * ratio - 0.5, width = fmax(ratio, 1), sum = 0;
    double reach = (smooth ? 2 : 1) * width, first = fmax(0, floor(centre - reach) + 1);
    taps->first = (size_t)first;
    for (size_t k = taps->first; k < size && (double)k < centre + reach; k++) {
        double distance = fabs((double)k - centre) / width;
        double weight = smooth ? cubic(distance) : line(distance);
        taps->weights[taps->count++] = (float)weight;
        sum += weight;
    }
    for (size_t k = 0; k < taps->count; k++)
        taps->weights[k] = (float)((double)taps->weights[k] / sum);
}

/* The mean of `several` old pixels. */
static void average(struct taps *taps, size_t i, size_t several)
{
    taps->first = i * several;
    taps->count = several;
    for (size_t k = 0; k < several; k++)
        taps->weights[k] = (float)(1 / (double)several);
}

static struct taps *make_taps(struct arena *arena, size_t from, size_t to,
                              enum interpolation how)
{
    struct taps *taps = mica_arena_take(arena, to, sizeof *taps);
    double ratio = (double)from / (double)to;
    size_t most = 2 + (size_t)(4 * fmax(ratio, 1));
    for (size_t i = 0; i < to; i++) {
        taps[i].weights = mica_arena_take(arena, most, sizeof(float));
        if (how == INTERPOLATE_NEAREST || from == to) {
            double nearest = floor(((double)i + 0.5) * ratio);
            taps[i].first = (size_t)fmin(nearest, (double)from - 1);
            taps[i].count = 1;
            taps[i].weights[0] = 1;
        } else if (from % to == 0) {
            average(&taps[i], i, from / to);
        } else {
            weigh(&taps[i], i, ratio, from, how == INTERPOLATE_CUBIC);
        }
    }
    return taps;
}

/* --- rows, then columns --------------------------------------------------------------- */

struct work {
    const struct image *in;
    struct image *out;
    struct taps *along_y, *along_x;
    float *between; /* one frame: old height, new width */
    size_t frame;
};

/* A row of the frame at its new width. */
static void shorten_row(void *context, size_t y)
{
    const struct work *w = context;
    size_t channels = w->in->channels, width = w->out->width;
    const float *from =
        w->in->data + (w->frame * w->in->height + y) * w->in->width * channels;
    float *to = w->between + y * width * channels;
    for (size_t x = 0; x < width; x++) {
        const struct taps *taps = &w->along_x[x];
        for (size_t c = 0; c < channels; c++) {
            double sum = 0;
            for (size_t k = 0; k < taps->count; k++)
                sum += (double)taps->weights[k] *
                       (double)from[(taps->first + k) * channels + c];
            to[x * channels + c] = (float)sum;
        }
    }
}

/* A row of the result from rows of `between`. */
static void join_rows(void *context, size_t y)
{
    const struct work *w = context;
    size_t row = w->out->width * w->out->channels;
    const struct taps *taps = &w->along_y[y];
    const float *from = w->between + taps->first * row;
    float *to = w->out->data + (w->frame * w->out->height + y) * row;
    for (size_t i = 0; i < row; i++) {
        double sum = 0;
        for (size_t k = 0; k < taps->count; k++)
            sum += (double)taps->weights[k] * (double)from[k * row + i];
        to[i] = (float)sum;
    }
}

static void calibrate(struct image *out, const struct image *in, enum interpolation how)
{
    float *data = out->data;
    size_t height = out->height, width = out->width;
    *out = *in;
    out->data = data;
    out->height = height;
    out->width = width;
    out->pixel[0] = in->pixel[0] * (double)in->height / (double)height;
    out->pixel[1] = in->pixel[1] * (double)in->width / (double)width;
    if (how == INTERPOLATE_NEAREST)
        return;
    out->whole = false;
    out->bits = 32;
}

int mica_image_resample(struct image *out, const struct image *image, size_t height,
                        size_t width, enum interpolation how, struct error *err)
{
    if (image->colours > 0)
        how = INTERPOLATE_NEAREST;
    if (mica_image_new(out, image->frames, height, width, image->channels, err))
        return -1;
    struct work work = {.in = image, .out = out};
    work.between =
        mica_allocate(image->height * width, image->channels * sizeof(float));
    if (!work.between) {
        mica_image_free(out);
        return mica_fail(err, "there is not enough memory to resample an image");
    }
    struct arena *arena = mica_arena_new();
    work.along_y = make_taps(arena, image->height, height, how);
    work.along_x = make_taps(arena, image->width, width, how);
    for (work.frame = 0; work.frame < image->frames; work.frame++) {
        mica_parallel_for(image->height, shorten_row, &work);
        mica_parallel_for(height, join_rows, &work);
    }
    mica_arena_free(arena);
    mica_free(work.between);
    calibrate(out, image, how);
    return 0;
}
