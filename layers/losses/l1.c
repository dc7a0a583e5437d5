/* l1.c - the mean absolute error */
#include <math.h>
#include <stddef.h>

#include "layers/losses/values.h"

struct params {
    int ignore;
};

static const struct param params[] = {
    {"ignore", PARAM_INT, offsetof(struct params, ignore), -1, -1e9, 1e9,
     "where the truth is given as classes: pixels of this class do not count"},
    {0}};

static struct term term(const void *p, size_t channel, double x, double truth)
{
    (void)p;
    (void)channel;
    double gap = x - truth;
    return (struct term){fabs(gap), (gap > 0) - (gap < 0)};
}

static struct values values_of(const struct node *node)
{
    const struct params *p = node->params;
    return (struct values){term, p, MICA_VALUES_FINITE, p->ignore};
}

static void partial(const struct node *node, const struct pass *pass,
                    struct piece piece, double *sums)
{
    struct values values = values_of(node);
    mica_values_partial(&values, pass, piece, sums);
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct values values = values_of(node);
    mica_values_backward(&values, pass);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 4, 3}, {2, 3, 4, 3}}},
    {"{\"ignore\": 1}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {"{}", {{4, 1, 1, 1}, {4, 1, 1, 1}}},
    {0}};

const struct layer mica_layer_l1 = {
    .name = "l1",
    .summary = "the mean absolute error, over all numbers whose truth is a number",
    .equation = "mean |x - t|; given classes: t is 1 in the channel of the class",
    .inputs = 2,
    .params = params,
    .params_size = sizeof(struct params),
    .keeps_input = true,
    .activation = "identity",
    .setup = mica_values_setup,
    .forward = mica_values_forward,
    .backward = backward,
    .partial_forward = partial,
    .merge_forward = mica_values_merge,
    .examples = examples};
