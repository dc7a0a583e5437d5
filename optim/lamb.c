/* lamb.c - Adam's step, in each weight as long as the weight (You et al., arXiv:1904.00962)

   For batches of thousands, where one rate does not suit all layers. */
#include <math.h>

#include "optim/moments.h"

static const struct param params[] = {
    MICA_MOMENTS_RATES,
    {"eps", PARAM_FLOAT, offsetof(struct moments, eps), 1e-6, 1e-30, 1,
     "added to the root of the mean square"},
    {"weight_decay", PARAM_FLOAT, offsetof(struct moments, weight_decay), 0.01, 0, 10,
     "this times the weight is added to its step"},
    {0}};

/* What Adam would move by without a rate, and weight decay. */
struct step {
    float size, root, eps, decay;
};

static struct step step_of(const struct moments *p, const struct update *u)
{
    double debias1 = mica_moments_debias(p->beta1, u->step);
    double debias2 = mica_moments_debias(p->beta2, u->step);
    return (struct step){(float)(1 / debias1), (float)(1 / sqrt(debias2)),
                         (float)p->eps, (float)p->weight_decay};
}

static float move_of(const struct step *s, const struct update *u, size_t i)
{
    float m = u->slots[0][i], v = u->slots[1][i];
    return s->size * m / (sqrtf(v) * s->root + s->eps) + s->decay * u->value[i];
}

enum { WEIGHT, MOVE }; /* the sums: squares of both */

static void measure(const void *moments, const struct update *u, double *sums)
{
    const struct moments *p = moments;
    struct step step = step_of(p, u);
    float b1 = (float)p->beta1, rest1 = (float)(1 - p->beta1);
    float b2 = (float)p->beta2, rest2 = (float)(1 - p->beta2), scale = (float)u->scale;
    float *m = u->slots[0], *v = u->slots[1];
    for (size_t i = 0; i < u->count; i++) {
        float g = scale * u->gradient[i];
        m[i] = b1 * m[i] + rest1 * g;
        v[i] = b2 * v[i] + rest2 * g * g;
        double move = (double)move_of(&step, u, i), value = (double)u->value[i];
        sums[WEIGHT] += value * value;
        sums[MOVE] += move * move;
    }
}

static void update(const void *p, const struct update *u)
{
    struct step step = step_of(p, u);
    bool both = u->sums[WEIGHT] > 0 && u->sums[MOVE] > 0;
    double trust = both ? sqrt(u->sums[WEIGHT] / u->sums[MOVE]) : 1;
    float rate = (float)(u->rate * trust);
    for (size_t i = 0; i < u->count; i++)
        u->value[i] -= rate * move_of(&step, u, i);
}

const struct optimizer mica_optimizer_lamb = {
    .name = "lamb",
    .summary = "adam's step, as long as the weight that it moves: for large batches",
    .equation = "u = (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps) + decay w;"
                "  w = w - lr u |w| / |u|  (m and v as adam; norms over a weight)",
    .params = params,
    .params_size = sizeof(struct moments),
    .slots = {"exp_avg", "exp_avg_sq"},
    .measure = measure,
    .update = update};
