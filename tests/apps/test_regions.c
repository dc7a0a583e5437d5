/* test_regions.c - connected regions against scikit-image */
#include "apps/analysis/regions.h"
#include "core/memory.h"
#include "tests/golden.h"
#include "tests/test.h"

/* Tensor "k.name" as doubles. */
static double *numbers(const struct golden *golden, size_t k, const char *name)
{
    const struct stored *stored = mica_golden_need(golden, "%zu.%s", k, name);
    double *values = mica_need(stored->count, sizeof *values);
    assert_int_equal(mica_stored_doubles(stored, values), 0);
    return values;
}

static void compare_regions(const struct golden *golden, size_t k,
                            const struct regions *regions)
{
    double *area = numbers(golden, k, "area"), *mean = numbers(golden, k, "mean");
    double *y = numbers(golden, k, "y"), *x = numbers(golden, k, "x");
    double *box = numbers(golden, k, "box");
    for (size_t i = 0; i < regions->count; i++) {
        const struct region *r = &regions->list[i];
        assert_int_equal(r->label, 1);
        assert_int_equal(r->area, (size_t)area[i]);
        assert_near(r->x, x[i], 1e-5);
        assert_near(r->y, y[i], 1e-5);
        assert_near(r->score, mean[i], 1e-6);
        assert_int_equal(r->top, (size_t)box[4 * i]);
        assert_int_equal(r->bottom, (size_t)box[4 * i + 1]);
        assert_int_equal(r->left, (size_t)box[4 * i + 2]);
        assert_int_equal(r->right, (size_t)box[4 * i + 3]);
    }
    double *all[] = {area, mean, y, x, box};
    for (size_t i = 0; i < 5; i++)
        mica_free(all[i]);
}

static void compare_case(const struct golden *golden, size_t k)
{
    const struct stored *mask = mica_golden_need(golden, "%zu.mask", k);
    double *labels = numbers(golden, k, "labels");
    float *image = mica_golden_floats(mica_golden_need(golden, "%zu.image", k));
    uint32_t *marks = mica_need(mask->count, sizeof *marks);
    const cJSON *json = cJSON_GetObjectItem(mica_golden_case(golden, k), "json");
    int neighbours = cJSON_GetObjectItem(json, "connectivity")->valueint;
    struct regions regions;
    assert_int_equal(mica_regions_find(&regions, mask->bytes, image, mask->dims[0],
                                       mask->dims[1], neighbours, marks, NULL),
                     0);
    for (size_t i = 0; i < mask->count; i++)
        assert_int_equal(marks[i], (uint32_t)labels[i]);
    compare_regions(golden, k, &regions);
    mica_regions_free(&regions);
    mica_free(marks);
    mica_free(image);
    mica_free(labels);
}

TEST(regions_are_those_of_scikit_image)
{
    struct golden golden = mica_golden_open("regions.safetensors");
    assert_true(golden.count > 0);
    for (size_t k = 0; k < golden.count; k++)
        compare_case(&golden, k);
    mica_golden_close(&golden);
}

TEST(regions_of_different_classes_do_not_join)
{
    static const uint8_t classes[] = {1, 1, 0, 2, /* row by row */
                                      2, 1, 0, 2, 2, 2, 0, 1};
    struct regions regions;
    assert_int_equal(mica_regions_find(&regions, classes, NULL, 3, 4, 4, NULL, NULL),
                     0);
    static const size_t areas[] = {3, 2, 3, 1}, labels[] = {1, 2, 2, 1};
    assert_int_equal(regions.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(regions.list[i].area, areas[i]);
        assert_int_equal(regions.list[i].label, labels[i]);
        assert_near(regions.list[i].score, 0, 0);
    }
    mica_regions_free(&regions);
}

TEST(regions_of_an_empty_map_are_none)
{
    static const uint8_t classes[6] = {0};
    struct regions regions;
    assert_int_equal(mica_regions_find(&regions, classes, NULL, 2, 3, 8, NULL, NULL),
                     0);
    assert_int_equal(regions.count, 0);
    mica_regions_free(&regions);
}
