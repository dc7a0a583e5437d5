/* test_chance.c - dropout's numbers and batch-norm's statistics */
#include <math.h>
#include <string.h>

#include "tests/layers/trial.h"
#include "tests/test.h"

static struct trial drop(const char *json, size_t n, struct how how)
{
    struct shape in = {n, 5, 7, 3};
    how.training = true;
    struct trial trial = mica_trial_new(mica_layer_find("dropout"), json, &in, 1, how);
    mica_trial_fill_tensor(&trial.x[0], 1, 2, 0);
    mica_trial_fill_tensor(&trial.dy, 1, 2, 1);
    mica_trial_forward(&trial);
    mica_trial_backward(&trial);
    return trial;
}

/* Which values of a sample were dropped. */
static void dropped(const struct trial *trial, size_t sample, bool out[105])
{
    for (size_t i = 0; i < 105; i++)
        out[i] = mica_tensor_at(&trial->y, sample, 0)[i] == 0;
}

static bool same_draw(struct how a, size_t sample_a, struct how b, size_t sample_b)
{
    struct trial one = drop("{\"rate\": 0.4}", 4, a),
                 two = drop("{\"rate\": 0.4}", 4, b);
    bool p[105], q[105];
    dropped(&one, sample_a, p);
    dropped(&two, sample_b, q);
    mica_trial_free(&one);
    mica_trial_free(&two);
    return memcmp(p, q, sizeof p) == 0;
}

TEST(dropout_draws_by_seed_step_and_global_sample_alone)
{
    struct how base = {.seed = 5, .step = 2, .first = 0}, later = base;
    later.first = 2;
    assert_true(same_draw(base, 3, later, 1));
    assert_false(same_draw(base, 1, later, 1));
    later = base;
    later.step = 3;
    assert_false(same_draw(base, 1, later, 1));
    later = base;
    later.seed = 6;
    assert_false(same_draw(base, 1, later, 1));
}

TEST(dropout_passes_gradients_where_it_passed_values)
{
    struct trial trial = drop("{\"rate\": 0.3}", 2, (struct how){.seed = 1});
    const float *x = trial.x[0].data, *y = trial.y.data;
    const float *dy = trial.dy.data, *dx = trial.dx[0].data;
    for (size_t i = 0; i < 210; i++) {
        float kept = y[i] == 0 ? 0.0f : 1 / 0.7f;
        assert_near(y[i], x[i] * kept, 1e-6);
        assert_near(dx[i], dy[i] * kept, 1e-6);
    }
    mica_trial_free(&trial);
}

TEST(dropout_keeps_the_mean)
{
    struct trial trial = drop("{\"rate\": 0.25}", 64, (struct how){.seed = 1});
    double zeros = 0;
    for (size_t i = 0; i < 64 * 105; i++)
        zeros += ((float *)trial.y.data)[i] == 0;
    mica_trial_free(&trial);
    assert_near(zeros / (64 * 105), 0.25, 4 * sqrt(0.25 * 0.75 / (64 * 105)));
}

/* Values far from 0, as of images that were not standardised: E[x^2] - E[x]^2 in floats
   would leave nothing of the variance. */
TEST(batch_norm_keeps_its_digits_far_from_zero)
{
    struct shape in = {2, 40, 60, 1};
    struct trial trial = mica_trial_new(mica_layer_find("batchnorm2d"), "{\"eps\": 0}",
                                        &in, 1, (struct how){.training = true});
    mica_trial_fill_tensor(&trial.x[0], 9999, 10001, 0);
    mica_trial_forward(&trial);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < 4800; i++) {
        double y = (double)((float *)trial.y.data)[i];
        sum += y / 4800;
        squares += y * y / 4800;
    }
    assert_near(sum, 0, 2e-3);
    assert_near(squares, 1, 1e-3);
    const struct weight *variance =
        mica_weights_find(trial.weights, "layer.running_var");
    /* uniform over 2: variance 1/3, unbiased, of which a tenth is taken */
    assert_near(variance->value[0], 0.9 + 0.1 / 3, 1e-4);
    mica_trial_free(&trial);
}

TEST(batch_norm_predicts_with_running_statistics_and_leaves_them_alone)
{
    struct shape in = {2, 3, 4, 2};
    struct trial trial = mica_trial_new(mica_layer_find("batchnorm2d"), "{\"eps\": 0}",
                                        &in, 1, (struct how){0});
    mica_trial_fill(&trial, false, 1);
    struct weight *mean = mica_weights_find(trial.weights, "layer.running_mean");
    struct weight *variance = mica_weights_find(trial.weights, "layer.running_var");
    mean->value[1] = 3;
    variance->value[1] = 4;
    mica_trial_forward(&trial);
    assert_near(((float *)trial.y.data)[1], (((float *)trial.x[0].data)[1] - 3) / 2,
                1e-6);
    assert_near(((float *)trial.y.data)[2], ((float *)trial.x[0].data)[2], 1e-6);
    assert_true(mean->value[1] == 3 && variance->value[1] == 4);
    mica_trial_free(&trial);
}

/* As prediction: no sample sees another, and dx is dy by a factor. */
TEST(batch_norm_with_frozen_statistics_trains_as_it_predicts)
{
    struct shape in = {2, 3, 4, 2};
    struct trial trial = mica_trial_new(mica_layer_find("batchnorm2d"), "{\"eps\": 0}",
                                        &in, 1, (struct how){.training = true});
    mica_trial_fill(&trial, false, 1);
    struct weight *mean = mica_weights_find(trial.weights, "layer.running_mean");
    struct weight *variance = mica_weights_find(trial.weights, "layer.running_var");
    mean->value[1] = 3;
    variance->value[1] = 4;
    mean->frozen = variance->frozen = true;
    mica_trial_forward(&trial);
    mica_trial_backward(&trial);
    assert_near(((float *)trial.y.data)[1], (((float *)trial.x[0].data)[1] - 3) / 2,
                1e-6);
    for (size_t i = 0; i < 48; i++)
        assert_near(((float *)trial.dx[0].data)[i],
                    ((float *)trial.dy.data)[i] / (float)(1 + i % 2), 1e-6);
    assert_true(mean->value[1] == 3 && variance->value[1] == 4);
    mica_trial_free(&trial);
}
