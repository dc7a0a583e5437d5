/* test_optimizers.c - optimisers, clipping and schedules against PyTorch's */
#include "optim/optim.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/safetensors.h"
#include "core/text.h"
#include "optim/average.h"
#include "tests/golden.h"
#include "tests/test.h"

static const cJSON *item(const cJSON *object, const char *key)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_non_null(found);
    return found;
}

static double number(const cJSON *object, const char *key)
{
    return item(object, key)->valuedouble;
}

/* A struct of parameters, freed with mica_free. */
static void *read_params(const struct param *table, size_t size, const cJSON *object,
                         const struct json *json)
{
    struct error err = {0};
    struct arena *arena = mica_arena_new();
    struct reader reader = {.json = json, .arena = arena};
    void *params = mica_need(1, size + 1);
    if (table && mica_param_read(table, params, NULL, object, NULL, &reader, &err))
        fail_msg("%s", err.text);
    mica_arena_free(arena);
    return params;
}

/* A case of a golden file in the making: its weights, and what moves them. */
struct trial {
    const struct golden *golden;
    size_t k;
    struct weights *weights;
    struct trainer *trainer;
};

static void book(struct weights *weights, const cJSON *shape, int i)
{
    struct error err = {0};
    char name[16];
    size_t rank = (size_t)cJSON_GetArraySize(shape), dims[4] = {0};
    for (size_t d = 0; d < rank; d++)
        dims[d] = (size_t)cJSON_GetArrayItem(shape, (int)d)->valuedouble;
    snprintf(name, sizeof name, "w%d", i);
    assert_non_null(
        mica_weights_book(weights, name, WEIGHT_KERNEL, rank, dims, 1, 1, &err));
}

static struct trial begin(const struct golden *golden, size_t k, const char *name,
                          const cJSON *arguments)
{
    struct error err = {0};
    const struct optimizer *how = mica_optimizer_find(name);
    assert_non_null(how);
    struct trial trial = {golden, k, mica_weights_new(NULL, 0), NULL};
    const cJSON *shapes = item(mica_golden_case(golden, k), "weights");
    for (int i = 0; i < cJSON_GetArraySize(shapes); i++)
        book(trial.weights, cJSON_GetArrayItem(shapes, i), i);
    assert_int_equal(mica_weights_train(trial.weights, &err), 0);
    void *params = read_params(how->params, how->params_size, arguments, golden->cases);
    trial.trainer = mica_trainer_new(how, params, trial.weights, &err);
    assert_non_null(trial.trainer);
    mica_free(params);
    return trial;
}

static void end(struct trial *trial)
{
    mica_trainer_free(trial->trainer);
    mica_weights_free(trial->weights);
}

/* ---- optimisers ---- */

/* The numbers of step `step` in a tensor of all steps. */
static float *slice(const struct stored *all, size_t step)
{
    float *floats = mica_golden_floats(all);
    size_t count = all->count / all->dims[0];
    memmove(floats, floats + step * count, count * sizeof *floats);
    return floats;
}

static void take_gradients(const struct trial *trial, size_t step)
{
    for (size_t i = 0; i < mica_weights_count(trial->weights); i++) {
        struct weight *w = mica_weights_at(trial->weights, i);
        float *gradient = slice(
            mica_golden_need(trial->golden, "%zu.%s.gradients", trial->k, w->name),
            step);
        memcpy(w->gradient, gradient, w->count * sizeof *gradient);
        mica_free(gradient);
    }
}

/* Numbers after one step against "k.w0.values" or "k.w0.exp_avg": within three times
   PyTorch's own error in fp32, for numbers as large as they are over all steps. */
static void check(const struct trial *trial, const char *weight, const char *what,
                  size_t step, const float *found)
{
    float error;
    const struct stored *stored =
        mica_golden_find(trial->golden, "%zu.%s.%s", trial->k, weight, what);
    if (!stored)
        return;
    mica_golden_copy(
        mica_golden_need(trial->golden, "%zu.error.%s.%s", trial->k, weight, what),
        &error, 1);
    float *all = mica_golden_floats(stored), *wanted = slice(stored, step);
    size_t count = stored->count / stored->dims[0];
    double gap = 0, size = 0;
    for (size_t i = 0; i < count; i++)
        gap += pow((double)found[i] - (double)wanted[i], 2);
    for (size_t i = 0; i < stored->count; i++)
        size += pow((double)all[i], 2) / (double)stored->dims[0];
    mica_free(all);
    mica_free(wanted);
    if (size > 0)
        mica_golden_note(trial->golden, sqrt(gap / size), (double)error);
    if (sqrt(gap) > 3 * fmax((double)error, 1e-7) * sqrt(size))
        fail_msg("case %zu, step %zu: %s of %s is off by %.3g; PyTorch's error is %.3g",
                 trial->k, step, what, weight, sqrt(gap / size), (double)error);
}

