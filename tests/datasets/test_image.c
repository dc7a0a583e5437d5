/* test_image.c - images in memory; formats are known by content, then by name */
#include "core/file.h"
#include "datasets/image.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(images_are_zero_at_first_and_empty_at_last)
{
    struct image image;
    struct error err = {0};
    assert_int_equal(mica_image_new(&image, 2, 3, 4, 5, &err), 0);
    assert_int_equal(mica_image_size(&image), 120);
    for (size_t i = 0; i < 120; i++)
        assert_near(image.data[i], 0, 0);
    mica_image_free(&image);
    assert_null(image.data);
    assert_int_equal(image.frames, 0);
    mica_image_free(&image);
}

TEST(images_beyond_memory_are_refused)
{
    struct image image;
    struct error err = {0};
    assert_int_equal(mica_image_new(&image, 1, SIZE_MAX / 2, 3, 1, &err), -1);
    assert_non_null(strstr(err.text, "not to be had"));
    err = (struct error){0};
    assert_int_equal(mica_image_new(&image, 1, 5, 0, 1, &err), -1);
    assert_string_equal(err.text, "1 x 5 x 0 x 1 values: an image needs at least 1");
    assert_null(image.data);
}

TEST(files_are_known_by_their_content)
{
    struct error err = {0};
    size_t size;
    char *data =
        mica_file_read(MICA_TOP "/tests/golden/formats/grey8.png", &size, &err);
    assert_non_null(data);
    char *path = write_bytes("named_wrongly.npy", data, size);
    struct image image = read_image(path);
    assert_pattern(&image, 1, 5, 7, 1, 1, 0);
    mica_image_free(&image);
    free(path);
    free(data);
}

TEST(files_that_are_no_images_are_named)
{
    char *path = write_bytes("notes.txt", "hello", 5);
    assert_unreadable(path, "is not an image of a known format (.bmp, ");
    free(path);
    path = write_bytes("hello.PNG", "hello", 5);
    assert_unreadable(path, "does not begin as a PNG file does");
    free(path);
    path = write_bytes("empty.npy", "", 0);
    assert_unreadable(path, "is empty");
    free(path);
    assert_unreadable(mica_test_folder(), "folder");
    assert_unreadable("no/such/file.png", "no such file");
}

TEST(files_without_permission_are_named)
{
    if (geteuid() == 0)
        SKIP("the superuser may read everything");
    char *path = write_bytes("secret.png", "x", 1);
    assert_int_equal(chmod(path, 0), 0);
    assert_unreadable(path, "permission denied");
    free(path);
}

TEST(endings_choose_the_format_that_is_written)
{
    struct error err = {0};
    struct image image = pattern_image(1, 5, 7, 1, 8, true, 1, 0);
    assert_int_equal(mica_image_write("picture.xyz", &image, &err), -1);
    assert_non_null(strstr(err.text, "picture.xyz: its ending names no format"));
    assert_non_null(strstr(err.text, ".png"));
    assert_string_equal(mica_format_of("a.b/c.PNG")->name, "png");
    assert_null(mica_format_of("a.png/c"));
    assert_null(mica_format_of("png"));
    mica_image_free(&image);
}

/* What the registry promises of every format that can write. */
TEST_SLOW(formats_give_back_counts_and_every_cut_has_a_message)
{
    const struct format *format;
    for (size_t i = 0; (format = mica_format(i)); i++) {
        char path[4200];
        struct error err = {0};
        assert_true(strlen(format->summary) > 0);
        assert_ptr_equal(mica_format(i), format);
        if (!format->write || (!MICA_HAVE_TIFF && strcmp(format->name, "tiff") == 0))
            continue;
        struct image image = pattern_image(1, 4, 6, 1, 8, true, 1, 0);
        snprintf(path, sizeof path, "%s/x.%s", mica_test_folder(),
                 format->extensions[0]);
        assert_int_equal(mica_image_write(path, &image, &err), 0);
        struct image again = read_image(path);
        assert_pattern(&again, 1, 4, 6, 1, 1, 0);
        assert_every_cut_is_noticed(path);
        mica_image_free(&again);
        mica_image_free(&image);
    }
}
