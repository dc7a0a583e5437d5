/* test_losses.c - what holds for losses whose truth may be classes */
#include <string.h>

#include "core/initialize.h"
#include "core/plan.h"
#include "tests/layers/trial.h"
#include "tests/test.h"

static const char *const losses[] = {"cross_entropy",
                                     "dice",
                                     "dice_cross_entropy",
                                     "focal",
                                     "kl_divergence",
                                     "tversky",
                                     "bce_with_logits",
                                     "mse",
                                     "l1",
                                     "huber"};
enum { LOSSES = 10, WITH_LOGITS = 7, CLASSES = 3, SAMPLES = 4, PIXELS = 30 };
static const struct shape logits = {SAMPLES, 5, 6, CLASSES};

static struct trial new_trial(const char *name, const char *json, size_t channels)
{
    struct shape in[] = {logits, logits};
    in[1].c = channels;
    struct trial trial = mica_trial_new(mica_layer_find(name), json, in, 2,
                                        (struct how){.training = true});
    mica_trial_fill(&trial, channels == 1, 1);
    *(float *)trial.dy.data = 1;
    return trial;
}

static void run_trial(struct trial *trial)
{
    mica_trial_forward(trial);
    mica_trial_backward(trial);
}

static void compare(struct trial *a, struct trial *b, double tolerance)
{
    assert_near(*(float *)a->y.data, *(float *)b->y.data, tolerance);
    assert_true(mica_trial_distance(a->dx[0].data, b->dx[0].data,
                                    SAMPLES * PIXELS * CLASSES) <= tolerance);
    mica_trial_free(a);
    mica_trial_free(b);
}

TEST(an_ignored_class_counts_as_little_as_no_class)
{
    for (size_t k = 0; k < LOSSES; k++) {
        struct trial a = new_trial(losses[k], "{\"ignore\": 1}", 1);
        struct trial b = new_trial(losses[k], "{\"ignore\": 255}", 1);
        struct trial c = new_trial(losses[k], "{\"ignore\": 255}", 1);
        float *labels = b.x[1].data;
        for (size_t i = 0; i < SAMPLES * PIXELS; i++)
            labels[i] = labels[i] == 1 ? 255 : labels[i];
        run_trial(&a);
        run_trial(&b);
        run_trial(&c);
        assert_true(*(float *)a.y.data != *(float *)c.y.data);
        compare(&a, &b, 0);
        mica_trial_free(&c);
    }
}

TEST(labels_are_the_same_as_probabilities_of_one)
{
    for (size_t k = 0; k < LOSSES; k++) {
        struct trial a = new_trial(losses[k], "{}", 1);
        struct trial b = new_trial(losses[k], "{}", CLASSES);
        const float *labels = a.x[1].data;
        float *probabilities = b.x[1].data;
        for (size_t i = 0; i < SAMPLES * PIXELS * CLASSES; i++)
            probabilities[i] = labels[i / CLASSES] == (float)(i % CLASSES);
        run_trial(&a);
        run_trial(&b);
        compare(&a, &b, 1e-7);
    }
}

TEST(a_batch_without_a_pixel_that_counts_gives_no_gradient)
{
    for (size_t k = 0; k < LOSSES; k++) {
        struct trial a = new_trial(losses[k], "{}", 1);
        for (size_t i = 0; i < SAMPLES * PIXELS; i++)
            ((float *)a.x[1].data)[i] = -1;
        run_trial(&a);
        assert_true(*(float *)a.y.data == 0);
        for (size_t i = 0; i < SAMPLES * PIXELS * CLASSES; i++)
            assert_true(((float *)a.dx[0].data)[i] == 0);
        mica_trial_free(&a);
    }
}

TEST(dice_of_images_is_the_mean_of_their_own)
{
    struct trial all = new_trial("dice", "{\"scope\": \"image\"}", 1);
    run_trial(&all);
    double sum = 0;
    for (size_t n = 0; n < SAMPLES; n++) {
        struct shape in[] = {logits, logits};
        in[0].n = in[1].n = in[1].c = 1;
        struct trial one = mica_trial_new(mica_layer_find("dice"), "{}", in, 2,
                                          (struct how){.training = true});
        for (size_t i = 0; i < 2; i++)
            memcpy(one.x[i].data, mica_tensor_at(&all.x[i], n, 0),
                   mica_shape_size(in[i]) * sizeof(float));
        *(float *)one.dy.data = 1.0f / SAMPLES;
        run_trial(&one);
        sum += (double)*(float *)one.y.data / SAMPLES;
        assert_true(mica_trial_distance(mica_tensor_at(&all.dx[0], n, 0),
                                        one.dx[0].data, PIXELS * CLASSES) < 1e-6);
        mica_trial_free(&one);
    }
    assert_near(*(float *)all.y.data, sum, 1e-7);
    mica_trial_free(&all);
}