/* What the trainer keeps, seen as users do: in a checkpoint. */
static void check_states(const struct trial *trial, const struct optimizer *how,
                         size_t step)
{
    char path[600];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/state.safetensors", mica_test_folder());
    struct safetensors_out *out = mica_safetensors_begin();
    mica_trainer_save(trial->trainer, out);
    assert_int_equal(mica_safetensors_write(out, path, &err), 0);
    struct safetensors *file = mica_safetensors_read(path, &err);
    assert_non_null(file);
    for (size_t s = 0; how->slots[s]; s++)
        for (size_t i = 0; i < mica_weights_count(trial->weights); i++) {
            char name[64];
            const struct weight *w = mica_weights_at(trial->weights, i);
            snprintf(name, sizeof name, "optimizer.%s.%s", how->slots[s], w->name);
            const struct stored *stored = mica_safetensors_find(file, name);
            const struct stored *wanted = mica_golden_find(
                trial->golden, "%zu.%s.%s", trial->k, w->name, how->slots[s]);
            if (!stored && !wanted)
                continue; /* a slot that is not needed */
            assert_non_null(stored);
            float *state = mica_golden_floats(stored);
            check(trial, w->name, how->slots[s], step, state);
            mica_free(state);
        }
    mica_safetensors_free(file);
}

static void run_case(const struct golden *golden, size_t k, const struct optimizer *how)
{
    const cJSON *arguments = item(mica_golden_case(golden, k), "json");
    size_t steps = (size_t)number(mica_golden_case(golden, k), "steps");
    struct trial trial = begin(golden, k, how->name, arguments);
    for (size_t i = 0; i < mica_weights_count(trial.weights); i++) {
        struct weight *w = mica_weights_at(trial.weights, i);
        mica_golden_copy(mica_golden_need(golden, "%zu.%s", k, w->name), w->value,
                         w->count);
    }
    for (size_t step = 0; step < steps; step++) {
        take_gradients(&trial, step);
        mica_trainer_step(trial.trainer, number(arguments, "lr"));
        for (size_t i = 0; i < mica_weights_count(trial.weights); i++) {
            const struct weight *w = mica_weights_at(trial.weights, i);
            check(&trial, w->name, "values", step, w->value);
        }
    }
    check_states(&trial, how, steps - 1);
    end(&trial);
}

TEST(every_optimizer_moves_weights_as_pytorch_does)
{
    for (size_t i = 0; mica_optimizer(i); i++) {
        char name[64];
        const struct optimizer *how = mica_optimizer(i);
        snprintf(name, sizeof name, "optimizers/%s.safetensors", how->name);
        struct golden golden = mica_golden_open(name);
        for (size_t k = 0; k < golden.count; k++)
            run_case(&golden, k, how);
        mica_golden_close(&golden);
    }
}

/* More numbers than are moved at once: half of them 1, half 3, all gradients 1. Then Adam's
   step is 1 and |w| / |u| is sqrt(5), of a part of the weight 1 or 3. */
TEST(lamb_takes_norms_over_a_whole_weight)
{
    struct error err = {0};
    const struct optimizer *how = mica_optimizer_find("lamb");
    struct weights *weights = mica_weights_new(NULL, 0);
    const size_t count = 3 * 32768;
    cJSON *decay = cJSON_Parse("{\"weight_decay\": 0}");
    struct weight *w =
        mica_weights_book(weights, "w", WEIGHT_KERNEL, 1, &count, 1, 1, &err);
    assert_int_equal(mica_weights_train(weights, &err), 0);
    for (size_t i = 0; i < count; i++) {
        w->value[i] = i < count / 2 ? 1 : 3;
        w->gradient[i] = 1;
    }
    void *params = read_params(how->params, how->params_size, decay, NULL);
    struct trainer *trainer = mica_trainer_new(how, params, weights, &err);
    mica_trainer_step(trainer, 0.1);
    assert_near(w->value[0], 1 - 0.1 * sqrt(5), 1e-6);
    assert_near(w->value[count - 1], 3 - 0.1 * sqrt(5), 1e-6);
    mica_trainer_free(trainer);
    mica_weights_free(weights);
    mica_free(params);
    cJSON_Delete(decay);
}

/* ---- clipping ---- */

