/* test_coordinates.c - a known place stays where it is through files, crops, sizes and turns */
#include "datasets/image_transform.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <math.h>
#include <string.h>

/* The ends and corners of a letter F, whose mirror images and turns all differ: (y, x). */
static const double letter[][2] = {{12.3, 15.6}, {12.3, 24.1}, {12.3, 32.4},
                                   {21.2, 15.6}, {21.2, 23.9}, {30.0, 15.6}};
enum { SPOTS = sizeof letter / sizeof *letter, HEIGHT = 48, WIDTH = 56 };

/* Spots of sd 1 px, in counts of 16 bits. */
static struct image draw_letter(void)
{
    struct image image;
    struct error err = {0};
    assert_int_equal(mica_image_new(&image, 1, HEIGHT, WIDTH, 1, &err), 0);
    image.bits = 16;
    image.whole = true;
    image.pixel[0] = image.pixel[1] = 0.12;
    for (size_t i = 0; i < HEIGHT * WIDTH; i++) {
        double sum = 0;
        for (size_t k = 0; k < SPOTS; k++) {
            double dy = (double)(i / WIDTH) - letter[k][0];
            double dx = (double)(i % WIDTH) - letter[k][1];
            sum += exp(-0.5 * (dy * dy + dx * dx));
        }
        image.data[i] = (float)floor(50000 * sum + 0.5);
    }
    return image;
}

/* The centre of mass around a place (within 4.1 sd of a spot that was scaled) is there. */
static void assert_spot(const struct image *image, double y, double x,
                        const double scale[2])
{
    double sum = 0, sum_y = 0, sum_x = 0;
    for (size_t i = 0; i < image->height * image->width; i++) {
        double at_y = (double)(i / image->width), at_x = (double)(i % image->width);
        double dy = (at_y - y) / scale[0], dx = (at_x - x) / scale[1];
        if (dy * dy + dx * dx > 4.1 * 4.1)
            continue;
        sum += (double)image->data[i];
        sum_y += (double)image->data[i] * at_y;
        sum_x += (double)image->data[i] * at_x;
    }
    assert_true(sum > 5e4);
    assert_near(sum_y / sum, y, 0.01 * scale[0]);
    assert_near(sum_x / sum, x, 0.01 * scale[1]);
}

static const double same[2] = {1, 1};

TEST(a_letter_keeps_its_place_through_files)
{
    static const char *const names[] = {"letter.npy", "letter.png", "letter.tif"};
    struct image image = draw_letter();
    for (size_t i = 0; i < (MICA_HAVE_TIFF ? 3 : 2); i++) {
        struct image again = write_and_read(&image, names[i]);
        for (size_t k = 0; k < SPOTS; k++)
            assert_spot(&again, letter[k][0], letter[k][1], same);
        mica_image_free(&again);
    }
    mica_image_free(&image);
}

TEST(a_letter_moves_as_documented_when_cropped_turned_and_resampled)
{
    static const double scales[][2] = {{2, 2}, {1.5, 2.25}, {3, 1}, {0.75, 0.5}};
    struct error err = {0};
    struct image image = draw_letter(), out;
    assert_int_equal(mica_image_crop(&out, &image, 5, 7, 36, 40, &err), 0);
    for (size_t k = 0; k < SPOTS; k++)
        assert_spot(&out, letter[k][0] - 5, letter[k][1] - 7, same);
    mica_image_free(&out);
    for (unsigned element = 0; element < MICA_DIHEDRAL_ELEMENTS; element++) {
        assert_int_equal(mica_image_dihedral(&out, &image, element, &err), 0);
        for (size_t k = 0; k < SPOTS; k++) {
            double y = letter[k][0], x = letter[k][1];
            mica_dihedral_point(element, HEIGHT, WIDTH, &y, &x);
            assert_spot(&out, y, x, same);
        }
        mica_image_free(&out);
    }
    for (size_t s = 0; s < 4; s++) {
        size_t height = (size_t)(HEIGHT * scales[s][0]);
        size_t width = (size_t)(WIDTH * scales[s][1]);
        assert_int_equal(
            mica_image_resample(&out, &image, height, width, INTERPOLATE_CUBIC, &err),
            0);
        for (size_t k = 0; k < SPOTS; k++)
            assert_spot(&out, (letter[k][0] + 0.5) * scales[s][0] - 0.5,
                        (letter[k][1] + 0.5) * scales[s][1] - 0.5, scales[s]);
        assert_near(out.pixel[0] * (double)height, 0.12 * HEIGHT, 1e-12);
        assert_near(out.pixel[1] * (double)width, 0.12 * WIDTH, 1e-12);
        mica_image_free(&out);
    }
    mica_image_free(&image);
}
