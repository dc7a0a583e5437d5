/* test_fixed_weights.c - predictions by weights that a plan has prepared, and changes of them */
#include <string.h>

#include "core/memory.h"
#include "core/plan.h"
#include "tests/nets/recorded.h"
#include "tests/test.h"

static void fill(float *x, size_t count, size_t seed)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)((i + seed) * 7919 % 1000) / 1000 - 0.5f;
}

static struct plan *plan_of(const struct recorded *r, bool fixed)
{
    struct error err = {0};
    struct wanted wanted = {.outputs = &r->wiring.outputs[0].node,
                            .output_count = 1,
                            .loss = -1,
                            .fixed_weights = fixed};
    struct plan *plan = mica_plan_new(r->tape, &wanted, &err);
    assert_non_null(plan);
    const struct tensor x = mica_plan_value(plan, r->input);
    fill(x.data, mica_shape_size(x.shape), 0);
    return plan;
}

/* What the first plan says is what one says that knows nothing of former weights. */
static void check_run(const struct recorded *r, struct plan *plan, const char *name)
{
    struct plan *other = plan_of(r, false);
    const struct run run = {.samples = mica_plan_value(plan, r->input).shape.n,
                            .seed = 3};
    mica_plan_run(plan, &run);
    mica_plan_run(other, &run);
    const struct tensor a = mica_plan_value(plan, r->wiring.outputs[0].node);
    const struct tensor b = mica_plan_value(other, r->wiring.outputs[0].node);
    if (memcmp(a.data, b.data, mica_shape_size(a.shape) * sizeof(float)) != 0)
        fail_msg("%s: by prepared weights other numbers", name);
    mica_plan_free(other);
}

/* All kernels are others. */
static void change(struct weights *weights, size_t seed)
{
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        struct weight *w = mica_weights_at(weights, i);
        if (w->kind == WEIGHT_KERNEL)
            fill(w->value, w->count, seed);
    }
    mica_weights_changed(weights);
}

static void check_recorded(struct recorded *r, const char *name)
{
    struct plan *plan = plan_of(r, true);
    for (size_t seed = 0; seed < 2; seed++) {
        change(r->weights, seed);
        for (size_t i = 0; i < 3; i++)
            check_run(r, plan, name);
    }
    mica_plan_free(plan);
    mica_recorded_free(r);
}

static const char mixed[] =
    "\"graph\": [{\"conv2d\": 16, \"kernel\": 5, \"id\": \"a\"}, "
    "{\"batchnorm2d\": {}, \"id\": \"b\"}, \"relu\", "
    "{\"conv2d\": 32, \"stride\": 2, \"groups\": 2, \"id\": \"c\"}, "
    "{\"conv2d\": 32, \"id\": \"d\"}, "
    "{\"conv2d_transpose\": 8, \"kernel\": 2, \"stride\": 2, \"id\": \"e\"}, "
    "{\"flatten\": {}}, {\"linear\": 9, \"id\": \"f\"}]";

TEST(weights_that_change_are_prepared_anew)
{
    struct recorded r = mica_recorded(mixed);
    check_recorded(&r, "mixed");
}

/* Prepared weights are in use: values that change behind the plan's back are not seen. */
TEST(a_plan_of_fixed_weights_reads_them_no_more)
{
#ifdef MICA_POISON
    SKIP("a debug build finds out who changes them");
#else
    struct recorded r = mica_recorded(mixed);
    struct plan *plan = plan_of(&r, true);
    const struct run run = {.samples = 2};
    mica_plan_run(plan, &run);
    mica_plan_run(plan, &run);
    const struct tensor y = mica_plan_value(plan, r.wiring.outputs[0].node);
    const size_t bytes = mica_shape_size(y.shape) * sizeof(float);
    float *before = mica_need(bytes, 1);
    memcpy(before, y.data, bytes);
    for (size_t i = 0; i < mica_weights_count(r.weights); i++)
        if (mica_weights_at(r.weights, i)->kind == WEIGHT_KERNEL)
            memset(mica_weights_at(r.weights, i)->value, 0xff,
                   mica_weights_at(r.weights, i)->count * sizeof(float));
    mica_plan_run(plan, &run);
    assert_memory_equal(y.data, before, bytes);
    mica_weights_changed(r.weights);
    mica_plan_run(plan, &run);
    assert_true(*(float *)y.data != *before); /* NaN */
    mica_free(before);
    mica_plan_free(plan);
    mica_recorded_free(&r);
#endif
}

TEST(weights_are_kept_only_by_plans_that_predict_by_fixed_ones)
{
    struct recorded r = mica_recorded(mixed);
    struct wanted wanted = {
        .outputs = &r.wiring.outputs[0].node, .output_count = 1, .loss = -1};
    size_t kept = 0;
    for (size_t i = 0; i < mica_tape_count(r.tape); i++)
        kept += mica_tape_node(r.tape, i)->prepared;
    assert_true(kept >= mica_weights_parameters(r.weights) * sizeof(float));
    const size_t without = mica_plan_bytes(r.tape, &wanted);
    wanted.fixed_weights = true;
    assert_int_equal(mica_plan_bytes(r.tape, &wanted), without + kept);
    mica_recorded_free(&r);
}

static void check_net(const char *name)
{
    const char *params = mica_recorded_params(name);
    if (params == NULL)
        return;
    struct recorded r = mica_recorded_file(name, params, 2, 64);
    check_recorded(&r, name);
}

TEST_SLOW(every_network_says_the_same_by_prepared_weights)
{
    mica_every_net(check_net);
}
