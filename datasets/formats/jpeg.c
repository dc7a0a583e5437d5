/* jpeg.c - JPEG and BMP pictures, read through stb_image */
#include "core/file.h"
#include "core/text.h"
#include "datasets/image.h"
#include <stdlib.h>
#include <string.h>

/* Its functions stay in this file; its messages, of two words each, are not needed. */
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_NO_FAILURE_STRINGS
/* What is switched off is declared all the same; the end of the file decides. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image.h>

/* What a file of some size cannot hold is not tried: pixels for a byte. */
enum { PACKED_MOST = 4096, TAIL = 1024 };

static bool is_jpeg(const unsigned char *head, size_t size)
{
    return size >= 3 && memcmp(head, "\xff\xd8\xff", 3) == 0;
}

static bool is_bmp(const unsigned char *head, size_t size)
{
    return size >= 10 && memcmp(head, "BM", 2) == 0 &&
           memcmp(head + 6, "\0\0\0\0", 4) == 0;
}

static bool recognise(const unsigned char *head, size_t size)
{
    return is_jpeg(head, size) || is_bmp(head, size);
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

/* stb_image fills what is missing with grey or black; the ends of files tell. */
static bool is_whole(const unsigned char *data, size_t size)
{
    if (is_bmp(data, size)) {
        size_t says = data[2] | (size_t)data[3] << 8 | (size_t)data[4] << 16 |
                      (size_t)data[5] << 24;
        return says <= size;
    }
    for (size_t i = size; i-- > 1 && i + TAIL > size;)
        if (data[i - 1] == 0xff && data[i] == 0xd9)
            return true;
    return false;
}

static int convert(const char *path, const unsigned char *pixels, const int shape[3],
                   struct image *image, struct error *err)
{
    /* grey and alpha, or colours and alpha: alpha is dropped */
    size_t channels = (size_t)shape[2], kept = channels < 3 ? 1 : 3;
    if (mica_image_new_for(path, image, 1, (size_t)shape[0], (size_t)shape[1], kept,
                           err))
        return -1;
    image->bits = 8;
    image->whole = true;
    for (size_t p = 0; p < image->height * image->width; p++)
        for (size_t c = 0; c < kept; c++)
            image->data[p * kept + c] = (float)pixels[p * channels + c];
    return 0;
}

static int decode(const char *path, const unsigned char *data, size_t size,
                  struct image *image, struct error *err)
{
    char count[32];
    int shape[3], length = (int)size;
    if (is_jpeg(data, size) && !has_sound_tables(data, size))
        return mica_fail(err, "%s: is damaged: a table has too many codes", path);
    if (size > INT32_MAX || !recognise(data, size) ||
        !stbi_info_from_memory(data, length, &shape[1], &shape[0], &shape[2]) ||
        shape[0] <= 0 || shape[1] <= 0)
        return mica_fail(err, "%s: is not a JPEG or BMP picture that can be read",
                         path);
    if (!is_whole(data, size) ||
        (double)shape[0] * shape[1] > PACKED_MOST * (double)size)
        return mica_fail(
            err,
            "%s: ends after %s bytes, in the middle of the picture; the file "
            "is truncated",
            path, mica_text_count(count, size));
    unsigned char *pixels =
        stbi_load_from_memory(data, length, &shape[1], &shape[0], &shape[2], 0);
    if (!pixels)
        return mica_fail(err, "%s: is damaged or truncated", path);
    int result = convert(path, pixels, shape, image, err);
    stbi_image_free(pixels);
    return result;
}

static int read_jpeg(const char *path, struct image *image, struct error *err)
{
    size_t size;
    *image = (struct image){0};
    char *data = mica_file_read(path, &size, err);
    if (!data)
        return -1;
    int result = decode(path, (const unsigned char *)data, size, image, err);
    free(data);
    return result;
}

const struct format mica_format_jpeg = {
    .name = "jpeg",
    .summary = "JPEG and BMP; read only",
    .extensions = (const char *const[]){"jpg", "jpeg", "bmp", NULL},
    .recognise = recognise,
    .read = read_jpeg,
};
