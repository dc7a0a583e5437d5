/* layer.h - the contract of a layer: what the tape records and replays */
#ifndef MICA_CORE_LAYER_H
#define MICA_CORE_LAYER_H

#include "core/error.h"
#include "core/finish.h"
#include "core/param.h"
#include "core/tensor.h"
#include "core/weights.h"

enum { MICA_INPUTS_MAX = 8, MICA_WEIGHTS_MAX = 4 };

struct layer;
struct tape;

/* Where an output pixel looks: output i reads inputs from ratio i - before to
   ratio i + after, along each axis. From it follow strides, halos and receptive fields. */
struct field {
    double ratio, before,
        after;   /* input pixels; ratio 2 for stride 2, 0.5 for upsampling */
    bool global; /* sees the whole image, or depends on its size */
};

/* One use of a layer: what `setup` reads (above) and fills (below). */
struct node {
    const struct layer *layer;
    const void *params; /* the layer's own struct, filled from its table */
    const char *path; /* scope and id: "enc1.conv1"; names weights and random numbers */
    uint64_t key;     /* hash of the path */
    size_t inputs;
    struct shape in[MICA_INPUTS_MAX]; /* n is the largest batch planned for */
    struct tape *tape;

    struct shape out; /* starts as in[0] */
    struct weight *weights[MICA_WEIGHTS_MAX];
    struct field field;     /* starts as {1, 0, 0, false} */
    uint64_t macs;          /* multiply-adds of a forward pass of one sample */
    size_t saved;           /* bytes that forward leaves for backward */
    size_t scratch_forward; /* bytes that live during one call */
    size_t scratch_backward;
    size_t
        prepared; /* bytes of the weights as forward would rather read them; 0: as they
                        are */
    size_t sums_forward;  /* doubles of a sum over the batch before forward; 0: none */
    size_t sums_backward; /* and before backward */
    char how[32];         /* for people, what setup chose: "fft 18 at 0.31" */
};

/* One call of a layer. Tensors have the running batch as shape.n. */
struct pass {
    struct tensor x[MICA_INPUTS_MAX]; /* inputs */
    struct tensor y;                  /* the output */
    /* Gradients of the loss by the inputs (data is NULL where nobody wants one) and by the
       output. Backward writes dx[i] where add[i] is false and adds to it otherwise; the
       gradients of weights likewise by add_weights. */
    struct tensor dx[MICA_INPUTS_MAX], dy;
    bool add[MICA_INPUTS_MAX], add_weights;
    bool training; /* batch statistics and dropout; else running statistics */
    /* Forward once more, for a backward pass: the same values from the same inputs, saved as
       forward left it; there are no sums, and statistics stay as they are. */
    bool again;
    size_t shards; /* equal parts of the batch; sums stay inside one, then merge in
                             a fixed binary tree */
    uint64_t seed, step; /* keys of random numbers, with node->key and the sample */
    uint64_t first;      /* global index of sample 0 of this batch */
    const double *sums;  /* the merged sums, where the layer has them */
    /* Layers behind this one that its passes do, too: y and dy are theirs. NULL: none. */
    const struct finish *finish;
    void *saved, *scratch;
    const void *prepared; /* by the layer's `prepare`; NULL: not yet */
};

/* Fusion: a layer that is the only reader of another's output may be done by that one's
   pass, while its numbers are in registers (core/plan_fuse.c). What may follow in one pass,
   and in which order: */
enum finish_part { FINISH_NONE, FINISH_SCALE, FINISH_ADD, FINISH_RELU };
/* Backward through a rectifier at the end of the pass; by its output y, or without. */
enum finish_undo { UNDO_NOT, UNDO_BY_OUTPUT, UNDO_ALONE };

/* A trial of a layer, as its JSON and the shapes of its inputs: examples drive the generic
   tests, the goldens and the manual. */
