/* tversky.c - Dice with a weight of its own for pixels too many and pixels missed

   Salehi, Erdogmus and Gholipour, arXiv:1706.05721. */
#include "layers/losses/dice.h"

struct params {
    struct classes_params classes;
    double alpha, beta, smooth;
    int scope;
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
    MICA_CLASSES_IGNORE,
    {0}};

/* Both halves of the fraction doubled, it is Dice's with some more below. */
static struct dice of(const struct node *node)
{
    const struct params *p = node->params;
    return (struct dice){.smooth = 2 * p->smooth,
                         .scope = p->scope,
                         .background = p->background,
                         .more_false = 2 * p->alpha - 1,
                         .more_missed = 2 * p->beta - 1};
}

static const struct dice_loss work = {MICA_DICE_LOSS, of};

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
    .setup = mica_dice_setup,
    .forward = mica_classes_forward,
    .backward = mica_classes_backward,
    .partial_forward = mica_classes_partial,
    .merge_forward = mica_dice_merge,
    .work = &work,
    .examples = examples};
