/* tiff_meaning.c - pixel sizes, times and channels in the tags of TIFF files */
#include "core/text.h"
#include "datasets/formats/tiff.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How programs spell units of length; ImageJ escapes, or writes Latin-1. */
static const struct {
    const char *name;
    double length; /* A */
} lengths[] = {
    {"A", 1},           {"\xc3\x85", 1},    {"\xe2\x84\xab", 1}, {"\xc5", 1},
    {"\\u00C5", 1},     {"\\u212B", 1},     {"&#197;", 1},       {"angstrom", 1},
    {"Angstrom", 1},    {"pm", 0.01},       {"nm", 10},          {"um", 1e4},
    {"\xc2\xb5m", 1e4}, {"\xce\xbcm", 1e4}, {"\xb5m", 1e4},      {"\\u00B5m", 1e4},
    {"&#181;m", 1e4},   {"&#xB5;m", 1e4},   {"micron", 1e4},     {"microns", 1e4},
    {"mm", 1e7},        {"cm", 1e8},        {"m", 1e10},
};

static const struct {
    const char *name;
    double time; /* us */
} times[] = {{"s", 1e6},       {"sec", 1e6}, {"ms", 1e3},   {"us", 1},
             {"\xc2\xb5s", 1}, {"ns", 1e-3}, {"min", 60e6}, {"h", 3600e6}};

/* A value in a text: not copied, ends where `length` says. */
struct value {
    const char *at;
    size_t length;
};

static bool is(struct value value, const char *word)
{
    return strlen(word) == value.length && memcmp(value.at, word, value.length) == 0;
}

static double length_of(struct value unit)
{
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (is(unit, lengths[i].name))
            return lengths[i].length;
    return 0;
}

static double time_of(struct value unit)
{
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (is(unit, times[i].name))
            return times[i].time;
    return 0;
}

/* 0 where it is not a positive number. */
static double number_of(struct value value)
{
    char text[64], *end;
    if (value.length == 0 || value.length >= sizeof text)
        return 0;
    memcpy(text, value.at, value.length);
    text[value.length] = '\0';
    double number = mica_text_number(text, &end);
    return end > text && number > 0 && number < HUGE_VAL ? number : 0;
}

static size_t count_of(struct value value)
{
    double number = number_of(value);
    return number >= 1 && number < 1e9 ? (size_t)number : 0;
}

/* libtiff keeps resolutions as floats: what lies beyond their 7 digits is noise, and
   1 / (1 / 0.12) is to be 0.12 again. */
static double inverse(double unit, double resolution)
{
    char digits[40];
    if (!(resolution > 0) || !(unit > 0))
        return 0;
    return mica_text_number(mica_text_digits(digits, unit / resolution, 7), NULL);
}

/* --- ImageJ: lines "key=value" -------------------------------------------------------- */

static struct value find_line(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == '=')
            return (struct value){line + length + 1,
                                  strcspn(line + length + 1, "\r\n")};
    }
    return (struct value){"", 0};
}

static void understand_imagej(const struct tiff_tags *tags,
                              struct tiff_meaning *meaning)
{
    const char *text = tags->description;
    double unit = length_of(find_line(text, "unit"));
    for (int axis = 0; axis < 2; axis++)
        meaning->pixel[axis] = inverse(unit, tags->resolution[axis]);
    meaning->frame_time = 1e6 * number_of(find_line(text, "finterval"));
    meaning->images = count_of(find_line(text, "images"));
    size_t channels = count_of(find_line(text, "channels"));
    if (channels > 1 && meaning->images % channels == 0)
        meaning->channels = channels;
}

/* --- OME: attributes of the first element <Pixels> ------------------------------------ */

static struct value find_attribute(struct value element, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i + length + 2 < element.length; i++) {
        const char *at = element.at + i;
        if (!strchr(" \t\r\n", *at) || memcmp(at + 1, name, length) != 0 ||
            at[length + 1] != '=' || !strchr("'\"", at[length + 2]))
            continue;
        const char *begin = at + length + 3;
        size_t left = (size_t)(element.at + element.length - begin);
        const char *end = memchr(begin, begin[-1], left);
        return (struct value){begin, end ? (size_t)(end - begin) : 0};
    }
    return (struct value){"", 0};
}

/* Channels follow each other where C is the first axis after X and Y that has a length:
   the order "XYZCT" of one plane Z. */
static size_t find_channels(struct value element)
{
    struct value order = find_attribute(element, "DimensionOrder");
    for (size_t i = 2; i < order.length; i++) {
        char name[] = {'S', 'i', 'z', 'e', order.at[i], '\0'};
        size_t size = count_of(find_attribute(element, name));
        if (size > 1)
            return order.at[i] == 'C' ? size : 1;
    }
    return 1;
}

static void understand_ome(const char *element_begin, struct tiff_meaning *meaning)
{
    static const char *const sizes[2][2] = {{"PhysicalSizeY", "PhysicalSizeYUnit"},
                                            {"PhysicalSizeX", "PhysicalSizeXUnit"}};
    struct value element = {element_begin, strcspn(element_begin, ">")};
    for (int axis = 0; axis < 2; axis++) {
        struct value unit = find_attribute(element, sizes[axis][1]);
        meaning->pixel[axis] = number_of(find_attribute(element, sizes[axis][0])) *
                               (unit.length > 0 ? length_of(unit) : 1e4);
    }
    struct value unit = find_attribute(element, "TimeIncrementUnit");
    meaning->frame_time = number_of(find_attribute(element, "TimeIncrement")) *
                          (unit.length > 0 ? time_of(unit) : 1e6);
    meaning->channels = find_channels(element);
}

/* --- FEI: PixelWidth and PixelHeight in metres; and plain resolutions ----------------- */

static void understand_fei(const char *text, struct tiff_meaning *meaning)
{
    meaning->pixel[0] = 1e10 * number_of(find_line(text, "PixelHeight"));
    meaning->pixel[1] = 1e10 * number_of(find_line(text, "PixelWidth"));
}

static void understand_resolution(const struct tiff_tags *tags,
                                  struct tiff_meaning *meaning)
{
    double unit = tags->unit == 2 ? 2.54e8 : tags->unit == 3 ? 1e8 : 0;
    for (int axis = 0; axis < 2; axis++) {
        double pixel = inverse(unit, tags->resolution[axis]);
        meaning->pixel[axis] = pixel < MICA_PIXEL_BELIEVED ? pixel : 0;
    }
}

struct tiff_meaning mica_tiff_understand(const struct tiff_tags *tags)
{
    struct tiff_meaning meaning = {.channels = 1};
    const char *text = tags->description ? tags->description : "";
    const char *ome = strstr(text, "<OME") ? strstr(text, "<Pixels") : NULL;
    if (strncmp(text, "ImageJ=", 7) == 0) {
        understand_imagej(tags, &meaning);
        meaning.source = "ImageJ's unit and the resolution";
    } else if (ome) {
        understand_ome(ome, &meaning);
        meaning.source = "OME's PhysicalSize";
    } else if (tags->fei) {
        understand_fei(tags->fei, &meaning);
        meaning.source = "FEI's PixelWidth";
    } else {
        understand_resolution(tags, &meaning);
        meaning.source = "the resolution (no unit of the specimen's is given)";
    }
    if (!(meaning.pixel[0] > 0) ||
        !(meaning.pixel[1] > 0)) { /* one axis alone is no use */
        meaning.pixel[0] = meaning.pixel[1] = 0;
        meaning.source = NULL;
    }
    return meaning;
}
