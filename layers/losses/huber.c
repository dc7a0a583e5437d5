/* huber.c - squared where it is small, absolute where it is large (Huber 1964) */
#include <math.h>

#include "layers/losses/values.h"

struct params {
    struct values_params values;
    double delta;
};

static const struct param params[] = {{"delta", PARAM_FLOAT,
                                       offsetof(struct params, delta), 1, 1e-6, 1e9,
                                       "where the one becomes the other"},
                                      MICA_VALUES_IGNORE,
                                      {0}};

static struct term term(const void *p, size_t channel, double x, double truth)
{
    const double delta = ((const struct params *)p)->delta, gap = x - truth;
    (void)channel;
    if (fabs(gap) < delta)
        return (struct term){gap * gap / 2, gap};
    return (struct term){delta * (fabs(gap) - delta / 2), gap > 0 ? delta : -delta};
}

static const struct values work = {term, MICA_VALUES_FINITE};

static const struct example examples[] = {
    {"{\"delta\": 0.7}", {{2, 3, 4, 3}, {2, 3, 4, 3}}},
    {"{\"ignore\": 1}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {"{}", {{4, 1, 1, 1}, {4, 1, 1, 1}}},
    {0}};

const struct layer mica_layer_huber = {
    .name = "huber",
    .summary = "the mean of an error that is squared where it is small and absolute "
               "where it is "
               "large",
    .equation = "mean of d^2 / 2 where |d| < delta, else delta (|d| - delta / 2), d = "
                "x - t; given "
                "classes: t is 1 in the channel of the class",
    .inputs = 2,
    .params = params,
    .params_size = sizeof(struct params),
    .keeps_input = true,
    .activation = "identity",
    .setup = mica_values_setup,
    .forward = mica_values_forward,
    .backward = mica_values_backward,
    .partial_forward = mica_values_partial,
    .work = &work,
    .examples = examples};
