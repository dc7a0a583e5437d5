/* test_image_transform.c - resampling agrees with others; points go where pixels go */
#include "core/parallel.h"
#include "datasets/image_transform.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <math.h>
#include <string.h>

#define GOLDEN "tests/golden/formats/"

static void assert_resampled(size_t height, size_t width, enum interpolation how,
                             const char *golden)
{
    struct error err = {0};
    struct image image = pattern_image(1, height, width, 1, 8, true, 1, 0), out;
    struct image wanted = read_image(golden);
    assert_int_equal(
        mica_image_resample(&out, &image, wanted.height, wanted.width, how, &err), 0);
    for (size_t i = 0; i < mica_image_size(&out); i++)
        assert_near(out.data[i], wanted.data[i], 1e-4); /* of 250 */
    assert_false(out.whole);
    mica_image_free(&wanted);
    mica_image_free(&out);
    mica_image_free(&image);
}

TEST(resampling_agrees_with_torch)
{
    assert_resampled(5, 7, INTERPOLATE_LINEAR, GOLDEN "larger_linear.npy");
    assert_resampled(5, 7, INTERPOLATE_CUBIC, GOLDEN "larger_cubic.npy");
    assert_resampled(21, 37, INTERPOLATE_LINEAR, GOLDEN "smaller_linear.npy");
    assert_resampled(21, 37, INTERPOLATE_CUBIC, GOLDEN "smaller_cubic.npy");
}

TEST(resampling_averages_where_it_shrinks_by_a_whole_number)
{
    assert_resampled(20, 36, INTERPOLATE_CUBIC, GOLDEN "smaller_mean.npy");
    assert_resampled(20, 36, INTERPOLATE_LINEAR, GOLDEN "smaller_mean.npy");
}

TEST(resampling_keeps_the_field_and_every_frame_and_channel)
{
    struct error err = {0};
    struct image image = pattern_image(3, 12, 8, 2, 16, true, 1, 0), out;
    image.pixel[0] = 0.1;
    image.pixel[1] = 0.2;
    image.frame_time = 7;
    assert_int_equal(mica_image_resample(&out, &image, 6, 16, INTERPOLATE_CUBIC, &err),
                     0);
    assert_int_equal(out.frames, 3);
    assert_int_equal(out.channels, 2);
    assert_near(out.pixel[0], 0.2, 1e-15);
    assert_near(out.pixel[1], 0.1, 1e-15);
    assert_near(out.frame_time, 7, 0);
    for (size_t n = 0; n < 3; n++)
        for (size_t c = 0; c < 2; c++) {
            struct image one, alone;
            assert_int_equal(mica_image_new(&one, 1, 12, 8, 1, &err), 0);
            for (size_t p = 0; p < 96; p++)
                one.data[p] = image.data[(n * 96 + p) * 2 + c];
            assert_int_equal(
                mica_image_resample(&alone, &one, 6, 16, INTERPOLATE_CUBIC, &err), 0);
            for (size_t p = 0; p < 96; p++)
                assert_true(alone.data[p] == out.data[(n * 96 + p) * 2 + c]);
            mica_image_free(&alone);
            mica_image_free(&one);
        }
    mica_image_free(&out);
    mica_image_free(&image);
}

/* f(x) = x stays so: at x' = (x + 0.5) s - 0.5, away from the border. */
TEST(resampling_maps_the_centres_of_pixels)
{
    static const size_t widths[] = {10, 20, 33, 60, 64};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct error err = {0};
        struct image ramp, out;
        assert_int_equal(mica_image_new(&ramp, 1, 1, 20, 1, &err), 0);
        for (size_t x = 0; x < 20; x++)
            ramp.data[x] = (float)x;
        assert_int_equal(
            mica_image_resample(&out, &ramp, 1, widths[i], INTERPOLATE_CUBIC, &err), 0);
        double scale = (double)widths[i] / 20;
        for (size_t x = 0; x < widths[i]; x++) {
            double old = ((double)x + 0.5) / scale - 0.5;
            if (old >= 4 && old <= 15)
                assert_near(out.data[x], old, 1e-5);
        }
        mica_image_free(&out);
        mica_image_free(&ramp);
    }
}

TEST(resampling_never_mixes_classes)
{
    struct error err = {0};
    struct image image = pattern_image(1, 5, 7, 1, 8, true, 1, 0), out;
    image.colours = 251;
    assert_int_equal(mica_image_resample(&out, &image, 10, 14, INTERPOLATE_CUBIC, &err),
                     0);
    for (size_t y = 0; y < 10; y++)
        for (size_t x = 0; x < 14; x++)
            assert_near(out.data[y * 14 + x], pattern_value(0, y / 2, x / 2, 0), 0);
    assert_true(out.whole);
    assert_int_equal(out.colours, 251);
    mica_image_free(&out);
    mica_image_free(&image);
}

TEST(resampling_to_the_same_size_changes_nothing)
{
    struct error err = {0};
    struct image image = pattern_image(2, 5, 7, 3, 8, true, 0.3, 0), out;
    assert_int_equal(mica_image_resample(&out, &image, 5, 7, INTERPOLATE_CUBIC, &err),
                     0);
    assert_memory_equal(out.data, image.data, 210 * sizeof(float));
    mica_image_free(&out);
    mica_image_free(&image);
}

