/* test_fusion.c - fused passes compute the same bits as a pass for each node */
#include <string.h>

#include "core/parallel.h"
#include "core/plan.h"
#include "core/random.h"
#include "tests/nets/recorded.h"
#include "tests/test.h"

/* A network over two samples of 64 x 64 pixels, and the mean squared error behind it. */
struct trial {
    struct recorded r;
    int output, targets, loss;
};

static struct trial open_trial(const char *name, const char *params)
{
    const struct layer *loss = mica_layer_find("mse");
    struct trial t = {.r = mica_recorded_file(name, params, 2, 64)};
    struct error err = {0};
    t.output = t.r.wiring.outputs[0].node;
    t.targets = mica_tape_input(t.r.tape, "targets",
                                mica_tape_node(t.r.tape, (size_t)t.output)->out);
    int inputs[] = {t.output, t.targets};
    void *arguments = mica_arena_take(mica_tape_arena(t.r.tape), 1, loss->params_size);
    mica_param_standard(loss->params, arguments);
    t.loss = mica_tape_record(t.r.tape, loss, arguments, "loss", inputs, 2, &err);
    if (t.loss < 0)
        fail_msg("%s: %s", name, err.text);
    return t;
}

static void fill(float *x, size_t count, uint64_t seed, float low, float high)
{
    struct random random;
    mica_random_start(&random, seed, 0, 0);
    for (size_t i = 0; i < count; i++)
        x[i] = low + (high - low) * (float)mica_random_uniform(&random);
}

static void fill_value(const struct plan *plan, int node, uint64_t seed)
{
    struct tensor t = mica_plan_value(plan, node);
    fill(t.data, mica_shape_size(t.shape), seed, -1, 1);
}

/* Scales of either sign, and statistics that are not those of a new network: the same at
   each call, as training changes them. */
static void draw_norms(struct weights *weights)
{
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        struct weight *w = mica_weights_at(weights, i);
        if (w->kind == WEIGHT_SCALE || w->kind == WEIGHT_SHIFT ||
            w->kind == STATISTIC_MEAN)
            fill(w->value, w->count, i, -1, 1);
        if (w->kind == STATISTIC_VARIANCE)
            fill(w->value, w->count, i, 0.5f, 2);
    }
}

/* All that a run leaves: outputs, gradients and statistics. */
struct results {
    float *numbers;
    size_t count;
};

static void keep(struct results *all, const float *numbers, size_t count)
{
    float *longer = mica_need(all->count + count + 1, sizeof *longer);
    if (all->count)
        memcpy(longer, all->numbers, all->count * sizeof *longer);
    memcpy(longer + all->count, numbers, count * sizeof *longer);
    mica_free(all->numbers);
    all->numbers = longer;
    all->count += count;
}

static struct results run_plan(const struct trial *t, const struct wanted *wanted)
{
    struct results all = {0};
    struct error err = {0};
    draw_norms(t->r.weights);
    struct plan *plan = mica_plan_new(t->r.tape, wanted, &err);
    assert_non_null(plan);
    fill_value(plan, t->r.input, 1);
    if (wanted->loss >= 0)
        fill_value(plan, t->targets, 2);
    mica_plan_run(plan, &(struct run){.samples = 2, .seed = 3});
    for (size_t i = 0; i < wanted->output_count; i++) {
        struct tensor y = mica_plan_value(plan, wanted->outputs[i]);
        keep(&all, y.data, mica_shape_size(y.shape));
    }
    if (wanted->input_gradients) {
        struct tensor dx = mica_plan_gradient(plan, t->r.input);
        keep(&all, dx.data, mica_shape_size(dx.shape));
    }
    for (size_t i = 0; i < mica_weights_count(t->r.weights); i++) {
        const struct weight *w = mica_weights_at(t->r.weights, i);
        const bool trains = wanted->loss >= 0;
        if (trains)
            keep(&all, w->gradient ? w->gradient : w->value, w->count);
    }
    mica_plan_free(plan);
    return all;
}

/* Fused, with one thread and with two, and plain. */
static void check_wanted(const struct trial *t, const char *name, struct wanted wanted)
{
    struct results fused = run_plan(t, &wanted);
    mica_parallel_use(2);
    struct results threads = run_plan(t, &wanted);
    mica_parallel_use(1);
    wanted.recompute =
        RECOMPUTE_NOTHING; /* small plans are not larger for being fused */
    const size_t bytes = mica_plan_bytes(t->r.tape, &wanted);
    wanted.plain = true;
    struct results plain = run_plan(t, &wanted);
    assert_int_equal(fused.count, plain.count);
    if (memcmp(fused.numbers, plain.numbers, fused.count * sizeof(float)) != 0)
        fail_msg("%s: %s fused and plain differ", name,
                 wanted.loss < 0 ? "predictions" : "gradients");
    if (memcmp(fused.numbers, threads.numbers, fused.count * sizeof(float)) != 0)
        fail_msg("%s: one and two threads differ", name);
    if (bytes > mica_plan_bytes(t->r.tape, &wanted) * 21 / 20)
        fail_msg("%s: %zu bytes fused, %zu plain", name, bytes,
                 mica_plan_bytes(t->r.tape, &wanted));
    mica_free(fused.numbers);
    mica_free(threads.numbers);
    mica_free(plain.numbers);
}

