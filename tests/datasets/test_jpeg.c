/* test_jpeg.c - pictures of other formats are read; their damage is noticed */
#include "core/file.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/formats/"

TEST(pictures_without_loss_are_read_as_they_were_written)
{
    static const struct {
        const char *path;
        size_t channels;
        int bits;
    } cases[] = {{GOLDEN "grey8.pgm", 1, 8}, {GOLDEN "rgb.ppm", 3, 8}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct image image = read_image(cases[i].path);
        assert_pattern(&image, 1, 5, 7, cases[i].channels, 1, 0);
        assert_int_equal(image.bits, cases[i].bits);
        assert_true(image.whole);
        mica_image_free(&image);
    }
    struct image image = read_image(GOLDEN "grey16.pgm");
    assert_pattern(&image, 1, 5, 7, 1, 261, 0);
    assert_int_equal(image.bits, 16);
    mica_image_free(&image);
}

/* As grey pictures and masks are written. */
TEST(bmp_pictures_with_a_palette_of_greys_are_grey)
{
    struct image image = read_image(GOLDEN "grey.bmp");
    assert_pattern(&image, 1, 5, 7, 1, 1, 0);
    mica_image_free(&image);
    struct error err = {0};
    size_t size;
    char *data = mica_file_read(MICA_TOP "/" GOLDEN "grey.bmp", &size, &err);
    assert_non_null(data);
    data[54 + 4 * 13] = 99; /* the blue of one colour */
    char *path = write_bytes("blue.bmp", data, size);
    image = read_image(path);
    assert_int_equal(image.channels, 3);
    assert_near(image.data[3 + 2], 99, 0); /* its index is 13 at (0, 1) */
    mica_image_free(&image);
    free(path);
    free(data);
}

TEST(jpeg_pictures_are_read_as_near_as_they_can_be)
{
    static const char *const paths[] = {GOLDEN "smooth.jpg", GOLDEN "smooth_rgb.jpg"};
    for (size_t i = 0; i < 2; i++) {
        struct image image = read_image(paths[i]);
        assert_int_equal(image.channels, i == 0 ? 1 : 3);
        assert_int_equal(image.height, 16);
        for (size_t p = 0; p < 16 * 24; p++)
            assert_near(image.data[p * image.channels],
                        40.0 + 5.0 * (double)(p % 24) + 3.0 * (double)(p / 24), 4);
        mica_image_free(&image);
    }
}

TEST_SLOW(pictures_that_end_early_are_named)
{
    static const char *const names[] = {"grey.bmp", "grey8.pgm", "grey16.pgm",
                                        "smooth.jpg", "smooth_rgb.jpg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s%s", MICA_TOP, GOLDEN, names[i]);
        assert_every_cut_is_noticed(path);
    }
}

/* stb_image 2.27 writes behind the end of its table of codes. */
TEST(jpeg_tables_that_are_too_long_are_refused)
{
    struct error err = {0};
    size_t size, at = 0;
    char *data = mica_file_read(MICA_TOP "/" GOLDEN "smooth.jpg", &size, &err);
    assert_non_null(data);
    while (memcmp(data + at, "\xff\xc4", 2) != 0)
        at++;
    memset(data + at + 5, 0xff, 16);
    char *path = write_bytes("hostile.jpg", data, size);
    assert_unreadable(path, "damaged");
    free(path);
    free(data);
}
