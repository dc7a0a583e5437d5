/* plan_fuse.c - which nodes the pass of another does

   Forward: a chain of nodes, each the only reader of the one before, is computed by the pass
   of the first, which writes the value of the last: nothing between is stored. Backward: the
   gradient of a rectifier is taken as it is by the pass of the node before, which undoes it
   while reading. */
#include "core/plan_layout.h"

static const struct node *node_at(const struct layout *l, int i)
{
    return mica_tape_node(l->tape, (size_t)i);
}

static bool same_shape(struct shape a, struct shape b)
{
    return a.n == b.n && a.h == b.h && a.w == b.w && a.c == b.c;
}

/* Readers of each value, the caller among them. */
static int *count_readers(const struct layout *l)
{
    const size_t count = mica_tape_count(l->tape);
    int *readers = mica_need(count, sizeof *readers);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; l->places[i].wanted && k < node_at(l, (int)i)->inputs; k++)
            readers[mica_tape_source(l->tape, i, k)]++;
    for (size_t i = 0; i < l->wanted.output_count; i++)
        readers[l->wanted.outputs[i]]++;
    if (l->wanted.loss >= 0)
        readers[l->wanted.loss]++;
    return readers;
}

/* The value between is read by nobody else, in backward passes either. */
static bool only_passes(const struct layout *l, const int *readers, int from, int to)
{
    const struct node *a = node_at(l, from), *b = node_at(l, to);
    return a->layer && readers[from] == 1 && same_shape(a->out, b->out) &&
           !(l->places[from].trained && a->layer->keeps_output) &&
           !(l->places[to].trained && b->layer->keeps_input);
}

/* What the passes of a chain do so far: its last part. */
static enum finish_part part_done(const struct layout *l, int node)
{
    return l->places[node].into == node ? FINISH_NONE : node_at(l, node)->layer->part;
}

/* All other inputs of a node are there before `first` runs. */
static bool others_are_there(const struct layout *l, int node, size_t input, int first)
{
    for (size_t k = 0; k < node_at(l, node)->inputs; k++)
        if (k != input &&
            l->places[mica_tape_source(l->tape, (size_t)node, k)].into >= first)
            return false;
    return true;
}

static bool fits(const struct layout *l, const int *readers, int node, size_t input)
{
    const enum finish_part part = node_at(l, node)->layer->part;
    const int from = mica_tape_source(l->tape, (size_t)node, input);
    if (!only_passes(l, readers, from, node))
        return false;
    const int first = l->places[from].into;
    const enum finish_part able = node_at(l, first)->layer->finishes;
    return able && part >= able && part > part_done(l, from) &&
           others_are_there(l, node, input, first);
}

static void fuse_forward(struct layout *l, const int *readers, int node)
{
    const struct node *n = node_at(l, node);
    if (!n->layer->part || n->inputs > 2 || mica_layout_sums_forward(l, n))
        return;
    for (size_t k = n->inputs; k-- > 0;)
        if (fits(l, readers, node, k)) {
            const int from = mica_tape_source(l->tape, (size_t)node, k);
            const int first = l->places[from].into;
            l->places[from].next = node;
            l->places[node].into = first;
            l->places[first].last = node;
            return;
        }
}

static void fuse_backward(struct layout *l, const int *readers, int node)
{
    const struct node *n = node_at(l, node);
    if (n->layer->part != FINISH_RELU || !l->places[node].trained)
        return;
    const int from = mica_tape_source(l->tape, (size_t)node, 0);
    const struct node *before = node_at(l, from);
    if (l->places[from].trained && readers[from] == 1 && before->layer &&
        before->layer->undoes && l->places[from].next == node)
        l->places[from].undone = node;
}

void mica_fuse(struct layout *l)
{
    const int count = (int)mica_tape_count(l->tape);
    for (int i = 0; i < count; i++) {
        struct places *own = &l->places[i];
        own->into = own->last = own->undone = i;
        own->next = -1;
    }
    if (l->wanted.plain)
        return;
    int *readers = count_readers(l);
    for (int i = 0; i < count; i++)
        if (l->places[i].wanted && node_at(l, i)->layer) {
            fuse_forward(l, readers, i);
            fuse_backward(l, readers, i);
        }
    mica_free(readers);
}

bool mica_layout_runs_forward(const struct layout *l, int node)
{
    return l->places[node].wanted && node_at(l, node)->layer &&
           l->places[node].into == node;
}

bool mica_layout_runs_backward(const struct layout *l, int node)
{
    const struct node *n = node_at(l, node);
    if (!l->places[node].trained || !n->layer)
        return false;
    return !n->inputs ||
           l->places[mica_tape_source(l->tape, (size_t)node, 0)].undone != node;
}
