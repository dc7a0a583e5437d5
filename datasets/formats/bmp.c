/* bmp.c - BMP pictures, read through stb_image; those with a palette of greys are grey */
#include "datasets/formats/stb.h"
#include <string.h>

/* Places in the file: the size of it, where the pixels begin, and in the header from byte 14
   on its length, the bits of a pixel and the number of colours (0: all). */
enum { SIZE = 2, PIXELS = 10, HEADER = 14, BITS = 28, COLOURS = 46, NEEDED = 50 };

static size_t number_at(const unsigned char *data, size_t at, size_t bytes)
{
    size_t number = 0;
    while (bytes-- > 0)
        number = number << 8 | data[at + bytes];
    return number;
}

static bool recognise(const unsigned char *head, size_t size)
{
    return size >= 10 && memcmp(head, "BM", 2) == 0 &&
           memcmp(head + 6, "\0\0\0\0", 4) == 0;
}

/* Grey pictures and masks are written with a palette: blue, green, red, 0 for each colour. */
static bool is_grey(const unsigned char *data, size_t size)
{
    size_t bits = size >= NEEDED ? number_at(data, BITS, 2) : 32;
    if (bits > 8 || number_at(data, HEADER, 4) < 40)
        return false;
    size_t palette = HEADER + number_at(data, HEADER, 4);
    size_t count = number_at(data, COLOURS, 4);
    count = count > 0 && count < 256 ? count : (size_t)1 << bits;
    if (palette > size || 4 * count > size - palette)
        return false;
    for (size_t i = 0; i < count; i++) {
        const unsigned char *colour = data + palette + 4 * i;
        if (colour[0] != colour[1] || colour[0] != colour[2])
            return false;
    }
    return true;
}

static void keep_one_channel(struct image *image)
{
    for (size_t p = 0; p < image->height * image->width; p++)
        image->data[p] = image->data[p * image->channels];
    image->channels = 1;
}

static int decode(const char *path, const unsigned char *data, size_t size,
                  struct image *image, struct error *err)
{
    if (!recognise(data, size))
        return mica_fail(err, "%s: does not begin as a BMP file does", path);
    if (size < NEEDED || number_at(data, SIZE, 4) > size ||
        number_at(data, PIXELS, 4) >= size)
        return mica_stb_truncated(path, size, err);
    if (mica_stb_decode(path, data, size, image, err))
        return -1;
    if (is_grey(data, size))
        keep_one_channel(image);
    return 0;
}

static int read_bmp(const char *path, struct image *image, struct error *err)
{
    return mica_stb_read(path, decode, image, err);
}

const struct format mica_format_bmp = {
    .name = "bmp",
    .summary = "BMP; read only",
    .extensions = (const char *const[]){"bmp", NULL},
    .recognise = recognise,
    .read = read_bmp,
};
