/* parts.h - inside nets/: what a network is made of once it was read */
#ifndef MICA_NETS_PARTS_H
#define MICA_NETS_PARTS_H

#include "nets/expression.h"
#include "nets/nets.h"

struct net {
    struct json *json; /* the document; of a network inside, its holder's */
    bool owns_json;
    struct arena *arena;
    cJSON *root;
    const cJSON *blocks, *graph; /* blocks may be NULL */
    const cJSON *output;         /* NULL: the last node */
    const struct binding *params;
    struct shape sizes;  /* of the input; h and w are 0 where they are open */
    struct inner *inner; /* the networks that nodes name */
};

struct inner {
    const cJSON *node; /* that has the key "net" */
    struct net *net;
    struct inner *next;
};

enum { MICA_NETS_DEEP = 8, MICA_BLOCKS_DEEP = 24, MICA_LOOP_MOST = 4096 };

/* The form of what stands around the graph, and of every node: it is of a known type and has
   the keys it may have. What depends on values is found when it is recorded. */
int mica_net_check_head(const struct net *net, struct error *err);
int mica_net_check_nodes(const struct net *net, struct error *err);

/* The key of a node that is its type ("conv2d": 64), NULL where there is none. */
const cJSON *mica_net_type(const struct net *net, const cJSON *node);
/* A layer, but no loss. */
const struct layer *mica_net_layer(const char *name);
const cJSON *mica_net_block(const struct net *net, const char *name);
/* A literal as a value; -1 where it is none of number, true, false, text, list. */
int mica_net_literal(const cJSON *item, struct value *value);
/* The input's sizes where the parameters have these values, and with open ones filled in. */
int mica_net_sizes(const struct net *net, const struct binding *params,
                   struct shape *sizes, struct error *err);
struct shape mica_net_fit(struct shape sizes, struct shape open);
/* Where b begins in "a..b"; NULL where `text` is no range. */
const char *mica_net_range(const char *text);
/* The lines of `from` as problems of `item`. Returns -1. */
int mica_net_pass_on(const struct net *net, const cJSON *item, const struct error *from,
                     struct error *err);
/* The lines of `from`, of a recording with open rows and columns of `trial`, with the words
   of the network's input in place of numbers: "H/2 x W/2 x 4". Returns -1. */
int mica_net_name_sizes(const struct net *net, size_t trial, const struct error *from,
                        struct error *err);

#endif
