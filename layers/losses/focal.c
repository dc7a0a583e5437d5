/* focal.c - cross-entropy that heeds pixels less that are right already

   Lin et al., arXiv:1708.02002, with softmax over the classes. */
#include <string.h>

#include "core/numeric.h"
#include "layers/losses/cross_entropy.h"

struct params {
    double gamma;
    struct cross_entropy weights; /* of the classes */
    int ignore;
};

static const struct param params[] = {
    {"gamma", PARAM_FLOAT, offsetof(struct params, gamma), 2, 0, 20,
     "how much less; 0: cross-entropy"},
    {"class_weights", PARAM_NUMBERS, offsetof(struct params, weights.class_weights), 0,
     0, HUGE_VAL, "a weight for each class (the paper's alpha); not given: all 1"},
    {"ignore", PARAM_INT, offsetof(struct params, ignore), -1, -1e9, 1e9,
     "pixels of this class do not count, nor do those with a number that is no class"},
    {0}};

enum { SUM, WEIGHT, SUMS };

static int setup(struct node *node, struct error *err)
{
    const struct params *p = node->params;
    if (mica_classes_setup(node, err) ||
        mica_cross_entropy_check(&p->weights, node, err))
        return -1;
    node->sums_forward = SUMS;
    node->saved = SUMS * sizeof(double);
    return 0;
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

struct adding {
    const struct params *params;
    double *sums;
};

static void add_block(void *context, const struct classes *block)
{
    const struct params *p = ((struct adding *)context)->params;
    double *sums = ((struct adding *)context)->sums;
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

static void partial(const struct node *node, const struct pass *pass,
                    struct piece piece, double *sums)
{
    struct adding adding = {node->params, sums};
    memset(sums, 0, SUMS * sizeof *sums);
    mica_classes_walk(pass, piece, adding.params->ignore, add_block, &adding);
}

static void merge(const struct node *node, double *into, const double *from)
{
    for (size_t i = 0; i < node->sums_forward; i++)
        into[i] += from[i];
}

static void forward(const struct node *node, const struct pass *pass)
{
    memcpy(pass->saved, pass->sums, node->saved);
    *mica_tensor_at(&pass->y, 0, 0) =
        (float)(pass->sums[WEIGHT] > 0 ? pass->sums[SUM] / pass->sums[WEIGHT] : 0);
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
                        double factor, float *gradient)
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
        gradient[k] =
            (float)(factor * (slope[k] * rest[k] - (double)row[k] * (sum - slope[k])));
}

static void backward_block(void *context, const struct classes *block)
{
    const struct job *job = context;
    const double *sums = job->pass->saved;
    double upstream = (double)*mica_tensor_at(&job->pass->dy, 0, 0);
    double factor = sums[WEIGHT] > 0 ? upstream / sums[WEIGHT] : 0;
    float gradient[MICA_CLASSES_BLOCK];
    for (size_t i = 0; i < block->pixels; i++)
        gradient_of(job->node->params, block, i, factor, gradient + i * block->count);
    mica_classes_put(job->pass, block, gradient);
}

static void backward_piece(void *context, struct piece piece)
{
    struct job *job = context;
    const struct params *p = job->node->params;
    mica_classes_walk(job->pass, piece, p->ignore, backward_block, job);
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->x[0].shape, backward_piece, &job);
}

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
    .forward = forward,
    .backward = backward,
    .partial_forward = partial,
    .merge_forward = merge,
    .examples = examples};
