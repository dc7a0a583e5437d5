/* plan_precision.c - which values are rounded to bf16, and which are kept as such

   A value that a backward pass reads is rounded as it is made. Which those are follows from
   the layers alone, not from what is fused, kept or asked for: numbers do not depend on it. */
#include "core/plan_layout.h"

static const struct node *node_at(const struct layout *l, int i)
{
    return mica_tape_node(l->tape, (size_t)i);
}

static int source(const struct layout *l, int i, size_t k)
{
    return mica_tape_source(l->tape, (size_t)i, k);
}

/* What the plain backward pass of a layer reads. Inputs are the caller's, and losses compare
   fp32. */
static void mark_rounded(struct layout *l, int i)
{
    const struct node *node = node_at(l, i);
    if (!node->layer || !l->places[i].trained || node->layer->activation)
        return;
    if (node->layer->keeps_output)
        l->places[i].rounded = true;
    for (size_t k = 0; node->layer->keeps_input && k < node->inputs; k++)
        if (node_at(l, source(l, i, k))->layer)
            l->places[source(l, i, k)].rounded = true;
}

static void leave_to_losses(struct layout *l, int i)
{
    const struct node *node = node_at(l, i);
    for (size_t k = 0; node->layer && node->layer->activation && k < node->inputs; k++)
        l->places[source(l, i, k)].rounded = false;
}

void mica_precision_choose(struct layout *l)
{
    const int count = (int)mica_tape_count(l->tape);
    if (l->wanted.precision != TYPE_BF16)
        return;
    for (int i = 0; i < count; i++)
        mark_rounded(l, i);
    for (int i = 0; i < count; i++)
        leave_to_losses(l, i);
    bool *read = mica_recompute_read(l);
    for (int i = 0; i < count; i++)
        l->places[i].narrow =
            l->places[i].rounded && read[i] && !mica_layout_is_wanted_longer(l, i);
    mica_free(read);
}
