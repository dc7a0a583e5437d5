/* stb.c - pictures that stb_image unpacks: JPEG and BMP */
#include "datasets/formats/stb.h"

#include <stdlib.h>

#include "core/file.h"
#include "core/text.h"

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
enum { PACKED_MOST = 4096 };

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

int mica_stb_truncated(const char *path, size_t size, struct error *err)
{
    char count[32];
    return mica_fail(err,
                     "%s: ends after %s bytes, in the middle of the picture; the file "
                     "is truncated",
                     path, mica_text_count(count, size));
}

int mica_stb_decode(const char *path, const unsigned char *data, size_t size,
                    struct image *image, struct error *err)
{
    int shape[3], length = (int)size;
    if (size > INT32_MAX ||
        !stbi_info_from_memory(data, length, &shape[1], &shape[0], &shape[2]) ||
        shape[0] <= 0 || shape[1] <= 0)
        return mica_fail(err, "%s: is not a JPEG or BMP picture that can be read",
                         path);
    if ((double)shape[0] * shape[1] > PACKED_MOST * (double)size)
        return mica_stb_truncated(path, size, err);
    unsigned char *pixels =
        stbi_load_from_memory(data, length, &shape[1], &shape[0], &shape[2], 0);
    if (!pixels)
        return mica_fail(err, "%s: is damaged or truncated", path);
    int result = convert(path, pixels, shape, image, err);
    stbi_image_free(pixels);
    return result;
}

int mica_stb_read(const char *path,
                  int (*decode)(const char *path, const unsigned char *data,
                                size_t size, struct image *image, struct error *err),
                  struct image *image, struct error *err)
{
    size_t size;
    *image = (struct image){0};
    char *data = mica_file_read(path, &size, err);
    if (!data)
        return -1;
    int status = decode(path, (const unsigned char *)data, size, image, err);
    free(data);
    return status;
}
