/* test_training.c - ten steps of a ResUNet against PyTorch's in float64 */
#include "core/plan.h"
#include "nets/nets.h"
#include "optim/optim.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "tests/golden.h"
#include "tests/test.h"

struct training {
    struct golden golden;
    struct json *net, *loss, *optimizer, *before_norm; /* metadata of the file */
    size_t steps, batch, pool;
    float *images, *labels; /* the pool */
    struct arena *arena;    /* parameters */
    struct weights *weights;
    struct tape *tape;
    struct plan *plan;
    struct trainer *trainer;
    double rate;
    int x, t, y; /* images, labels, loss */
};

/* ---- the network, the loss and the optimiser that the file names ---- */

static void *read_params(const struct training *run, const struct param *table,
                         size_t size, const struct json *json, const cJSON *object)
{
    struct error err = {0};
    struct reader reader = {.json = json, .arena = run->arena};
    void *params = mica_arena_take(run->arena, 1, size);
    if (mica_param_read(table, params, NULL, object, NULL, &reader, &err))
        fail_msg("%s", err.text);
    return params;
}

static struct shape pool_shape(const struct training *run, const char *name)
{
    const size_t *dims = mica_golden_need(&run->golden, "%s", name)->dims;
    return (struct shape){run->batch, dims[1], dims[2], dims[3]};
}

static void record(struct training *run)
{
    struct error err = {0};
    struct wiring wiring;
    struct net *net = mica_net_read(MICA_TOP "/nets/resunet.json",
                                    mica_json_root(run->net), run->net, &err);
    if (!net)
        fail_msg("%s", err.text);
    run->weights = mica_weights_new(NULL, 0);
    run->tape = mica_tape_new(run->weights);
    run->x = mica_tape_input(run->tape, "images", pool_shape(run, "images"));
    run->t = mica_tape_input(run->tape, "labels", pool_shape(run, "labels"));
    if (mica_net_record(net, run->tape, run->x, &wiring, &err))
        fail_msg("%s", err.text);
    const cJSON *loss = mica_json_root(run->loss)->child;
    const struct layer *layer = mica_layer_find(loss->string);
    const void *params =
        read_params(run, layer->params, layer->params_size, run->loss, loss);
    int inputs[] = {wiring.outputs[0].node, run->t};
    run->y = mica_tape_record(run->tape, layer, params, "loss", inputs, 2, &err);
    if (run->y < 0)
        fail_msg("%s", err.text);
    mica_net_free(net);
}

static void plan(struct training *run, size_t shards)
{
    struct error err = {0};
    struct wanted wanted = {
        .outputs = &run->y, .output_count = 1, .loss = run->y, .shards = shards};
    run->plan = mica_plan_new(run->tape, &wanted, &err);
    if (!run->plan)
        fail_msg("%s", err.text);
    const cJSON *how = mica_json_root(run->optimizer)->child;
    const struct optimizer *optimizer = mica_optimizer_find(how->string);
    const void *params = read_params(run, optimizer->params, optimizer->params_size,
                                     run->optimizer, how);
    run->rate = cJSON_GetObjectItem(how, "lr")->valuedouble;
    run->trainer = mica_trainer_new(optimizer, params, run->weights, &err);
    assert_non_null(run->trainer);
}

static size_t whole(const struct golden *golden, const char *key)
{
    struct json *json = mica_golden_meta(golden, key);
    size_t value = (size_t)mica_json_root(json)->valuedouble;
    mica_json_free(json);
    return value;
}

static struct training begin(size_t shards)
{
    struct training run = {.golden = mica_golden_open("resunet_training.safetensors"),
                           .arena = mica_arena_new()};
    run.net = mica_golden_meta(&run.golden, "net");
    run.loss = mica_golden_meta(&run.golden, "loss");
    run.optimizer = mica_golden_meta(&run.golden, "optimizer");
    run.before_norm = mica_golden_meta(&run.golden, "before_norm");
    run.steps = whole(&run.golden, "steps");
    run.batch = whole(&run.golden, "batch");
    run.pool = mica_golden_need(&run.golden, "images")->dims[0];
    run.images = mica_golden_floats(mica_golden_need(&run.golden, "images"));
    run.labels = mica_golden_floats(mica_golden_need(&run.golden, "labels"));
    record(&run);
    plan(&run, shards);
    return run;
}

