/* initialize.c - the first values of weights, and the ways to draw them */
#include "core/initialize.h"

#include <string.h>

#include "core/text.h"

/* make writes the list: a line INITIALIZER(name) for each. */
#define INITIALIZER(name) extern const struct initializer mica_initializer_##name;
#include "initializers.inc"
#undef INITIALIZER

static const struct initializer *const initializers[] = {
#define INITIALIZER(name) &mica_initializer_##name,
#include "initializers.inc"
    NULL};

const struct initializer *mica_initializer(size_t i)
{
    return i < sizeof initializers / sizeof *initializers ? initializers[i] : NULL;
}

const struct initializer *mica_initializer_find(const char *name)
{
    for (size_t i = 0; initializers[i]; i++)
        if (strcmp(initializers[i]->name, name) == 0)
            return initializers[i];
    return NULL;
}

void mica_initialize_uniform(struct weight *weight, struct random *random, double limit)
{
    for (size_t i = 0; i < weight->count; i++)
        weight->value[i] = (float)mica_random_between(random, -limit, limit);
}

void mica_initialize_normal(struct weight *weight, struct random *random, double sd)
{
    for (size_t i = 0; i < weight->count; i++)
        weight->value[i] = (float)(sd * mica_random_normal(random));
}

void mica_initialize(struct weight *weight, const struct initializer *how,
                     const void *params, uint64_t seed)
{
    bool one = weight->kind == WEIGHT_SCALE || weight->kind == STATISTIC_VARIANCE;
    for (size_t i = 0; i < weight->count; i++)
        weight->value[i] = one ? 1.0f : 0.0f;
    if (!how)
        return;
    struct random random;
    mica_random_start(&random, seed, (uint32_t)mica_text_hash("weights"),
                      mica_text_hash(weight->name));
    if (weight->kind == WEIGHT_KERNEL)
        how->kernel(params, weight, &random);
    if (weight->kind == WEIGHT_BIAS && how->bias)
        how->bias(params, weight, &random);
}