TEST(resampling_does_not_depend_on_threads)
{
    struct error err = {0};
    struct image image = pattern_image(1, 40, 50, 1, 8, true, 0.3, 0), one, many;
    mica_parallel_use(1);
    assert_int_equal(mica_image_resample(&one, &image, 71, 23, INTERPOLATE_CUBIC, &err),
                     0);
    mica_parallel_use(3);
    assert_int_equal(
        mica_image_resample(&many, &image, 71, 23, INTERPOLATE_CUBIC, &err), 0);
    mica_parallel_use(0);
    assert_memory_equal(one.data, many.data, 71 * 23 * sizeof(float));
    mica_image_free(&many);
    mica_image_free(&one);
    mica_image_free(&image);
}

TEST(crops_are_cut_where_they_are_asked)
{
    struct error err = {0};
    struct image image = pattern_image(2, 6, 9, 2, 8, true, 1, 0), out;
    image.pixel[0] = image.pixel[1] = 0.5;
    assert_int_equal(mica_image_crop(&out, &image, 1, 4, 3, 5, &err), 0);
    for (size_t n = 0; n < 2; n++)
        for (size_t y = 0; y < 3; y++)
            for (size_t x = 0; x < 5; x++)
                for (size_t c = 0; c < 2; c++)
                    assert_near(out.data[((n * 3 + y) * 5 + x) * 2 + c],
                                pattern_value(n, y + 1, x + 4, c), 0);
    assert_near(out.pixel[1], 0.5, 0);
    mica_image_free(&out);
    assert_int_equal(mica_image_crop(&out, &image, 4, 0, 3, 9, &err), -1);
    assert_null(out.data);
    assert_int_equal(mica_image_crop(&out, &image, 0, 10, 1, 1, &err), -1);
    mica_image_free(&image);
}

TEST(dihedral_elements_are_fliplr_and_then_rot90)
{
    /* numpy.rot90([[0, 1, 2], [3, 4, 5]]) and of its fliplr */
    static const float turned[6] = {2, 5, 1, 4, 0, 3}, mirrored[6] = {0, 3, 1, 4, 2, 5};
    struct error err = {0};
    struct image image, out;
    assert_int_equal(mica_image_new(&image, 1, 2, 3, 1, &err), 0);
    for (size_t i = 0; i < 6; i++)
        image.data[i] = (float)i;
    image.pixel[0] = 1;
    image.pixel[1] = 2;
    assert_int_equal(mica_image_dihedral(&out, &image, 1, &err), 0);
    assert_int_equal(out.height, 3);
    assert_near(out.pixel[0], 2, 0);
    assert_memory_equal(out.data, turned, sizeof turned);
    mica_image_free(&out);
    assert_int_equal(mica_image_dihedral(&out, &image, 5, &err), 0);
    assert_memory_equal(out.data, mirrored, sizeof mirrored);
    mica_image_free(&out);
    mica_image_free(&image);
}

TEST(dihedral_elements_take_points_along_and_are_undone_by_their_inverses)
{
    struct error err = {0};
    struct image image = pattern_image(2, 5, 7, 2, 8, true, 1, 0);
    for (unsigned element = 0; element < MICA_DIHEDRAL_ELEMENTS; element++) {
        struct image there, back;
        assert_int_equal(mica_image_dihedral(&there, &image, element, &err), 0);
        assert_int_equal(
            mica_image_dihedral(&back, &there, mica_dihedral_inverse(element), &err),
            0);
        assert_int_equal(back.height, 5);
        assert_memory_equal(back.data, image.data, 140 * sizeof(float));
        double y = 3, x = 1;
        mica_dihedral_point(element, 5, 7, &y, &x);
        size_t at = ((size_t)y * there.width + (size_t)x) * 2;
        assert_near(there.data[at], pattern_value(0, 3, 1, 0), 0);
        mica_image_free(&back);
        mica_image_free(&there);
    }
    mica_image_free(&image);
}

TEST(axes_of_arrays_can_be_said)
{
    struct error err = {0};
    struct image image =
        pattern_image(3, 5, 7, 1, 8, true, 1, 0); /* of a file 3, 5, 7 */
    assert_int_equal(mica_image_axes(&image, "CHW", &err), 0);
    assert_int_equal(image.frames, 1);
    assert_int_equal(image.channels, 3);
    assert_near(image.data[(2 * 7 + 4) * 3 + 1], pattern_value(1, 2, 4, 0), 0);
    mica_image_free(&image);
    image = pattern_image(3, 5, 7, 1, 8, true, 1, 0);
    assert_int_equal(mica_image_axes(&image, "HWC", &err), 0);
    assert_int_equal(image.height, 3);
    assert_int_equal(image.width, 5);
    assert_int_equal(image.channels, 7);
    assert_int_equal(mica_image_axes(&image, "NHW", &err), 0);
    assert_int_equal(mica_image_axes(&image, "HW", &err), -1);
    assert_int_equal(mica_image_axes(&image, "WHC", &err), -1);
    assert_int_equal(err.code, MICA_MISUSE);
    mica_image_free(&image);
    image = pattern_image(2, 3, 5, 7, 8, true, 1, 0); /* of a file 2, 3, 5, 7 */
    float value = image.data[((1 * 3 + 2) * 5 + 4) * 7 + 6];
    assert_int_equal(mica_image_axes(&image, "NCHW", &err), 0);
    assert_near(image.data[((1 * 5 + 4) * 7 + 6) * 3 + 2], value, 0);
    mica_image_free(&image);
}
