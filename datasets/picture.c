/* picture.c - images as people look at them: contrast, classes, a scale bar */
#include "datasets/picture.h"
#include "core/memory.h"
#include "core/text.h"
#include "datasets/font.h"
#include "datasets/image_transform.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct colour white = {255, 255, 255}, black = {0, 0, 0};

/* --- contrast ------------------------------------------------------------------------- */

enum { BINS = 4096 };

/* Every channel'th value of a frame. */
struct values {
    const float *first;
    size_t count, step;
};

static struct values values_of(const struct image *image, size_t frame, size_t channel)
{
    size_t count = image->height * image->width;
    return (struct values){image->data + frame * count * image->channels + channel,
                           count, image->channels};
}

/* The value below which `share` of all lie, from the counts of equal bins. */
static double percentile(const size_t *bins, size_t count, double share, double least,
                         double width)
{
    double wanted = share * (double)count, below = 0;
    size_t i = 0;
    while (i + 1 < BINS && below + (double)bins[i] < wanted)
        below += (double)bins[i++];
    double inside = bins[i] > 0 ? (wanted - below) / (double)bins[i] : 0;
    return least + ((double)i + fmin(fmax(inside, 0), 1)) * width;
}

struct contrast mica_contrast(const struct image *image, size_t frame, size_t channel,
                              double low, double high)
{
    struct values v = values_of(image, frame, channel);
    double least = HUGE_VAL, most = -HUGE_VAL;
    for (size_t i = 0; i < v.count; i++) {
        double value = (double)v.first[i * v.step];
        if (isfinite(value)) {
            least = fmin(least, value);
            most = fmax(most, value);
        }
    }
    if (!(least < most))
        return (struct contrast){least <= most ? least : 0,
                                 least <= most ? most + 1 : 1};
    size_t *bins = mica_need(BINS, sizeof *bins), count = 0;
    double width = (most - least) / BINS;
    for (size_t i = 0; i < v.count; i++) {
        double value = (double)v.first[i * v.step];
        if (!isfinite(value))
            continue;
        size_t bin = (size_t)((value - least) / width);
        bins[bin < BINS ? bin : BINS - 1]++;
        count++;
    }
    struct contrast found = {percentile(bins, count, low / 100, least, width),
                             percentile(bins, count, high / 100, least, width)};
    mica_free(bins);
    return found.low < found.high ? found : (struct contrast){least, most};
}

/* --- images --------------------------------------------------------------------------- */

double mica_picture_fit(const struct image *image, size_t height, size_t width)
{
    return fmin((double)height / (double)image->height,
                (double)width / (double)image->width);
}

static size_t scaled(size_t size, double scale)
{
    return (size_t)fmax(1, floor((double)size * scale + 0.5));
}

/* One frame at the size of the picture. */
static int take_frame(struct image *out, const struct image *image,
                      const struct display *display, struct error *err)
{
    struct image frame = *image;
    double scale = display->scale > 0 ? display->scale : 1;
    frame.frames = 1;
    frame.data += display->frame * image->height * image->width * image->channels;
    return mica_image_resample(out, &frame, scaled(image->height, scale),
                               scaled(image->width, scale), INTERPOLATE_CUBIC, err);
}

static void put(struct canvas *picture, size_t p, struct colour colour)
{
    picture->pixels[3 * p] = colour.red;
    picture->pixels[3 * p + 1] = colour.green;
    picture->pixels[3 * p + 2] = colour.blue;
}

static void draw_values(struct canvas *picture, const struct image *image,
                        size_t channel, struct contrast contrast, enum colour_map map)
{
    for (size_t p = 0; p < image->height * image->width; p++) {
        double value = (double)image->data[p * image->channels + channel];
        put(picture, p,
            mica_value_colour(map,
                              (value - contrast.low) / (contrast.high - contrast.low)));
    }
}

/* Colours of 8 bits are drawn as they are, others from black to the brightest channel's
   white. */
static void draw_colours(struct canvas *picture, const struct image *image,
                         const struct image *original, const struct display *display)
{
    struct contrast contrast = display->contrast;
    if (!(contrast.low < contrast.high)) {
        contrast =
            (struct contrast){0, original->whole && original->bits == 8 ? 255 : 0};
        for (size_t c = 0; c < 3 && contrast.high < 255; c++)
            contrast.high =
                fmax(contrast.high,
                     mica_contrast(original, display->frame, c, 0.1, 99.9).high);
    }
    for (size_t p = 0; p < image->height * image->width; p++) {
        uint8_t parts[3];
        for (size_t c = 0; c < 3; c++) {
            double value = (double)image->data[3 * p + c];
            parts[c] =
                mica_value_colour(COLOURS_GREY, (value - contrast.low) /
                                                    (contrast.high - contrast.low))
                    .red;
        }
        put(picture, p, (struct colour){parts[0], parts[1], parts[2]});
    }
}

static void draw_indices(struct canvas *picture, const struct image *image)
{
    for (size_t p = 0; p < image->height * image->width; p++) {
        const uint8_t *c = image->palette[(size_t)image->data[p] & 255];
        put(picture, p, (struct colour){c[0], c[1], c[2]});
    }
}

