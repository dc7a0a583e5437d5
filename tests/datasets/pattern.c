/* pattern.c - images whose every value is known, and what every format's tests ask */
#include "tests/datasets/pattern.h"
#include "core/file.h"
#include "tests/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int pattern_value(size_t frame, size_t y, size_t x, size_t channel)
{
    return (int)((31 * frame + 7 * y + 13 * x + 101 * channel + x * y) % 251);
}

struct image pattern_image(size_t frames, size_t height, size_t width, size_t channels,
                           int bits, bool whole, double scale, double offset)
{
    struct image image;
    struct error err = {0};
    assert_int_equal(mica_image_new(&image, frames, height, width, channels, &err), 0);
    image.bits = bits;
    image.whole = whole;
    float *value = image.data;
    for (size_t n = 0; n < frames; n++)
        for (size_t y = 0; y < height; y++)
            for (size_t x = 0; x < width; x++)
                for (size_t c = 0; c < channels; c++)
                    *value++ = (float)(scale * pattern_value(n, y, x, c) + offset);
    return image;
}

static void assert_same(const struct image *a, const struct image *b)
{
    assert_int_equal(a->frames, b->frames);
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->channels, b->channels);
    assert_memory_equal(a->data, b->data, mica_image_size(a) * sizeof *a->data);
}

void assert_pattern(const struct image *image, size_t frames, size_t height,
                    size_t width, size_t channels, double scale, double offset)
{
    struct image wanted = pattern_image(frames, height, width, channels, image->bits,
                                        image->whole, scale, offset);
    assert_same(image, &wanted);
    mica_image_free(&wanted);
}

struct image read_image(const char *path)
{
    char full[4096];
    struct image image;
    struct error err = {0};
    snprintf(full, sizeof full, "%s%s", *path == '/' ? "" : MICA_TOP "/", path);
    if (mica_image_read(full, &image, &err))
        fail_msg("%s", err.text);
    return image;
}

static char *path_of(const char *name)
{
    size_t size = strlen(mica_test_folder()) + strlen(name) + 2;
    char *path = malloc(size);
    assert_non_null(path);
    snprintf(path, size, "%s/%s", mica_test_folder(), name);
    return path;
}

struct image write_and_read(const struct image *image, const char *name)
{
    struct error err = {0};
    char *path = path_of(name);
    if (mica_image_write(path, image, &err))
        fail_msg("%s", err.text);
    struct image again = read_image(path);
    assert_same(image, &again);
    free(path);
    return again;
}

void assert_unreadable(const char *path, const char *words)
{
    struct image image;
    struct error err = {0};
    assert_int_equal(mica_image_read(path, &image, &err), -1);
    assert_null(image.data);
    if (err.lines != 1 || strncmp(err.text, path, strlen(path)) != 0 ||
        !strstr(err.text, words))
        fail_msg("'%s' does not hold '%s'", err.text, words);
}

char *write_bytes(const char *name, const void *bytes, size_t size)
{
    char *path = path_of(name);
    unlink(path); /* mica_file_write would sync, ext4 does when a file is made empty */
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
    return path;
}

/* Cut shorter and shorter: a new file for each cut would be waited for by some disks. */
void assert_every_cut_is_noticed(const char *path)
{
    char name[64];
    struct error err = {0};
    size_t size;
    char *data = mica_file_read(path, &size, &err);
    assert_non_null(data);
    snprintf(name, sizeof name, "cut%s", strrchr(path, '.'));
    char *shorter = write_bytes(name, data, size);
    while (size > 0) {
        assert_int_equal(truncate(shorter, (off_t)--size), 0);
        assert_unreadable(shorter, "");
    }
    free(shorter);
    free(data);
}