static void end(struct training *run)
{
    mica_trainer_free(run->trainer);
    mica_plan_free(run->plan);
    mica_tape_free(run->tape);
    mica_weights_free(run->weights);
    mica_arena_free(run->arena);
    mica_free(run->images);
    mica_free(run->labels);
    mica_json_free(run->net);
    mica_json_free(run->loss);
    mica_json_free(run->optimizer);
    mica_json_free(run->before_norm);
    mica_golden_close(&run->golden);
}

/* ---- steps ---- */

/* The numbers of `step` in a tensor of all steps. */
static void take(const struct training *run, const char *what, const char *name,
                 size_t step, float *out, size_t count)
{
    const struct stored *all = mica_golden_need(&run->golden, "%s.%s", what, name);
    float *floats = mica_golden_floats(all);
    assert_int_equal(all->count / all->dims[0], count);
    memcpy(out, floats + step * count, count * sizeof *out);
    mica_free(floats);
}

static double error_of(const struct training *run, const char *what, size_t step)
{
    const struct stored *all = mica_golden_need(&run->golden, "%s", what);
    double errors[16];
    assert_true(step < all->count && all->count <= 16);
    mica_stored_doubles(all, errors);
    return errors[step];
}

/* The largest of all steps. */
static double worst_error_of(const struct training *run, const char *what)
{
    double worst = 0;
    for (size_t i = 0; i < mica_golden_need(&run->golden, "%s", what)->count; i++)
        worst = fmax(worst, error_of(run, what, i));
    return worst;
}

static void take_weights(struct training *run, size_t step)
{
    for (size_t i = 0; i < mica_weights_count(run->weights); i++) {
        struct weight *w = mica_weights_at(run->weights, i);
        take(run, "value", w->name, step, w->value, w->count);
    }
}

static void put_slot(const struct training *run, struct safetensors_out *out,
                     const char *slot, const struct weight *w, size_t step)
{
    char name[256];
    float *state = mica_arena_take(run->arena, w->count, sizeof *state);
    take(run, slot, w->name, step, state, w->count);
    snprintf(name, sizeof name, "optimizer.%s.%s", slot, w->name);
    mica_safetensors_tensor(out, name, "F32", w->rank, w->dims, state);
}

/* The optimiser's state comes as users have it: from a checkpoint. */
static void take_state(struct training *run, size_t step)
{
    char path[600], text[32];
    struct error err = {0};
    struct safetensors_out *out = mica_safetensors_begin();
    snprintf(path, sizeof path, "%s/state.safetensors", mica_test_folder());
    snprintf(text, sizeof text, "%zu", step);
    mica_safetensors_put(out, "optimizer", "adam");
    mica_safetensors_put(out, "optimizer.step", text);
    for (size_t i = 0; i < mica_weights_count(run->weights); i++) {
        const struct weight *w = mica_weights_at(run->weights, i);
        if (mica_weight_is_statistic(w))
            continue;
        put_slot(run, out, "exp_avg", w, step);
        put_slot(run, out, "exp_avg_sq", w, step);
    }
    assert_int_equal(mica_safetensors_write(out, path, &err), 0);
    struct safetensors *file = mica_safetensors_read(path, &err);
    assert_non_null(file);
    if (mica_trainer_load(run->trainer, file, "state", &err))
        fail_msg("%s", err.text);
    mica_safetensors_free(file);
}

/* Forward and backward of a step's batch; returns the loss. */
static double pass(struct training *run, size_t step)
{
    size_t first = step * run->batch % run->pool;
    struct tensor x = mica_plan_value(run->plan, run->x);
    struct tensor t = mica_plan_value(run->plan, run->t);
    size_t pixels = x.shape.h * x.shape.w;
    memcpy(x.data, run->images + first * pixels,
           run->batch * pixels * sizeof *run->images);
    memcpy(t.data, run->labels + first * pixels,
           run->batch * pixels * sizeof *run->labels);
    struct run now = {.samples = run->batch, .step = step};
    mica_plan_run(run->plan, &now);
    struct tensor y = mica_plan_value(run->plan, run->y);
    return (double)*(const float *)y.data;
}

/* ---- comparisons ---- */

static bool is_before_norm(const struct training *run, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(
        item, mica_json_root(run->before_norm)) if (strcmp(item->valuestring, name) ==
                                                    0) return true;
    return false;
}

/* Weights whose gradients and values mean something, one after another. */
struct joined {
    float *found, *wanted;
    size_t count;
};

