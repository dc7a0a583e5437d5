/* trainer.c - one step of every weight, in blocks that do not depend on threads */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernels.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/safetensors.h"
#include "core/text.h"
#include "optim/optim.h"

enum { BLOCK = 16384 }; /* numbers of a weight that one piece of work moves */

struct moved {
    struct weight *weight;
    float *slots[MICA_SLOTS_MAX];
};

struct place { /* where block i of the work begins */
    size_t moved, from;
};

struct trainer {
    const struct optimizer *optimizer;
    struct weights *weights;
    void *params;
    struct moved *moved;
    struct place *blocks;
    double *squares; /* one sum for each block */
    double (*sums)[MICA_SUMS_MAX];
    size_t count, block_count, slot_count;
    double clip_norm, clip_value, share;
    uint64_t step;
    double rate, scale;
};

static bool needs(const struct trainer *t, size_t slot)
{
    return !t->optimizer->needs || t->optimizer->needs(t->params, slot);
}

static int take_slots(struct trainer *t, struct moved *moved, struct error *err)
{
    for (size_t s = 0; s < t->slot_count; s++) {
        if (!needs(t, s))
            continue;
        moved->slots[s] = mica_allocate(moved->weight->count, sizeof(float));
        if (!moved->slots[s])
            return mica_fail(err, "no memory for the optimiser's state of '%s'",
                             moved->weight->name);
    }
    return 0;
}

static void list_blocks(struct trainer *t)
{
    for (size_t i = 0; i < t->count; i++)
        t->block_count += (t->moved[i].weight->count + BLOCK - 1) / BLOCK;
    t->blocks = mica_need(t->block_count + 1, sizeof *t->blocks);
    t->squares = mica_need(t->block_count + 1, sizeof *t->squares);
    t->sums = mica_need(t->block_count + 1, sizeof *t->sums);
    size_t at = 0;
    for (size_t i = 0; i < t->count; i++)
        for (size_t from = 0; from < t->moved[i].weight->count; from += BLOCK)
            t->blocks[at++] = (struct place){i, from};
}

struct trainer *mica_trainer_new(const struct optimizer *optimizer, const void *params,
                                 struct weights *weights, struct error *err)
{
    struct trainer *t = mica_need(1, sizeof *t);
    t->optimizer = optimizer;
    t->weights = weights;
    t->share = 1;
    t->params = mica_need(1, optimizer->params_size);
    memcpy(t->params, params, optimizer->params_size);
    while (optimizer->slots[t->slot_count])
        t->slot_count++;
    t->moved = mica_need(mica_weights_count(weights) + 1, sizeof *t->moved);
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        struct weight *weight = mica_weights_at(weights, i);
        if (mica_weight_is_statistic(weight))
            continue;
        t->moved[t->count].weight = weight;
        if (take_slots(t, &t->moved[t->count++], err)) {
            mica_trainer_free(t);
            return NULL;
        }
    }
    list_blocks(t);
    return t;
}

void mica_trainer_free(struct trainer *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < t->count; i++)
        for (size_t s = 0; s < t->slot_count; s++)
            mica_free(t->moved[i].slots[s]);
    mica_free(t->moved);
    mica_free(t->blocks);
    mica_free(t->squares);
    mica_free(t->sums);
    mica_free(t->params);
    mica_free(t);
}

void mica_trainer_clip_norm(struct trainer *t, double norm) { t->clip_norm = norm; }
void mica_trainer_clip_value(struct trainer *t, double limit) { t->clip_value = limit; }
void mica_trainer_share(struct trainer *t, double share) { t->share = share; }
uint64_t mica_trainer_steps(const struct trainer *t) { return t->step; }

static size_t block_size(const struct weight *weight, size_t from)
{
    return weight->count - from < BLOCK ? weight->count - from : BLOCK;
}

static void limit_values(float *gradient, size_t count, float limit)
{
    for (size_t i = 0; i < count; i++)
        gradient[i] = fminf(fmaxf(gradient[i], -limit), limit);
}

static void measure_block(void *context, size_t i)
{
    struct trainer *t = context;
    const struct weight *weight = t->moved[t->blocks[i].moved].weight;
    if (weight->frozen) {
        t->squares[i] = 0;
        return;
    }
    float *gradient = weight->gradient + t->blocks[i].from;
    size_t n = block_size(weight, t->blocks[i].from);
    if (t->clip_value > 0)
        limit_values(gradient, n, (float)(t->clip_value / t->share));
    t->squares[i] = mica_kernels()->dot(gradient, gradient, n);
}

/* Of block i; the sums are those of its weight. */
static struct update update_of(const struct trainer *t, size_t i)
{
    const struct moved *moved = &t->moved[t->blocks[i].moved];
    size_t from = t->blocks[i].from, first = i - from / BLOCK;
    struct update update = {.value = moved->weight->value + from,
                            .gradient = moved->weight->gradient + from,
                            .count = block_size(moved->weight, from),
                            .rate = t->rate * moved->weight->rate,
                            .scale = t->scale,
                            .step = t->step};
    for (size_t s = 0; s < t->slot_count; s++)
        update.slots[s] = moved->slots[s] ? moved->slots[s] + from : NULL;
    memcpy(update.sums, t->sums[first], sizeof update.sums);
    return update;
}

