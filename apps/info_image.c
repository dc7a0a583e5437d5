/* info_image.c - what mica info tells of an image */
#include <math.h>
#include <string.h>

#include "apps/info.h"
#include "datasets/image.h"

struct statistics {
    double least, most, sum, squares;
    size_t finite, nan;
};

/* Means by way of a first value, so that large offsets cost no digits. */
static struct statistics measure(const struct image *image, double *mean, double *sd)
{
    struct statistics s = {HUGE_VAL, -HUGE_VAL, 0, 0, 0, 0};
    size_t size = mica_image_size(image);
    double origin = 0;
    for (size_t i = 0; i < size; i++) {
        double value = (double)image->data[i];
        s.nan += isnan(value) != 0;
        if (!isfinite(value))
            continue;
        if (s.finite++ == 0)
            origin = value;
        s.least = fmin(s.least, value);
        s.most = fmax(s.most, value);
        s.sum += value - origin;
        s.squares += (value - origin) * (value - origin);
    }
    double count = s.finite > 0 ? (double)s.finite : 1;
    *mean = origin + s.sum / count;
    *sd = sqrt(fmax(0, s.squares / count - s.sum / count * (s.sum / count)));
    return s;
}

static void tell_values(const struct image *image)
{
    double mean, sd;
    char digits[4][40], nan[32], infinite[32];
    struct statistics s = measure(image, &mean, &sd);
    if (s.finite > 0)
        mica_info_line("values", "%s to %s, mean %s, standard deviation %s",
                       mica_text_digits(digits[0], s.least, 6),
                       mica_text_digits(digits[1], s.most, 6),
                       mica_text_digits(digits[2], mean, 6),
                       mica_text_digits(digits[3], sd, 4));
    size_t size = mica_image_size(image);
    mica_info_line("not finite", "%s NaN, %s infinite", mica_text_count(nan, s.nan),
                   mica_text_count(infinite, size - s.finite - s.nan));
}

/* How many pixels each class has. */
static void tell_classes(const struct image *image)
{
    size_t counts[256] = {0}, size = mica_image_size(image);
    char number[32], name[16];
    for (size_t i = 0; i < size; i++)
        counts[(size_t)image->data[i] & 255]++;
    for (size_t i = 0; i < 256; i++) {
        const uint8_t *colour = image->palette[i];
        snprintf(name, sizeof name, "index %zu", i);
        if (counts[i] > 0)
            mica_info_line(name, "#%02x%02x%02x, %s pixels (%.3g %%)", colour[0],
                           colour[1], colour[2], mica_text_count(number, counts[i]),
                           100 * (double)counts[i] / (double)size);
    }
}

/* 123.4 A, 12.3 nm, 1.2 um */
static char *length_text(char out[64], double length)
{
    char digits[40];
    bool large = length >= 1e4, middle = length >= 100;
    snprintf(out, 64, "%s %s",
             mica_text_digits(digits,
                              length / (large    ? 1e4
                                        : middle ? 10
                                                 : 1),
                              6),
             large    ? "um"
             : middle ? "nm"
                      : "A");
    return out;
}

static void tell_calibration(const struct image *image)
{
    char rows[64], columns[64], digits[40];
    const double *pixel = image->pixel;
    if (!(pixel[0] > 0)) {
        mica_info_line("pixel size", "unknown; mica predict takes --pixel");
        return;
    }
    if (pixel[0] == pixel[1])
        mica_info_line("pixel size", "%s, from %s", length_text(rows, pixel[0]),
                       image->source != NULL ? image->source : "the file");
    else
        mica_info_line("pixel size", "%s (rows), %s (columns), from %s",
                       length_text(rows, pixel[0]), length_text(columns, pixel[1]),
                       image->source != NULL ? image->source : "the file");
    mica_info_line("field", "%s x %s (height x width)",
                   length_text(rows, pixel[0] * (double)image->height),
                   length_text(columns, pixel[1] * (double)image->width));
    if (image->frame_time > 0)
        mica_info_line("frame time", "%s s",
                       mica_text_digits(digits, image->frame_time * 1e-6, 6));
}

int mica_info_image(const char *path, struct error *err)
{
    struct image image;
    const struct format *format = mica_image_format(path, err);
    if (format == NULL || format->read(path, &image, err) != 0)
        return -1;
    mica_info_line("format", "%s (%s)", format->name, format->summary);
    mica_info_line(
        "size", "%zu x %zu pixels (rows x columns), %zu frame%s, %zu channel%s",
        image.height, image.width, image.frames, image.frames == 1 ? "" : "s",
        image.channels, image.channels == 1 ? "" : "s");
    mica_info_line("type", "%s of %d bits",
                   image.colours > 0 ? "indices into a palette"
                   : image.whole     ? "whole numbers"
                                     : "real numbers",
                   image.bits);
    if (image.colours > 0)
        tell_classes(&image);
    else
        tell_values(&image);
    tell_calibration(&image);
    mica_image_free(&image);
    return 0;
}
