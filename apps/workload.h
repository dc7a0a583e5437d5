/* workload.h - a network with made-up images and labels, ready to predict or train again and again */
#ifndef MICA_APPS_WORKLOAD_H
#define MICA_APPS_WORKLOAD_H

#include "apps/layer_times.h"
#include "core/plan.h"
#include "nets/nets.h"
#include "optim/optim.h"

enum workload_mode {
    WORKLOAD_PREDICT,
    WORKLOAD_TRAIN /* forward, backward, Adam */
};

/* What is done, and how the plan may save memory. */
struct workload_way {
    enum workload_mode mode;
    enum recompute recompute;
    enum type precision;
};

struct workload {
    struct tape *tape;
    struct plan *plan;
    struct trainer *trainer; /* NULL: does not learn */
    struct shape in;
    int input, output, labels, loss; /* nodes; loss -1: does not learn */
    struct workload_way way;
    uint64_t steps;            /* passes so far */
    struct layer_times *times; /* where each layer's time is kept; NULL: nowhere */
};

/* Image element i is i * 7919 % 1000 / 1000 - 1/2. Label i is i * 7919 % 1000 modulo the
   classes, or modulo 2 as a number where there is one output. `loss` (may be NULL) must be one of logits
   against labels; the standard is dice for class maps, cross_entropy for one class an image,
   bce_with_logits for one output. -1 and a line where the network or the loss refuses, or
   memory is short. Closed by the caller in any case; the weights must outlive it. */
int mica_workload_open(struct workload *w, const struct net *net,
                       struct weights *weights, struct shape in,
                       struct workload_way way, const struct layer *loss,
                       struct error *err);
void mica_workload_close(struct workload *w);
/* Bytes that it takes of a process beyond its start, without opening it. -1 and a line where
   the network or its usual loss refuses. */
struct workload_memory {
    size_t plan; /* values and gradients */
    size_t all;  /* weights and the optimiser's state, too */
};
int mica_workload_memory(const struct net *net, struct shape in,
                         struct workload_way way, struct workload_memory *memory,
                         struct error *err);
/* One prediction, or one step of training. */
void mica_workload_pass(struct workload *w);
/* The loss of the last pass, before its step; NAN where there is none. */
double mica_workload_loss(const struct workload *w);
/* Multiply-adds of one image's forward pass. */
double mica_workload_macs(const struct workload *w);
/* Operations of a pass, counted as the direct method has them: two a multiply-add; forward,
   backward by inputs and by weights are as large as each other. */
double mica_workload_operations(const struct workload *w);

#endif
