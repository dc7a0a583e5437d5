/* kl_divergence.c - how far the predicted probabilities are from the true ones */
#include "core/numeric.h"
#include "layers/losses/cross_entropy.h"

static const struct param params[] = {MICA_CLASSES_IGNORE, {0}};

/* Cross-entropy less the entropy of the truth, whose gradient is 0. */
static const struct cross_entropy plain = {0};
enum { ENTROPY = MICA_CROSS_ENTROPY_SUMS, SUMS };

static int setup(struct node *node, struct error *err)
{
    return mica_classes_setup(node, SUMS, err);
}

static void add(const struct node *node, const struct classes *block, double *sums)
{
    (void)node;
    mica_cross_entropy_add(&plain, block, sums);
    for (size_t i = 0; i < block->pixels * block->count; i++) {
        double t = (double)block->t[i];
        if (t > 0)
            sums[ENTROPY] -= t * mica_log(t);
    }
}

static double value(const struct node *node, const double *sums)
{
    (void)node;
    double left[] = {sums[0] - sums[ENTROPY], sums[1]};
    return mica_cross_entropy_value(left);
}

static void gradient(const struct node *node, const struct pass *pass,
                     const struct classes *block, double scale, float *dx)
{
    (void)node;
    mica_cross_entropy_gradient(&plain, block, pass->saved, scale, dx);
}

static const struct classes_loss work = {add, value, gradient, NULL};

static const struct example examples[] = {
    {"{}", {{2, 2, 3, 4}, {2, 2, 3, 4}}},
    {"{\"ignore\": 1}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {0}};

const struct layer mica_layer_kl_divergence = {
    .name = "kl_divergence",
    .summary =
        "how far the predicted probabilities are from the true ones, a mean over "
        "the pixels that count",
    .equation = "KL(t || p) = sum_c t[c] (ln t[c] - ln p[c]); given classes: "
                "cross-entropy",
    .inputs = 2,
    .params = params,
    .params_size = sizeof(struct classes_params),
    .keeps_input = true,
    .activation = "softmax",
    .setup = setup,
    .forward = mica_classes_forward,
    .backward = mica_classes_backward,
    .partial_forward = mica_classes_partial,
    .work = &work,
    .examples = examples};
