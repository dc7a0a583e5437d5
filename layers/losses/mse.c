/* mse.c - the mean squared error */
#include "layers/losses/values.h"

static const struct param params[] = {MICA_VALUES_IGNORE, {0}};

static struct term term(const void *p, size_t channel, double x, double truth)
{
    (void)p;
    (void)channel;
    double gap = x - truth;
    return (struct term){gap * gap, 2 * gap};
}

static const struct values work = {term, MICA_VALUES_FINITE};

static const struct example examples[] = {
    {"{}", {{2, 3, 4, 3}, {2, 3, 4, 3}}},
    {"{\"ignore\": 1}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {"{}", {{4, 1, 1, 1}, {4, 1, 1, 1}}},
    {0}};

const struct layer mica_layer_mse = {
    .name = "mse",
    .summary = "the mean squared error, over all numbers whose truth is a number",
    .equation = "mean (x - t)^2; given classes: t is 1 in the channel of the class",
    .inputs = 2,
    .params = params,
    .params_size = sizeof(struct values_params),
    .keeps_input = true,
    .activation = "identity",
    .setup = mica_values_setup,
    .forward = mica_values_forward,
    .backward = mica_values_backward,
    .partial_forward = mica_values_partial,
    .work = &work,
    .examples = examples};
