/* groupnorm.c - normalise groups of channels of each sample */
#include "layers/samplenorm.h"

struct groupnorm {
    int groups;
    double eps;
    bool affine;
};

static const struct param params[] = {
    {"groups", PARAM_INT, offsetof(struct groupnorm, groups), PARAM_NEEDED, 1, 65536,
     "equal parts of the channels; 1: all together, over the whole image"},
    {"eps", PARAM_FLOAT, offsetof(struct groupnorm, eps), 1e-5, 0, 1,
     "added to the variance"},
    {"affine", PARAM_BOOL, offsetof(struct groupnorm, affine), true, 0, 1,
     "multiply by a weight and add a bias for each channel"},
    {0}};

static struct samplenorm how(const struct node *node)
{
    const struct groupnorm *p = node->params;
    return (struct samplenorm){(size_t)p->groups, p->eps, p->affine};
}

static const struct samplenorming work = {how};

static const struct example examples[] = {
    {"{\"groups\": 2}", {{2, 3, 5, 6}}},
    {"{\"groups\": 1, \"affine\": false}", {{2, 4, 3, 5}}},
    {0}};

const struct layer mica_layer_groupnorm = {
    .name = "groupnorm",
    .summary =
        "normalises groups of channels of each sample by their mean and variance",
    .equation = "y = weight (x - mean) / sqrt(variance + eps) + bias, mean and "
                "variance over the pixels and channels of a group",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct groupnorm),
    .keeps_input = true,
    .setup = mica_samplenorm_setup,
    .scratch_backward = mica_samplenorm_scratch_backward,
    .cheap = true,
    .forward = mica_samplenorm_forward,
    .backward = mica_samplenorm_backward,
    .work = &work,
    .examples = examples};
