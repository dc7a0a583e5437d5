/* bce_with_logits.c - binary cross-entropy of each channel by itself */
#include <math.h>

#include "core/numeric.h"
#include "layers/losses/values.h"

struct params {
    struct values_params values;
    struct numbers positive_weights; /* empty: all 1 */
};

static const struct param params[] = {
    {"positive_weights", PARAM_NUMBERS, offsetof(struct params, positive_weights), 0, 0,
     HUGE_VAL, "what truths of 1 count for: one weight for each channel, or for all"},
    MICA_VALUES_IGNORE,
    {0}};

/* ln (1 + e), also where 1 + e would lose the digits of e */
static double softplus(double e)
{
    return e < 1e-5 ? e * (1 - e * (0.5 - e / 3)) : mica_log(1 + e);
}

static struct term term(const void *p, size_t channel, double x, double truth)
{
    const struct numbers *weights = &((const struct params *)p)->positive_weights;
    double w = weights->count ? weights->values[weights->count > 1 ? channel : 0] : 1;
    double e = mica_exp(-fabs(x)), sigmoid = (x > 0 ? 1 : e) / (1 + e);
    double below = softplus(e) + (x < 0 ? -x : 0); /* -ln sigmoid(x) */
    double above = softplus(e) + (x > 0 ? x : 0);  /* -ln (1 - sigmoid(x)) */
    double positive = w * truth, negative = 1 - truth;
    return (struct term){positive * below + negative * above,
                         (positive + negative) * sigmoid - positive};
}

static int setup(struct node *node, struct error *err)
{
    const struct params *p = node->params;
    size_t given = p->positive_weights.count, channels = node->in[0].c;
    if (given > 1 && given != channels)
        return mica_misuse(err,
                           "bce_with_logits: %zu 'positive_weights' for %zu channels; "
                           "give one for each, or one for all",
                           given, channels);
    return mica_values_setup(node, err);
}

static const struct values work = {term, 0, 1};

static const struct example examples[] = {
    {"{}", {{2, 3, 4, 3}, {2, 3, 4, 3}}},
    {"{\"positive_weights\": [0.5, 1, 3], \"ignore\": 1}",
     {{2, 3, 4, 3}, {2, 3, 4, 1}},
     true},
    {"{}", {{4, 1, 1, 1}, {4, 1, 1, 1}}},
    {0}};

const struct layer mica_layer_bce_with_logits = {
    .name = "bce_with_logits",
    .summary =
        "binary cross-entropy of each channel by itself, over all numbers whose truth "
        "is within 0 .. 1",
    .equation =
        "mean of -w t ln s(x) - (1 - t) ln (1 - s(x)), s(x) = 1 / (1 + e^-x); given "
        "classes: t is 1 in the channel of the class",
    .inputs = 2,
    .params = params,
    .params_size = sizeof(struct params),
    .keeps_input = true,
    .activation = "sigmoid",
    .setup = setup,
    .forward = mica_values_forward,
    .backward = mica_values_backward,
    .partial_forward = mica_values_partial,
    .work = &work,
    .examples = examples};
