/* test_confusion.c - counts and measures of class maps, against scikit-learn's */
#include <string.h>

#include "apps/analysis/confusion.h"
#include "core/memory.h"
#include "tests/golden.h"
#include "tests/test.h"

static const cJSON *need(const cJSON *from, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(from, key);
    assert_non_null(item);
    return item;
}

/* Class maps as bytes; `ignored` (-1: none) becomes 255. */
static uint8_t *bytes_of(const cJSON *list, int ignored, size_t *count)
{
    const cJSON *item;
    uint8_t *bytes = mica_need((size_t)cJSON_GetArraySize(list), 1);
    *count = 0;
    cJSON_ArrayForEach(item, list)
    {
        bytes[(*count)++] = (uint8_t)(item->valueint == ignored ? 255 : item->valueint);
    }
    return bytes;
}

/* A score that is null there is 0 here. */
static void assert_score(double found, const cJSON *list, size_t i)
{
    const cJSON *wanted = cJSON_GetArrayItem(list, (int)i);
    assert_near(found, cJSON_IsNumber(wanted) ? wanted->valuedouble : 0, 1e-15);
}

static void check_case(const cJSON *c)
{
    const cJSON *ignore = need(c, "ignore"), *rows = need(c, "confusion");
    size_t classes = (size_t)need(c, "classes")->valueint, count, same;
    int ignored = cJSON_IsNumber(ignore) ? ignore->valueint : -1;
    uint8_t *truth = bytes_of(need(c, "truth"), ignored, &count);
    uint8_t *predicted = bytes_of(need(c, "prediction"), -1, &same);
    assert_int_equal(count, same);
    struct confusion confusion;
    mica_confusion_open(&confusion, classes);
    mica_confusion_add(&confusion, truth, predicted, count / 2); /* in two parts */
    mica_confusion_add(&confusion, truth + count / 2, predicted + count / 2,
                       count - count / 2);
    uint64_t total = 0, background = 0;
    for (size_t i = 0; i < classes; i++) {
        const cJSON *row = cJSON_GetArrayItem(rows, (int)i);
        for (size_t k = 0; k < classes; k++) {
            int wanted = cJSON_GetArrayItem(row, (int)k)->valueint;
            assert_int_equal(confusion.counts[i * classes + k], wanted);
            total += (uint64_t)wanted;
            background += i ? 0 : (uint64_t)wanted;
        }
        struct measures m = mica_confusion_class(&confusion, i);
        assert_score(m.precision, need(c, "precision"), i);
        assert_score(m.recall, need(c, "recall"), i);
        assert_score(m.f1, need(c, "f1"), i);
        assert_score(m.iou, need(c, "iou"), i);
    }
    assert_int_equal(mica_confusion_total(&confusion), total);
    assert_near(mica_confusion_accuracy(&confusion), need(c, "accuracy")->valuedouble,
                1e-15);
    assert_near(mica_confusion_background(&confusion),
                (double)background / (double)total, 1e-15);
    mica_confusion_close(&confusion);
    mica_free(truth);
    mica_free(predicted);
}

TEST(confusion_and_scores_are_scikit_learns)
{
    struct json *json = mica_golden_json("metrics.json");
    const cJSON *cases = need(mica_json_root(json), "cases"), *item;
    assert_true(cJSON_GetArraySize(cases) > 3);
    bool ignoring = false;
    cJSON_ArrayForEach(item, cases)
    {
        check_case(item);
        ignoring = ignoring || cJSON_IsNumber(need(item, "ignore"));
    }
    assert_true(ignoring);
    mica_json_free(json);
}

TEST(a_confusion_of_nothing_has_scores_of_0)
{
    static const uint8_t truth[] = {255, 7}, predicted[] = {1, 0};
    struct confusion confusion;
    mica_confusion_open(&confusion, 3);
    mica_confusion_add(&confusion, truth, predicted, 2);
    assert_int_equal(mica_confusion_total(&confusion), 0);
    assert_near(mica_confusion_accuracy(&confusion), 0, 0);
    assert_near(mica_confusion_background(&confusion), 0, 0);
    struct measures m = mica_confusion_class(&confusion, 1);
    assert_near(m.precision + m.recall + m.f1 + m.iou, 0, 0);
    mica_confusion_close(&confusion);
}

TEST(a_cleared_confusion_begins_anew)
{
    static const uint8_t map[] = {0, 1, 1};
    struct confusion confusion;
    mica_confusion_open(&confusion, 2);
    mica_confusion_add(&confusion, map, map, 3);
    mica_confusion_clear(&confusion);
    assert_int_equal(mica_confusion_total(&confusion), 0);
    mica_confusion_add(&confusion, map, map, 2);
    assert_int_equal(mica_confusion_class(&confusion, 1).both, 1);
    mica_confusion_close(&confusion);
}
