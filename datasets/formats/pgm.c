/* pgm.c - PGM and PPM pictures (P5 and P6), of 8 and 16 bits */
#include "core/file.h"
#include "datasets/image.h"
#include <stdlib.h>
#include <string.h>

static bool is_blank(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static bool recognise(const unsigned char *head, size_t size)
{
    return size >= 3 && head[0] == 'P' && (head[1] == '5' || head[1] == '6') &&
           (is_blank(head[2]) || head[2] == '#');
}

/* A number of the header, after blanks and comments; 0 where there is none. */
static size_t take_number(const char **at)
{
    size_t number = 0;
    for (; is_blank(**at) || **at == '#'; ++*at)
        if (**at == '#')
            *at += strcspn(*at, "\n");
    for (; **at >= '0' && **at <= '9' && number < 1u << 30; ++*at)
        number = 10 * number + (size_t)(**at - '0');
    return number;
}

static int decode(const char *path, const char *data, size_t size, struct image *image,
                  struct error *err)
{
    const char *at = data + 2;
    if (!recognise((const unsigned char *)data, size))
        return mica_fail(err, "%s: does not begin as a PGM or PPM file does", path);
    size_t width = take_number(&at), height = take_number(&at), most = take_number(&at);
    if (width == 0 || height == 0 || most == 0 || most > 65535 || !is_blank(*at))
        return mica_fail(err, "%s: its header is damaged or truncated", path);
    size_t channels = data[1] == '6' ? 3 : 1;
    const struct sample_type type = {'u', most > 255 ? 2 : 1, true};
    size_t start = (size_t)(at + 1 - data);
    if ((size - start) / channels / type.size / width < height)
        return mica_image_truncated(
            path, size, start + (uint64_t)width * height * channels * type.size, err);
    if (mica_image_new_for(path, image, 1, height, width, channels, err))
        return -1;
    image->bits = 8 * (int)type.size;
    image->whole = true;
    mica_samples_decode(type, at + 1, mica_image_size(image), image->data);
    return 0;
}

static int read_pgm(const char *path, struct image *image, struct error *err)
{
    size_t size;
    *image = (struct image){0};
    char *data = mica_file_read(path, &size, err);
    if (!data)
        return -1;
    int result = decode(path, data, size, image, err);
    free(data);
    return result;
}

const struct format mica_format_pgm = {
    .name = "pgm",
    .summary = "PGM and PPM of 8 and 16 bits; read only",
    .extensions = (const char *const[]){"pgm", "ppm", "pnm", NULL},
    .recognise = recognise,
    .read = read_pgm,
};
