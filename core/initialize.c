/* initialize.c - the first values of weights

   With uniform values in +-limit the variance is limit^2 / 3. LeCun et al. (1998):
   variance 1 / fan_in; Glorot and Bengio (2010): 2 / (fan_in + fan_out); He et al. (2015):
   2 / fan_in. */
#include "core/initialize.h"

#include <math.h>
#include <string.h>

#include "core/random.h"
#include "core/text.h"

/* PyTorch's default for convolutions and linear layers: variance 1 / (3 fan_in). */
static double pytorch_limit(size_t fan_in, size_t fan_out)
{
    (void)fan_out;
    return sqrt(1.0 / (double)fan_in);
}

static double glorot_limit(size_t fan_in, size_t fan_out)
{
    return sqrt(6.0 / (double)(fan_in + fan_out));
}

static double glorot_sd(size_t fan_in, size_t fan_out)
{
    return sqrt(2.0 / (double)(fan_in + fan_out));
}

static double he_limit(size_t fan_in, size_t fan_out)
{
    (void)fan_out;
    return sqrt(6.0 / (double)fan_in);
}

static double he_sd(size_t fan_in, size_t fan_out)
{
    (void)fan_out;
    return sqrt(2.0 / (double)fan_in);
}

static const struct initializer initializers[] = {
    {"pytorch", "uniform, limit 1 / sqrt(fan_in), biases too: PyTorch's default",
     pytorch_limit, pytorch_limit, false},
    {"keras", "uniform, limit sqrt(6 / (fan_in + fan_out)), biases 0: Keras' default",
     glorot_limit, NULL, false},
    {"glorot_uniform", "uniform, limit sqrt(6 / (fan_in + fan_out)), biases 0",
     glorot_limit, NULL, false},
    {"glorot_normal", "normal, sd sqrt(2 / (fan_in + fan_out)), biases 0", glorot_sd,
     NULL, true},
    {"he_uniform", "uniform, limit sqrt(6 / fan_in), biases 0", he_limit, NULL, false},
    {"he_normal", "normal, sd sqrt(2 / fan_in), biases 0", he_sd, NULL, true},
};

enum { COUNT = sizeof initializers / sizeof initializers[0] };

const struct initializer *mica_initializer(size_t i)
{
    return i < COUNT ? &initializers[i] : NULL;
}

const struct initializer *mica_initializer_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(initializers[i].name, name) == 0)
            return &initializers[i];
    return NULL;
}

static void fill(struct weight *weight, float value)
{
    for (size_t i = 0; i < weight->count; i++)
        weight->value[i] = value;
}

/* Each weight has its own stream of random numbers, named by the seed and its name. */
static void draw(struct weight *weight, double size, bool normal, uint64_t seed)
{
    struct random random;
    mica_random_start(&random, seed, (uint32_t)mica_text_hash("weights"),
                      mica_text_hash(weight->name));
    for (size_t i = 0; i < weight->count; i++)
        weight->value[i] = (float)(normal ? size * mica_random_normal(&random)
                                          : mica_random_between(&random, -size, size));
}

void mica_initialize(struct weight *weight, const struct initializer *how,
                     uint64_t seed)
{
    bool one = weight->kind == WEIGHT_SCALE || weight->kind == STATISTIC_VARIANCE;
    bool kernel = weight->kind == WEIGHT_KERNEL, bias = weight->kind == WEIGHT_BIAS;
    fill(weight, one ? 1.0f : weight->kind == WEIGHT_SLOPE ? 0.25f : 0.0f);
    if (!how)
        return;
    if (kernel && how->kernel)
        draw(weight, how->kernel(weight->fan_in, weight->fan_out), how->normal, seed);
    if (bias && how->bias)
        draw(weight, how->bias(weight->fan_in, weight->fan_out), how->normal, seed);
}
