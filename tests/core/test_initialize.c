/* test_initialize.c - first values of weights against PyTorch's and Keras' formulas */
#include "core/initialize.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "tests/golden.h"
#include "tests/test.h"

static double number(const cJSON *item, const char *key)
{
    const cJSON *value = cJSON_GetObjectItem(item, key);
    assert_true(cJSON_IsNumber(value));
    return value->valuedouble;
}

/* The first number that a weight draws tells the scale exactly. */
static double scale_of(const struct initializer *how, enum weight_kind kind,
                       bool normal, size_t in, size_t out)
{
    struct error err = {0};
    struct random random;
    const size_t one = 1;
    struct weights *weights = mica_weights_new(how, 5);
    const struct weight *w =
        mica_weights_book(weights, "w", kind, 1, &one, in, out, &err);
    mica_random_start(&random, 5, (uint32_t)mica_text_hash("weights"),
                      mica_text_hash("w"));
    double drawn =
        normal ? mica_random_normal(&random) : mica_random_between(&random, -1, 1);
    double scale = (double)w->value[0] / drawn;
    mica_weights_free(weights);
    return scale;
}

TEST(scales_are_those_of_pytorch_and_keras)
{
    struct json *json = mica_golden_json("initializers.json");
    const cJSON *item, *cases = cJSON_GetObjectItem(mica_json_root(json), "cases");
    size_t compared = 0;
    cJSON_ArrayForEach(item, cases)
    {
        size_t in = (size_t)number(item, "fan_in"),
               out = (size_t)number(item, "fan_out");
        for (size_t i = 0; mica_initializer(i); i++) {
            const struct initializer *how = mica_initializer(i);
            const cJSON *wanted = cJSON_GetObjectItem(item, how->name);
            if (!wanted)
                continue; /* its scale is not of the fans */
            const char *kind =
                cJSON_GetStringValue(cJSON_GetObjectItem(wanted, "kind"));
            bool normal = strcmp(kind, "normal") == 0;
            double kernel = number(wanted, "kernel"), bias = number(wanted, "bias");
            assert_near(scale_of(how, WEIGHT_KERNEL, normal, in, out) / kernel, 1,
                        1e-7);
            assert_near(scale_of(how, WEIGHT_BIAS, normal, in, out), bias, 1e-7 * bias);
            compared++;
        }
    }
    assert_int_equal(compared, 6 * cJSON_GetArraySize(cases));
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
                 {"he_normal", 2.0 / 288, 0},
                 {"truncated_normal", 0.02 * 0.02 * 0.773741, 0},
                 {"orthogonal", 1.0 / 288, 0}};
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

TEST(a_truncated_normal_has_no_tails)
{
    struct weights *weights = with_kernel("truncated_normal", 1);
    const struct weight *w = mica_weights_at(weights, 0);
    float most = 0;
    for (size_t i = 0; i < w->count; i++)
        most = fmaxf(most, fabsf(w->value[i]));
    assert_true(most <= 0.04f && most > 0.0395f);
    mica_weights_free(weights);
}

/* A kernel drawn as a matrix, as torch sees it, and the normal numbers it was made of. */
struct drawn {
    struct weights *weights;
    size_t height, width;
    double *normal;
    const float *value;
};

static struct drawn draw_orthogonal(size_t height, size_t width, double gain)
{
    struct error err = {0};
    struct random random;
    size_t dims[] = {height, width};
    const struct initializer *how = mica_initializer_find("orthogonal");
    struct drawn d = {mica_weights_new(how, 3), height, width, NULL, NULL};
    mica_weights_draw_with(d.weights, &gain);
    d.value =
        mica_weights_book(d.weights, "w", WEIGHT_KERNEL, 2, dims, 1, 1, &err)->value;
    d.normal = mica_need(height * width, sizeof *d.normal);
    mica_random_start(&random, 3, (uint32_t)mica_text_hash("weights"),
                      mica_text_hash("w"));
    for (size_t i = 0; i < height * width; i++)
        d.normal[i] = mica_random_normal(&random);
    return d;
}

/* Element k of vector i: vectors are rows, or columns where those are fewer. */
static size_t place(const struct drawn *d, size_t i, size_t k)
{
    return d->height <= d->width ? i * d->width + k : k * d->width + i;
}

/* What vector j drawn has of vector i made orthonormal, and what that has of j's own. */
static void compare(const struct drawn *d, size_t i, size_t j, double *share,
                    double *overlap)
{
    size_t length = d->height <= d->width ? d->width : d->height;
    *share = *overlap = 0;
    for (size_t k = 0; k < length; k++) {
        double q = (double)d->value[place(d, i, k)];
        *share += q * d->normal[place(d, j, k)];
        *overlap += q * (double)d->value[place(d, j, k)];
    }
}

static void check_orthogonal(size_t height, size_t width, double gain)
{
    struct drawn d = draw_orthogonal(height, width, gain);
    size_t count = height <= width ? height : width;
    double share, overlap;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            compare(&d, i, j, &share, &overlap);
            assert_near(overlap / (gain * gain), i == j, 2e-7);
            if (i == j)
                assert_true(share > 0);
            if (i > j) /* R is triangular */
                assert_near(share, 0, 1e-5);
        }
    mica_weights_free(d.weights);
    mica_free(d.normal);
}

/* These two hold of one matrix only: the Q that torch.nn.init.orthogonal_ takes. */
TEST(orthogonal_kernels_are_the_q_of_what_was_drawn_with_a_positive_r)
{
    check_orthogonal(16, 45, 1);
    check_orthogonal(45, 16, 1);
    check_orthogonal(32, 32, 1.5);
    check_orthogonal(1, 9, 1);
}
