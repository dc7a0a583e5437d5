/* dice_cross_entropy.c - a weighted sum of the Dice loss and cross-entropy */
#include "layers/losses/cross_entropy.h"
#include "layers/losses/dice.h"

struct params {
    struct classes_params classes;
    double dice_weight, cross_entropy_weight;
    struct dice dice;
    struct cross_entropy cross_entropy;
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
    MICA_CLASSES_IGNORE,
    {0}};

/* Its sums stand behind those of cross-entropy. */
static struct dice of(const struct node *node)
{
    struct dice dice = ((const struct params *)node->params)->dice;
    dice.at = MICA_CROSS_ENTROPY_SUMS;
    return dice;
}

static int setup(struct node *node, struct error *err)
{
    const struct params *p = node->params;
    if (mica_dice_setup(node, err))
        return -1;
    return mica_cross_entropy_check(&p->cross_entropy, node, err);
}

static void add(const struct node *node, const struct classes *block, double *sums)
{
    const struct params *p = node->params;
    mica_cross_entropy_add(&p->cross_entropy, block, sums);
    mica_dice_add(node, block, sums);
}

static double value(const struct node *node, const double *sums)
{
    const struct params *p = node->params;
    return p->dice_weight * mica_dice_value(node, sums) +
           p->cross_entropy_weight * mica_cross_entropy_value(sums);
}

static void gradient(const struct node *node, const struct pass *pass,
                     const struct classes *block, double scale, float *dx)
{
    const struct params *p = node->params;
    mica_cross_entropy_gradient(&p->cross_entropy, block, pass->saved,
                                scale * p->cross_entropy_weight, dx);
    mica_dice_gradient(node, pass, block, scale * p->dice_weight, dx);
}

static const struct dice_loss work = {{add, value, gradient, mica_dice_prepare}, of};

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
    .forward = mica_classes_forward,
    .backward = mica_classes_backward,
    .partial_forward = mica_classes_partial,
    .merge_forward = mica_dice_merge,
    .work = &work,
    .examples = examples};
