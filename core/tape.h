/* tape.h - the record of a network: nodes in the order they were made */
#ifndef MICA_CORE_TAPE_H
#define MICA_CORE_TAPE_H

#include "core/layer.h"

/* Creation order is topological order. A tape is for one shape of input; another shape is
   another tape over the same weights. */
struct tape *mica_tape_new(struct weights *weights);
void mica_tape_free(struct tape *tape);
/* Lives as long as the tape: for parameters' text and lists. */
struct arena *mica_tape_arena(struct tape *tape);

/* Both return the new node's number; -1 and a line in err where the layer refuses. `path`
   is the scope and id ("enc1.conv1"); of a node without an id, the scope and its place. */
int mica_tape_input(struct tape *tape, const char *name, struct shape shape);
int mica_tape_record(struct tape *tape, const struct layer *layer, const void *params,
                     const char *path, const int *inputs, size_t count,
                     struct error *err);

size_t mica_tape_count(const struct tape *tape);
/* Node i; an input has no layer (NULL) and its shape as `out`. */
const struct node *mica_tape_node(const struct tape *tape, size_t i);
int mica_tape_source(const struct tape *tape, size_t i,
                     size_t input); /* a node's number */
struct weights *mica_tape_weights(const struct tape *tape);

/* What node `to` sees of input `from`: pixel i of `to` reads input pixels i * stride -
   before .. i * stride + after; `global` where there is no bound. Along the way the largest
   total stride is kept: tiles start at its multiples. */
struct reach {
    double stride, before, after;
    size_t multiple; /* an input's height and width must be multiples of this */
    int global;      /* the first node that sees everything, or -1 */
};
struct reach mica_tape_reach(const struct tape *tape, int from, int to);

#endif
