/* test_fft.c - transforms against the sum that defines them */
#include "core/fft.h"
#include "core/memory.h"
#include "core/random.h"
#include "tests/test.h"
#include <math.h>
#include <string.h>

static float *new_noise(size_t count)
{
    struct random r;
    float *data = mica_need(2 * count, sizeof *data);
    mica_random_start(&r, 1, 2, count);
    for (size_t i = 0; i < 2 * count; i++)
        data[i] = (float)mica_random_normal(&r);
    return data;
}

/* One element of the transform by its definition. */
static void sum_up(const float *data, size_t rows, size_t columns, size_t ky, size_t kx,
                   double sign, double out[2])
{
    const double turn = sign * 2 * 3.141592653589793;
    out[0] = out[1] = 0;
    for (size_t y = 0; y < rows; y++)
        for (size_t x = 0; x < columns; x++) {
            double phase = turn * ((double)(ky * y % rows) / (double)rows +
                                   (double)(kx * x % columns) / (double)columns);
            double re = (double)data[2 * (y * columns + x)];
            double im = (double)data[2 * (y * columns + x) + 1];
            out[0] += re * cos(phase) - im * sin(phase);
            out[1] += re * sin(phase) + im * cos(phase);
        }
}

TEST(fft_is_the_sum_that_defines_it)
{
    static const size_t sizes[][2] = {{1, 1},  {1, 8},  {8, 1},   {4, 6},
                                      {15, 9}, {7, 13}, {16, 32}, {20, 27}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int inverse = 0; inverse < 2; inverse++) {
            size_t rows = sizes[s][0], columns = sizes[s][1], count = rows * columns;
            float *before = new_noise(count), *after = new_noise(count);
            assert_int_equal(mica_fft2(after, rows, columns, inverse), 0);
            for (size_t k = 0; k < count; k++) {
                double out[2], scale = 1e-6 * sqrt((double)count) * 4;
                sum_up(before, rows, columns, k / columns, k % columns,
                       inverse ? 1 : -1, out);
                assert_near(after[2 * k], out[0], scale);
                assert_near(after[2 * k + 1], out[1], scale);
            }
            mica_free(before);
            mica_free(after);
        }
}

TEST(fft_and_its_inverse_give_back_the_image)
{
    const size_t rows = 90, columns = 128, count = rows * columns;
    float *before = new_noise(count), *after = new_noise(count);
    assert_int_equal(mica_fft2(after, rows, columns, 0), 0);
    assert_int_equal(mica_fft2(after, rows, columns, 1), 0);
    for (size_t i = 0; i < 2 * count; i++)
        assert_near(after[i] / (float)count, before[i], 3e-6);
    mica_free(before);
    mica_free(after);
}

TEST(fft_of_nothing_is_nothing)
{
    float one[2] = {3, 4};
    assert_int_equal(mica_fft2(NULL, 0, 5, 0), 0);
    assert_int_equal(mica_fft2(one, 1, 1, 0), 0);
    assert_near(one[0], 3, 0);
    assert_near(one[1], 4, 0);
    assert_int_equal(mica_fft2(one, 1, (size_t)1 << 40, 0), -1);
}

TEST(fft_sizes_have_factors_2_3_and_5)
{
    static const size_t cases[][2] = {
        {0, 1},     {1, 1},       {7, 8},       {11, 12},   {13, 15},    {17, 18},
        {257, 270}, {1024, 1024}, {1025, 1080}, {721, 729}, {4097, 4320}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(mica_fft_size(cases[i][0]), cases[i][1]);
}
