/* test_resample.c - images on other grids keep what they show and where */
#include <math.h>

#include "apps/resample.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "tests/test.h"

/* A plane a + b x + c y, x and y as shares of the image. */
static float plane(size_t y, size_t height, size_t x, size_t width)
{
    return (float)(3 + 2 * ((double)x + 0.5) / (double)width -
                   5 * ((double)y + 0.5) / (double)height);
}

static void check_plane(size_t height, size_t width, size_t to_height, size_t to_width)
{
    float *from = mica_need(height * width, sizeof *from);
    float *to = mica_need(to_height * to_width, sizeof *to);
    for (size_t i = 0; i < height * width; i++)
        from[i] = plane(i / width, height, i % width, width);
    assert_int_equal(mica_resample(from, height, width, 1, to, to_height, to_width), 0);
    size_t margin = 3; /* at the border a mean of one side stands for both */
    for (size_t y = margin; y + margin < to_height; y++)
        for (size_t x = margin; x + margin < to_width; x++)
            assert_near(to[y * to_width + x], plane(y, to_height, x, to_width), 0.02);
    mica_free(from);
    mica_free(to);
}

TEST(resampling_keeps_a_plane_where_it_is)
{
    check_plane(40, 50, 40, 50);
    check_plane(40, 50, 97, 61);
    check_plane(97, 120, 30, 41);
}

TEST(resampling_to_the_same_size_changes_nothing)
{
    float from[12], to[12];
    for (size_t i = 0; i < 12; i++)
        from[i] = (float)(i * i);
    assert_int_equal(mica_resample(from, 2, 3, 2, to, 2, 3), 0);
    for (size_t i = 0; i < 12; i++)
        assert_near(to[i], from[i], 0);
}

TEST(resampling_to_larger_pixels_takes_means)
{
    float from[64], to[16];
    for (size_t i = 0; i < 64; i++)
        from[i] = (i / 8 + i % 8) % 2 == 0 ? 1 : 0; /* a chess board */
    assert_int_equal(mica_resample(from, 8, 8, 1, to, 4, 4), 0);
    for (size_t i = 0; i < 16; i++)
        assert_near(to[i], 0.5, 0.011); /* exact but for the border */
}

TEST(a_pixel_coordinate_keeps_its_place_on_another_grid)
{
    assert_near(mica_resampled(0, 10, 20), 0.5, 1e-12);
    assert_near(mica_resampled(mica_resampled(3.3, 10, 23), 23, 10), 3.3, 1e-12);
}

TEST(resampling_gives_the_same_bits_for_any_number_of_threads)
{
    float from[35 * 21], one[50 * 50], four[50 * 50];
    for (size_t i = 0; i < 35 * 21; i++)
        from[i] = (float)((i * 7919) % 101);
    mica_parallel_use(1);
    mica_resample(from, 35, 21, 1, one, 50, 50);
    mica_parallel_use(4);
    mica_resample(from, 35, 21, 1, four, 50, 50);
    mica_parallel_use(0);
    assert_memory_equal(one, four, sizeof one);
}