int mica_picture(struct canvas *picture, const struct image *image,
                 const struct display *display, struct error *err)
{
    struct image frame;
    *picture = (struct canvas){0};
    if (take_frame(&frame, image, display, err))
        return -1;
    int result = mica_canvas_new(picture, frame.height, frame.width, black, err);
    if (result == 0 && image->colours > 0) {
        draw_indices(picture, &frame);
    } else if (result == 0 && image->channels == 3) {
        draw_colours(picture, &frame, image, display);
    } else if (result == 0) {
        struct contrast contrast = display->contrast;
        if (!(contrast.low < contrast.high))
            contrast =
                mica_contrast(image, display->frame, display->channel, 0.1, 99.9);
        draw_values(picture, &frame, display->channel, contrast, display->map);
    }
    mica_image_free(&frame);
    return result;
}

/* --- classes -------------------------------------------------------------------------- */

/* The class under a pixel of the picture; 0 outside. */
static size_t class_at(const struct canvas *picture, const struct image *labels,
                       size_t frame, long y, long x)
{
    if (y < 0 || x < 0 || (size_t)y >= picture->height || (size_t)x >= picture->width)
        return 0;
    size_t row = (2 * (size_t)y + 1) * labels->height / (2 * picture->height);
    size_t column = (2 * (size_t)x + 1) * labels->width / (2 * picture->width);
    float value =
        labels->data[((frame * labels->height + row) * labels->width + column) *
                     labels->channels];
    return value >= 1 && value < 65536 ? (size_t)value : 0;
}

static struct colour label_colour(const struct image *labels, size_t class)
{
    if (class >= labels->colours)
        return mica_class_colour(class);
    const uint8_t *c = labels->palette[class];
    return (struct colour){c[0], c[1], c[2]};
}

void mica_picture_overlay(struct canvas *picture, const struct image *labels,
                          size_t frame, double share)
{
    for (long y = 0; y < (long)picture->height; y++)
        for (long x = 0; x < (long)picture->width; x++) {
            size_t class = class_at(picture, labels, frame, y, x);
            if (class > 0)
                mica_canvas_blend(picture, y, x, label_colour(labels, class), share);
        }
}

/* Whether another class lies nearer than `thickness`: the edge of its region runs there. */
static bool is_edge(const struct canvas *picture, const struct image *labels,
                    size_t frame, long y, long x, long thickness)
{
    size_t class = class_at(picture, labels, frame, y, x);
    for (long dy = -thickness; dy <= thickness; dy++)
        for (long dx = -thickness; dx <= thickness; dx++)
            if (dy * dy + dx * dx <= thickness * thickness &&
                class_at(picture, labels, frame, y + dy, x + dx) != class)
                return true;
    return false;
}

void mica_picture_outline(struct canvas *picture, const struct image *labels,
                          size_t frame, size_t thickness)
{
    for (long y = 0; y < (long)picture->height; y++)
        for (long x = 0; x < (long)picture->width; x++) {
            size_t class = class_at(picture, labels, frame, y, x);
            if (class > 0 && is_edge(picture, labels, frame, y, x, (long)thickness))
                mica_canvas_blend(picture, y, x, label_colour(labels, class), 1);
        }
}

void mica_picture_circle(struct canvas *picture, double y, double x, double radius,
                         struct colour colour)
{
    double thickness = fmax(1.5, 0.12 * radius);
    mica_canvas_circle(picture, y, x, radius, thickness + 1.5, black);
    mica_canvas_circle(picture, y, x, radius, thickness, colour);
}

/* --- scale bar ------------------------------------------------------------------------ */

double mica_round_length(double most, char label[32])
{
    static const struct {
        const char *name;
        double length; /* A */
    } units[] = {
        {"pm", 0.01}, {"\xc3\x85", 1}, {"nm", 10}, {"\xc2\xb5m", 1e4}, {"mm", 1e7}};
    static const double steps[] = {1, 2, 5};
    double length = 1e-2;
    char digits[40];
    for (double decade = 1e-2; decade < 1e12 && decade <= most; decade *= 10)
        for (int i = 0; i < 3; i++)
            if (steps[i] * decade <= most * (1 + 1e-9))
                length = steps[i] * decade;
    size_t unit = 0;
    while (unit + 1 < 5 && units[unit + 1].length <= length * (1 + 1e-9))
        unit++;
    snprintf(label, 32, "%s %s",
             mica_text_digits(digits, length / units[unit].length, 6),
             units[unit].name);
    return length;
}

void mica_picture_scale_bar(struct canvas *picture, double pixel)
{
    char label[32];
    double side = fmin((double)picture->height, (double)picture->width);
    if (!(pixel > 0) || side < 32)
        return;
    double length =
        mica_round_length(0.3 * (double)picture->width * pixel, label) / pixel;
    double size = fmin(fmax(0.03 * side, 9), 48), margin = fmax(8, 0.03 * side);
    long thickness = (long)fmax(2, floor(0.4 * size + 0.5));
    long top = (long)((double)picture->height - margin) - thickness;
    double letters = mica_font_width(label, size);
    double middle = floor(margin + fmax(length, letters) / 2);
    long left = (long)floor(middle - length / 2 + 0.5), width = (long)(length + 0.5);
    mica_canvas_fill(picture, top - 1, left - 1, thickness + 2, width + 2, black, 0.6);
    mica_canvas_fill(picture, top, left, thickness, width, white, 1);
    mica_canvas_text(picture, (double)top - fmax(5, 0.45 * size), middle, size,
                     ANCHOR_MIDDLE, label, white, &black);
}
