/* test_instances.c - the border that keeps numbered objects apart */
#include <math.h>
#include <stdio.h>

#include "core/random.h"
#include "datasets/image.h"
#include "tests/datasets/opened.h"
#include "tests/test.h"

enum { SIZE = 48, OBJECTS = 60 };

/* Objects that fill the image, each the pixels nearest to a random point. */
static void fill(struct image *image)
{
    struct random random;
    double points[OBJECTS][2];
    mica_random_start(&random, 5, 0, 0);
    for (size_t k = 0; k < 2 * (size_t)OBJECTS; k++)
        points[k / 2][k % 2] = SIZE * mica_random_uniform(&random);
    for (size_t i = 0; i < (size_t)SIZE * SIZE; i++) {
        double nearest = HUGE_VAL;
        for (size_t k = 0; k < OBJECTS; k++) {
            double d = hypot(points[k][0] - (double)(i / SIZE),
                             points[k][1] - (double)(i % SIZE));
            if (d < nearest) {
                nearest = d;
                image->data[i] = (float)(k + 1);
            }
        }
    }
}

/* How many pairs of neighbours (corners too) belong to two objects; none is inside both. */
static size_t count_meetings(const float *numbers, const uint8_t *labels)
{
    static const int steps[4][2] = {{0, 1}, {1, -1}, {1, 0}, {1, 1}};
    size_t meetings = 0;
    for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
            for (size_t k = 0; k < 4; k++) {
                int row = y + steps[k][0], column = x + steps[k][1];
                if (row >= SIZE || column < 0 || column >= SIZE)
                    continue;
                int i = y * SIZE + x, j = row * SIZE + column;
                if (numbers[i] == numbers[j])
                    continue;
                assert_false(labels[i] == 1 && labels[j] == 1);
                meetings++;
            }
    return meetings;
}

TEST(a_border_of_one_pixel_keeps_all_objects_apart)
{
    struct image image;
    char path[512];
    assert_int_equal(mica_image_new(&image, 1, SIZE, SIZE, 1, NULL), 0);
    image.bits = 8;
    image.whole = true;
    fill(&image);
    snprintf(path, sizeof path, "%s/a.png", mica_test_folder());
    assert_int_equal(mica_image_write(path, &image, NULL), 0);
    struct opened o =
        opened_good("{\"images\": \"a.png\", \"instances\": \"a.png\"}", PART_ALL, 0);
    struct sample s = opened_take(&o, 0);
    assert_true(s.object_count > 40);
    assert_true(count_meetings(image.data, s.labels) > 1000);
    mica_sample_free(&s);
    opened_close(&o);
    mica_image_free(&image);
}
