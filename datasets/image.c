/* image.c - an image or a stack in memory; which format a file has */
#include "datasets/image.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include <math.h>
#include <string.h>

enum { HEAD = 512 }; /* bytes that are enough to know a format */

#define FORMAT(name) extern const struct format mica_format_##name;
#include "formats.inc"
#undef FORMAT

static const struct format *const formats[] = {
#define FORMAT(name) &mica_format_##name,
#include "formats.inc"
#undef FORMAT
    NULL};
enum { FORMATS = sizeof formats / sizeof *formats - 1 };

const struct format *mica_format(size_t i) { return i < FORMATS ? formats[i] : NULL; }

/* --- in memory ------------------------------------------------------------------------ */

/* count *= by, false where it does not fit */
static bool multiply(size_t *count, size_t by)
{
    if (by > 0 && *count > SIZE_MAX / by)
        return false;
    *count *= by;
    return true;
}

static int allocate(const char *path, struct image *image, const size_t axes[4],
                    struct error *err)
{
    size_t count = 1;
    bool fits = true;
    for (int i = 0; i < 4; i++)
        fits = fits && multiply(&count, axes[i]);
    *image = (struct image){.frames = axes[0],
                            .height = axes[1],
                            .width = axes[2],
                            .channels = axes[3],
                            .bits = 32};
    if (fits && count > 0)
        image->data = mica_allocate(count, sizeof *image->data);
    if (image->data)
        return 0;
    *image = (struct image){0};
    const char *colon = *path ? ": " : "";
    if (fits && count == 0)
        return mica_fail(err,
                         "%s%s%zu x %zu x %zu x %zu values: an image needs at least 1",
                         path, colon, axes[0], axes[1], axes[2], axes[3]);
    char bytes[32];
    double wanted = (double)sizeof(float);
    for (int i = 0; i < 4; i++)
        wanted *= (double)axes[i];
    return mica_fail(
        err,
        "%s%s%zu x %zu x %zu x %zu values need %s of memory, which are not "
        "to be had",
        path, colon, axes[0], axes[1], axes[2], axes[3],
        mica_text_bytes(bytes, wanted));
}

int mica_image_new(struct image *image, size_t frames, size_t height, size_t width,
                   size_t channels, struct error *err)
{
    return allocate("", image, (size_t[]){frames, height, width, channels}, err);
}

int mica_image_new_for(const char *path, struct image *image, size_t frames,
                       size_t height, size_t width, size_t channels, struct error *err)
{
    return allocate(path, image, (size_t[]){frames, height, width, channels}, err);
}

void mica_image_free(struct image *image)
{
    mica_free(image->data);
    *image = (struct image){0};
}

size_t mica_image_size(const struct image *image)
{
    return image->frames * image->height * image->width * image->channels;
}

/* --- for formats ---------------------------------------------------------------------- */

struct sample_type mica_image_sample_type(const struct image *image)
{
    const struct sample_type real = {'f', 4, false};
    if (image->colours > 0)
        return (struct sample_type){'u', 1, false};
    if (!image->whole || image->bits > 16)
        return real;
    float least = 0, most = 0;
    size_t count = mica_image_size(image);
    for (size_t i = 0; i < count; i++) {
        float value = image->data[i];
        if (!(fabsf(value) <= 65535) || floorf(value) != value)
            return real;
        least = fminf(least, value);
        most = fmaxf(most, value);
    }
    if (least < 0)
        return least >= -32768 && most <= 32767 ? (struct sample_type){'i', 2, false}
                                                : real;
    return (struct sample_type){'u', image->bits <= 8 && most <= 255 ? 1 : 2, false};
}

int mica_image_truncated(const char *path, uint64_t bytes, uint64_t needed,
                         struct error *err)
{
    char has[32], needs[32];
    return mica_fail(err, "%s: ends after %s of %s bytes; the file is truncated", path,
                     mica_text_count(has, bytes), mica_text_count(needs, needed));
}

/* --- which format --------------------------------------------------------------------- */

/* Whether two words are the same but for the case of a .. z, in every locale. */
static bool same_word(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char lower = *a >= 'A' && *a <= 'Z' ? (char)(*a - 'A' + 'a') : *a;
        if (lower != *b)
            return false;
    }
    return *a == *b;
}

const struct format *mica_format_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    for (size_t i = 0; dot && i < FORMATS; i++)
        for (const char *const *e = formats[i]->extensions; *e; e++)
            if (same_word(dot + 1, *e))
                return formats[i];
    return NULL;
}

/* The endings of all formats that can `write` (or of all): "npy, png, tif, tiff". */
static void list_extensions(struct text *list, bool write)
{
    for (size_t i = 0; i < FORMATS; i++)
        for (const char *const *e = formats[i]->extensions; *e; e++)
            if (!write || formats[i]->write)
                mica_text_add(list, "%s.%s", list->length ? ", " : "", *e);
}

static int fail_unknown(const char *path, const char *what, bool write,
                        struct error *err)
{
    struct text list = {0};
    list_extensions(&list, write);
    mica_fail(err, "%s: %s (%s)", path, what, list.data ? list.data : "none");
    mica_text_free(&list);
    return -1;
}

const struct format *mica_image_format(const char *path, struct error *err)
{
    unsigned char head[HEAD];
    FILE *stream = mica_file_open(path, err);
    if (!stream)
        return NULL;
    size_t size = fread(head, 1, sizeof head, stream);
    fclose(stream);
    for (size_t i = 0; i < FORMATS && size > 0; i++)
        if (formats[i]->recognise(head, size))
            return formats[i];
    const struct format *named = size > 0 ? mica_format_of(path) : NULL;
    if (size == 0)
        mica_fail(err, "%s: is empty (0 bytes)", path);
    else if (!named)
        fail_unknown(path, "is not an image of a known format", false, err);
    return named;
}

int mica_image_read(const char *path, struct image *image, struct error *err)
{
    *image = (struct image){0};
    const struct format *format = mica_image_format(path, err);
    return format ? format->read(path, image, err) : -1;
}

int mica_image_write(const char *path, const struct image *image, struct error *err)
{
    const struct format *format = mica_format_of(path);
    if (!format || !format->write)
        return fail_unknown(path, "its ending names no format that can be written",
                            true, err);
    return format->write(path, image, err);
}
