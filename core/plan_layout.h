/* plan_layout.h - inside the plan: its steps, the life of each block, where it lies */
#ifndef MICA_CORE_PLAN_LAYOUT_H
#define MICA_CORE_PLAN_LAYOUT_H

#include "core/plan.h"

enum {
    READS_MAX = MICA_INPUTS_MAX + 2
}; /* of a chain: those of its first, and of an add */

enum step_kind {
    STEP_SUM_FORWARD,
    STEP_FORWARD,
    STEP_SUM_BACKWARD,
    STEP_BACKWARD,
    STEP_ROUND, /* of a value to bf16 where it lies, and a copy of it of that type */
    STEP_WIDEN  /* the copy, for backward steps */
};

struct step {
    enum step_kind kind;
    int node;
    bool
        again; /* a forward step once more, for what its value was not kept for; all that
                   is done for backward steps alike */
    /* Where the values lie that it reads: one that is made again lies elsewhere then. */
    struct read {
        int node, block;
        bool kept; /* as bf16 */
    } reads[READS_MAX];
    size_t read_count;
    int y, scratch, sums, kept; /* blocks; -1: none */
    bool add[MICA_INPUTS_MAX];  /* backward: someone has written dx[i] before */
};

/* Memory with a life: steps first .. last, both included. */
struct block {
    size_t size, offset, first, last;
    int joined; /* lives in this other block (in place); -1: its own */
};

/* What the tape's node i has of its own: blocks, -1 where there is none; the value's is the
   first one. */
struct places {
    int value, gradient, saved;
    int prepared;                  /* weights */
    int weights[MICA_WEIGHTS_MAX]; /* gradients that the plan lends */
    bool wanted;                   /* somebody needs its value */
    bool trained; /* its gradient leads to a weight or a wanted input */
    /* Fusion; each the node itself where nothing is fused. */
    int into;     /* the node whose forward pass computes this value */
    int last;     /* of that node: whose value it writes */
    int undone;   /* whose gradient its backward pass takes */
    int next;     /* the next one that the same forward pass computes; -1: none */
    bool again;   /* its value is not kept for backward passes, but made again */
    bool rounded; /* to bf16 */
    bool narrow;  /* where it is kept for backward passes, it is kept as bf16 */
    int kept;     /* the block where it is */
    bool wide;    /* some forward step reads it as fp32 nevertheless */
};

struct layout {
    const struct tape *tape;
    struct wanted wanted;
    struct step *steps;
    size_t step_count, step_capacity;
    struct block *blocks;
    size_t block_count, block_capacity;
    struct places *places; /* one for each node of the tape */
    size_t
        held; /* steps after which what was made again is dropped, if nobody read it */
    size_t bytes; /* of the whole */
};

/* core/plan_fuse.c: fills the part of the places about fusion. */
void mica_fuse(struct layout *layout);
/* Whether a node's forward sums are taken. */
bool mica_layout_sums_forward(const struct layout *layout, const struct node *node);
/* Whether it has a pass of its own. */
bool mica_layout_runs_forward(const struct layout *layout, int node);
bool mica_layout_runs_backward(const struct layout *layout, int node);
/* core/plan_precision.c: fills the part of the places about types. */
void mica_precision_choose(struct layout *layout);
/* core/plan_recompute.c: decide which values are made again; list what makes those again
   that a backward step of `node` reads. `used` has for each node the number of steps when
   it was last made or read, 0: not yet. */
void mica_recompute_choose(struct layout *layout);
/* What making a value again takes, as bytes to be read and written. */
size_t mica_recompute_cost(const struct layout *layout, int node);
/* For each node, whether some backward step reads its value; freed by the caller. */
bool *mica_recompute_read(const struct layout *layout);
/* core/plan_checkpoint.c: then also dear ones. */
void mica_recompute_more(struct layout *layout);
void mica_recompute_list(struct layout *layout, size_t *used, int node);

/* Make steps, lives and places in place anew, after a choice; but not where blocks lie. */
void mica_layout_list(struct layout *layout);
void mica_layout_step(struct layout *layout, struct step step);
/* Whether one pass computes both. */
static inline bool mica_layout_is_inside(const struct layout *l, int from, int node)
{
    return l->places[from].into == l->places[node].into;
}
/* Whether the caller reads its value after a run. */
bool mica_layout_is_wanted_longer(const struct layout *layout, int node);
/* The most bytes of blocks that live at once: no layout is smaller. */
size_t mica_layout_peak(const struct layout *layout);

struct layout *mica_layout_new(const struct tape *tape, const struct wanted *wanted);
void mica_layout_free(struct layout *layout);
/* What a step reads of `node`; NULL: nothing. */
const struct read *mica_layout_read(const struct step *step, int node);
/* Whether the forward pass of `node` rounds what it makes: there is no step for it. */
bool mica_layout_rounds(const struct layout *layout, int node);
/* Whether the passes of `node` take its first input as bf16, as it is kept. */
bool mica_layout_reads_kept(const struct layout *layout, int node);
/* The block that holds `block`, after following what was joined. */
int mica_layout_home(const struct layout *layout, int block);

#endif
