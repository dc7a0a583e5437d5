/* focal.c - cross-entropy that heeds pixels less that are right already

   Lin et al., arXiv:1708.02002, with softmax over the classes. */
#include "core/numeric.h"
#include "layers/losses/cross_entropy.h"

struct params {
    struct classes_params classes;
    double gamma;
    struct cross_entropy weights; /* of the classes */
};

static const struct param params[] = {
    {"gamma", PARAM_FLOAT, offsetof(struct params, gamma), 2, 0, 20,
     "how much less; 0: cross-entropy"},
    {"class_weights", PARAM_NUMBERS, offsetof(struct params, weights.class_weights), 0,
     0, HUGE_VAL, "a weight for each class (the paper's alpha); not given: all 1"},
    MICA_CLASSES_IGNORE,
    {0}};

enum { SUM, WEIGHT, SUMS };

static int setup(struct node *node, struct error *err)
{
    const struct params *p = node->params;
    if (mica_classes_setup(node, SUMS, err))
        return -1;
    return mica_cross_entropy_check(&p->weights, node, err);
}

static double share_of(const struct params *p, size_t k, float t)
{
    const struct numbers *weights = &p->weights.class_weights;
    return (weights->count ? weights->values[k] : 1) * (double)t;
}

/* 1 - p[k], also where p[k] is so near to 1 that the difference would lose its digits. */
static double rest_of(const float *p, size_t count, size_t k)
{
    if (p[k] < 0.5f)
        return 1 - (double)p[k];
    double rest = 0;
    for (size_t i = 0; i < count; i++)
        rest += i == k ? 0 : (double)p[i];
    return rest;
}

/* -ln p[k], likewise */
static double entropy_of(const struct classes *block, size_t i, size_t k, double rest)
{
    const float *x = mica_tensor_at(block->logits, block->sample, block->first + i);
    if (rest > 0.5)
        return (double)block->log_sum[i] - (double)x[k];
    return rest < 1e-5 ? rest * (1 + rest / 2) : -mica_log(1 - rest);
}

static double power(double base, double exponent)
{
    if (exponent == 0)
        return 1;
    return base > 0 ? mica_pow(base, exponent) : 0;
}

static void add(const struct node *node, const struct classes *block, double *sums)
{
    const struct params *p = node->params;
    for (size_t i = 0; i < block->pixels; i++) {
        const float *row = block->p + i * block->count,
                    *t = block->t + i * block->count;
        double weight = 0;
        for (size_t k = 0; k < block->count; k++) {
            if (t[k] == 0)
                continue;
            double share = share_of(p, k, t[k]), rest = rest_of(row, block->count, k);
            sums[SUM] += share * power(rest, p->gamma) * entropy_of(block, i, k, rest);
            weight += share;
        }
        sums[WEIGHT] += block->labels ? weight : 1;
    }
}

static double value(const struct node *node, const double *sums)
{
    (void)node;
    return sums[WEIGHT] > 0 ? sums[SUM] / sums[WEIGHT] : 0;
}

/* With q = 1 - p, of class k: p d(-q^g ln p)/dp = g p q^(g-1) ln p - q^g. */
static double slope_of(const struct params *p, double probability, double rest,
                       double entropy)
{
    double falls = p->gamma > 0 && rest > 0
                       ? p->gamma * probability * power(rest, p->gamma - 1) * entropy
                       : 0;
    return -falls - power(rest, p->gamma);
}

/* Through softmax dx[k] = slope[k] q[k] - p[k] (sum of the other slopes). */
static void gradient_of(const struct params *p, const struct classes *block, size_t i,
                        double factor, float *dx)
{
    const float *row = block->p + i * block->count, *t = block->t + i * block->count;
    double slope[MICA_CLASSES_MOST], rest[MICA_CLASSES_MOST], sum = 0;
    for (size_t k = 0; k < block->count; k++) {
        slope[k] = rest[k] = 0;
        if (t[k] == 0)
            continue;
        rest[k] = rest_of(row, block->count, k);
        slope[k] = share_of(p, k, t[k]) * slope_of(p, (double)row[k], rest[k],
                                                   entropy_of(block, i, k, rest[k]));
        sum += slope[k];
    }
    for (size_t k = 0; k < block->count; k++)
        dx[k] +=
            (float)(factor * (slope[k] * rest[k] - (double)row[k] * (sum - slope[k])));
}

static void gradient(const struct node *node, const struct pass *pass,
                     const struct classes *block, double scale, float *dx)
{
    const double *sums = pass->saved;
    double factor = sums[WEIGHT] > 0 ? scale / sums[WEIGHT] : 0;
    for (size_t i = 0; i < block->pixels; i++)
        gradient_of(node->params, block, i, factor, dx + i * block->count);
}

static const struct classes_loss work = {add, value, gradient, NULL};

static const struct example examples[] = {
    {"{}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {"{\"gamma\": 0.5, \"class_weights\": [0.5, 1, 3], \"ignore\": 1}",
     {{4, 3, 2, 3}, {4, 3, 2, 1}},
     true},
    {"{\"gamma\": 1}", {{2, 2, 3, 4}, {2, 2, 3, 4}}},
    {0}};

const struct layer mica_layer_focal = {
    .name = "focal",
    .summary = "cross-entropy that heeds pixels less that are right already",
    .equation =
        "sum w[t] (1 - p[t])^gamma (-ln p[t]) / sum w[t]; given probabilities t: "
        "the mean over pixels of sum_c w[c] t[c] (1 - p[c])^gamma (-ln p[c])",
    .inputs = 2,
    .params = params,
    .params_size = sizeof(struct params),
    .keeps_input = true,
    .activation = "softmax",
    .setup = setup,
    .forward = mica_classes_forward,
    .backward = mica_classes_backward,
    .partial_forward = mica_classes_partial,
    .work = &work,
    .examples = examples};
