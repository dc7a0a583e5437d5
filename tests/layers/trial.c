/* trial.c - one layer run by hand: its memory, its sums, forward and backward */
#include "tests/layers/trial.h"

#include <math.h>
#include <string.h>

#include "core/initialize.h"
#include "core/random.h"
#include "tests/test.h"

static const float GUARD = 123456.0f; /* what lies in the gaps */

size_t mica_trial_inputs(const struct example *example)
{
    size_t count = 0;
    while (count < MICA_INPUTS_MAX && example->in[count].n)
        count++;
    return count;
}

struct example mica_trial_enlarge(const struct example *example, size_t times)
{
    struct example large = *example;
    for (size_t i = 0; i < mica_trial_inputs(example); i++)
        if (large.in[i].h > 1 && large.in[i].w > 1) {
            large.in[i].h *= times;
            large.in[i].w *= times;
        }
    return large;
}

size_t mica_trial_several(const struct example *example)
{
    size_t times = 1, pixels = mica_shape_pixels(example->in[0]);
    while (pixels > 1 && pixels * times * times < 4500)
        times++;
    return times;
}

const void *mica_trial_params(const struct layer *layer, const char *text,
                              struct arena *arena)
{
    struct error err = {0};
    struct json *json = mica_json_parse(text, layer->name, &err);
    void *params = NULL;
    struct reader reader = {.json = json, .arena = arena};
    if (json && layer->params) {
        params = mica_arena_take(arena, 1, layer->params_size);
        mica_param_read(layer->params, params, NULL, mica_json_root(json), NULL,
                        &reader, &err);
    }
    mica_json_free(json);
    if (err.lines)
        fail_msg("%s %s: %s", layer->name, text, err.text);
    return params;
}

static struct tensor new_tensor(struct shape shape, size_t gap)
{
    struct tensor t = {.shape = shape, .stride = shape.c + gap, .type = TYPE_F32};
    size_t count = shape.n * shape.h * shape.w * t.stride;
    float *data = mica_need(count, sizeof *data);
    for (size_t i = 0; i < count; i++)
        data[i] = GUARD;
    t.data = data;
    return t;
}

struct trial mica_trial_new(const struct layer *layer, const char *json,
                            const struct shape *in, size_t inputs, struct how how)
{
    struct error err = {0};
    struct trial trial = {.how = how};
    int sources[MICA_INPUTS_MAX];
    trial.how.shards = how.shards ? how.shards : 1;
    trial.weights = mica_weights_new(mica_initializer_find("pytorch"), 7);
    trial.tape = mica_tape_new(trial.weights);
    for (size_t i = 0; i < inputs; i++)
        sources[i] = mica_tape_input(trial.tape, "input", in[i]);
    const void *params = mica_trial_params(layer, json, mica_tape_arena(trial.tape));
    int node =
        mica_tape_record(trial.tape, layer, params, "layer", sources, inputs, &err);
    if (node < 0 || mica_weights_train(trial.weights, &err))
        fail_msg("%s %s: %s", layer->name, json, err.text);
    trial.node = mica_tape_node(trial.tape, (size_t)node);
    for (size_t i = 0; i < inputs; i++) {
        trial.x[i] = new_tensor(in[i], how.gap);
        trial.dx[i] = new_tensor(in[i], how.gap);
    }
    trial.y = new_tensor(trial.node->out, how.gap);
    trial.dy = new_tensor(trial.node->out, how.gap);
    trial.saved = mica_need(trial.node->saved + 1, 1);
    return trial;
}

void mica_trial_free(struct trial *trial)
{
    for (size_t i = 0; i < MICA_INPUTS_MAX; i++) {
        mica_free(trial->x[i].data);
        mica_free(trial->dx[i].data);
    }
    mica_free(trial->y.data);
    mica_free(trial->dy.data);
    mica_free(trial->saved);
    mica_tape_free(trial->tape);
    mica_weights_free(trial->weights);
}

static float *at(const struct tensor *t, size_t i)
{
    return (float *)t->data + i / t->shape.c * t->stride + i % t->shape.c;
}

