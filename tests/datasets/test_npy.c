/* test_npy.c - NumPy's arrays are read whatever their type, order and version */
#include "core/file.h"
#include "core/memory.h"
#include "datasets/formats/npy.h"
#include "datasets/image.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/formats/"

/* A file of version 1 with this dictionary and `size` bytes of zeros. */
static char *write_header(const char *dictionary, size_t size)
{
    size_t length = strlen(dictionary), total = 10 + length + size;
    unsigned char *bytes = mica_need(total, 1);
    memcpy(bytes, "\x93NUMPY\x01", 8);
    bytes[8] = (unsigned char)(length & 255);
    bytes[9] = (unsigned char)(length >> 8);
    memcpy(bytes + 10, dictionary, length);
    char *path = write_bytes("hostile.npy", bytes, total);
    mica_free(bytes);
    return path;
}

TEST(npy_numbers_of_every_type_are_read)
{
    static const struct {
        const char *type;
        double scale, offset;
        int bits;
    } cases[] = {
        {"u1", 1, 0, 8},           {"u2", 257, 0, 16},        {"u4", 65536, 0, 32},
        {"u8", 65536, 0, 64},      {"i1", 1, -125, 8},        {"i2", 257, -32000, 16},
        {"i4", 65536, -65536, 32}, {"i8", 65536, -65536, 64}, {"f2", 0.25, -3, 16},
        {"f4", 0.25, -3, 32},      {"f8", 0.25, -3, 64}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[100];
        snprintf(path, sizeof path, GOLDEN "%s.npy", cases[i].type);
        struct image image = read_image(path);
        assert_pattern(&image, 1, 5, 7, 1, cases[i].scale, cases[i].offset);
        assert_int_equal(image.bits, cases[i].bits);
        assert_int_equal(image.whole, cases[i].type[0] != 'f');
        mica_image_free(&image);
    }
}

TEST(npy_orders_and_versions_do_not_matter)
{
    static const char *const names[] = {"big_endian", "fortran", "fortran_big_endian",
                                        "version2", "version3"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[100];
        snprintf(path, sizeof path, GOLDEN "%s.npy", names[i]);
        struct image image = read_image(path);
        assert_pattern(&image, 6, 5, 7, 1, 0.25, -3);
        mica_image_free(&image);
    }
}

TEST(npy_axes_are_told_by_their_number_and_the_last)
{
    struct image rgb = read_image(GOLDEN "h_w_3.npy");
    assert_pattern(&rgb, 1, 5, 7, 3, 1, 0);
    mica_image_free(&rgb);
    struct image channels = read_image(GOLDEN "n_h_w_6.npy");
    assert_pattern(&channels, 2, 5, 7, 6, 1, 0);
    mica_image_free(&channels);
}

TEST(npy_truth_values_are_0_and_1)
{
    struct image image = read_image(GOLDEN "bool.npy");
    assert_int_equal(image.bits, 8);
    for (size_t y = 0; y < 5; y++)
        for (size_t x = 0; x < 7; x++)
            assert_near(image.data[y * 7 + x], pattern_value(0, y, x, 0) > 40, 0);
    mica_image_free(&image);
}

TEST(npy_half_floats_keep_their_extremes)
{
    static const double wanted[8] = {0,
                                     5.9604644775390625e-08,
                                     6.097555160522461e-05,
                                     6.103515625e-05,
                                     65504,
                                     -65504,
                                     HUGE_VAL,
                                     0};
    struct image image = read_image(GOLDEN "half_extremes.npy");
    for (size_t i = 0; i < 7; i++)
        assert_true((double)image.data[i] == wanted[i]);
    assert_true(isnan(image.data[7]));
    mica_image_free(&image);
}