static struct joined join(const struct training *run, const char *what, size_t step)
{
    struct joined all = {0};
    size_t most = mica_weights_parameters(run->weights);
    all.found = mica_arena_take(run->arena, most, sizeof(float));
    all.wanted = mica_arena_take(run->arena, most, sizeof(float));
    for (size_t i = 0; i < mica_weights_count(run->weights); i++) {
        const struct weight *w = mica_weights_at(run->weights, i);
        if (mica_weight_is_statistic(w) || is_before_norm(run, w->name))
            continue;
        memcpy(all.found + all.count, what[0] == 'g' ? w->gradient : w->value,
               w->count * sizeof(float));
        take(run, what, w->name, step, all.wanted + all.count, w->count);
        all.count += w->count;
    }
    return all;
}

/* All weights together against three times PyTorch's error of the step; each alone against
   three times the largest that PyTorch makes of it in all steps, or of all weights: some
   have two numbers, and luck in one step. */
static void compare(const struct training *run, const char *what, const char *error,
                    size_t step, size_t error_step)
{
    char name[256];
    struct joined all = join(run, what, step);
    snprintf(name, sizeof name, "%s.all", error);
    double common = error_of(run, name, error_step);
    double distance = mica_golden_distance(all.found, all.wanted, all.count);
    if (distance > 3 * common)
        fail_msg("step %zu: the %ss are off by %.3g, PyTorch's by %.3g", step, what,
                 distance, common);
    size_t at = 0;
    for (size_t i = 0; i < mica_weights_count(run->weights); i++) {
        const struct weight *w = mica_weights_at(run->weights, i);
        if (mica_weight_is_statistic(w) || is_before_norm(run, w->name))
            continue;
        snprintf(name, sizeof name, "%s.%s", error, w->name);
        double allowed = 3 * fmax(worst_error_of(run, name), common);
        distance = mica_golden_distance(all.found + at, all.wanted + at, w->count);
        if (distance > allowed)
            fail_msg("step %zu: the %s of %s is off by %.3g, allowed %.3g", step, what,
                     w->name, distance, allowed);
        at += w->count;
    }
}

static void check_steps(size_t shards)
{
    struct training run = begin(shards);
    for (size_t step = 0; step < run.steps; step++) {
        take_weights(&run, step);
        assert_near(pass(&run, step), error_of(&run, "loss", step), 1e-5);
        compare(&run, "gradient", "error", step, step);
    }
    end(&run);
}

TEST(each_step_of_a_resunet_has_the_loss_and_gradients_of_pytorch) { check_steps(1); }

TEST(shards_change_the_gradients_of_a_resunet_by_rounding_alone) { check_steps(4); }

/* Values and statistics after the last step; running means follow the biases before
   them, whose gradient is rounding. */
static void compare_end(const struct training *run)
{
    compare(run, "value", "free.error", run->steps, 0);
    for (size_t i = 0; i < mica_weights_count(run->weights); i++) {
        char name[256];
        const struct weight *w = mica_weights_at(run->weights, i);
        if (w->kind != STATISTIC_VARIANCE)
            continue;
        float *wanted = mica_arena_take(run->arena, w->count, sizeof *wanted);
        take(run, "value", w->name, run->steps, wanted, w->count);
        snprintf(name, sizeof name, "free.error.%s", w->name);
        double allowed = 3 * fmax(error_of(run, name, 0), 1e-7);
        assert_near(mica_golden_distance(w->value, wanted, w->count), 0, allowed);
    }
}

TEST(ten_free_steps_of_a_resunet_stay_as_near_to_float64_as_those_of_pytorch)
{
    double most = 0;
    struct training run = begin(1);
    for (size_t step = 0; step < run.steps; step++)
        most = fmax(most, error_of(&run, "free.error.loss", step));
    take_weights(&run, 0);
    for (size_t step = 0; step < run.steps; step++) {
        assert_near(pass(&run, step), error_of(&run, "free.loss", step), 3 * most);
        mica_trainer_step(run.trainer, run.rate);
    }
    compare_end(&run);
    end(&run);
}

/* From the stored values and state, one step leads to the next stored values. */
TEST(a_resunet_goes_on_from_any_stored_step)
{
    struct training run = begin(1);
    for (size_t step = 0; step < run.steps; step++) {
        take_weights(&run, step);
        take_state(&run, step);
        pass(&run, step);
        mica_trainer_step(run.trainer, run.rate);
        compare(&run, "value", "free.error", step + 1, 0);
    }
    assert_int_equal(mica_trainer_steps(run.trainer), run.steps);
    compare_end(&run);
    end(&run);
}
