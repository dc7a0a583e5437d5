/* elu.c - the exponential linear unit */
#include "layers/pointwise.h"

/* Clevert, Unterthiner and Hochreiter (2016). */
struct elu {
    double alpha;
};

static const struct param params[] = {{"alpha", PARAM_FLOAT,
                                       offsetof(struct elu, alpha), 1, 0, 1000,
                                       "minus what very negative numbers become"},
                                      {0}};

static void value(const void *own, float *restrict y, const float *restrict x, size_t n)
{
    float alpha = (float)((const struct elu *)own)->alpha;
    mica_kernels()->exponential_less_1(y, x, n);
    for (size_t i = 0; i < n; i++)
        y[i] = (x[i] > 0 ? x[i] : 0) + alpha * (x[i] > 0 ? 0 : y[i]);
}

/* alpha e^x = y + alpha. */
static void gradient(const void *own, float *restrict dx, const float *restrict dy,
                     const float *restrict y, size_t n)
{
    float alpha = (float)((const struct elu *)own)->alpha;
    for (size_t i = 0; i < n; i++)
        dx[i] = (y[i] > 0 ? dy[i] : 0) + (alpha + y[i]) * (y[i] > 0 ? 0 : dy[i]);
}

static const struct pointwise work = {value, gradient};

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 7}}}, {"{\"alpha\": 0.5}", {{2, 1, 1, 13}}}, {0}};

const struct layer mica_layer_elu = {
    .name = "elu",
    .summary = "lets what is negative go smoothly to -alpha",
    .equation = "y = x where x > 0, else alpha (e^x - 1)",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct elu),
    .keeps_output = true,
    .in_place = true,
    .cheap = true,
    .forward = mica_pointwise_forward,
    .backward = mica_pointwise_backward,
    .work = &work,
    .examples = examples};