/* A network that makes the truth, too, learns by the logits alone. */
TEST(truth_gets_no_gradient)
{
    for (size_t k = 0; k < LOSSES; k++) {
        const struct layer *conv = mica_layer_find("conv2d");
        struct weights *weights = mica_weights_new(mica_initializer_find("pytorch"), 3);
        struct tape *tape = mica_tape_new(weights);
        int input = mica_tape_input(tape, "input", logits), ends[2];
        const void *params = mica_trial_params(conv, "{\"filters\": 3, \"kernel\": 1}",
                                               mica_tape_arena(tape));
        ends[0] = mica_tape_record(tape, conv, params, "a", &input, 1, NULL);
        ends[1] = mica_tape_record(tape, conv, params, "b", &input, 1, NULL);
        const struct layer *layer = mica_layer_find(losses[k]);
        params = mica_trial_params(layer, "{}", mica_tape_arena(tape));
        int loss = mica_tape_record(tape, layer, params, "loss", ends, 2, NULL);
        struct wanted wanted = {.outputs = &loss, .output_count = 1, .loss = loss};
        struct plan *plan = mica_plan_new(tape, &wanted, NULL);
        assert_non_null(mica_plan_gradient(plan, ends[0]).data);
        assert_null(mica_plan_gradient(plan, ends[1]).data);
        mica_plan_free(plan);
        mica_tape_free(tape);
        mica_weights_free(weights);
    }
}

TEST(a_perfect_prediction_has_no_loss)
{
    for (size_t k = 0; k < WITH_LOGITS; k++) {
        struct trial a = new_trial(losses[k], "{}", 1);
        for (size_t i = 0; i < SAMPLES * PIXELS * CLASSES; i++)
            ((float *)a.x[0].data)[i] =
                ((float *)a.x[1].data)[i / CLASSES] == (float)(i % CLASSES) ? 60 : -60;
        run_trial(&a);
        assert_near(*(float *)a.y.data, 0, 1e-6);
        mica_trial_free(&a);
    }
}

/* 255 is what the loader gives for pixels that nobody labelled. */
TEST(a_truth_that_is_no_probability_does_not_count_in_binary_cross_entropy)
{
    struct shape in[] = {{1, 1, 3, 1}, {1, 1, 3, 1}};
    struct trial a = mica_trial_new(mica_layer_find("bce_with_logits"), "{}", in, 2,
                                    (struct how){.training = true});
    mica_trial_unpack(&a.x[0], (const float[]){0, 50, 7});
    mica_trial_unpack(&a.x[1], (const float[]){1, 1, 255});
    *(float *)a.dy.data = 1;
    run_trial(&a);
    assert_near(*(float *)a.y.data, 0.5 * 0.69314718056, 1e-7);
    assert_near(((float *)a.dx[0].data)[0], -0.25, 1e-7);
    assert_true(((float *)a.dx[0].data)[2] == 0);
    mica_trial_free(&a);
}

TEST(focal_heeds_a_pixel_that_is_right_less_even_where_its_probability_rounds_to_one)
{
    struct shape in[] = {{1, 1, 1, 2}, {1, 1, 1, 1}};
    struct trial a = mica_trial_new(mica_layer_find("focal"), "{\"gamma\": 1}", in, 2,
                                    (struct how){.training = true});
    mica_trial_unpack(&a.x[0], (const float[]){20, 0});
    mica_trial_unpack(&a.x[1], (const float[]){0});
    *(float *)a.dy.data = 1;
    run_trial(&a);
    double rest = 2.061153618190204e-9; /* 1 - p = 1 / (1 + e^20) */
    assert_near((double)*(float *)a.dx[0].data / (rest * rest), -2, 1e-5);
    mica_trial_free(&a);
}