static bool is_frozen(const struct trainer *t, size_t block)
{
    return t->moved[t->blocks[block].moved].weight->frozen;
}

static void sum_block(void *context, size_t i)
{
    const struct trainer *t = context;
    memset(t->sums[i], 0, sizeof t->sums[i]);
    if (is_frozen(t, i))
        return;
    struct update update = update_of(t, i);
    t->optimizer->measure(t->params, &update, t->sums[i]);
}

/* The sums of a weight's blocks are joined in order, into those of its first. */
static void sum_weights(struct trainer *t)
{
    mica_parallel_for(t->block_count, sum_block, t);
    for (size_t i = 0; i < t->block_count; i++) {
        size_t first = i - t->blocks[i].from / BLOCK;
        for (size_t k = 0; first < i && k < MICA_SUMS_MAX; k++)
            t->sums[first][k] += t->sums[i][k];
    }
}

static void move_block(void *context, size_t i)
{
    const struct trainer *t = context;
    if (is_frozen(t, i))
        return;
    struct update update = update_of(t, i);
    t->optimizer->update(t->params, &update);
}

/* Where no weight waits for the whole norm, gradients are read once. */
static void measure_and_move_block(void *context, size_t i)
{
    measure_block(context, i);
    move_block(context, i);
}

static double norm_of(const struct trainer *t)
{
    double squares = 0;
    for (size_t i = 0; i < t->block_count; i++)
        squares += t->squares[i];
    return t->share * sqrt(squares);
}

double mica_trainer_step(struct trainer *t, double rate)
{
    t->scale = t->share;
    t->rate = rate;
    t->step++;
    mica_weights_changed(t->weights);
    if (t->clip_norm <= 0 && !t->optimizer->measure) {
        mica_parallel_for(t->block_count, measure_and_move_block, t);
        return norm_of(t);
    }
    mica_parallel_for(t->block_count, measure_block, t);
    const double norm = norm_of(t);
    if (t->clip_norm > 0 && norm > t->clip_norm)
        t->scale *= t->clip_norm / (norm + 1e-6);
    if (t->optimizer->measure)
        sum_weights(t);
    mica_parallel_for(t->block_count, move_block, t);
    return norm;
}

/* ---- state in files ---- */

static char *slot_name(const struct trainer *t, size_t slot, const struct moved *moved)
{
    struct text name = {0};
    mica_text_add(&name, "optimizer.%s.%s", t->optimizer->slots[slot],
                  moved->weight->name);
    return name.data;
}

void mica_trainer_save(const struct trainer *t, struct safetensors_out *out)
{
    char step[32];
    snprintf(step, sizeof step, "%llu", (unsigned long long)t->step);
    mica_safetensors_put(out, "optimizer", t->optimizer->name);
    mica_safetensors_put(out, "optimizer.step", step);
    for (size_t i = 0; i < t->count; i++)
        for (size_t s = 0; s < t->slot_count; s++) {
            const struct weight *weight = t->moved[i].weight;
            if (!t->moved[i].slots[s])
                continue;
            char *name = slot_name(t, s, &t->moved[i]);
            mica_safetensors_tensor(out, name, "F32", weight->rank, weight->dims,
                                    t->moved[i].slots[s]);
            free(name);
        }
}

static int load_slot(const struct trainer *t, size_t s, const struct moved *moved,
                     const struct safetensors *file, const char *path,
                     struct error *err)
{
    char *name = slot_name(t, s, moved);
    const struct stored *stored = mica_safetensors_find(file, name);
    int status = 0;
    if (!stored || stored->count != moved->weight->count)
        status = mica_fail(err, "%s: has no tensor '%s' of %zu numbers", path, name,
                           moved->weight->count);
    else
        mica_stored_floats(stored, moved->slots[s]);
    free(name);
    return status;
}

int mica_trainer_load(struct trainer *t, const struct safetensors *file,
                      const char *path, struct error *err)
{
    const char *name = mica_safetensors_meta(file, "optimizer");
    const char *step = mica_safetensors_meta(file, "optimizer.step");
    if (!name || !step || strcmp(name, t->optimizer->name) != 0)
        return mica_fail(err, "%s: is of the optimiser '%s', not '%s'", path,
                         name ? name : "(none)", t->optimizer->name);
    for (size_t i = 0; i < t->count; i++)
        for (size_t s = 0; s < t->slot_count; s++)
            if (t->moved[i].slots[s] && load_slot(t, s, &t->moved[i], file, path, err))
                return -1;
    t->step = strtoull(step, NULL, 10);
    return 0;
}
