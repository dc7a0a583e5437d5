/* sgd.c - stochastic gradient descent, with momentum as PyTorch has it */
#include <stddef.h>

#include "optim/optim.h"

struct sgd {
    double lr, momentum, weight_decay;
    bool nesterov;
};

static const struct param params[] = {
    {"lr", PARAM_FLOAT, offsetof(struct sgd, lr), 0.01, 0, 1e3, "learning rate"},
    {"momentum", PARAM_FLOAT, offsetof(struct sgd, momentum), 0, 0, 0.9999,
     "share of the last move that is kept"},
    {"weight_decay", PARAM_FLOAT, offsetof(struct sgd, weight_decay), 0, 0, 1,
     "L2: this times the weight is added to its gradient"},
    {"nesterov", PARAM_BOOL, offsetof(struct sgd, nesterov), 0, 0, 1,
     "look ahead along the momentum"},
    {0}};

static void update(const void *p, const struct update *u)
{
    const struct sgd *sgd = p;
    float rate = (float)u->rate, scale = (float)u->scale;
    float momentum = (float)sgd->momentum, decay = (float)sgd->weight_decay;
    float keep =
        u->step == 1 ? 0.0f : momentum; /* the first velocity is the gradient */
    float *velocity = u->slots[0];
    for (size_t i = 0; i < u->count; i++) {
        float g = scale * u->gradient[i] + decay * u->value[i];
        velocity[i] = keep * velocity[i] + g;
        float move = sgd->nesterov ? g + momentum * velocity[i] : velocity[i];
        u->value[i] -= rate * move;
    }
}

const struct optimizer mica_optimizer_sgd = {
    .name = "sgd",
    .summary = "stochastic gradient descent with momentum",
    .equation = "g = grad + decay w;  v = momentum v + g;  w = w - lr v"
                "  (nesterov: w - lr (g + momentum v))",
    .params = params,
    .params_size = sizeof(struct sgd),
    .slots = {"momentum_buffer"},
    .update = update};
