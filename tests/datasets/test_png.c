/* test_png.c - PNG pictures keep their counts, their indices and the size of a pixel */
#include "core/file.h"
#include "core/random.h"
#include "datasets/image.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/formats/"

TEST(png_pictures_of_others_are_read)
{
    static const struct {
        const char *name;
        size_t channels;
        double scale;
        int bits;
    } cases[] = {{"grey8", 1, 1, 8},        {"grey16", 1, 257, 16},
                 {"grey_alpha", 1, 1, 8},   {"rgb8", 3, 1, 8},
                 {"rgba8", 3, 1, 8},        {"rgb16", 3, 257, 16},
                 {"interlaced", 1, 257, 16}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[100];
        snprintf(path, sizeof path, GOLDEN "%s.png", cases[i].name);
        struct image image = read_image(path);
        assert_pattern(&image, 1, 5, 7, cases[i].channels, cases[i].scale, 0);
        assert_int_equal(image.bits, cases[i].bits);
        assert_true(image.whole);
        assert_int_equal(image.colours, 0);
        mica_image_free(&image);
    }
}

TEST(png_indices_stay_classes)
{
    static const char *const names[] = {"indexed8", "indexed2"}; /* bits */
    for (size_t i = 0; i < 2; i++) {
        char path[100];
        snprintf(path, sizeof path, GOLDEN "%s.png", names[i]);
        struct image image = read_image(path);
        assert_int_equal(image.channels, 1);
        assert_in_range(image.colours, 3, 4);
        for (size_t p = 0; p < 35; p++)
            assert_near(image.data[p], pattern_value(0, p / 7, p % 7, 0) % 3, 0);
        assert_int_equal(image.palette[1][0], 230);
        assert_int_equal(image.palette[1][1], 159);
        assert_int_equal(image.palette[2][2], 233);
        mica_image_free(&image);
    }
}

TEST(png_masks_of_one_bit_are_0_and_1)
{
    struct image image = read_image(GOLDEN "mask1.png");
    for (size_t p = 0; p < 35; p++)
        assert_near(image.data[p], pattern_value(0, p / 7, p % 7, 0) > 40, 0);
    mica_image_free(&image);
}

TEST(png_pixel_sizes_travel_and_those_of_screens_do_not)
{
    struct image image = read_image(GOLDEN "grey8_72dpi.png");
    assert_near(image.pixel[0], 0, 0);
    mica_image_free(&image);
    image = read_image(GOLDEN "grey8_1um.png");
    assert_near(image.pixel[0], 1e4, 0);
    assert_near(image.pixel[1], 1e4, 0);
    mica_image_free(&image);
    image = pattern_image(1, 5, 7, 1, 8, true, 1, 0);
    image.pixel[0] = image.pixel[1] = 0.12;
    struct image again = write_and_read(&image, "square.png");
    assert_near(again.pixel[0], 0.12, 0);
    assert_near(again.pixel[1], 0.12, 0);
    mica_image_free(&again);
    image.pixel[0] = 1.0 / 3;
    again = write_and_read(&image, "oblong.png");
    assert_near(again.pixel[0], 1.0 / 3, 1e-12);
    assert_near(again.pixel[1], 0.12, 0);
    mica_image_free(&again);
    mica_image_free(&image);
}

TEST(png_files_give_back_what_was_written)
{
    for (int bits = 8; bits <= 16; bits *= 2)
        for (size_t channels = 1; channels <= 3; channels += 2) {
            struct image image =
                pattern_image(1, 5, 7, channels, bits, true, bits == 8 ? 1 : 257, 0);
            struct image again = write_and_read(&image, "again.png");
            assert_int_equal(again.bits, bits);
            mica_image_free(&again);
            mica_image_free(&image);
        }
}

TEST(png_class_maps_keep_index_and_colour)
{
    struct image image = pattern_image(1, 5, 7, 1, 8, true, 1, 0);
    image.colours = 251;
    for (size_t i = 0; i < 251; i++)
        image.palette[i][i % 3] = (uint8_t)i;
    struct image again = write_and_read(&image, "classes.png");
    assert_int_equal(again.colours, 251);
    assert_memory_equal(again.palette, image.palette, 251 * 3);
    mica_image_free(&again);
    mica_image_free(&image);
}

static void assert_unwritable(const struct image *image, const char *words)
{
    char path[4200];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/refused.png", mica_test_folder());
    assert_int_equal(mica_image_write(path, image, &err), -1);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not hold '%s'", err.text, words);
    assert_false(mica_file_exists(path));
}

TEST(png_refuses_what_it_cannot_hold)
{
    struct image image = pattern_image(1, 5, 7, 1, 32, false, 0.5, 0);
    assert_unwritable(&image, "whole numbers from 0 to 65,535");
    image.bits = 16;
    image.whole = true;
    assert_unwritable(&image, "whole numbers from 0 to 65,535");
    image.colours = 3;
    assert_unwritable(&image, "no entry in the palette of 3");
    mica_image_free(&image);
    image = pattern_image(2, 5, 7, 1, 8, true, 1, 0);
    assert_unwritable(&image, "one picture, not 2");
    mica_image_free(&image);
    image = pattern_image(1, 5, 7, 2, 8, true, 1, 0);
    assert_unwritable(&image, "not 2");
    mica_image_free(&image);
}

TEST(png_files_that_end_early_are_named)
{
    assert_every_cut_is_noticed(MICA_TOP "/" GOLDEN "grey16.png");
    assert_every_cut_is_noticed(MICA_TOP "/" GOLDEN "interlaced.png");
    assert_every_cut_is_noticed(MICA_TOP "/" GOLDEN "indexed8.png");
}

/* Bytes of a noisy picture of so many channels, all alike. */
static size_t noise_size(const char *name, size_t channels)
{
    struct image image = pattern_image(1, 128, 128, channels, 8, true, 1, 0);
    struct random random;
    struct error err = {0};
    char path[300];
    mica_random_start(&random, 1, 0, 0);
    for (size_t p = 0; p < 128 * 128; p++) {
        const float value = (float)mica_random_below(&random, 200);
        for (size_t c = 0; c < channels; c++)
            image.data[p * channels + c] = value;
    }
    snprintf(path, sizeof path, "%s/%s", mica_test_folder(), name);
    assert_int_equal(mica_image_write(path, &image, &err), 0);
    mica_image_free(&image);
    size_t size;
    free(mica_file_read(path, &size, &err));
    return size;
}

TEST(png_noise_in_three_like_channels_is_not_kept_thrice)
{
    assert_true(noise_size("rgb.png", 3) < 2 * noise_size("grey.png", 1));
}

TEST(png_damage_is_noticed)
{
    struct error err = {0};
    size_t size;
    char *data = mica_file_read(MICA_TOP "/" GOLDEN "grey16.png", &size, &err);
    assert_non_null(data);
    data[60] = (char)(data[60] ^ 1);
    char *path = write_bytes("damaged.png", data, size);
    assert_unreadable(path, "is damaged");
    free(path);
    free(data);
}

TEST(png_of_a_hostile_size_asks_for_no_memory)
{
    /* 2^31 - 1 squared pixels of 16-bit RGBA, with the right checksum */
    static const unsigned char bytes[] = {
        0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,    13,
        'I',  'H', 'D', 'R', 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff,
        16,   6,   0,   0,   0,    0xf1, 0x0d, 0x6a, 0x22, 0,    0,    0,
        1,    'I', 'D', 'A', 'T',  0,    0,    0,    0,    0};
    char *path = write_bytes("hostile.png", bytes, sizeof bytes);
    assert_unreadable(path, "");
    free(path);
}
