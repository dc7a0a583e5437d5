/* test_overlap.c - objects matched by area: by hand, and against scikit-image and NumPy */
#include <string.h>

#include "apps/analysis/overlap.h"
#include "core/memory.h"
#include "tests/golden.h"
#include "tests/test.h"

static const cJSON *need(const cJSON *from, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, key);
    assert_non_null(item);
    return item;
}

static uint8_t *bytes_of(const cJSON *list)
{
    const cJSON *item;
    uint8_t *bytes = mica_need((size_t)cJSON_GetArraySize(list), 1);
    size_t count = 0;
    cJSON_ArrayForEach(item, list) { bytes[count++] = (uint8_t)item->valueint; }
    return bytes;
}

/* The number of class c (from 1 on); 0 where it is null. */
static double number(const cJSON *json, const char *key, size_t c)
{
    const cJSON *item = cJSON_GetArrayItem(need(json, key), (int)c - 1);
    assert_non_null(item);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

/* Returns the predicted regions that are left out there. */
static double check_case(const cJSON *json)
{
    struct overlap_counts counts[8] = {0};
    size_t classes = (size_t)need(json, "classes")->valueint;
    uint8_t *truth = bytes_of(need(json, "truth"));
    uint8_t *predicted = bytes_of(need(json, "prediction"));
    double left_out = 0;
    assert_int_equal(mica_overlap_add(counts, classes, truth, predicted,
                                      (size_t)need(json, "height")->valueint,
                                      (size_t)need(json, "width")->valueint, NULL),
                     0);
    for (size_t c = 1; c < classes; c++) {
        const struct overlap_counts *o = &counts[c];
        assert_int_equal(o->match.right, (int)number(json, "right", c));
        assert_int_equal(o->match.missed, (int)number(json, "missed", c));
        assert_int_equal(o->match.wrong, (int)number(json, "wrong", c));
        assert_near(o->iou, number(json, "iou_sum", c), 1e-12);
        assert_near(mica_overlap_iou(o), number(json, "mean_iou", c), 1e-12);
        assert_near(mica_overlap_quality(o), number(json, "panoptic_quality", c),
                    1e-12);
        left_out += number(json, "left_out", c);
    }
    mica_free(truth);
    mica_free(predicted);
    return left_out;
}

TEST(objects_by_area_are_those_of_scikit_image)
{
    struct json *json = mica_golden_json("overlap.json");
    const cJSON *cases = need(mica_json_root(json), "cases"), *item;
    double left_out = 0;
    assert_true(cJSON_GetArraySize(cases) > 3);
    cJSON_ArrayForEach(item, cases) { left_out += check_case(item); }
    assert_true(left_out > 0);
    mica_json_free(json);
}

/* A map drawn with a letter a pixel: '.' is 0, '?' is ignored. */
static struct overlap_counts overlap_of(const char *truth, const char *predicted,
                                        size_t width, size_t label)
{
    struct overlap_counts counts[4] = {0};
    uint8_t maps[2][128];
    size_t pixels = strlen(truth);
    assert_int_equal(pixels, strlen(predicted));
    for (size_t i = 0; i < pixels; i++)
        for (int k = 0; k < 2; k++) {
            char letter = (k ? predicted : truth)[i];
            maps[k][i] = letter == '?'   ? MICA_IGNORED
                         : letter == '.' ? 0
                                         : (uint8_t)(letter - '0');
        }
    assert_int_equal(
        mica_overlap_add(counts, 4, maps[0], maps[1], pixels / width, width, NULL), 0);
    assert_int_equal(
        counts[0].match.right + counts[0].match.missed + counts[0].match.wrong, 0);
    return counts[label];
}

static void assert_counts(const struct overlap_counts *o, uint64_t right,
                          uint64_t missed, uint64_t wrong, double iou)
{
    assert_int_equal(o->match.right, right);
    assert_int_equal(o->match.missed, missed);
    assert_int_equal(o->match.wrong, wrong);
    assert_near(o->iou, iou, 1e-15);
}

TEST(a_pair_shares_more_than_half_of_its_union)
{
    struct overlap_counts o = overlap_of("1111..1111", "..11..111.", 10, 1);
    assert_counts(&o, 1, 1, 1, 0.75); /* 2 of 4 are not more than half */
    assert_near(mica_overlap_iou(&o), 0.75, 1e-15);
    assert_near(mica_overlap_quality(&o), 0.375, 1e-15);
    o = overlap_of("111.", ".11.", 4, 1);
    assert_counts(&o, 1, 0, 0, 2 / 3.0);
}

TEST(objects_run_together_or_torn_apart_are_counted_so)
{
    struct overlap_counts o = overlap_of("111.111", "1111111", 7, 1);
    assert_counts(&o, 0, 2, 1, 0);
    o = overlap_of("1111111", "111.111", 7, 1);
    assert_counts(&o, 0, 1, 2, 0);
    o = overlap_of("111111.1", "11111111", 8, 1); /* the larger one carries it */
    assert_counts(&o, 1, 1, 0, 0.75);
}

TEST(an_object_of_another_class_is_no_partner)
{
    struct overlap_counts one = overlap_of("1122", "1111", 4, 1);
    assert_counts(&one, 0, 1, 1, 0);
    struct overlap_counts two = overlap_of("1122", "3322", 4, 2);
    assert_counts(&two, 1, 0, 0, 1);
    struct overlap_counts three = overlap_of("1122", "3322", 4, 3);
    assert_counts(&three, 0, 0, 1, 0);
}

TEST(ignored_pixels_belong_to_no_object)
{
    struct overlap_counts o = overlap_of("11??", "1111", 4, 1);
    assert_counts(&o, 1, 0, 0, 1);
    o = overlap_of("..??", ".111", 4, 1); /* most of it lies where nothing is known */
    assert_counts(&o, 0, 0, 0, 0);
    o = overlap_of("..??", "1111", 4, 1);
    assert_counts(&o, 0, 0, 1, 0);
}

/* As datasets/truths/instances.c draws four that touch (test_instances.c: whatever their shape). */
TEST(a_border_keeps_objects_apart_that_touch)
{
    static const char four[] = "111221111"
                               "222222222"
                               "222222222"
                               "111221111";
    struct overlap_counts o = overlap_of(four, four, 9, 1);
    assert_counts(&o, 4, 0, 0, 4);
}

TEST(maps_without_objects_have_scores_of_0)
{
    struct overlap_counts o = overlap_of("....", "....", 2, 1);
    assert_counts(&o, 0, 0, 0, 0);
    assert_near(mica_overlap_iou(&o) + mica_overlap_quality(&o), 0, 0);
}
