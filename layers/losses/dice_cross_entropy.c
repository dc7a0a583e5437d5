/* dice_cross_entropy.c - a weighted sum of the Dice loss and cross-entropy */
#include <string.h>

#include "layers/losses/cross_entropy.h"
#include "layers/losses/dice.h"

struct params {
    double dice_weight, cross_entropy_weight;
    struct dice dice;
    struct cross_entropy cross_entropy;
    int ignore;
};

static const struct param params[] = {
    {"dice_weight", PARAM_FLOAT, offsetof(struct params, dice_weight), 1, 0, 1e9,
     "what the Dice loss is multiplied by"},
    {"cross_entropy_weight", PARAM_FLOAT, offsetof(struct params, cross_entropy_weight),
     1, 0, 1e9, "what cross-entropy is multiplied by"},
    {"smooth", PARAM_FLOAT, offsetof(struct params, dice.smooth), 1, 0, 1e9,
     "as in dice"},
    {"scope", PARAM_CHOICE, offsetof(struct params, dice.scope), 0, 0, 1, "as in dice",
     mica_dice_scopes},
    {"background", PARAM_BOOL, offsetof(struct params, dice.background), true, 0, 1,
     "as in dice: class 0 counts there too"},
    {"class_weights", PARAM_NUMBERS,
     offsetof(struct params, cross_entropy.class_weights), 0, 0, HUGE_VAL,
     "as in cross_entropy"},
    {"label_smoothing", PARAM_FLOAT,
     offsetof(struct params, cross_entropy.label_smoothing), 0, 0, 1,
     "as in cross_entropy; dice takes the truth as it is"},
    {"ignore", PARAM_INT, offsetof(struct params, ignore), -1, -1e9, 1e9,
     "pixels of this class do not count, nor do those with a number that is no class"},
    {0}};

/* Sums: those of cross-entropy, then those of dice. */
static int setup(struct node *node, struct error *err)
{
    const struct params *p = node->params;
    if (mica_classes_setup(node, err) ||
        mica_cross_entropy_check(&p->cross_entropy, node, err))
        return -1;
    node->sums_forward = MICA_CROSS_ENTROPY_SUMS + mica_dice_sums(node->in[0].c);
    node->saved = node->sums_forward * sizeof(double);
    node->scratch_backward = mica_dice_scratch(&p->dice, node);
    return 0;
}

struct adding {
    const struct params *params;
    double *sums;
};

static void add_block(void *context, const struct classes *block)
{
    const struct adding *adding = context;
    mica_cross_entropy_add(&adding->params->cross_entropy, block, adding->sums);
    mica_dice_add(block, adding->sums + MICA_CROSS_ENTROPY_SUMS);
}

static void partial(const struct node *node, const struct pass *pass,
                    struct piece piece, double *sums)
{
    struct adding adding = {node->params, sums};
    memset(sums, 0, MICA_CROSS_ENTROPY_SUMS * sizeof *sums);
    mica_dice_begin(&adding.params->dice, pass, piece, sums + MICA_CROSS_ENTROPY_SUMS);
    mica_classes_walk(pass, piece, adding.params->ignore, add_block, &adding);
}

static void merge(const struct node *node, double *into, const double *from)
{
    const struct params *p = node->params;
    for (size_t i = 0; i < MICA_CROSS_ENTROPY_SUMS; i++)
        into[i] += from[i];
    mica_dice_merge(&p->dice, node->in[0].c, into + MICA_CROSS_ENTROPY_SUMS,
                    from + MICA_CROSS_ENTROPY_SUMS);
}

static void forward(const struct node *node, const struct pass *pass)
{
    const struct params *p = node->params;
    const double *dice_sums = pass->sums + MICA_CROSS_ENTROPY_SUMS;
    memcpy(pass->saved, pass->sums, node->saved);
    double dice = mica_dice_value(&p->dice, node->in[0].c, dice_sums);
    double entropy = mica_cross_entropy_value(pass->sums);
    *mica_tensor_at(&pass->y, 0, 0) =
        (float)(p->dice_weight * dice + p->cross_entropy_weight * entropy);
}

static void backward_block(void *context, const struct classes *block)
{
    const struct job *job = context;
    const struct params *p = job->node->params;
    const double *sums = job->pass->saved;
    double scale = (double)*mica_tensor_at(&job->pass->dy, 0, 0);
    float gradient[MICA_CLASSES_BLOCK] = {0};
    mica_cross_entropy_gradient(&p->cross_entropy, block, sums,
                                scale * p->cross_entropy_weight, gradient);
    mica_dice_gradient(&p->dice, job->pass, block, sums + MICA_CROSS_ENTROPY_SUMS,
                       scale * p->dice_weight, gradient);
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
    const struct params *p = node->params;
    struct job job = {node, pass};
    if (!pass->dx[0].data)
        return;
    mica_dice_prepare(&p->dice, pass, p->ignore);
    mica_parallel_pieces(pass->x[0].shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{\"class_weights\": [0.5, 1, 3]}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {"{\"dice_weight\": 0.3, \"scope\": \"image\", \"ignore\": 0}",
     {{4, 3, 2, 3}, {4, 3, 2, 1}},
     true},
    {0}};

const struct layer mica_layer_dice_cross_entropy = {
    .name = "dice_cross_entropy",
    .summary = "the Dice loss and cross-entropy together",
    .equation = "dice_weight dice + cross_entropy_weight cross_entropy",
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
