/* trial.h - one layer run by hand: its memory, its sums, forward and backward */
#ifndef MICA_TESTS_LAYERS_TRIAL_H
#define MICA_TESTS_LAYERS_TRIAL_H

#include "core/tape.h"

/* What a trial may vary. Zero: one shard, predicting, tensors without gaps. */
struct how {
    size_t gap; /* numbers between pixels, which nobody may touch */
    size_t shards;
    bool training, add; /* add: to gradients that are there already */
    uint64_t seed, step, first;
};

struct trial {
    struct weights *weights;
    struct tape *tape;
    const struct node *node;
    struct tensor x[MICA_INPUTS_MAX], dx[MICA_INPUTS_MAX], y, dy;
    void *saved;
    struct how how;
};

/* A layer with these arguments (JSON) over inputs of these shapes. Fails the test where
   the layer refuses. */
struct trial mica_trial_new(const struct layer *layer, const char *json,
                            const struct shape *in, size_t inputs, struct how how);
void mica_trial_free(struct trial *trial);

/* All inputs with other values: evenly spaced between -2 and 2 in a jumbled order, so that no
   two are equal and none is 0; or classes, or probabilities, where they are the truth. */
void mica_trial_fill(struct trial *trial, bool labels, uint64_t seed);
void mica_trial_fill_tensor(const struct tensor *t, double low, double high,
                            uint64_t seed);

void mica_trial_forward(struct trial *trial);
void mica_trial_backward(struct trial *trial);

/* A tensor's numbers without gaps, to be freed with mica_free. */
float *mica_trial_pack(const struct tensor *t);
void mica_trial_unpack(const struct tensor *t, const float *numbers);
/* Fails the test where somebody wrote into the gaps. */
void mica_trial_check_gaps(const struct trial *trial);

/* How many inputs an example has. */
size_t mica_trial_inputs(const struct example *example);
/* An example with `times` as many rows and columns, where there are several. */
struct example mica_trial_enlarge(const struct example *example, size_t times);
/* How many times as many make several pieces of a sample. */
size_t mica_trial_several(const struct example *example);
/* Parameters of a layer from JSON, living as long as the arena; fails the test. */
const void *mica_trial_params(const struct layer *layer, const char *json,
                              struct arena *arena);
/* |a - b| / |b|, or |a - b| where b is 0. */
double mica_trial_distance(const float *a, const float *b, size_t count);

#endif
