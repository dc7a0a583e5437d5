/* plan_checkpoint.c - which dear values are made again, too, for at most a forward pass more

   Chen et al. (arXiv:1604.06174) keep what lies between blocks of a chain and make the rest
   again. Which values those are follows here from the lists of steps themselves, skips among
   them: one value after another, those first that cost least a byte, is no longer kept where
   the peak is lower for that. */
#include <stdlib.h>

#include "core/plan_layout.h"

enum { SWEEPS = 4 };

struct choice {
    double price; /* bytes to be moved for a byte less */
    int node;
};

static const struct node *node_at(const struct layout *l, int i)
{
    return mica_tape_node(l->tape, (size_t)i);
}

/* A loss is for the end; sums over the batch are not taken again, which only layers that
   say so do without. */
static bool may_run_again(const struct node *node)
{
    return !node->layer->activation && (node->layer->cheap || !node->sums_forward);
}

static bool is_open(const struct layout *l, int node)
{
    const struct places *own = &l->places[node];
    if (!node_at(l, node)->layer || !own->wanted || own->again ||
        l->places[own->into].last != node || mica_layout_is_wanted_longer(l, node))
        return false;
    for (int i = own->into; i >= 0; i = l->places[i].next)
        if (!may_run_again(node_at(l, i)))
            return false;
    return true;
}

static int cheaper_first(const void *a, const void *b)
{
    const struct choice *p = a, *q = b;
    if (p->price != q->price)
        return p->price > q->price ? 1 : -1;
    return p->node - q->node;
}

/* Of the forward steps, first or again. */
static size_t cost_of_steps(const struct layout *l, bool again)
{
    size_t sum = 0;
    for (size_t i = 0; i < l->step_count; i++) {
        const struct step *step = &l->steps[i];
        if (step->kind == STEP_FORWARD && step->again == again)
            sum += mica_recompute_cost(l, l->places[step->node].last);
    }
    return sum;
}

struct search {
    struct layout *layout;
    bool *read;   /* values that backward steps read: others are not kept for them */
    bool *before; /* what was made again before a trial */
    size_t budget, least;
};

/* A value and, as far as they would be kept for it alone, those that it is made of. */
static void mark(const struct search *s, int node)
{
    struct layout *l = s->layout;
    l->places[node].again = true;
    for (int i = l->places[node].into; i >= 0; i = l->places[i].next)
        for (size_t k = 0; k < node_at(l, i)->inputs; k++) {
            int from = mica_tape_source(l->tape, (size_t)i, k);
            if (!mica_layout_is_inside(l, from, node) && !s->read[from] &&
                is_open(l, from))
                mark(s, from);
        }
}

/* Whether the peak sinks below `least`, which is set to it then. */
static bool try_again(struct search *s, int node)
{
    struct layout *l = s->layout;
    size_t count = mica_tape_count(l->tape);
    for (size_t i = 0; i < count; i++)
        s->before[i] = l->places[i].again;
    mark(s, node);
    mica_layout_list(l);
    size_t peak = mica_layout_peak(l);
    if (peak < s->least && cost_of_steps(l, true) <= s->budget) {
        s->least = peak;
        return true;
    }
    for (size_t i = 0; i < count; i++)
        l->places[i].again = s->before[i];
    return false;
}

static size_t list_choices(const struct layout *l, struct choice *choices)
{
    size_t count = 0;
    for (int i = 0; i < (int)mica_tape_count(l->tape); i++)
        if (is_open(l, i)) {
            double bytes = (double)mica_shape_size(node_at(l, i)->out) * sizeof(float);
            choices[count++] =
                (struct choice){(double)mica_recompute_cost(l, i) / bytes, i};
        }
    qsort(choices, count, sizeof *choices, cheaper_first);
    return count;
}

void mica_recompute_more(struct layout *l)
{
    size_t nodes = mica_tape_count(l->tape);
    struct choice *choices = mica_need(nodes, sizeof *choices);
    mica_layout_list(l);
    struct search s = {.layout = l,
                       .read = mica_recompute_read(l),
                       .before = mica_need(nodes, sizeof(bool)),
                       .budget = cost_of_steps(l, false),
                       .least = mica_layout_peak(l)};
    bool lower = true;
    for (size_t sweep = 0; lower && sweep < SWEEPS; sweep++) {
        size_t count = list_choices(l, choices);
        lower = false;
        for (size_t i = 0; i < count; i++)
            if (!l->places[choices[i].node].again)
                lower = try_again(&s, choices[i].node) || lower;
    }
    mica_free(s.read);
    mica_free(s.before);
    mica_free(choices);
}
