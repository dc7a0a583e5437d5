/* plan_layout.h - inside the plan: its steps, the life of each block, where it lies */
#ifndef MICA_CORE_PLAN_LAYOUT_H
#define MICA_CORE_PLAN_LAYOUT_H

#include "core/plan.h"

enum step_kind { STEP_SUM_FORWARD, STEP_FORWARD, STEP_SUM_BACKWARD, STEP_BACKWARD };

struct step {
    enum step_kind kind;
    int node;
    int scratch, sums;         /* blocks; -1: none */
    bool add[MICA_INPUTS_MAX]; /* backward: someone has written dx[i] before */
};

/* Memory with a life: steps first .. last, both included. */
struct block {
    size_t size, offset, first, last;
    int joined; /* lives in this other block (in place); -1: its own */
};

/* What the tape's node i has of its own: blocks, -1 where there is none. */
struct places {
    int value, gradient, saved;
    bool wanted;  /* somebody needs its value */
    bool trained; /* its gradient leads to a weight or a wanted input */
    /* Fusion; each the node itself where nothing is fused. */
    int into;   /* the node whose forward pass computes this value */
    int last;   /* of that node: whose value it writes */
    int undone; /* whose gradient its backward pass takes */
    int next;   /* the next one that the same forward pass computes; -1: none */
};

struct layout {
    const struct tape *tape;
    struct wanted wanted;
    struct step *steps;
    size_t step_count;
    struct block *blocks;
    size_t block_count;
    struct places *places; /* one for each node of the tape */
    size_t bytes;          /* of the whole */
};

/* core/plan_fuse.c: fills the part of the places about fusion. */
void mica_fuse(struct layout *layout);
/* Whether a node's forward sums are taken. */
bool mica_layout_sums_forward(const struct layout *layout, const struct node *node);
/* Whether it has a pass of its own. */
bool mica_layout_runs_forward(const struct layout *layout, int node);
bool mica_layout_runs_backward(const struct layout *layout, int node);

struct layout *mica_layout_new(const struct tape *tape, const struct wanted *wanted);
void mica_layout_free(struct layout *layout);
/* The block that holds `block`, after following what was joined. */
int mica_layout_home(const struct layout *layout, int block);

#endif
