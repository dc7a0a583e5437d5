/* plan.h - a tape as a list of steps over one block of memory */
#ifndef MICA_CORE_PLAN_H
#define MICA_CORE_PLAN_H

#include "core/tape.h"

/* Which values are not kept from forward to backward, but made again, the same to the bit:
   those of cheap layers where the peak of memory is lower then, in plans of more than 16
   MB; none; or, in any plan, those of all layers that lower the peak most for their cost,
   until they take as long as the forward pass: about a third of a step. */
enum recompute { RECOMPUTE_CHEAP, RECOMPUTE_NOTHING, RECOMPUTE_MORE };

/* What is wanted of a tape. The value of an output, and the gradient of an input that asks
   for it, keep their memory as long as the plan; so do the values of inputs. */
struct wanted {
    const int *outputs; /* nodes whose values the caller reads */
    size_t output_count;
    int loss;             /* the node whose gradient is 1: training; -1: forward only */
    bool input_gradients; /* also those of the tape's inputs */
    bool batch_statistics; /* with loss -1: layers behave as in training */
    size_t shards;         /* a power of two that divides every batch; 0: 1 */
    bool plain;            /* a pass for each node: nothing is fused */
    /* The gradients of weights lie in the plan's block, too, as the values that they take the
       place of are no longer needed: they are there from one run to the next, while the plan
       is, and no run adds to them. Of plans over the same weights the
       last one that is made or run counts; when it is freed there are none, and another plan that
       does not lend needs mica_weights_train before it runs. */
    bool lends_gradients;
    enum recompute recompute;
    /* With loss -1: weights stay as they are from run to run, so that the plan keeps the form
       of them that layers prepare (node->prepared), made at the second run: who runs once has
       nothing of it. Who changes values nevertheless says so (mica_weights_changed). */
    bool fixed_weights;
    /* TYPE_BF16: values that backward passes read, but for those that a loss compares, are
       rounded to bf16 as they are made, so that forward passes see the same numbers, and kept
       as such. All else, gradients and sums among it, is fp32. */
    enum type precision;
};

struct plan;
/* NULL and a line in err ("11.2 GB are not to be had ...") where memory is short. */
struct plan *mica_plan_new(const struct tape *tape, const struct wanted *wanted,
                           struct error *err);
void mica_plan_free(struct plan *plan);
/* Bytes of the block without making it: activations, gradients, scratch. */
size_t mica_plan_bytes(const struct tape *tape, const struct wanted *wanted);

size_t mica_plan_size(const struct plan *plan); /* bytes of the block */

/* For each node of the tape, the one whose forward pass computes it: itself where nothing is
   fused. */
void mica_plan_fusion(const struct tape *tape, const struct wanted *wanted, int *into);

/* The memory of an input's or output's value, of an input's gradient. shape.n is the
   planned batch; the first `samples` of a run are valid. */
struct tensor mica_plan_value(const struct plan *plan, int node);
struct tensor mica_plan_gradient(const struct plan *plan, int node);

/* One pass through all steps: forward, and backward where there is a loss. Gradients of
   weights are written. `samples` is a multiple of the shards, at most the planned batch. */
struct run {
    size_t samples;
    /* Told after each step how long it took, sums over the batch among it; what is made
       again counts as backward. NULL: nobody asks. */
    void (*watch)(void *context, const struct node *node, bool backward,
                  double seconds);
    void *context;
    uint64_t seed, step; /* keys of random numbers */
    uint64_t first;      /* global index of the first sample */
    /* Add to the weights' gradients rather than write them; those of their penalties (l2)
       then come once more, too. */
    bool add_gradients;
};
void mica_plan_run(struct plan *plan, const struct run *run);

/* The list of steps for people and tests: one line a step. */
struct text;
void mica_plan_describe(const struct plan *plan, struct text *text);

#endif
