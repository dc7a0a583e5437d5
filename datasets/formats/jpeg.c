/* jpeg.c - JPEG pictures, read through stb_image */
#include "datasets/formats/stb.h"
#include <string.h>

enum { TAIL = 1024 };

static bool recognise(const unsigned char *head, size_t size)
{
    return size >= 3 && memcmp(head, "\xff\xd8\xff", 3) == 0;
}

/* Tables of Huffman codes, from their first byte to `end`: each has at most 256 codes. */
static bool are_sound(const unsigned char *data, size_t at, size_t end, size_t size)
{
    while (at < end) {
        size_t codes = 0;
        if (at + 17 > size)
            return false;
        for (size_t k = 1; k <= 16; k++)
            codes += data[at + k];
        if (codes > 256)
            return false;
        at += 17 + codes;
    }
    return true;
}

/* stb_image takes a file's word for the number of codes and writes behind its table (2.27),
   so the markers of JPEG (ITU T.81, annex B) are walked through first. */
static bool has_sound_tables(const unsigned char *data, size_t size)
{
    size_t i = 2;
    while (i + 3 < size) {
        unsigned marker = data[i] == 0xff ? data[i + 1] : 0;
        if (marker == 0 || marker == 0xff) { /* coded data, or filling */
            i++;
        } else if (marker >= 0xd0 && marker <= 0xd9) { /* stands alone */
            i += 2;
        } else {
            size_t end = i + 2 + ((size_t)data[i + 2] << 8 | data[i + 3]);
            if (marker == 0xc4 && !are_sound(data, i + 4, end, size))
                return false;
            i = end;
        }
    }
    return true;
}

/* stb_image fills what is missing with grey; the marker of the end tells. */
static bool is_whole(const unsigned char *data, size_t size)
{
    for (size_t i = size; i-- > 1 && i + TAIL > size;)
        if (data[i - 1] == 0xff && data[i] == 0xd9)
            return true;
    return false;
}

static int decode(const char *path, const unsigned char *data, size_t size,
                  struct image *image, struct error *err)
{
    if (!recognise(data, size))
        return mica_fail(err, "%s: does not begin as a JPEG file does", path);
    if (!has_sound_tables(data, size))
        return mica_fail(err, "%s: is damaged: a table has too many codes", path);
    if (!is_whole(data, size))
        return mica_stb_truncated(path, size, err);
    return mica_stb_decode(path, data, size, image, err);
}

static int read_jpeg(const char *path, struct image *image, struct error *err)
{
    return mica_stb_read(path, decode, image, err);
}

const struct format mica_format_jpeg = {
    .name = "jpeg",
    .summary = "JPEG; read only",
    .extensions = (const char *const[]){"jpg", "jpeg", NULL},
    .recognise = recognise,
    .read = read_jpeg,
};
