/* scope.h - the names that a network gives to its nodes while it is recorded */
#ifndef MICA_NETS_SCOPE_H
#define MICA_NETS_SCOPE_H

#include "core/memory.h"

/* A graph, a block, a seq or a network inside: its ids, its ports, its last node. Arena
   memory throughout. */
struct scope {
    const char *path;          /* goes before the ids: "" or "layer1.0." */
    const struct scope *outer; /* a seq sees what is around it; else NULL */
    struct name *names, *ports;
    struct name *types; /* how often each type came without an id */
    int previous;       /* the node that the next one reads */
    int number;         /* of the next child of a seq; -1 elsewhere */
    const char *until;  /* recording ends with this id; may be NULL */
    bool ended;
};

struct name {
    const char *text; /* NULL: what `inside` names is seen from here too */
    int node;
    struct scope *inside;
    struct name *next;
};

struct scope *mica_scope_new(struct arena *arena, const char *path,
                             const struct scope *outer, int previous);
void mica_scope_add(struct scope *scope, struct arena *arena, const char *id, int node,
                    struct scope *inside);
/* By id or dotted path, in this scope alone; NULL where there is none. */
const struct name *mica_scope_find(const struct scope *scope, const char *reference);
/* By the name of a port, around a seq too. */
const struct name *mica_scope_port(const struct scope *scope, const char *port);
void mica_scope_add_port(struct scope *scope, struct arena *arena, const char *port,
                         int node);
/* How often this was asked for `type` before. */
int mica_scope_count(struct scope *scope, struct arena *arena, const char *type);
/* The ids that can be meant here: up to `most`. */
size_t mica_scope_list(const struct scope *scope, const char **ids, size_t most);

#endif