static void check_net(const char *name)
{
    const char *params = mica_recorded_params(name);
    if (params == NULL)
        return;
    struct trial t = open_trial(name, params);
    mica_parallel_use(1);
    check_wanted(&t, name,
                 (struct wanted){.outputs = &t.output, .output_count = 1, .loss = -1});
    check_wanted(&t, name,
                 (struct wanted){.outputs = &t.loss,
                                 .output_count = 1,
                                 .loss = t.loss,
                                 .input_gradients = true,
                                 .shards = 2});
    check_wanted(&t, name,
                 (struct wanted){.outputs = &t.loss,
                                 .output_count = 1,
                                 .loss = t.loss,
                                 .input_gradients = true,
                                 .shards = 2,
                                 .precision = TYPE_BF16});
    mica_parallel_use(0);
    mica_recorded_free(&t.r);
}

TEST_SLOW(fused_passes_give_the_bits_of_plain_ones_in_every_network)
{
    mica_every_net(check_net);
}

/* --- what is fused ------------------------------------------------------------------ */

/* The steps of a small network that predicts, or trains with its sum as loss. */
static void check_steps(const char *body, bool trains, const char *steps)
{
    struct recorded r = mica_recorded(body);
    struct text text = {0};
    struct error err = {0};
    const int output = r.wiring.outputs[0].node;
    const struct wanted wanted = {
        .outputs = &output, .output_count = 1, .loss = trains ? output : -1};
    struct plan *plan = mica_plan_new(r.tape, &wanted, &err);
    assert_non_null(plan);
    mica_plan_describe(plan, &text);
    assert_string_equal(text.data, steps);
    mica_text_free(&text);
    mica_plan_free(plan);
    mica_recorded_free(&r);
}

#define NORM_RELU                                                                      \
    "\"graph\": [{\"batchnorm2d\": {}, \"id\": \"a\"}, {\"relu\": {}, \"id\": "        \
    "\"b\"}, "

TEST(a_rectifier_is_done_by_the_pass_of_the_normalisation_before_it)
{
    check_steps(NORM_RELU "{\"maxpool2d\": 2, \"id\": \"c\"}]", true,
                "0 sum batchnorm2d a + relu b\n"
                "1 forward batchnorm2d a + relu b\n"
                "2 forward maxpool2d c\n"
                "3 backward maxpool2d c\n"
                "4 sum back batchnorm2d a + relu b\n"
                "5 backward batchnorm2d a + relu b\n");
    check_steps(NORM_RELU "{\"maxpool2d\": 2, \"id\": \"c\"}]", false,
                "0 forward batchnorm2d a + relu b\n"
                "1 forward maxpool2d c\n");
}

TEST(what_somebody_else_reads_is_not_fused_away)
{
    check_steps(NORM_RELU "{\"add\": [\"a\", \"b\"], \"id\": \"c\"}]", false,
                "0 forward batchnorm2d a\n"
                "1 forward relu b\n"
                "2 forward add c\n");
}

TEST(an_output_is_not_fused_away)
{
    struct recorded r = mica_recorded(NORM_RELU "{\"relu\": {}, \"id\": \"c\"}]");
    const int outputs[] = {1, 3};
    int into[4];
    mica_plan_fusion(
        r.tape, &(struct wanted){.outputs = outputs, .output_count = 2, .loss = -1},
        into);
    assert_int_equal(into[2], 2);
    mica_plan_fusion(
        r.tape, &(struct wanted){.outputs = outputs + 1, .output_count = 1, .loss = -1},
        into);
    assert_int_equal(into[2], 1);
    assert_int_equal(into[3], 3);
    mica_recorded_free(&r);
}

TEST(a_convolution_that_predicts_does_what_follows)
{
    const char *body =
        "\"graph\": [{\"conv2d\": 2, \"id\": \"a\"}, {\"batchnorm2d\": {}, "
        "\"id\": \"b\"}, {\"add\": [\"b\", \"@in\"], \"id\": \"c\"}, "
        "{\"relu\": {}, \"id\": \"d\"}]";
    check_steps(body, false, "0 forward conv2d a + batchnorm2d b + add c + relu d\n");
    check_steps(body, true,
                "0 forward conv2d a\n"
                "1 sum batchnorm2d b + add c + relu d\n"
                "2 forward batchnorm2d b + add c + relu d\n"
                "3 backward add c + relu d\n"
                "4 sum back batchnorm2d b\n"
                "5 backward batchnorm2d b\n"
                "6 backward conv2d a\n");
}

TEST(what_is_added_must_be_there_before)
{
    check_steps(
        "\"graph\": [{\"conv2d\": 2, \"id\": \"a\"}, {\"dropout\": 0.5, \"in\": "
        "\"@in\", \"id\": \"b\"}, {\"add\": [\"a\", \"b\"], \"id\": \"c\"}]",
        false,
        "0 forward conv2d a\n"
        "1 forward dropout b\n"
        "2 forward add c\n");
}

TEST(a_rectifier_behind_a_convolution_goes_back_by_itself)
{
    check_steps(
        "\"graph\": [{\"conv2d\": 2, \"id\": \"a\"}, {\"relu\": {}, \"id\": \"b\"}]",
        true,
        "0 forward conv2d a + relu b\n"
        "1 backward relu b\n"
        "2 backward conv2d a\n");
}

TEST(a_sum_that_training_needs_keeps_its_statistics_apart)
{
    struct recorded r = mica_recorded("\"graph\": [{\"conv2d\": 2, \"id\": \"a\"}, "
                                      "{\"batchnorm2d\": {}, \"id\": \"b\"}]");
    int into[3];
    struct wanted wanted = {.outputs = &(int){2}, .output_count = 1, .loss = -1};
    mica_plan_fusion(r.tape, &wanted, into);
    assert_int_equal(into[2], 1);
    wanted.batch_statistics = true;
    mica_plan_fusion(r.tape, &wanted, into);
    assert_int_equal(into[2], 2);
    mica_recorded_free(&r);
}
