/* recorder.h - inside nets/: what goes along while a network is recorded */
#ifndef MICA_NETS_RECORDER_H
#define MICA_NETS_RECORDER_H

#include "nets/parts.h"
#include "nets/scope.h"

/* Marks a node that stands in for one that failed: what reads it is still looked at, but a
   problem that may only follow from the first one is not told. */
enum { MICA_DOUBTFUL = 1 << 30 };

struct told;
struct recorder {
    struct tape *tape;
    struct arena *arena;
    struct error *err;
    size_t steps; /* nodes met, those left out by `when` included */
    int deep;     /* blocks inside each other */
    bool stopped; /* a bound was met */
    struct told *told;
};

/* Where nodes are being recorded. */
struct place {
    const struct net *net;
    const struct binding *params; /* of this use of the network */
    const struct binding *names;  /* and what loops and blocks add */
    const cJSON *list;            /* the graph, or the block's layers */
    struct scope *scope;
};

/* One use of a node. */
struct use {
    const cJSON *node, *type; /* type: its key; NULL where the node is a word */
    const char *name;         /* of the type */
    const char *id, *path;    /* id: NULL where it has none */
    int inputs[MICA_INPUTS_MAX];
    size_t count;
    bool doubtful;
    const struct binding *names; /* the place's, and in.h, in.w, in.c */
    struct scope *inside;        /* of a block, a seq, a network */
};

static inline int mica_doubt(int node) { return node | MICA_DOUBTFUL; }
static inline int mica_node_of(int node) { return node & ~MICA_DOUBTFUL; }

/* Tell a problem of an item: once, however often loops and blocks come by. Returns -1. */
int mica_tell(struct recorder *r, const struct net *net, const cJSON *item,
              const char *format, ...) __attribute__((format(printf, 4, 5)));
int mica_tell_lines(struct recorder *r, const struct net *net, const cJSON *item,
                    const struct error *problem);
bool mica_was_told(const struct recorder *r, const cJSON *item);
void mica_mark_told(struct recorder *r, const cJSON *item);
bool mica_recorder_is_over(const struct recorder *r);

/* A literal, or what "=expression" gives; -1 where it was told what is wrong. */
int mica_evaluate(struct recorder *r, const struct place *place, const struct use *use,
                  const cJSON *item, struct value *value);
/* An id or reference with its {expressions} filled in, or NULL. */
const char *mica_fill_in(struct recorder *r, const struct place *place,
                         const cJSON *item);
/* The node that a reference means, or -1. */
int mica_resolve(struct recorder *r, const struct place *place, const cJSON *item);
/* Put a name before others. */
const struct binding *mica_bind(struct recorder *r, const struct binding *names,
                                const char *name, struct value value);
/* Put NAME.h, NAME.w, NAME.c of a node before others. */
const struct binding *mica_bind_shape(struct recorder *r, const struct binding *names,
                                      const char *name, int node);

void mica_record_list(struct recorder *r, struct place *place, const cJSON *list);
/* Each returns the node that comes out, with its doubt. */
int mica_record_layer(struct recorder *r, const struct place *place,
                      const struct use *use);
int mica_record_block(struct recorder *r, const struct place *place, struct use *use);
int mica_record_inner(struct recorder *r, const struct place *place, struct use *use);
void mica_record_for(struct recorder *r, struct place *place, const cJSON *node);

#endif
