/* weights.h - named parameters and statistics: they own values and outlive tapes */
#ifndef MICA_CORE_WEIGHTS_H
#define MICA_CORE_WEIGHTS_H

#include "core/error.h"
#include "core/tensor.h"

enum weight_kind {
    WEIGHT_KERNEL,     /* drawn by the initialiser */
    WEIGHT_BIAS,       /* drawn or 0, as the initialiser says */
    WEIGHT_SCALE,      /* 1 */
    WEIGHT_SHIFT,      /* 0 */
    WEIGHT_SLOPE,      /* 1/4 */
    STATISTIC_MEAN,    /* 0; no gradient */
    STATISTIC_VARIANCE /* 1; no gradient */
};

struct weight {
    char *name; /* torchvision-style: "layer1.0.conv1.weight" */
    enum weight_kind kind;
    size_t rank, dims[4], count; /* as torch has them: convolutions O I H W */
    size_t fan_in, fan_out;
    float *value, *gradient; /* gradient: NULL for statistics */
    bool lent;               /* the gradient is somebody else's memory */
    bool frozen;             /* the optimiser leaves it alone */
    double l2;               /* l2 times the sum of squares belongs to the loss */
    double rate;             /* factor of the learning rate: 1 */
    const void *user;        /* the tape and node that booked it last */
};

/* How first values are drawn: core/initialize.h. Every weight draws from (seed, hash of its
   name), so adding a layer changes no other's values. */
struct initializer;
struct weights;
/* `how` may be NULL: kernels and biases are 0 (weights that will be loaded). */
struct weights *mica_weights_new(const struct initializer *how, uint64_t seed);
/* Other parameters of the initialiser than its standards, before the first weight. */
void mica_weights_draw_with(struct weights *weights, const void *params);
/* Names and shapes alone, for counting: every `value` is NULL. */
struct weights *mica_weights_outline(void);
void mica_weights_free(struct weights *weights);
size_t mica_weights_count(const struct weights *weights);
struct weight *mica_weights_at(const struct weights *weights,
                               size_t i); /* creation order */
struct weight *mica_weights_find(const struct weights *weights, const char *name);
/* Found by name, else made; a line in err where it exists with another shape. */
struct weight *mica_weights_book(struct weights *weights, const char *name,
                                 enum weight_kind kind, size_t rank, const size_t *dims,
                                 size_t fan_in, size_t fan_out, struct error *err);
bool mica_weight_is_statistic(const struct weight *weight);
/* Whether a pattern with * and ? means the weight called `name`, or a layer that it is in:
   "layer1.0.bn1" and "layer1.*" mean "layer1.0.bn1.weight". */
bool mica_weight_is_meant(const char *name, const char *pattern);
/* The gradient lies in memory that the caller has; NULL: there is none any more. What it was
   is lost. */
void mica_weight_lend(struct weight *weight, float *gradient);
/* To be called by who changes values (which trainers, means of weights and files do): what was
   made from them is out of date. The number tells one state from the next. */
void mica_weights_changed(struct weights *weights);
uint64_t mica_weights_state(const struct weights *weights);
/* Make the gradients of all parameters that have none yet. */
int mica_weights_train(struct weights *weights, struct error *err);
/* Keras' l2 penalties: what belongs to the loss, and its gradient, 2 l2 value, added to the
   gradients. Plans with a loss add the latter; who reports a loss adds the former. */
double mica_weights_penalty(const struct weights *weights);
void mica_weights_add_penalty(struct weights *weights);
/* How many numbers training moves (statistics not counted). */
size_t mica_weights_parameters(const struct weights *weights);

#endif
