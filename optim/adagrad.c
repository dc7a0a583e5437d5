/* adagrad.c - steps divided by the root of all squares so far (Duchi et al. 2011) */
#include <math.h>
#include <stddef.h>

#include "optim/optim.h"

struct adagrad {
    double lr, lr_decay, eps, weight_decay, first;
};

static const struct param params[] = {
    {"lr", PARAM_FLOAT, offsetof(struct adagrad, lr), 0.01, 0, 1e3, "learning rate"},
    {"lr_decay", PARAM_FLOAT, offsetof(struct adagrad, lr_decay), 0, 0, 1e3,
     "the rate is divided by 1 + this times the steps so far"},
    {"eps", PARAM_FLOAT, offsetof(struct adagrad, eps), 1e-10, 1e-30, 1,
     "added to the root of the sum"},
    {"weight_decay", PARAM_FLOAT, offsetof(struct adagrad, weight_decay), 0, 0, 10,
     "L2: this times the weight is added to its gradient"},
    {"initial_accumulator", PARAM_FLOAT, offsetof(struct adagrad, first), 0, 0, 1e9,
     "what the sum of squares begins with (Keras: 0.1)"},
    {0}};

static void update(const void *p, const struct update *u)
{
    const struct adagrad *adagrad = p;
    float rate = (float)(u->rate / (1 + (double)(u->step - 1) * adagrad->lr_decay));
    float scale = (float)u->scale, decay = (float)adagrad->weight_decay,
          eps = (float)adagrad->eps;
    float first = u->step == 1 ? (float)adagrad->first : 0.0f, *sum = u->slots[0];
    for (size_t i = 0; i < u->count; i++) {
        float g = scale * u->gradient[i] + decay * u->value[i];
        sum[i] += first + g * g;
        u->value[i] -= rate * g / (sqrtf(sum[i]) + eps);
    }
}

const struct optimizer mica_optimizer_adagrad = {
    .name = "adagrad",
    .summary = "steps divided by the root of the sum of all squares so far",
    .equation = "g = grad + decay w;  s = s + g^2;"
                "  w = w - lr / (1 + lr_decay (t - 1)) g / (sqrt(s) + eps)",
    .params = params,
    .params_size = sizeof(struct adagrad),
    .slots = {"sum"},
    .update = update};
