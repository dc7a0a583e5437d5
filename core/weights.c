/* weights.c - named parameters and statistics */
#include "core/weights.h"

#include <stdlib.h>
#include <string.h>

#include "core/initialize.h"
#include "core/kernels.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"

struct weights {
    const struct initializer *how;
    void *params; /* the initialiser's */
    uint64_t seed;
    bool outline; /* nothing has values */
    struct weight **list;
    size_t count, capacity;
    uint64_t state;
};

struct weights *mica_weights_new(const struct initializer *how, uint64_t seed)
{
    struct weights *weights = mica_need(1, sizeof *weights);
    weights->how = how;
    weights->seed = seed;
    if (how && how->params) {
        weights->params = mica_need(1, how->params_size);
        mica_param_standard(how->params, weights->params);
    }
    return weights;
}

void mica_weights_draw_with(struct weights *weights, const void *params)
{
    if (weights->params)
        memcpy(weights->params, params, weights->how->params_size);
}

struct weights *mica_weights_outline(void)
{
    struct weights *weights = mica_weights_new(NULL, 0);
    weights->outline = true;
    return weights;
}

void mica_weights_free(struct weights *weights)
{
    if (!weights)
        return;
    for (size_t i = 0; i < weights->count; i++) {
        struct weight *w = weights->list[i];
        mica_free(w->name);
        mica_free(w->value);
        mica_weight_lend(w, NULL);
        mica_free(w);
    }
    free(weights->list);
    mica_free(weights->params);
    mica_free(weights);
}

size_t mica_weights_count(const struct weights *weights) { return weights->count; }

struct weight *mica_weights_at(const struct weights *weights, size_t i)
{
    return weights->list[i];
}

struct weight *mica_weights_find(const struct weights *weights, const char *name)
{
    for (size_t i = 0; i < weights->count; i++)
        if (strcmp(weights->list[i]->name, name) == 0)
            return weights->list[i];
    return NULL;
}

bool mica_weight_is_statistic(const struct weight *weight)
{
    return weight->kind == STATISTIC_MEAN || weight->kind == STATISTIC_VARIANCE;
}

bool mica_weight_is_meant(const char *name, const char *pattern)
{
    bool meant = mica_text_matches(name, pattern);
    struct text layer = {0};
    for (const char *dot = strrchr(name, '.'); dot && !meant;) {
        mica_text_free(&layer);
        layer = (struct text){0};
        mica_text_append(&layer, name, (size_t)(dot - name));
        meant = mica_text_matches(layer.data, pattern);
        const char *above = strrchr(layer.data, '.');
        dot = above ? name + (above - layer.data) : NULL;
    }
    mica_text_free(&layer);
    return meant;
}

/* "64 x 32 x 3 x 3" */
static void write_dims(struct text *text, size_t rank, const size_t *dims)
{
    for (size_t i = 0; i < rank; i++)
        mica_text_add(text, "%s%zu", i ? " x " : "", dims[i]);
}

static int differs(const struct weight *w, size_t rank, const size_t *dims,
                   struct error *err)
{
    if (w->rank == rank && memcmp(w->dims, dims, rank * sizeof *dims) == 0)
        return 0;
    struct text had = {0}, wants = {0};
    write_dims(&had, w->rank, w->dims);
    write_dims(&wants, rank, dims);
    mica_misuse(err, "the weight '%s' is %s and cannot be %s here", w->name, had.data,
                wants.data);
    mica_text_free(&had);
    mica_text_free(&wants);
    return -1;
}

static void append(struct weights *weights, struct weight *w)
{
    if (weights->count == weights->capacity) {
        weights->capacity = weights->capacity ? 2 * weights->capacity : 64;
        weights->list =
            realloc(weights->list, weights->capacity * sizeof(struct weight *));
        MICA_CHECK(weights->list);
    }
    weights->list[weights->count++] = w;
}

struct weight *mica_weights_book(struct weights *weights, const char *name,
                                 enum weight_kind kind, size_t rank, const size_t *dims,
                                 size_t fan_in, size_t fan_out, struct error *err)
{
    struct weight *w = mica_weights_find(weights, name);
    if (w)
        return differs(w, rank, dims, err) ? NULL : w;
    MICA_CHECK(rank >= 1 && rank <= 4);
    size_t count = 1;
    for (size_t i = 0; i < rank; i++)
        if (__builtin_mul_overflow(count, dims[i], &count))
            return mica_misuse(err, "the weight '%s' is too large", name), NULL;
    float *value = weights->outline ? NULL : mica_allocate(count, sizeof *value);
    if (!value && !weights->outline) {
        mica_fail(err, "no memory for the weight '%s' (%zu numbers)", name, count);
        return NULL;
    }
    w = mica_need(1, sizeof *w);
    w->name = mica_need(strlen(name) + 1, 1);
    memcpy(w->name, name, strlen(name) + 1);
    w->kind = kind;
    w->rank = rank;
    memcpy(w->dims, dims, rank * sizeof *dims);
    w->count = count;
    w->fan_in = fan_in;
    w->fan_out = fan_out;
    w->value = value;
    w->rate = 1;
    if (!weights->outline)
        mica_initialize(w, weights->how, weights->params, weights->seed);
    append(weights, w);
    return w;
}

void mica_weight_lend(struct weight *weight, float *gradient)
{
    if (!weight->lent)
        mica_free(weight->gradient);
    weight->gradient = gradient;
    weight->lent = gradient != NULL;
}

void mica_weights_changed(struct weights *weights) { weights->state++; }

uint64_t mica_weights_state(const struct weights *weights) { return weights->state; }

int mica_weights_train(struct weights *weights, struct error *err)
{
    for (size_t i = 0; i < weights->count; i++) {
        struct weight *w = weights->list[i];
        if (w->gradient || mica_weight_is_statistic(w))
            continue;
        w->gradient = mica_allocate(w->count, sizeof *w->gradient);
        if (!w->gradient)
            return mica_fail(err, "no memory for the gradient of '%s' (%zu numbers)",
                             w->name, w->count);
    }
    return 0;
}

size_t mica_weights_parameters(const struct weights *weights)
{
    size_t sum = 0;
    for (size_t i = 0; i < weights->count; i++)
        if (!mica_weight_is_statistic(weights->list[i]))
            sum += weights->list[i]->count;
    return sum;
}

double mica_weights_penalty(const struct weights *weights)
{
    double sum = 0;
    for (size_t i = 0; i < weights->count; i++) {
        const struct weight *w = weights->list[i];
        if (w->l2 > 0)
            sum += w->l2 * mica_kernels()->dot(w->value, w->value, w->count);
    }
    return sum;
}

static void add_penalty(void *context, size_t i)
{
    const struct weights *weights = context;
    const struct weight *w = weights->list[i];
    const float factor = (float)(2 * w->l2);
    for (size_t k = 0; w->l2 > 0 && w->gradient && k < w->count; k++)
        w->gradient[k] += factor * w->value[k];
}

void mica_weights_add_penalty(struct weights *weights)
{
    bool any = false;
    for (size_t i = 0; i < weights->count; i++)
        any = any || weights->list[i]->l2 > 0;
    if (any)
        mica_parallel_for(weights->count, add_penalty, weights);
}