/* A step of gradient descent with rate 1 from 0 leaves minus the gradient. */
static void clip_case(const struct golden *golden, size_t k)
{
    const cJSON *limit = item(mica_golden_case(golden, k), "json");
    struct trial trial = begin(golden, k, "sgd", NULL);
    float norm;
    if (cJSON_HasObjectItem(limit, "norm"))
        mica_trainer_clip_norm(trial.trainer, number(limit, "norm"));
    else
        mica_trainer_clip_value(trial.trainer, number(limit, "value"));
    for (size_t i = 0; i < mica_weights_count(trial.weights); i++) {
        struct weight *w = mica_weights_at(trial.weights, i);
        mica_golden_copy(mica_golden_need(golden, "%zu.%s.gradient", k, w->name),
                         w->gradient, w->count);
    }
    double found = mica_trainer_step(trial.trainer, 1);
    mica_golden_copy(mica_golden_need(golden, "%zu.norm", k), &norm, 1);
    if (cJSON_HasObjectItem(limit, "norm"))
        assert_near(found / (double)norm, 1, 1e-6);
    for (size_t i = 0; i < mica_weights_count(trial.weights); i++) {
        const struct weight *w = mica_weights_at(trial.weights, i);
        float *wanted =
            mica_golden_floats(mica_golden_need(golden, "%zu.%s.clipped", k, w->name));
        for (size_t j = 0; j < w->count; j++)
            assert_near(w->value[j], -wanted[j], 1e-6 * fabs((double)wanted[j]));
        mica_free(wanted);
    }
    end(&trial);
}

TEST(gradients_are_clipped_as_pytorch_does)
{
    struct golden golden = mica_golden_open("optimizers/clip.safetensors");
    for (size_t k = 0; k < golden.count; k++)
        clip_case(&golden, k);
    mica_golden_close(&golden);
}

/* ---- what weights say themselves, gradients that were added up ---- */

static struct trial begin_simple(const struct golden *golden)
{
    struct trial trial = begin(golden, 0, "sgd", NULL);
    for (size_t i = 0; i < mica_weights_count(trial.weights); i++) {
        struct weight *w = mica_weights_at(trial.weights, i);
        for (size_t k = 0; k < w->count; k++)
            w->gradient[k] = 2;
    }
    return trial;
}

TEST(a_weight_learns_by_its_own_factor_of_the_rate_or_not_at_all)
{
    struct golden golden = mica_golden_open("optimizers/sgd.safetensors");
    struct trial trial = begin_simple(&golden);
    mica_weights_at(trial.weights, 0)->rate = 0.25;
    mica_weights_at(trial.weights, 1)->rate = 0;
    mica_weights_at(trial.weights, 2)->frozen = true;
    mica_trainer_step(trial.trainer, 0.1);
    static const double wanted[] = {-0.05, 0, 0, -0.2};
    for (size_t i = 0; i < 4; i++)
        assert_near(mica_weights_at(trial.weights, i)->value[0], wanted[i], 1e-7);
    end(&trial);
    mica_golden_close(&golden);
}

TEST(gradients_that_were_added_up_are_averaged_before_they_are_clipped)
{
    struct golden golden = mica_golden_open("optimizers/sgd.safetensors");
    struct trial trial = begin_simple(&golden);
    size_t count = 0;
    for (size_t i = 0; i < mica_weights_count(trial.weights); i++)
        count += mica_weights_at(trial.weights, i)->count;
    mica_trainer_share(trial.trainer, 0.25);
    mica_trainer_clip_norm(trial.trainer, 1e3);
    assert_near(mica_trainer_step(trial.trainer, 1), 0.5 * sqrt((double)count), 1e-5);
    assert_near(mica_weights_at(trial.weights, 0)->value[0], -0.5, 1e-7);
    mica_trainer_clip_norm(trial.trainer, 0);
    mica_trainer_clip_value(trial.trainer, 0.1);
    const uint64_t before = mica_weights_state(trial.weights);
    mica_trainer_step(trial.trainer, 1);
    assert_true(mica_weights_state(trial.weights) != before);
    assert_near(mica_weights_at(trial.weights, 0)->value[0], -0.6, 1e-7);
    end(&trial);
    mica_golden_close(&golden);
}

/* ---- the running mean ---- */

