/* test_idx.c - arrays as MNIST has them, plain and packed */
#include "datasets/array.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { FRAMES = 3, HEIGHT = 5, WIDTH = 7, COUNT = FRAMES * HEIGHT * WIDTH };

static size_t fill(unsigned char *bytes, unsigned char code, size_t size)
{
    static const unsigned char lengths[] = {0, 0,      0, FRAMES, 0, 0,
                                            0, HEIGHT, 0, 0,      0, WIDTH};
    const unsigned char head[] = {0, 0, code, 3};
    memcpy(bytes, head, sizeof head);
    memcpy(bytes + 4, lengths, sizeof lengths);
    for (size_t i = 0; i < COUNT; i++) { /* whole numbers, the highest byte first */
        int value =
            pattern_value(i / (HEIGHT * WIDTH), i / WIDTH % HEIGHT, i % WIDTH, 0);
        memset(bytes + 16 + i * size, 0, size);
        bytes[16 + (i + 1) * size - 1] = (unsigned char)value;
    }
    return 16 + COUNT * size;
}

static char *write_packed(const char *name, const unsigned char *bytes, size_t size)
{
    char *path = write_bytes(name, "", 0);
    gzFile out = gzopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(gzwrite(out, bytes, (unsigned)size), (int)size);
    assert_int_equal(gzclose(out), Z_OK);
    return path;
}

TEST(idx_arrays_are_stacks_plain_and_packed)
{
    static const struct {
        unsigned char code;
        size_t size;
    } cases[] = {{0x08, 1}, {0x0b, 2}, {0x0c, 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned char bytes[16 + 4 * COUNT];
        size_t size = fill(bytes, cases[i].code, cases[i].size);
        char *plain = write_bytes("train-images-idx3-ubyte", bytes, size);
        char *packed = write_packed("images.gz", bytes, size);
        struct image image = read_image(plain);
        assert_pattern(&image, FRAMES, HEIGHT, WIDTH, 1, 1, 0);
        assert_int_equal(image.bits, 8 * cases[i].size);
        assert_true(image.whole);
        mica_image_free(&image);
        image = read_image(packed);
        assert_pattern(&image, FRAMES, HEIGHT, WIDTH, 1, 1, 0);
        mica_image_free(&image);
        free(plain);
        free(packed);
    }
}

TEST(idx_labels_are_arrays_but_no_images)
{
    static const unsigned char bytes[] = {0, 0, 8, 1, 0, 0, 0, 4, 3, 1, 4, 1};
    char *path = write_bytes("labels.idx", bytes, sizeof bytes);
    struct array array;
    struct error err = {0};
    assert_int_equal(mica_array_read(path, &array, &err), 0);
    assert_int_equal(array.axes, 1);
    assert_int_equal(array.shape[0], 4);
    assert_near(array.data[2], 4, 0);
    mica_array_free(&array);
    assert_unreadable(path, "has 1 axis; an image has 2, a stack 3");
    free(path);
}

TEST_SLOW(idx_files_that_end_early_are_named)
{
    unsigned char bytes[16 + COUNT];
    size_t size = fill(bytes, 0x08, 1);
    char *plain = write_bytes("whole.idx", bytes, size);
    assert_every_cut_is_noticed(plain);
    char *packed = write_packed("whole.gz", bytes, size);
    assert_every_cut_is_noticed(packed);
    free(plain);
    free(packed);
}

TEST(idx_headers_that_promise_too_much_take_no_memory)
{
    static const unsigned char bytes[] = {
        0, 0, 8, 3, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1, 7};
    char *plain = write_bytes("large.idx", bytes, sizeof bytes);
    assert_unreadable(plain, "the file is truncated");
    char *packed = write_packed("large.gz", bytes, sizeof bytes);
    assert_unreadable(packed, "the file is truncated");
    free(plain);
    free(packed);
}

/* The sum of what was packed tells of a wrong byte. */
TEST(idx_damage_in_packed_files_is_noticed)
{
    unsigned char bytes[16 + COUNT], packed[1024];
    size_t size = fill(bytes, 0x08, 1);
    char *path = write_packed("good.gz", bytes, size);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    size_t length = fread(packed, 1, sizeof packed, stream);
    fclose(stream);
    packed[length - 6] ^= 1; /* of the sum */
    char *bad = write_bytes("bad.gz", packed, length);
    assert_unreadable(bad, "truncated or damaged");
    free(path);
    free(bad);
}

TEST(pictures_are_told_from_arrays)
{
    struct array array;
    struct error err = {0};
    assert_int_equal(
        mica_array_read(MICA_TOP "/tests/golden/formats/grey8.png", &array, &err), -1);
    assert_non_null(strstr(err.text,
                           "grey8.png: is a picture (png), not an array (.idx, "
                           ".npy)"));
}
