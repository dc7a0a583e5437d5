/* test_loader.c - batches: the samples asked for, in their order, normalised */
#include "core/file.h"
#include "core/parallel.h"
#include "core/text.h"
#include "datasets/image.h"
#include "datasets/loader.h"
#include "tests/datasets/opened.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { FILES = 5, HEIGHT = 3, WIDTH = 4, PIXELS = HEIGHT * WIDTH };

static void write_file(size_t number, size_t width)
{
    char path[512];
    struct error err = {0};
    struct image image = {0}, mask = {0};
    assert_int_equal(mica_image_new(&image, 1, HEIGHT, width, 1, &err), 0);
    assert_int_equal(mica_image_new(&mask, 1, HEIGHT, width, 1, &err), 0);
    image.bits = 32;
    mask.bits = 8;
    mask.whole = true;
    for (size_t i = 0; i < HEIGHT * width; i++) {
        image.data[i] = (float)(100 * number + i);
        mask.data[i] = (float)((number + i) % 3);
    }
    snprintf(path, sizeof path, "%s/f%zu.tif", mica_test_folder(), number);
    assert_int_equal(mica_image_write(path, &image, &err), 0);
    snprintf(path, sizeof path, "%s/f%zu.png", mica_test_folder(), number);
    assert_int_equal(mica_image_write(path, &mask, &err), 0);
    mica_image_free(&image);
    mica_image_free(&mask);
}

/* Five files, of which two may be wider. */
static struct opened open_files(size_t third, size_t fourth)
{
    for (size_t i = 0; i < FILES; i++)
        write_file(i, i == 2 ? third : i == 3 ? fourth : WIDTH);
    return opened_good("\"images\": \"*.tif\", \"masks\": \"{stem}.png\", "
                       "\"values\": {\"0\": \"background\", \"1\": \"a\"}, "
                       "\"ignore\": 2",
                       PART_VALIDATION, 0);
}

/* A batch of three whose pixels are `stride` apart. */
struct batch {
    float images[3 * PIXELS * 2], labels[3 * PIXELS];
    struct tensor image, label;
};

static void prepare(struct batch *b, size_t stride)
{
    struct shape shape = {3, HEIGHT, WIDTH, 1};
    memset(b, 0, sizeof *b);
    b->image = (struct tensor){shape, stride, TYPE_F32, b->images};
    b->label = (struct tensor){shape, 1, TYPE_F32, b->labels};
}

TEST(a_batch_holds_the_samples_in_the_order_asked_for)
{
    static const uint64_t numbers[] = {4, 0, 2};
    struct normalise none = {NORMALISE_NONE, 0};
    struct error err = {0};
    struct batch b;
    struct opened o = open_files(WIDTH, WIDTH);
    for (size_t stride = 1; stride <= 2; stride++)
        for (size_t threads = 1; threads <= 2; threads++) {
            mica_parallel_use(threads);
            prepare(&b, stride);
            assert_int_equal(
                mica_loader_fill(o.data, &none, numbers, 3, &b.image, &b.label, &err),
                0);
            for (size_t i = 0; i < 3; i++)
                for (size_t p = 0; p < PIXELS; p++) {
                    size_t class = (numbers[i] + p) % 3;
                    assert_near(b.images[(i * PIXELS + p) * stride],
                                100 * numbers[i] + p, 0);
                    if (class == 2) /* ignored */
                        assert_true(isnan(b.labels[i * PIXELS + p]));
                    else
                        assert_near(b.labels[i * PIXELS + p], class, 0);
                }
        }
    mica_parallel_use(0);
    opened_close(&o);
}

TEST(a_batch_may_be_smaller_and_without_labels)
{
    static const uint64_t numbers[] = {1};
    struct normalise none = {NORMALISE_NONE, 0};
    struct error err = {0};
    struct batch b;
    struct opened o = open_files(WIDTH, WIDTH);
    prepare(&b, 1);
    b.label.data = NULL;
    assert_int_equal(
        mica_loader_fill(o.data, &none, numbers, 1, &b.image, &b.label, &err), 0);
    assert_near(b.images[0], 100, 0);
    assert_near(b.images[PIXELS], 0, 0);
    opened_close(&o);
}

TEST(samples_are_normalised_each_by_itself)
{
    static const uint64_t numbers[] = {0, 3, 4};
    struct normalise how = {NORMALISE_STANDARDISE, 0};
    struct error err = {0};
    struct batch b;
    struct opened o = open_files(WIDTH, WIDTH);
    prepare(&b, 1);
    assert_int_equal(
        mica_loader_fill(o.data, &how, numbers, 3, &b.image, &b.label, &err), 0);
    for (size_t i = 0; i < 3; i++)
        for (size_t p = 0; p < PIXELS; p++)
            assert_near(b.images[i * PIXELS + p], ((double)p - 5.5) / sqrt(143.0 / 12),
                        1e-6);
    opened_close(&o);
}

TEST(the_first_sample_in_order_that_fails_is_told)
{
    static const uint64_t numbers[] = {1, 3, 2};
    struct normalise none = {NORMALISE_NONE, 0};
    struct batch b;
    struct opened o = open_files(WIDTH + 2, WIDTH + 1);
    for (size_t threads = 1; threads <= 2; threads++) {
        struct error err = {0};
        mica_parallel_use(threads);
        prepare(&b, 1);
        assert_int_equal(
            mica_loader_fill(o.data, &none, numbers, 3, &b.image, &b.label, &err), -1);
        assert_int_equal(err.lines, 1);
        assert_non_null(strstr(err.text,
                               "f3.tif: 3 x 5 pixels with 1 channel where 3 x "
                               "4 with 1 are needed; give 'crop'"));
        err = (struct error){0};
        assert_int_equal(
            mica_loader_fill(o.data, &none, numbers + 2, 1, &b.image, &b.label, &err),
            -1);
        assert_non_null(strstr(err.text, "f2.tif: 3 x 6 pixels"));
    }
    mica_parallel_use(0);
    opened_close(&o);
}
