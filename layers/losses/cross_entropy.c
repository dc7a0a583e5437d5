/* cross_entropy.c - the mean logarithm of the probability of the true class */
#include "layers/losses/cross_entropy.h"

struct params {
    struct classes_params classes;
    struct cross_entropy cross_entropy;
};

static const struct param params[] = {
    {"class_weights", PARAM_NUMBERS,
     offsetof(struct params, cross_entropy.class_weights), 0, 0, HUGE_VAL,
     "a weight for each class; not given: all 1"},
    {"label_smoothing", PARAM_FLOAT,
     offsetof(struct params, cross_entropy.label_smoothing), 0, 0, 1,
     "the share of what is true that all classes get alike"},
    MICA_CLASSES_IGNORE,
    {0}};

int mica_cross_entropy_check(const struct cross_entropy *p, const struct node *node,
                             struct error *err)
{
    size_t given = p->class_weights.count, classes = node->in[0].c;
    if (given && given != classes)
        return mica_misuse(err,
                           "%s: %zu 'class_weights' for %zu classes; give one for each "
                           "class, the background first",
                           node->layer->name, given, classes);
    for (size_t i = 0; i < given; i++)
        if (!(p->class_weights.values[i] >= 0))
            return mica_misuse(err, "%s: weight %zu of 'class_weights' is below 0",
                               node->layer->name, i + 1);
    return 0;
}

static double weight_of(const struct cross_entropy *p, size_t k)
{
    return p->class_weights.count ? p->class_weights.values[k] : 1;
}

/* shares[k] = weight[k] t[k] after smoothing; returns the sum of them before it. */
static double shares_of(const struct cross_entropy *p, const float *t, size_t count,
                        double *shares)
{
    double sum = 0, true_sum = 0, smoothing = p->label_smoothing;
    for (size_t k = 0; k < count; k++) {
        true_sum += (double)t[k];
        shares[k] = weight_of(p, k) * (double)t[k];
        sum += shares[k];
    }
    if (smoothing > 0 && true_sum > 0) /* else the pixel does not count */
        for (size_t k = 0; k < count; k++)
            shares[k] = (1 - smoothing) * shares[k] +
                        smoothing * weight_of(p, k) / (double)count;
    return sum;
}

void mica_cross_entropy_add(const struct cross_entropy *p, const struct classes *block,
                            double *sums)
{
    double shares[MICA_CLASSES_MOST];
    for (size_t i = 0; i < block->pixels; i++) {
        const float *x = mica_tensor_at(block->logits, block->sample, block->first + i);
        double loss = 0,
               weight = shares_of(p, block->t + i * block->count, block->count, shares);
        for (size_t k = 0; k < block->count; k++)
            if (shares[k] != 0)
                loss += shares[k] * ((double)block->log_sum[i] - (double)x[k]);
        sums[0] += loss;
        sums[1] += block->labels ? weight : 1;
    }
}

double mica_cross_entropy_value(const double *sums)
{
    return sums[1] > 0 ? sums[0] / sums[1] : 0;
}

/* With shares s[k] of a pixel: p sum_k s[k] - s. */
void mica_cross_entropy_gradient(const struct cross_entropy *p,
                                 const struct classes *block, const double *sums,
                                 double scale, float *gradient)
{
    double shares[MICA_CLASSES_MOST];
    double factor = sums[1] > 0 ? scale / sums[1] : 0;
    for (size_t i = 0; i < block->pixels * block->count; i += block->count) {
        double sum = 0;
        shares_of(p, block->t + i, block->count, shares);
        for (size_t k = 0; k < block->count; k++)
            sum += shares[k];
        for (size_t k = 0; k < block->count; k++)
            gradient[i + k] +=
                (float)(factor * (sum * (double)block->p[i + k] - shares[k]));
    }
}

static int setup(struct node *node, struct error *err)
{
    const struct params *p = node->params;
    if (mica_classes_setup(node, MICA_CROSS_ENTROPY_SUMS, err))
        return -1;
    return mica_cross_entropy_check(&p->cross_entropy, node, err);
}

static void add(const struct node *node, const struct classes *block, double *sums)
{
    const struct params *p = node->params;
    mica_cross_entropy_add(&p->cross_entropy, block, sums);
}

static double value(const struct node *node, const double *sums)
{
    (void)node;
    return mica_cross_entropy_value(sums);
}

static void gradient(const struct node *node, const struct pass *pass,
                     const struct classes *block, double scale, float *dx)
{
    const struct params *p = node->params;
    mica_cross_entropy_gradient(&p->cross_entropy, block, pass->saved, scale, dx);
}

static const struct classes_loss work = {add, value, gradient, NULL};

static const struct example examples[] = {
    {"{}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {"{\"class_weights\": [0.5, 1, 3], \"ignore\": 1}",
     {{4, 3, 2, 3}, {4, 3, 2, 1}},
     true},
    {"{\"class_weights\": [0.5, 1, 3], \"label_smoothing\": 0.2}",
     {{2, 3, 2, 3}, {2, 3, 2, 1}},
     true},
    {"{}", {{2, 2, 3, 4}, {2, 2, 3, 4}}},
    {0}};

const struct layer mica_layer_cross_entropy = {
    .name = "cross_entropy",
    .summary =
        "the mean logarithm of the probability of the true class, over the pixels "
        "that count",
    .equation =
        "sum w[t] (-ln p[t]) / sum w[t]; given probabilities t: the mean over "
        "pixels of sum_c w[c] t[c] (-ln p[c]); smoothed by s: as given (1 - s) t "
        "+ s / classes",
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
