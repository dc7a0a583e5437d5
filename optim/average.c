/* average.c - a running mean of weights (Polyak and Juditsky 1992) */
#include "optim/average.h"

#include <stdlib.h>

#include "core/memory.h"
#include "core/parallel.h"
#include "core/safetensors.h"
#include "core/text.h"

struct average {
    struct weights *weights;
    float **means; /* one for each weight */
    double decay;
    bool ramp;
    uint64_t steps;
    float share; /* of this step */
};

struct average *mica_average_new(struct weights *weights, double decay, bool ramp,
                                 struct error *err)
{
    size_t count = mica_weights_count(weights);
    struct average *a = mica_need(1, sizeof *a);
    *a = (struct average){
        weights, mica_need(count + 1, sizeof *a->means), decay, ramp, 0, 0};
    for (size_t i = 0; i < count; i++) {
        const struct weight *w = mica_weights_at(weights, i);
        a->means[i] = mica_allocate(w->count, sizeof **a->means);
        if (!a->means[i]) {
            mica_fail(err, "no memory for the mean of '%s'", w->name);
            mica_average_free(a);
            return NULL;
        }
    }
    return a;
}

void mica_average_free(struct average *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < mica_weights_count(a->weights); i++)
        mica_free(a->means[i]);
    mica_free(a->means);
    mica_free(a);
}

/* What does not move stays to the bit. */
static void take_one(void *context, size_t i)
{
    const struct average *a = context;
    const struct weight *w = mica_weights_at(a->weights, i);
    for (size_t k = 0; k < w->count; k++)
        a->means[i][k] += a->share * (w->value[k] - a->means[i][k]);
}

void mica_average_take(struct average *a)
{
    double t = (double)a->steps, left = a->decay;
    if (a->ramp && left > (1 + t) / (10 + t))
        left = (1 + t) / (10 + t);
    a->share = a->steps ? (float)(1 - left) : 1.0f;
    a->steps++;
    mica_parallel_for(mica_weights_count(a->weights), take_one, a);
}

void mica_average_swap(struct average *a)
{
    for (size_t i = 0; i < mica_weights_count(a->weights); i++) {
        struct weight *w = mica_weights_at(a->weights, i);
        float *mean = a->means[i];
        a->means[i] = w->value;
        w->value = mean;
    }
    mica_weights_changed(a->weights);
}

/* ---- state in files ---- */

void mica_average_save(const struct average *a, struct safetensors_out *out)
{
    struct text steps = {0};
    mica_text_add(&steps, "%llu", (unsigned long long)a->steps);
    mica_safetensors_put(out, "average.steps", steps.data);
    mica_text_free(&steps);
    for (size_t i = 0; i < mica_weights_count(a->weights); i++) {
        const struct weight *w = mica_weights_at(a->weights, i);
        struct text name = {0};
        mica_text_add(&name, "average.%s", w->name);
        mica_safetensors_tensor(out, name.data, "F32", w->rank, w->dims, a->means[i]);
        mica_text_free(&name);
    }
}

int mica_average_load(struct average *a, const struct safetensors *file,
                      const char *path, struct error *err)
{
    const char *steps = mica_safetensors_meta(file, "average.steps");
    int status = steps ? 0 : mica_fail(err, "%s: has no mean of the weights", path);
    for (size_t i = 0; i < mica_weights_count(a->weights) && !status; i++) {
        const struct weight *w = mica_weights_at(a->weights, i);
        struct text name = {0};
        mica_text_add(&name, "average.%s", w->name);
        const struct stored *stored = mica_safetensors_find(file, name.data);
        if (!stored || stored->count != w->count)
            status = mica_fail(err, "%s: has no tensor '%s' of %zu numbers", path,
                               name.data, w->count);
        else
            mica_stored_floats(stored, a->means[i]);
        mica_text_free(&name);
    }
    if (!status)
        a->steps = strtoull(steps, NULL, 10);
    return status;
}
