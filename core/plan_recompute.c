/* plan_recompute.c - which values are made again for backward rather than kept, and when

   The value of a cheap layer is not kept from forward to backward where what it is made of
   is there anyway: a step of the forward pass runs again just before the first backward step
   that reads it. Chen et al. (arXiv:1604.06174) recompute whole blocks; here it is what
   costs about as much as reading memory. */
#include <stdlib.h>

#include "core/plan_layout.h"

static const size_t LEAST = 16 << 20; /* bytes of a plan below which time counts more */
enum { MACS_MOST = 16, MACS_A_BYTE = 4 }; /* of cheap ones, a number; done meanwhile */

static const struct node *node_at(const struct layout *l, int i)
{
    return mica_tape_node(l->tape, (size_t)i);
}

static int source(const struct layout *l, int i, size_t k)
{
    return mica_tape_source(l->tape, (size_t)i, k);
}

static size_t bytes_of(const struct layout *l, int i)
{
    return mica_shape_size(node_at(l, i)->out) * sizeof(float);
}

/* ---- when ---- */

static void make(struct layout *l, size_t *used, int node);

static void add_step(struct layout *l, enum step_kind kind, int node)
{
    mica_layout_step(l, (struct step){.kind = kind, .node = node, .again = true});
}

/* By the pass of the first node of its chain, of what its nodes read. */
static void make_again(struct layout *l, size_t *used, int node)
{
    const int first = l->places[node].into;
    const bool kept = mica_layout_reads_kept(l, first);
    for (int i = first; i >= 0; i = l->places[i].next)
        for (size_t k = i == first && kept; k < node_at(l, i)->inputs; k++)
            if (!mica_layout_is_inside(l, source(l, i, k), node))
                make(l, used, source(l, i, k));
    add_step(l, STEP_FORWARD, first);
    if (l->places[node].rounded && !mica_layout_rounds(l, first))
        add_step(l, STEP_ROUND, node);
}

/* As fp32 for steps that follow, where it is not there as such. */
static void make(struct layout *l, size_t *used, int node)
{
    const struct places *own = &l->places[node];
    if (!own->again && !own->narrow)
        return;
    if (!used[node] || l->step_count - used[node] > l->held) {
        if (own->again)
            make_again(l, used, node);
        else
            add_step(l, STEP_WIDEN, node);
    }
    used[node] = l->step_count;
}

/* Whose value a backward pass takes as its output; -1: none. */
static int output_read(const struct layout *l, int node)
{
    const struct layer *layer = node_at(l, node)->layer;
    const int undone = l->places[node].undone;
    const bool reads =
        undone == node ? layer->keeps_output : layer->undoes == UNDO_BY_OUTPUT;
    return reads ? undone : -1;
}

void mica_recompute_list(struct layout *l, size_t *used, int node)
{
    const struct node *n = node_at(l, node);
    for (size_t k = n->layer->keeps_input && mica_layout_reads_kept(l, node);
         n->layer->keeps_input && k < n->inputs; k++)
        make(l, used, source(l, node, k));
    if (output_read(l, node) >= 0)
        make(l, used, output_read(l, node));
}

/* ---- which ---- */

bool *mica_recompute_read(const struct layout *l)
{
    int count = (int)mica_tape_count(l->tape);
    bool *read = mica_need((size_t)count + 1, sizeof *read);
    for (int i = 0; i < count; i++) {
        const struct node *node = node_at(l, i);
        if (!mica_layout_runs_backward(l, i))
            continue;
        if (output_read(l, i) >= 0)
            read[output_read(l, i)] = true;
        for (size_t k = 0; node->layer->keeps_input && k < node->inputs; k++)
            read[source(l, i, k)] = true;
    }
    return read;
}

bool mica_layout_is_wanted_longer(const struct layout *l, int node)
{
    for (size_t i = 0; i < l->wanted.output_count; i++)
        if (l->wanted.outputs[i] == node)
            return true;
    return l->wanted.loss == node;
}

/* Convolutions over few inputs are as cheap as what is declared to be. */
static bool is_cheap(const struct node *node)
{
    size_t sample = mica_shape_size(node->out) / node->out.n;
    return node->layer->cheap || (node->macs > 0 && node->macs <= MACS_MOST * sample);
}

/* What is read for a value is kept, or made again, or small beside it. */
static bool is_candidate(const struct layout *l, const bool *read, int node)
{
    const int first = l->places[node].into;
    if (!node_at(l, node)->layer || !l->places[node].wanted ||
        l->places[first].last != node || mica_layout_is_wanted_longer(l, node))
        return false;
    size_t more = 0;
    for (int i = first; i >= 0; i = l->places[i].next) {
        const struct node *n = node_at(l, i);
        if (!is_cheap(n))
            return false;
        for (size_t k = 0; k < n->inputs; k++) {
            int from = source(l, i, k);
            if (node_at(l, from)->layer && !mica_layout_is_inside(l, from, node) &&
                !l->places[from].again && !read[from])
                more += bytes_of(l, from);
        }
    }
    return more <= bytes_of(l, node) / 2;
}

struct candidate {
    size_t cost;
    int node;
};

size_t mica_recompute_cost(const struct layout *l, int i)
{
    const struct node *node = node_at(l, l->places[i].into);
    return 2 * bytes_of(l, i) + node->in[0].n * (size_t)node->macs / MACS_A_BYTE;
}

static int dearer_and_later_first(const void *a, const void *b)
{
    const struct candidate *p = a, *q = b;
    if (p->cost != q->cost)
        return p->cost < q->cost ? 1 : -1;
    return q->node - p->node;
}

static size_t peak(struct layout *l)
{
    mica_layout_list(l);
    return mica_layout_peak(l);
}

/* Readers within a block of layers are near each other, the ends of a skip are not: what is
   held long saves time, and costs memory. The longest of those with the lowest peak. */
static size_t choose_held(struct layout *l)
{
    size_t best = 0, least = (size_t)-1;
    for (size_t held = 64; held >= 4; held /= 2) {
        l->held = held;
        size_t now = peak(l);
        if (now < least) {
            least = now;
            best = held;
        }
    }
    l->held = best;
    return least;
}

/* Keep what need not be made again for the peak to be as low: dear values first; of equal
   ones the last, which live shortest. */
static void keep_what_fits(struct layout *l, const struct candidate *candidates,
                           size_t count, size_t least)
{
    for (size_t i = 0; i < count; i++) {
        bool *again = &l->places[candidates[i].node].again;
        *again = false;
        *again = peak(l) > least;
    }
}

void mica_recompute_choose(struct layout *l)
{
    const enum recompute how = l->wanted.recompute;
    if (l->wanted.loss < 0)
        return;
    const size_t kept = choose_held(l); /* what is widened is held, too */
    if (how == RECOMPUTE_NOTHING || (how == RECOMPUTE_CHEAP && kept < LEAST))
        return;
    int nodes = (int)mica_tape_count(l->tape);
    bool *read = mica_recompute_read(l);
    struct candidate *candidates = mica_need((size_t)nodes, sizeof *candidates);
    size_t count = 0;
    for (int i = 0; i < nodes; i++) {
        l->places[i].again = is_candidate(l, read, i);
        if (l->places[i].again)
            candidates[count++] = (struct candidate){mica_recompute_cost(l, i), i};
    }
    qsort(candidates, count, sizeof *candidates, dearer_and_later_first);
    keep_what_fits(l, candidates, count, choose_held(l));
    mica_free(candidates);
    mica_free(read);
    if (how == RECOMPUTE_MORE)
        mica_recompute_more(l);
}
