/* gelu.c - the Gaussian error linear unit */
#include "layers/pointwise.h"

/* Hendrycks and Gimpel (2016). */
struct gelu {
    int form;
};

enum { EXACT, TANH };
static const char *const forms[] = {"exact", "tanh", NULL};

static const struct param params[] = {
    {"form", PARAM_CHOICE, offsetof(struct gelu, form), EXACT, 0, 1,
     "the normal distribution, or its approximation by a tanh as in GPT-2", forms},
    {0}};

static const float ROOT_HALF = 0x1.6a09e6p-1f;    /* sqrt(1/2) */
static const float DENSITY_AT_0 = 0x1.988454p-2f; /* 1 / sqrt(2 pi) */
static const float ROOT_2_BY_PI = 0x1.988454p-1f; /* sqrt(2/pi) */
static const float CUBIC = 0.044715f;

/* erf(x / sqrt(2)), or the tanh that stands for it. */
static void spread(const struct gelu *p, float *restrict t, const float *restrict x,
                   size_t n)
{
    float z[MICA_POINTWISE_MOST];
    if (p->form == EXACT) {
        mica_kernels()->scale(z, x, ROOT_HALF, n);
        mica_kernels()->error_function(t, z, n);
        return;
    }
    for (size_t i = 0; i < n; i++)
        z[i] = ROOT_2_BY_PI * (x[i] + CUBIC * x[i] * x[i] * x[i]);
    mica_kernels()->hyperbolic_tangent(t, z, n);
}

static void value(const void *own, float *restrict y, const float *restrict x, size_t n)
{
    spread(own, y, x, n);
    for (size_t i = 0; i < n; i++)
        y[i] = 0.5f * x[i] * (1 + y[i]);
}

/* y' = (1 + t) / 2 + x t' / 2; t' is twice the normal density, or (1 - t^2) z'. */
static void gradient(const void *own, float *restrict dx, const float *restrict dy,
                     const float *restrict x, size_t n)
{
    const struct gelu *p = own;
    float t[MICA_POINTWISE_MOST], density[MICA_POINTWISE_MOST];
    spread(p, t, x, n);
    if (p->form == EXACT) {
        for (size_t i = 0; i < n; i++)
            dx[i] = -0.5f * x[i] * x[i];
        mica_kernels()->exponential(density, dx, n);
        mica_kernels()->scale(density, density, DENSITY_AT_0, n);
    } else {
        for (size_t i = 0; i < n; i++)
            density[i] =
                0.5f * (1 - t[i] * t[i]) * ROOT_2_BY_PI * (1 + 3 * CUBIC * x[i] * x[i]);
    }
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (0.5f * (1 + t[i]) + x[i] * density[i]);
}

static const struct pointwise work = {value, gradient};

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 7}}}, {"{\"form\": \"tanh\"}", {{2, 3, 5, 7}}}, {0}};

const struct layer mica_layer_gelu = {
    .name = "gelu",
    .summary = "lets numbers through by how likely a normal number is below them",
    .equation = "y = x P(normal < x) = x (1 + erf(x / sqrt(2))) / 2; tanh: y = x (1 + "
                "tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct gelu),
    .keeps_input = true,
    .cheap = true,
    .forward = mica_pointwise_forward,
    .backward = mica_pointwise_backward,
    .work = &work,
    .examples = examples};