struct example {
    const char *json; /* the layer's arguments: "{\"rate\": 0.1}" */
    struct shape in[MICA_INPUTS_MAX];
    bool labels; /* the second input holds whole numbers: classes below in[0].c */
};

struct layer {
    const char *name, *summary, *equation;
    size_t inputs; /* how many; 0: one or more, all given as main value (add, concat) */
    const struct param
        *params; /* ends with {0}; the first is the main one; may be NULL */
    size_t params_size;
    bool keeps_input;  /* backward reads x */
    bool keeps_output; /* backward reads y */
    bool in_place;     /* y may be x's memory, dx[0] may be dy's */
    bool reads_bf16;   /* all passes take input 0 of either type */
    bool sums_train;   /* the sums before forward are for training alone */
    bool
        cheap; /* forward costs about as much as reading and writing memory: the plan may
                   make y again rather than keep it (core/plan_recompute.c) */
    /* Of a loss: what turns logits into its prediction: "softmax", "sigmoid", "identity".
       A loss's second input is the truth, by which nobody learns: backward leaves dx[1]
       alone, and the plan passes no gradient down there. */
    const char *activation;
    /* Shape inference: checks in[] and params, books weights and memory. */
    int (*setup)(struct node *node, struct error *err);
    /* Bytes of scratch in backward where they depend on the shards: in place of
       node->scratch_backward. May be NULL. */
    size_t (*scratch_backward)(const struct node *node, size_t shards);
    /* Neither can fail or allocate; both spread their work by core/parallel.h. */
    void (*forward)(const struct node *node, const struct pass *pass);
    void (*backward)(const struct node *node,
                     const struct pass *pass); /* NULL: no gradient */
    /* Fill node->prepared bytes from the weights, which stay as they are while `forward` is
       given those (wanted.fixed_weights). */
    void (*prepare)(const struct node *node, void *prepared);
    /* Sums over the batch: `partial` writes those of one piece of input 0 (node->sums_*
       doubles); two such are added, or joined by `merge`: `from` to `into`. The plan calls them
       before forward (node->sums_forward) and before backward (node->sums_backward): pieces
       in order inside a sample, samples in order inside a shard, shards in a binary tree. */
    void (*partial_forward)(const struct node *node, const struct pass *pass,
                            struct piece piece, double *sums);
    void (*partial_backward)(const struct node *node, const struct pass *pass,
                             struct piece piece, double *sums);
    void (*merge_forward)(const struct node *node, double *into, const double *from);
    /* What this layer is to one whose pass does it, and its numbers, put into `finish`: where
       they need memory, it is pass->saved; pass->x[i].data is NULL for what is not stored. */
    enum finish_part part;
    void (*finish)(const struct node *node, const struct pass *pass,
                   struct finish *finish);
    /* The first part that `forward` can do with pass->finish; and whether `backward` and
       `partial_backward` take the dy of a rectifier. */
    enum finish_part finishes;
    enum finish_undo undoes;
    /* What functions that several layers share need to know of this one: each header that
       declares such functions says what (layers/pointwise.h: its function and slope). */
    const void *work;
    const struct example *examples; /* ends with {0} */
};

/* For setup: a tensor named path + "." + suffix, made (and initialised) the first time and
   found after that. `fan_in` and `fan_out` scale a kernel's first values. */
struct weight *mica_node_weight(struct node *node, const char *suffix,
                                enum weight_kind kind, size_t rank, const size_t *dims,
                                size_t fan_in, size_t fan_out, struct error *err);

/* The number of samples and of shards of a running pass fit each other: samples of shard s
   are s * per .. (s+1) * per - 1, per = n / shards. Join `shards` arrays of `count` floats,
   stored one after another, into the first by the fixed tree. */
void mica_join_shards(float *arrays, size_t shards, size_t count);

/* All layers and losses, by name and by place; NULL where there is none. */
const struct layer *mica_layer_find(const char *name);
const struct layer *mica_layer(size_t i);

#endif
