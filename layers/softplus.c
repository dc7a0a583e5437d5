/* softplus.c - a smooth rectifier */
#include "layers/pointwise.h"

struct softplus {
    double beta;
};

static const struct param params[] = {{"beta", PARAM_FLOAT,
                                       offsetof(struct softplus, beta), 1, 1e-3, 1000,
                                       "how sharp the bend at 0 is"},
                                      {0}};

/* Written so that nothing overflows: max(z, 0) + ln(1 + e^-|z|), z = beta x. */
static void value(const void *own, float *restrict y, const float *restrict x, size_t n)
{
    float beta = (float)((const struct softplus *)own)->beta;
    float power[MICA_POINTWISE_MOST];
    for (size_t i = 0; i < n; i++)
        y[i] = -fabsf(beta * x[i]);
    mica_kernels()->exponential(power, y, n);
    mica_kernels()->logarithm_of_1_more(y, power, n);
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] > 0 ? x[i] : 0) + y[i] / beta;
}

/* The logistic function of beta x is 1 - e^(-beta y). */
static void gradient(const void *own, float *restrict dx, const float *restrict dy,
                     const float *restrict y, size_t n)
{
    float beta = (float)((const struct softplus *)own)->beta;
    float power[MICA_POINTWISE_MOST];
    for (size_t i = 0; i < n; i++)
        dx[i] = -beta * y[i];
    mica_kernels()->exponential_less_1(power, dx, n);
    for (size_t i = 0; i < n; i++)
        dx[i] = -dy[i] * power[i];
}

static const struct pointwise work = {value, gradient};

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 7}}}, {"{\"beta\": 2}", {{2, 1, 1, 13}}}, {0}};

const struct layer mica_layer_softplus = {
    .name = "softplus",
    .summary = "a rectifier with a smooth bend: always positive",
    .equation = "y = ln(1 + e^(beta x)) / beta",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct softplus),
    .keeps_output = true,
    .in_place = true,
    .cheap = true,
    .forward = mica_pointwise_forward,
    .backward = mica_pointwise_backward,
    .work = &work,
    .examples = examples};
