/* test_initialize.c - first values of weights against PyTorch's and Keras' formulas */
#include "core/initialize.h"

#include <math.h>
#include <string.h>

#include "tests/golden.h"
#include "tests/test.h"

static double number(const cJSON *item, const char *key)
{
    const cJSON *value = cJSON_GetObjectItem(item, key);
    assert_true(cJSON_IsNumber(value));
    return value->valuedouble;
}

TEST(scales_are_those_of_pytorch_and_keras)
{
    struct json *json = mica_golden_json("initializers.json");
    const cJSON *item, *cases = cJSON_GetObjectItem(mica_json_root(json), "cases");
    assert_true(cJSON_GetArraySize(cases) > 0);
    cJSON_ArrayForEach(item, cases)
    {
        size_t in = (size_t)number(item, "fan_in"),
               out = (size_t)number(item, "fan_out");
        for (size_t i = 0; mica_initializer(i); i++) {
            const struct initializer *how = mica_initializer(i);
            const cJSON *wanted = cJSON_GetObjectItem(item, how->name);
            const char *kind =
                cJSON_GetStringValue(cJSON_GetObjectItem(wanted, "kind"));
            assert_string_equal(kind, how->normal ? "normal" : "uniform");
            double kernel = number(wanted, "kernel"), bias = number(wanted, "bias");
            assert_near(how->kernel(in, out), kernel, 1e-12);
            assert_near(how->bias ? how->bias(in, out) : 0, bias, 1e-12);
        }
    }
    mica_json_free(json);
}

static struct weights *with_kernel(const char *how, uint64_t seed)
{
    struct error err = {0};
    struct weights *weights = mica_weights_new(mica_initializer_find(how), seed);
    size_t dims[] = {64, 32, 3, 3};
    mica_weights_book(weights, "a.weight", WEIGHT_KERNEL, 4, dims, 288, 576, &err);
    mica_weights_book(weights, "a.bias", WEIGHT_BIAS, 1, dims, 288, 576, &err);
    mica_weights_book(weights, "b.weight", WEIGHT_SCALE, 1, dims, 0, 0, &err);
    mica_weights_book(weights, "b.bias", WEIGHT_SHIFT, 1, dims, 0, 0, &err);
    mica_weights_book(weights, "b.running_var", STATISTIC_VARIANCE, 1, dims, 0, 0,
                      &err);
    assert_int_equal(err.lines, 0);
    return weights;
}

static double mean_square(const struct weight *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->count; i++)
        sum += (double)w->value[i] * (double)w->value[i];
    return sum / (double)w->count;
}

TEST(drawn_values_have_the_variance_asked_for)
{
    static const struct {
        const char *how;
        double kernel, bias;
    } cases[] = {{"pytorch", 1.0 / (3 * 288), 1.0 / (3 * 288)},
                 {"keras", 2.0 / (288 + 576), 0},
                 {"glorot_uniform", 2.0 / (288 + 576), 0},
                 {"glorot_normal", 2.0 / (288 + 576), 0},
                 {"he_uniform", 2.0 / 288, 0},
                 {"he_normal", 2.0 / 288, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct weights *weights = with_kernel(cases[i].how, 1);
        const struct weight *kernel = mica_weights_at(weights, 0);
        const struct weight *bias = mica_weights_at(weights, 1);
        assert_near(mean_square(kernel) / cases[i].kernel, 1, 0.04); /* > 4 sd */
        assert_near(mean_square(bias), cases[i].bias, 0.5 * cases[i].bias);
        mica_weights_free(weights);
    }
}

TEST(scales_start_at_one_and_shifts_at_zero)
{
    struct weights *weights = with_kernel("pytorch", 1);
    for (size_t i = 0; i < 64; i++) {
        assert_true(mica_weights_find(weights, "b.weight")->value[i] == 1);
        assert_true(mica_weights_find(weights, "b.bias")->value[i] == 0);
        assert_true(mica_weights_find(weights, "b.running_var")->value[i] == 1);
    }
    mica_weights_free(weights);
}

TEST(first_values_depend_on_seed_and_name_alone)
{
    struct error err = {0};
    struct weights *a = with_kernel("he_normal", 1), *c = with_kernel("he_normal", 2);
    struct weights *b = mica_weights_new(mica_initializer_find("he_normal"), 1);
    size_t dims[] = {64, 32, 3, 3};
    mica_weights_book(b, "other", WEIGHT_KERNEL, 4, dims, 288, 576, &err);
    mica_weights_book(b, "a.weight", WEIGHT_KERNEL, 4, dims, 288, 576, &err);
    const float *first = mica_weights_at(a, 0)->value;
    size_t size = mica_weights_at(a, 0)->count * sizeof(float);
    assert_memory_equal(first, mica_weights_at(b, 1)->value, size);
    assert_memory_not_equal(first, mica_weights_at(b, 0)->value, size);
    assert_memory_not_equal(first, mica_weights_at(c, 0)->value, size);
    mica_weights_free(a);
    mica_weights_free(b);
    mica_weights_free(c);
}