TEST(npy_files_give_back_what_was_written)
{
    static const struct {
        size_t frames, height, width, channels;
    } sizes[] = {{1, 5, 7, 1}, {1, 5, 7, 3}, {1, 5, 7, 5}, {3, 5, 7, 1},
                 {3, 5, 4, 1}, {3, 5, 7, 2}, {1, 1, 1, 1}, {1, 5, 3, 1}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int bits = 8; bits <= 32; bits *= 2) {
            struct image image = pattern_image(sizes[i].frames, sizes[i].height,
                                               sizes[i].width, sizes[i].channels, bits,
                                               bits < 32, bits < 32 ? 1 : 0.1, 0);
            struct image again = write_and_read(&image, "again.npy");
            assert_int_equal(again.bits, bits);
            assert_int_equal(again.whole, bits < 32);
            mica_image_free(&again);
            mica_image_free(&image);
        }
}

TEST(npy_counts_that_do_not_fit_are_written_wider)
{
    struct image image = pattern_image(1, 5, 7, 1, 8, true, 2, 0);
    struct image again = write_and_read(&image, "wider.npy");
    assert_int_equal(again.bits, 16);
    mica_image_free(&again);
    image.data[3] = -2;
    again = write_and_read(&image, "signed.npy");
    assert_int_equal(again.bits, 16);
    assert_true(again.whole);
    mica_image_free(&again);
    image.data[3] = NAN;
    again = write_and_read(&image, "real.npy");
    assert_false(again.whole);
    mica_image_free(&again);
    mica_image_free(&image);
}

TEST(npy_files_that_end_early_are_named)
{
    struct image image = pattern_image(1, 5, 7, 1, 16, true, 1, 0);
    char path[4200];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/whole.npy", mica_test_folder());
    assert_int_equal(mica_image_write(path, &image, &err), 0);
    assert_every_cut_is_noticed(path);
    mica_image_free(&image);
}

TEST(npy_headers_that_lie_are_refused)
{
    static const struct {
        const char *dictionary, *words;
    } cases[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}",
         "the file is truncated"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': "
         "(4294967296, 4294967296, 4294967296)}",
         "impossible size"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2)}",
         "damaged at"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 5)}", "at least 1"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 5)}",
         "damaged at '-1"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (5,)}", "has 1 axes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "has 0 axes"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1)}",
         "more than 4"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1, 1)}", "type '<c8'"},
        {"{'descr': '<f3', 'fortran_order': False, 'shape': (1, 1)}", "type '<f3'"},
        {"{'descr': '<f', 'fortran_order': False, 'shape': (1, 1)}", "type '<f'"},
        {"{'descr': '', 'fortran_order': False, 'shape': (1, 1)}", "type ''"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
         "named columns"},
        {"{'descr': '<f4', 'fortran_order': Perhaps, 'shape': (1, 1)}", "Perhaps"},
        {"{'descr': '<f4', 'shape': (1, 1)}", "damaged"},
        {"{'descr': '<f4', 'descr': '<f4', 'shape': (1, 1)}", "damaged"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1", "damaged"},
        {"{'descr': '<f4", "damaged"},
        {"", "damaged"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = write_header(cases[i].dictionary, 0);
        assert_unreadable(path, cases[i].words);
        free(path);
    }
}

TEST(npy_arrays_have_the_axes_that_are_asked_for)
{
    const float values[] = {1, 2, 3, 4, 5, 6};
    const size_t shape[] = {1, 2, 3, 1};
    struct error err = {0};
    char path[300];
    snprintf(path, sizeof path, "%s/x.npy", mica_test_folder());
    assert_int_equal(mica_npy_write(path, values, 4, shape, &err), 0);
    struct image image = read_image(path);
    assert_int_equal(image.frames, 1);
    assert_int_equal(image.height, 2);
    assert_int_equal(image.width, 3);
    assert_int_equal(image.channels, 1);
    assert_memory_equal(image.data, values, sizeof values);
    mica_image_free(&image);
    size_t size;
    char *bytes = mica_file_read(path, &size, &err);
    assert_non_null(bytes);
    assert_non_null(strstr(bytes + 10, "'shape': (1, 2, 3, 1,)"));
    assert_int_equal((size - sizeof values) % 64, 0);
    free(bytes);
}
