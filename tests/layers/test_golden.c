/* test_golden.c - layers and losses against PyTorch's values in double precision */
#include "tests/golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/layers/trial.h"
#include "tests/test.h"

/* "weight" of "layer.weight". */
static const char *suffix_of(const struct weight *weight)
{
    return weight->name + strlen("layer.");
}

static void read_case(const struct golden *golden, size_t k, struct trial *trial)
{
    for (size_t i = 0; i < trial->node->inputs; i++) {
        float *x = mica_golden_floats(mica_golden_need(golden, "%zu.x%zu", k, i));
        mica_trial_unpack(&trial->x[i], x);
        mica_free(x);
    }
    for (size_t i = 0; i < mica_weights_count(trial->weights); i++) {
        struct weight *w = mica_weights_at(trial->weights, i);
        const struct stored *stored =
            mica_golden_need(golden, "%zu.%s", k, suffix_of(w));
        assert_int_equal(stored->rank, w->rank);
        assert_memory_equal(stored->dims, w->dims, w->rank * sizeof w->dims[0]);
        mica_golden_copy(stored, w->value, w->count);
    }
    const struct stored *dy = mica_golden_find(golden, "%zu.dy", k);
    float one = 1, *upstream = dy ? mica_golden_floats(dy) : &one;
    mica_trial_unpack(&trial->dy, upstream);
    if (dy)
        mica_free(upstream);
}

static void check_tensor(const struct golden *golden, size_t k, const char *name,
                         const struct tensor *t)
{
    float *found = mica_trial_pack(t);
    assert_golden(golden, k, name, found, mica_shape_size(t->shape));
    mica_free(found);
}

/* A gradient of a weight is a sum whose terms may cancel: in floats it cannot be nearer
   than their rounding. `terms` is the sum of |dy|; inputs are of the order of 1. */
static void check_gradient(const struct golden *golden, size_t k,
                           const struct weight *w, double terms)
{
    const char *name = suffix_of(w);
    float error,
        *wanted = mica_golden_floats(mica_golden_need(golden, "%zu.d.%s", k, name));
    float *zeros = mica_need(w->count, sizeof *zeros);
    mica_golden_copy(mica_golden_need(golden, "%zu.error.d.%s", k, name), &error, 1);
    double distance = mica_golden_distance(w->gradient, wanted, w->count);
    double size = mica_golden_distance(wanted, zeros, w->count);
    double allowed = 3 * (double)error + 1e-7 * (1 + terms / size);
    mica_free(wanted);
    mica_free(zeros);
    mica_golden_note(golden, distance, (double)error);
    if (!(distance <= allowed))
        fail_msg("case %zu, d.%s: differs by %.3g, allowed %.3g", k, name, distance,
                 allowed);
}

static double sum_of_sizes(const struct tensor *t)
{
    double sum = 0;
    float *x = mica_trial_pack(t);
    for (size_t i = 0; i < mica_shape_size(t->shape); i++)
        sum += fabs((double)x[i]);
    mica_free(x);
    return sum;
}

static void check_weights(const struct golden *golden, size_t k,
                          const struct trial *trial)
{
    for (size_t i = 0; i < mica_weights_count(trial->weights); i++) {
        const struct weight *w = mica_weights_at(trial->weights, i);
        char name[64];
        snprintf(name, sizeof name, "after.%s", suffix_of(w));
        if (w->gradient)
            check_gradient(golden, k, w, sum_of_sizes(&trial->dy));
        else if (mica_golden_find(golden, "%zu.%s", k, name))
            assert_golden(golden, k, name, w->value, w->count);
    }
}

static void check_case(const struct layer *layer, const struct golden *golden, size_t k,
                       size_t gap)
{
    const cJSON *item = mica_golden_case(golden, k);
    const cJSON *inputs = cJSON_GetObjectItem(item, "inputs");
    char *json = cJSON_PrintUnformatted(cJSON_GetObjectItem(item, "json"));
    struct shape in[MICA_INPUTS_MAX];
    size_t count = (size_t)cJSON_GetArraySize(inputs);
    for (size_t i = 0; i < count; i++)
        in[i] = mica_golden_shape(golden, k, i);
    struct how how = {.gap = gap};
    how.training = cJSON_IsTrue(cJSON_GetObjectItem(item, "training"));
    struct trial trial = mica_trial_new(layer, json, in, count, how);
    cJSON_free(json);
    read_case(golden, k, &trial);
    mica_trial_forward(&trial);
    mica_trial_backward(&trial);
    check_tensor(golden, k, "y", &trial.y);
    for (size_t i = 0; i < count; i++) {
        char name[24];
        snprintf(name, sizeof name, "dx%zu", i);
        if (i == 0 || !layer->activation)
            check_tensor(golden, k, name, &trial.dx[i]);
    }
    check_weights(golden, k, &trial);
    mica_trial_check_gaps(&trial);
    mica_trial_free(&trial);
}

static void check_layers(size_t gap)
{
    for (size_t i = 0; mica_layer(i); i++) {
        const struct layer *layer = mica_layer(i);
        char name[128];
        snprintf(name, sizeof name, "%s/%s.safetensors",
                 layer->activation ? "losses" : "layers", layer->name);
        struct golden golden = mica_golden_open(name);
        assert_true(golden.count > 0);
        for (size_t k = 0; k < golden.count; k++)
            check_case(layer, &golden, k, gap);
        mica_golden_close(&golden);
    }
}

TEST(every_layer_is_as_near_to_exact_values_as_pytorch) { check_layers(0); }

TEST(every_layer_is_so_with_gaps_between_pixels_too) { check_layers(5); }
