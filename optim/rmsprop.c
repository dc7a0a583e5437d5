/* rmsprop.c - steps divided by the root of the mean square (Tieleman and Hinton 2012) */
#include <math.h>
#include <stddef.h>

#include "optim/optim.h"

struct rmsprop {
    double lr, alpha, eps, momentum, weight_decay;
    bool centered;
};

static const struct param params[] = {
    {"lr", PARAM_FLOAT, offsetof(struct rmsprop, lr), 0.01, 0, 1e3, "learning rate"},
    {"alpha", PARAM_FLOAT, offsetof(struct rmsprop, alpha), 0.99, 0, 0.9999999,
     "memory of the mean square (Keras: rho, 0.9)"},
    {"eps", PARAM_FLOAT, offsetof(struct rmsprop, eps), 1e-8, 1e-30, 1,
     "added to the root of the mean square"},
    {"momentum", PARAM_FLOAT, offsetof(struct rmsprop, momentum), 0, 0, 0.9999,
     "share of the last move that is kept"},
    {"weight_decay", PARAM_FLOAT, offsetof(struct rmsprop, weight_decay), 0, 0, 10,
     "L2: this times the weight is added to its gradient"},
    {"centered", PARAM_BOOL, offsetof(struct rmsprop, centered), 0, 0, 1,
     "divide by the standard deviation in place of the root mean square"},
    {0}};

enum { SQUARE, MOMENTUM, MEAN }; /* the slots */

static bool needs(const void *p, size_t slot)
{
    const struct rmsprop *rmsprop = p;
    return slot == SQUARE || (slot == MOMENTUM && rmsprop->momentum > 0) ||
           (slot == MEAN && rmsprop->centered);
}

static void update(const void *p, const struct update *u)
{
    const struct rmsprop *rmsprop = p;
    float rate = (float)u->rate, scale = (float)u->scale, eps = (float)rmsprop->eps;
    float keep = (float)rmsprop->alpha, rest = (float)(1 - rmsprop->alpha);
    float momentum = (float)rmsprop->momentum, decay = (float)rmsprop->weight_decay;
    float *square = u->slots[SQUARE], *mean = u->slots[MEAN];
    float *velocity = u->slots[MOMENTUM];
    for (size_t i = 0; i < u->count; i++) {
        float g = scale * u->gradient[i] + decay * u->value[i];
        square[i] = keep * square[i] + rest * g * g;
        float spread = square[i];
        if (mean) {
            mean[i] = keep * mean[i] + rest * g;
            spread -= mean[i] * mean[i];
        }
        float move = g / (sqrtf(fmaxf(spread, 0)) + eps);
        if (velocity)
            move = velocity[i] = momentum * velocity[i] + move;
        u->value[i] -= rate * move;
    }
}

const struct optimizer mica_optimizer_rmsprop = {
    .name = "rmsprop",
    .summary = "steps divided by the root of the mean square of the gradient",
    .equation = "g = grad + decay w;  s = alpha s + (1-alpha) g^2;"
                "  w = w - lr g / (sqrt(s) + eps)  (centered: s - mean(g)^2; momentum: "
                "v = momentum v + the move)",
    .params = params,
    .params_size = sizeof(struct rmsprop),
    .slots = {"square_avg", "momentum_buffer", "grad_avg"},
    .needs = needs,
    .update = update};
