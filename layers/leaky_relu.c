/* leaky_relu.c - a rectifier that lets some of what is negative through */
#include "layers/pointwise.h"

struct leaky_relu {
    double slope;
};

static const struct param params[] = {
    {"slope", PARAM_FLOAT, offsetof(struct leaky_relu, slope), 0.01, 0, 1,
     "the factor of what is negative (Keras' standard is 0.3)"},
    {0}};

static void value(const void *own, float *restrict y, const float *restrict x, size_t n)
{
    float slope = (float)((const struct leaky_relu *)own)->slope;
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] > 0 ? x[i] : 0) + slope * (x[i] > 0 ? 0 : x[i]);
}

/* y has the sign of x. */
static void gradient(const void *own, float *restrict dx, const float *restrict dy,
                     const float *restrict y, size_t n)
{
    float slope = (float)((const struct leaky_relu *)own)->slope;
    for (size_t i = 0; i < n; i++)
        dx[i] = (y[i] > 0 ? dy[i] : 0) + slope * (y[i] > 0 ? 0 : dy[i]);
}

static const struct pointwise work = {value, gradient};

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 7}}}, {"{\"slope\": 0.3}", {{2, 1, 1, 13}}}, {0}};

const struct layer mica_layer_leaky_relu = {
    .name = "leaky_relu",
    .summary = "multiplies what is negative by a small slope",
    .equation = "y = x where x > 0, else slope x",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct leaky_relu),
    .keeps_output = true,
    .in_place = true,
    .cheap = true,
    .forward = mica_pointwise_forward,
    .backward = mica_pointwise_backward,
    .work = &work,
    .examples = examples};