static size_t common_divisor(size_t a, size_t b)
{
    while (b) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void mica_trial_fill_tensor(const struct tensor *t, double low, double high,
                            uint64_t seed)
{
    size_t count = mica_shape_size(t->shape);
    size_t step = (size_t)(0.6180339887 * (double)count) + 1; /* the golden ratio */
    while (common_divisor(step, count) != 1)
        step++;
    for (size_t i = 0; i < count; i++) {
        double place = (double)((i * step + 7 * seed) % count);
        *at(t, i) = (float)(low + (high - low) * (place + 0.5) / (double)count);
    }
}

static void fill_labels(const struct tensor *t, size_t classes, uint64_t seed)
{
    struct random random;
    mica_random_start(&random, seed, 0, 0);
    for (size_t i = 0; i < mica_shape_size(t->shape); i++)
        *at(t, i) = (float)mica_random_below(&random, classes);
}

void mica_trial_fill(struct trial *trial, bool labels, uint64_t seed)
{
    bool loss = trial->node->layer->activation;
    for (size_t i = 0; i < trial->node->inputs; i++)
        if (loss && i == 1 && labels)
            fill_labels(&trial->x[i], trial->x[0].shape.c, seed + i);
        else if (loss && i == 1)
            mica_trial_fill_tensor(&trial->x[i], 0, 1, seed + i);
        else
            mica_trial_fill_tensor(&trial->x[i], -2, 2, seed + i);
    mica_trial_fill_tensor(&trial->dy, -1, 1.5, seed + 100);
}

static struct pass pass_of(const struct trial *trial)
{
    const struct how *how = &trial->how;
    struct pass pass = {.y = trial->y,
                        .dy = trial->dy,
                        .add_weights = how->add,
                        .training = how->training,
                        .shards = how->shards,
                        .seed = how->seed,
                        .step = how->step,
                        .first = how->first,
                        .saved = trial->saved};
    for (size_t i = 0; i < trial->node->inputs; i++) {
        pass.x[i] = trial->x[i];
        pass.dx[i] = trial->dx[i];
        pass.add[i] = how->add;
    }
    return pass;
}

typedef void merge_sums(const struct node *, double *, const double *);

static void join(const struct node *node, merge_sums *merge, size_t size, double *into,
                 const double *from)
{
    if (merge)
        merge(node, into, from);
    else
        for (size_t i = 0; i < size; i++)
            into[i] += from[i];
}

/* As the plan does: pieces in order inside a shard, shards by a binary tree. */
static double *sum_up(const struct trial *trial, const struct pass *pass, size_t size,
                      void (*partial)(const struct node *, const struct pass *,
                                      struct piece, double *),
                      merge_sums *merge)
{
    struct shape shape = trial->x[0].shape;
    size_t pieces = shape.n * mica_pieces_per_sample(shape);
    size_t shards = trial->how.shards, per = pieces / shards;
    double *sums = mica_need(pieces * size, sizeof *sums);
    for (size_t i = 0; i < pieces; i++)
        partial(trial->node, pass, mica_piece(shape, i), sums + i * size);
    for (size_t i = 0; i < pieces; i++)
        if (i % per)
            join(trial->node, merge, size, sums + i / per * per * size,
                 sums + i * size);
    for (size_t step = 1; step < shards; step *= 2)
        for (size_t i = 0; i + step < shards; i += 2 * step)
            join(trial->node, merge, size, sums + i * per * size,
                 sums + (i + step) * per * size);
    return sums;
}

void mica_trial_forward(struct trial *trial)
{
    const struct node *node = trial->node;
    const struct layer *layer = node->layer;
    struct pass pass = pass_of(trial);
    double *sums = NULL;
    if (node->sums_forward)
        sums = sum_up(trial, &pass, node->sums_forward, layer->partial_forward,
                      layer->merge_forward);
    pass.sums = sums;
    pass.scratch = mica_need(node->scratch_forward + 1, 1);
    layer->forward(node, &pass);
    mica_free(pass.scratch);
    mica_free(sums);
}

void mica_trial_backward(struct trial *trial)
{
    const struct node *node = trial->node;
    const struct layer *layer = node->layer;
    struct pass pass = pass_of(trial);
    double *sums = NULL;
    size_t scratch = layer->scratch_backward
                         ? layer->scratch_backward(node, pass.shards)
                         : node->scratch_backward;
    if (node->sums_backward)
        sums = sum_up(trial, &pass, node->sums_backward, layer->partial_backward, NULL);
    pass.sums = sums;
    pass.scratch = mica_need(scratch + 1, 1);
    layer->backward(node, &pass);
    mica_free(pass.scratch);
    mica_free(sums);
}

float *mica_trial_pack(const struct tensor *t)
{
    size_t count = mica_shape_size(t->shape);
    float *numbers = mica_need(count, sizeof *numbers);
    for (size_t i = 0; i < count; i++)
        numbers[i] = *at(t, i);
    return numbers;
}

void mica_trial_unpack(const struct tensor *t, const float *numbers)
{
    for (size_t i = 0; i < mica_shape_size(t->shape); i++)
        *at(t, i) = numbers[i];
}

static void check_gaps(const struct trial *trial, const struct tensor *t)
{
    size_t pixels = t->shape.n * mica_shape_pixels(t->shape);
    for (size_t p = 0; p < pixels; p++)
        for (size_t k = t->shape.c; k < t->stride; k++)
            if (mica_tensor_at(t, 0, p)[k] != GUARD)
                fail_msg("%s writes between pixels", trial->node->layer->name);
}

void mica_trial_check_gaps(const struct trial *trial)
{
    check_gaps(trial, &trial->y);
    check_gaps(trial, &trial->dy);
    for (size_t i = 0; i < trial->node->inputs; i++) {
        check_gaps(trial, &trial->x[i]);
        check_gaps(trial, &trial->dx[i]);
    }
}

double mica_trial_distance(const float *a, const float *b, size_t count)
{
    double gap = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)a[i] - (double)b[i];
        gap += difference * difference;
        size += (double)b[i] * (double)b[i];
    }
    return size > 0 ? sqrt(gap / size) : sqrt(gap);
}
