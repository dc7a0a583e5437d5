/* instancenorm2d.c - normalise each channel of each sample */
#include "layers/samplenorm.h"

struct instancenorm2d {
    double eps;
    bool affine;
};

static const struct param params[] = {
    {"eps", PARAM_FLOAT, offsetof(struct instancenorm2d, eps), 1e-5, 0, 1,
     "added to the variance"},
    {"affine", PARAM_BOOL, offsetof(struct instancenorm2d, affine), false, 0, 1,
     "multiply by a weight and add a bias for each channel"},
    {0}};

static struct samplenorm how(const struct node *node)
{
    const struct instancenorm2d *p = node->params;
    return (struct samplenorm){node->in[0].c, p->eps, p->affine};
}

static const struct samplenorming work = {how};

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 4}}}, {"{\"affine\": true}", {{2, 4, 3, 17}}}, {0}};

const struct layer mica_layer_instancenorm2d = {
    .name = "instancenorm2d",
    .summary = "normalises each channel of each sample by its mean and variance over "
               "the image",
    .equation = "y = (x - mean) / sqrt(variance + eps) (times weight, plus bias), mean "
                "and variance over the pixels of a channel",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct instancenorm2d),
    .keeps_input = true,
    .setup = mica_samplenorm_setup,
    .scratch_backward = mica_samplenorm_scratch_backward,
    .cheap = true,
    .forward = mica_samplenorm_forward,
    .backward = mica_samplenorm_backward,
    .work = &work,
    .examples = examples};
