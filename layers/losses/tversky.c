/* tversky.c - Dice with a weight of its own for pixels too many and pixels missed

   Salehi, Erdogmus and Gholipour, arXiv:1706.05721. */
#include <string.h>

#include "core/parallel.h"
#include "layers/losses/dice.h"

struct params {
    double alpha, beta, smooth;
    int scope, ignore;
    bool background;
};

static const struct param params[] = {
    {"alpha", PARAM_FLOAT, offsetof(struct params, alpha), 0.3, 0, 1e3,
     "weight of pixels that are wrongly of a class"},
    {"beta", PARAM_FLOAT, offsetof(struct params, beta), 0.7, 0, 1e3,
     "weight of pixels of a class that are missed; alpha = beta = 0.5: dice"},
    {"smooth", PARAM_FLOAT, offsetof(struct params, smooth), 1, 0, 1e9,
     "added above and below: classes that are absent count as found"},
    {"scope", PARAM_CHOICE, offsetof(struct params, scope), 0, 0, 1,
     "sums over the whole batch, or over each image and then the mean",
     mica_dice_scopes},
    {"background", PARAM_BOOL, offsetof(struct params, background), true, 0, 1,
     "class 0 counts too"},
    {"ignore", PARAM_INT, offsetof(struct params, ignore), -1, -1e9, 1e9,
     "pixels of this class do not count, nor do those with a number that is no class"},
    {0}};

/* Both halves of the fraction doubled, it is Dice's with some more below. */
static struct dice dice_of(const struct node *node)
{
    const struct params *p = node->params;
    return (struct dice){.smooth = 2 * p->smooth,
                         .scope = p->scope,
                         .background = p->background,
                         .more_false = 2 * p->alpha - 1,
                         .more_missed = 2 * p->beta - 1};
}

static int ignored(const struct node *node)
{
    return ((const struct params *)node->params)->ignore;
}

static int setup(struct node *node, struct error *err)
{
    if (mica_classes_setup(node, err))
        return -1;
    struct dice dice = dice_of(node);
    node->sums_forward = mica_dice_sums(node->in[0].c);
    node->saved = node->sums_forward * sizeof(double);
    node->scratch_backward = mica_dice_scratch(&dice, node);
    return 0;
}

static void add_block(void *context, const struct classes *block)
{
    mica_dice_add(block, context);
}

static void partial(const struct node *node, const struct pass *pass,
                    struct piece piece, double *sums)
{
    struct dice dice = dice_of(node);
    mica_dice_begin(&dice, pass, piece, sums);
    mica_classes_walk(pass, piece, ignored(node), add_block, sums);
}

static void merge(const struct node *node, double *into, const double *from)
{
    struct dice dice = dice_of(node);
    mica_dice_merge(&dice, node->in[0].c, into, from);
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct dice dice = dice_of(node);
    memcpy(pass->saved, pass->sums, node->saved);
    *mica_tensor_at(&pass->y, 0, 0) =
        (float)mica_dice_value(&dice, node->in[0].c, pass->sums);
}

static void backward_block(void *context, const struct classes *block)
{
    const struct job *job = context;
    struct dice dice = dice_of(job->node);
    float gradient[MICA_CLASSES_BLOCK] = {0};
    double scale = (double)*mica_tensor_at(&job->pass->dy, 0, 0);
    mica_dice_gradient(&dice, job->pass, block, job->pass->saved, scale, gradient);
    mica_classes_put(job->pass, block, gradient);
}

static void backward_piece(void *context, struct piece piece)
{
    struct job *job = context;
    mica_classes_walk(job->pass, piece, ignored(job->node), backward_block, job);
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct dice dice = dice_of(node);
    struct job job = {node, pass};
    if (!pass->dx[0].data)
        return;
    mica_dice_prepare(&dice, pass, ignored(node));
    mica_parallel_pieces(pass->x[0].shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {"{\"alpha\": 0.8, \"beta\": 0.4, \"scope\": \"image\", \"background\": false, "
     "\"ignore\": 1}",
     {{4, 3, 2, 3}, {4, 3, 2, 1}},
     true},
    {"{\"smooth\": 0}", {{2, 2, 3, 4}, {2, 2, 3, 4}}},
    {0}};

const struct layer mica_layer_tversky = {
    .name = "tversky",
    .summary = "dice with a weight of its own for pixels too many and pixels missed",
    .equation = "1 - mean_c (sum p t + smooth) / (sum p t + alpha sum p (1 - t) + beta "
                "sum (1 - p) t + smooth), sums over the pixels that count",
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