static void average_case(const struct golden *golden, size_t k)
{
    struct error err = {0};
    const cJSON *one = mica_golden_case(golden, k), *how = item(one, "json");
    struct trial trial = begin(golden, k, "sgd", NULL);
    struct weight *w = mica_weights_at(trial.weights, 0);
    struct average *average = mica_average_new(trial.weights, number(how, "decay"),
                                               cJSON_IsTrue(item(how, "ramp")), &err);
    assert_non_null(average);
    for (size_t step = 0; step < (size_t)number(one, "steps"); step++) {
        float *values = slice(mica_golden_need(golden, "%zu.w0.values", k), step);
        float *wanted = slice(mica_golden_need(golden, "%zu.w0.average", k), step);
        memcpy(w->value, values, w->count * sizeof *values);
        mica_average_take(average);
        const uint64_t before = mica_weights_state(trial.weights);
        mica_average_swap(average);
        assert_true(mica_weights_state(trial.weights) != before);
        assert_true(mica_golden_distance(w->value, wanted, w->count) < 2e-7);
        mica_average_swap(average);
        assert_memory_equal(w->value, values, w->count * sizeof *values);
        mica_free(values);
        mica_free(wanted);
    }
    mica_average_free(average);
    end(&trial);
}

TEST(the_running_mean_of_weights_is_that_of_pytorch)
{
    struct golden golden = mica_golden_open("optimizers/average.safetensors");
    for (size_t k = 0; k < golden.count; k++)
        average_case(&golden, k);
    mica_golden_close(&golden);
}

/* ---- states from files ---- */

static struct safetensors *saved_and_read(const struct trainer *trainer, char path[512])
{
    struct error err = {0};
    struct safetensors_out *out = mica_safetensors_begin();
    mica_trainer_save(trainer, out);
    snprintf(path, 512, "%s/state.safetensors", mica_test_folder());
    assert_int_equal(mica_safetensors_write(out, path, &err), 0);
    struct safetensors *file = mica_safetensors_read(path, &err);
    assert_non_null(file);
    return file;
}

TEST(a_state_that_does_not_fit_is_told_with_its_file)
{
    struct error err = {0};
    struct text wanted = {0};
    char path[512];
    struct golden golden = mica_golden_open("optimizers/sgd.safetensors");
    struct trial sgd = begin_simple(&golden), adam = begin(&golden, 0, "adam", NULL);
    struct safetensors *file = saved_and_read(sgd.trainer, path);
    assert_int_equal(mica_trainer_load(adam.trainer, file, path, &err), -1);
    mica_text_add(&wanted, "%s: is of the optimiser 'sgd', not 'adam'", path);
    assert_string_equal(err.text, wanted.data);
    struct average *average = mica_average_new(sgd.weights, 0.9, false, &err);
    err = (struct error){0};
    assert_int_equal(mica_average_load(average, file, path, &err), -1);
    mica_text_free(&wanted);
    mica_text_add(&wanted, "%s: has no mean of the weights", path);
    assert_string_equal(err.text, wanted.data);
    mica_text_free(&wanted);
    mica_average_free(average);
    mica_safetensors_free(file);
    end(&sgd);
    end(&adam);
    mica_golden_close(&golden);
}

/* ---- schedules ---- */

/* What the validation gives at the end of an epoch, for those that heed it. */
static void end_epoch(const struct schedule *how, const void *params, const cJSON *one,
                      uint64_t epoch, double *state)
{
    const cJSON *losses = cJSON_GetObjectItemCaseSensitive(one, "losses");
    if (!how->heed)
        return;
    double loss = cJSON_GetArrayItem(losses, (int)epoch)->valuedouble;
    struct measured measured = {loss, -loss, -loss};
    how->heed(params, &measured, state);
}

static void schedule_case(const cJSON *one, const struct json *json)
{
    const struct schedule *how = mica_schedule_find(item(one, "name")->valuestring);
    const cJSON *rates = item(one, "rates");
    assert_non_null(how);
    void *params = read_params(how->params, how->params_size, item(one, "json"), json);
    double state[MICA_SCHEDULE_STATE] = {0}, lr = number(one, "lr");
    uint64_t epoch_steps = (uint64_t)number(one, "epoch_steps");
    for (uint64_t t = 0; t < (uint64_t)cJSON_GetArraySize(rates); t++) {
        struct when when = {t, (uint64_t)number(one, "steps"), epoch_steps, state};
        double factor =
            mica_schedule_factor(how, params, (uint64_t)number(one, "warmup"), &when);
        double wanted = cJSON_GetArrayItem(rates, (int)t)->valuedouble;
        if (!(fabs(lr * factor - wanted) <= 1e-12 * lr))
            fail_msg("%s, step %d: %.15g, not %.15g", how->name, (int)t, lr * factor,
                     wanted);
        if ((t + 1) % epoch_steps == 0)
            end_epoch(how, params, one, t / epoch_steps, state);
    }
    mica_free(params);
}

TEST(schedules_give_the_rates_of_pytorch)
{
    const cJSON *one;
    struct json *json = mica_golden_json("schedules.json");
    cJSON_ArrayForEach(one, item(mica_json_root(json), "cases"))
        schedule_case(one, json);
    mica_json_free(json);
}
