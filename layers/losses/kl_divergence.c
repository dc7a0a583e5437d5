/* kl_divergence.c - how far the predicted probabilities are from the true ones */
#include <string.h>

#include "core/numeric.h"
#include "layers/losses/cross_entropy.h"

struct params {
    int ignore;
};

static const struct param params[] = {
    {"ignore", PARAM_INT, offsetof(struct params, ignore), -1, -1e9, 1e9,
     "where the truth is given as classes: pixels of this class do not count"},
    {0}};

/* Cross-entropy less the entropy of the truth, whose gradient is 0. */
static const struct cross_entropy plain = {0};
enum { ENTROPY = MICA_CROSS_ENTROPY_SUMS, SUMS };

static int setup(struct node *node, struct error *err)
{
    if (mica_classes_setup(node, err))
        return -1;
    node->sums_forward = SUMS;
    node->saved = SUMS * sizeof(double);
    return 0;
}

static void add_block(void *context, const struct classes *block)
{
    double *sums = context;
    mica_cross_entropy_add(&plain, block, sums);
    for (size_t i = 0; i < block->pixels * block->count; i++) {
        double t = (double)block->t[i];
        if (t > 0)
            sums[ENTROPY] -= t * mica_log(t);
    }
}

static void partial(const struct node *node, const struct pass *pass,
                    struct piece piece, double *sums)
{
    const struct params *p = node->params;
    memset(sums, 0, SUMS * sizeof *sums);
    mica_classes_walk(pass, piece, p->ignore, add_block, sums);
}

static void merge(const struct node *node, double *into, const double *from)
{
    for (size_t i = 0; i < node->sums_forward; i++)
        into[i] += from[i];
}

static void forward(const struct node *node, const struct pass *pass)
{
    (void)node;
    double left[] = {pass->sums[0] - pass->sums[ENTROPY], pass->sums[1]};
    memcpy(pass->saved, pass->sums, SUMS * sizeof(double));
    *mica_tensor_at(&pass->y, 0, 0) = (float)mica_cross_entropy_value(left);
}

static void backward_block(void *context, const struct classes *block)
{
    const struct job *job = context;
    float gradient[MICA_CLASSES_BLOCK] = {0};
    double scale = (double)*mica_tensor_at(&job->pass->dy, 0, 0);
    mica_cross_entropy_gradient(&plain, block, job->pass->saved, scale, gradient);
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
    .params_size = sizeof(struct params),
    .keeps_input = true,
    .activation = "softmax",
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .partial_forward = partial,
    .merge_forward = merge,
    .examples = examples};
