/* plan_layout.c - steps of a plan, lives of its blocks, and their places in memory

   A block lives from its first step to its last; two blocks may share bytes when their
   lives do not meet. Blocks are placed largest first, each at the lowest offset that is
   free during its life (Pisarchyk and Lee, arXiv:2001.03288). */
#include "core/plan_layout.h"

#include <stdlib.h>
#include <string.h>

static const size_t FOREVER = (size_t)-1;

static const struct node *node_at(const struct layout *l, int i)
{
    return mica_tape_node(l->tape, (size_t)i);
}

static int source(const struct layout *l, int i, size_t k)
{
    return mica_tape_source(l->tape, (size_t)i, k);
}

/* ---- what is needed ---- */

static void mark_wanted(struct layout *l)
{
    for (size_t i = 0; i < l->wanted.output_count; i++)
        l->places[l->wanted.outputs[i]].wanted = true;
    if (l->wanted.loss >= 0)
        l->places[l->wanted.loss].wanted = true;
    for (int i = (int)mica_tape_count(l->tape) - 1; i >= 0; i--)
        if (l->places[i].wanted)
            for (size_t k = 0; k < node_at(l, i)->inputs; k++)
                l->places[source(l, i, k)].wanted = true;
}

static bool has_parameters(const struct node *node)
{
    for (size_t k = 0; k < MICA_WEIGHTS_MAX; k++)
        if (node->weights[k] && !mica_weight_is_statistic(node->weights[k]))
            return true;
    return false;
}

/* The truth, the second input of a loss, gets no gradient. */
static bool gives_gradient(const struct node *node, size_t input)
{
    return !(node->layer->activation && input == 1);
}

/* `trained` needs a way down to something that learns and a way up to the loss. */
static void mark_trained(struct layout *l)
{
    int loss = l->wanted.loss;
    if (loss < 0)
        return;
    bool *feeds = mica_need((size_t)loss + 1, sizeof *feeds); /* leads to the loss */
    feeds[loss] = true;
    for (int i = loss; i >= 0; i--)
        if (feeds[i] && node_at(l, i)->layer && node_at(l, i)->layer->backward)
            for (size_t k = 0; k < node_at(l, i)->inputs; k++)
                if (gives_gradient(node_at(l, i), k))
                    feeds[source(l, i, k)] = true;
    for (int i = 0; i <= loss; i++) {
        const struct node *node = node_at(l, i);
        bool learns = node->layer ? has_parameters(node) : l->wanted.input_gradients;
        for (size_t k = 0; k < node->inputs; k++)
            learns = learns ||
                     (gives_gradient(node, k) && l->places[source(l, i, k)].trained);
        l->places[i].trained = learns && feeds[i];
    }
    mica_free(feeds);
}

/* ---- steps ---- */

/* Room for one more. */
static void *grown(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 64;
    void *more = mica_need(*capacity, size);
    if (count)
        memcpy(more, items, count * size);
    mica_free(items);
    return more;
}

void mica_layout_step(struct layout *l, struct step step)
{
    step.y = step.scratch = step.sums = step.kept = -1;
    l->steps = grown(l->steps, l->step_count, &l->step_capacity, sizeof *l->steps);
    l->steps[l->step_count++] = step;
}

const struct read *mica_layout_read(const struct step *step, int node)
{
    for (size_t i = 0; i < step->read_count; i++)
        if (step->reads[i].node == node)
            return &step->reads[i];
    return NULL;
}

/* Whether the value of its first input is read only once by the nodes of a chain. */
static bool reads_once(const struct layout *l, int first)
{
    size_t count = 0;
    for (int i = first; i >= 0; i = l->places[i].next)
        for (size_t k = 0; k < node_at(l, i)->inputs; k++)
            count += source(l, i, k) == source(l, first, 0);
    return count == 1;
}

bool mica_layout_reads_kept(const struct layout *l, int node)
{
    if (!node_at(l, node)->layer->reads_bf16 || l->places[node].into != node)
        return false;
    const struct places *from = &l->places[source(l, node, 0)];
    return from->narrow && !from->again && reads_once(l, node);
}

static void add_step(struct layout *l, enum step_kind kind, int node)
{
    mica_layout_step(l, (struct step){.kind = kind, .node = node});
}

bool mica_layout_sums_forward(const struct layout *l, const struct node *node)
{
    bool training = l->wanted.loss >= 0 || l->wanted.batch_statistics;
    return node->sums_forward && (training || !node->layer->sums_train);
}

bool mica_layout_rounds(const struct layout *l, int node)
{
    const struct places *last = &l->places[l->places[node].last];
    return last->rounded && (!last->narrow || last->again) &&
           node_at(l, node)->layer->finishes != FINISH_NONE && !l->wanted.plain;
}

static void list_steps(struct layout *l)
{
    int count = (int)mica_tape_count(l->tape);
    size_t *used = mica_need((size_t)count, sizeof *used);
    for (int i = 0; i < count; i++) {
        if (!mica_layout_runs_forward(l, i))
            continue;
        if (mica_layout_sums_forward(l, node_at(l, i)))
            add_step(l, STEP_SUM_FORWARD, i);
        add_step(l, STEP_FORWARD, i);
        if (l->places[l->places[i].last].rounded && !mica_layout_rounds(l, i))
            add_step(l, STEP_ROUND, l->places[i].last);
    }
    for (int i = l->wanted.loss; i >= 0; i--) {
        if (!mica_layout_runs_backward(l, i))
            continue;
        mica_recompute_list(l, used, i);
        if (node_at(l, i)->sums_backward)
            add_step(l, STEP_SUM_BACKWARD, i);
        add_step(l, STEP_BACKWARD, i);
    }
    mica_free(used);
}

/* The first backward pass to reach a source writes its gradient; later ones add. */
static void mark_additions(struct layout *l)
{
    bool *written = mica_need(mica_tape_count(l->tape), sizeof *written);
    for (size_t s = 0; s < l->step_count; s++) {
        struct step *step = &l->steps[s];
        if (step->kind != STEP_BACKWARD)
            continue;
        for (size_t k = 0; k < node_at(l, step->node)->inputs; k++) {
            int from = source(l, step->node, k);
            step->add[k] = written[from];
            written[from] = written[from] || gives_gradient(node_at(l, step->node), k);
        }
    }
    mica_free(written);
}

/* ---- lives ---- */

static int add_block(struct layout *l, size_t size, size_t first, size_t last)
{
    size_t rounded = (size + MICA_ALIGNMENT - 1) / MICA_ALIGNMENT * MICA_ALIGNMENT;
    l->blocks = grown(l->blocks, l->block_count, &l->block_capacity, sizeof *l->blocks);
    l->blocks[l->block_count] =
        (struct block){.size = rounded, .first = first, .last = last, .joined = -1};
    return (int)l->block_count++;
}

static void lengthen(struct layout *l, int block, size_t step)
{
    if (block >= 0 && l->blocks[block].last < step)
        l->blocks[block].last = step;
}

static size_t piece_count(const struct node *node)
{
    return node->in[0].n * mica_pieces_per_sample(node->in[0]);
}

static size_t value_bytes(const struct node *node)
{
    return mica_shape_size(node->out) * sizeof(float);
}

static void live_sums(struct layout *l, struct step *step, size_t now, size_t doubles)
{
    size_t pieces = piece_count(node_at(l, step->node));
    step->scratch = add_block(l, pieces * doubles * sizeof(double), now, now);
    step->sums = step[1].sums = add_block(l, doubles * sizeof(double), now, now + 1);
}

static void live_forward(struct layout *l, struct step *step, size_t now)
{
    const struct node *node = node_at(l, step->node);
    const int last = l->places[step->node].last;
    step->y = add_block(l, value_bytes(node_at(l, last)), now, now);
    if (node->scratch_forward)
        step->scratch = add_block(l, node->scratch_forward, now, now);
    if (step->again)
        return;
    l->places[last].value = step->y;
    for (int i = step->node; i >= 0; i = l->places[i].next)
        if (node_at(l, i)->saved)
            l->places[i].saved = add_block(l, node_at(l, i)->saved, now, now);
}

/* From where they are written to the end, for who moves the weights. */
static void live_weights(struct layout *l, int node, size_t now)
{
    for (size_t k = 0; k < MICA_WEIGHTS_MAX; k++) {
        const struct weight *weight = node_at(l, node)->weights[k];
        if (weight && !mica_weight_is_statistic(weight))
            l->places[node].weights[k] =
                add_block(l, weight->count * sizeof(float), now, FOREVER);
    }
}

static void live_backward(struct layout *l, struct step *step, size_t now)
{
    const struct node *node = node_at(l, step->node);
    for (size_t k = 0; k < node->inputs; k++) {
        struct places *from = &l->places[source(l, step->node, k)];
        if (from->trained && from->gradient < 0) {
            const struct node *above = node_at(l, source(l, step->node, k));
            from->gradient = add_block(l, value_bytes(above), now, now);
        }
    }
    if (l->wanted.lends_gradients)
        live_weights(l, step->node, now);
    size_t scratch = node->scratch_backward;
    if (node->layer->scratch_backward)
        scratch = node->layer->scratch_backward(
            node, l->wanted.shards ? l->wanted.shards : 1);
    if (scratch)
        step->scratch = add_block(l, scratch, now, now);
}

static void add_read(struct layout *l, struct step *step, int node, size_t now,
                     const int *values)
{
    const bool kept =
        node == source(l, step->node, 0) && mica_layout_reads_kept(l, step->node);
    const int block = kept ? l->places[node].kept : values[node];
    if (block < 0 || mica_layout_read(step, node))
        return;
    MICA_CHECK(step->read_count < READS_MAX);
    step->reads[step->read_count++] = (struct read){node, block, kept};
    lengthen(l, block, now);
    if (step->kind == STEP_FORWARD && !step->again && !kept)
        l->places[node].wide = true;
}

/* What a step reads and writes lives at least until then. values[i] is the block where that
   of node i lies now; -1: it is not stored. */
static void touch_forward(struct layout *l, struct step *step, size_t now, int *values)
{
    for (int i = step->node; i >= 0; i = l->places[i].next) {
        for (size_t k = 0; k < node_at(l, i)->inputs; k++)
            add_read(l, step, source(l, i, k), now, values);
        if (step->again)
            lengthen(l, l->places[i].saved, now);
    }
    if (step->kind == STEP_FORWARD)
        values[l->places[step->node].last] = step->y;
}

static void touch_backward(struct layout *l, struct step *step, size_t now,
                           const int *values)
{
    const struct node *node = node_at(l, step->node);
    const struct places *own = &l->places[step->node];
    lengthen(l, l->places[own->undone].gradient, now);
    lengthen(l, own->saved, now);
    if (own->undone != step->node ? node->layer->undoes == UNDO_BY_OUTPUT
                                  : node->layer->keeps_output)
        step->y = values[own->undone];
    lengthen(l, step->y, now);
    for (size_t k = 0; k < node->inputs; k++) {
        int from = source(l, step->node, k);
        if (node->layer->keeps_input)
            add_read(l, step, from, now, values);
        if (step->kind == STEP_BACKWARD)
            lengthen(l, l->places[from].gradient, now);
    }
}

static void live_round(struct layout *l, struct step *step, size_t now,
                       const int *values)
{
    struct places *own = &l->places[step->node];
    step->y = values[step->node];
    lengthen(l, step->y, now);
    if (own->narrow && !own->again)
        own->kept = step->kept =
            add_block(l, value_bytes(node_at(l, step->node)) / 2, now, now);
}

static void live_widen(struct layout *l, struct step *step, size_t now, int *values)
{
    step->kept = l->places[step->node].kept;
    lengthen(l, step->kept, now);
    step->y = add_block(l, value_bytes(node_at(l, step->node)), now, now);
    values[step->node] = step->y;
}

static void live_step(struct layout *l, struct step *step, size_t now, int *values)
{
    const struct node *node = node_at(l, step->node);
    if (step->kind == STEP_ROUND || step->kind == STEP_WIDEN) {
        if (step->kind == STEP_ROUND)
            live_round(l, step, now, values);
        else
            live_widen(l, step, now, values);
        return;
    }
    if (step->kind == STEP_SUM_FORWARD)
        live_sums(l, step, now, node->sums_forward);
    else if (step->kind == STEP_SUM_BACKWARD)
        live_sums(l, step, now, node->sums_backward);
    else if (step->kind == STEP_FORWARD)
        live_forward(l, step, now);
    else
        live_backward(l, step, now);
    if (step->kind == STEP_SUM_BACKWARD || step->kind == STEP_BACKWARD)
        touch_backward(l, step, now, values);
    else
        touch_forward(l, step, now, values);
}

static bool keeps_weights(const struct layout *l, int node)
{
    return l->wanted.fixed_weights && l->wanted.loss < 0 &&
           mica_layout_runs_forward(l, node) && node_at(l, node)->prepared > 0;
}

static void give_lives(struct layout *l)
{
    size_t count = mica_tape_count(l->tape);
    int *values = mica_need(count, sizeof *values);
    for (size_t i = 0; i < count; i++) {
        struct places *own = &l->places[i];
        own->value = own->gradient = own->saved = own->prepared = own->kept = -1;
        own->wide = false;
        for (size_t k = 0; k < MICA_WEIGHTS_MAX; k++)
            own->weights[k] = -1;
        if (own->wanted && !node_at(l, (int)i)->layer)
            own->value = add_block(l, value_bytes(node_at(l, (int)i)), 0, FOREVER);
        values[i] = own->value;
        if (keeps_weights(l, (int)i))
            own->prepared = add_block(l, node_at(l, (int)i)->prepared, 0, FOREVER);
    }
    if (l->wanted.loss >= 0) /* the gradient of the loss, 1, is there from the start */
        l->places[l->wanted.loss].gradient =
            add_block(l, value_bytes(node_at(l, l->wanted.loss)), 0, 0);
    for (size_t now = 0; now < l->step_count; now++)
        live_step(l, &l->steps[now], now, values);
    for (size_t i = 0; i < l->wanted.output_count; i++)
        lengthen(l, l->places[l->wanted.outputs[i]].value, FOREVER);
    if (l->wanted.loss >= 0)
        lengthen(l, l->places[l->wanted.loss].value, FOREVER);
    for (size_t i = 0; i < count; i++)
        if (!node_at(l, (int)i)->layer)
            lengthen(l, l->places[i].gradient, FOREVER);
    mica_free(values);
}

/* ---- in place ---- */

int mica_layout_home(const struct layout *l, int block)
{
    while (block >= 0 && l->blocks[block].joined >= 0)
        block = l->blocks[block].joined;
    return block;
}

static void join(struct layout *l, int block, int other)
{
    int home = mica_layout_home(l, other), guest = mica_layout_home(l, block);
    if (home == guest)
        return;
    l->blocks[guest].joined = home;
    if (l->blocks[home].first > l->blocks[guest].first)
        l->blocks[home].first = l->blocks[guest].first;
    lengthen(l, home, l->blocks[guest].last);
}

static bool same_size(struct shape a, struct shape b)
{
    return a.n == b.n && a.h == b.h && a.w == b.w && a.c == b.c;
}

/* Layers that are declared in_place write over their first input where this step is the last
   to read it, and the first input's gradient over that of their output where they are the
   first to write it. */
static void share_in_place(struct layout *l)
{
    for (size_t now = 0; now < l->step_count; now++) {
        const struct step *step = &l->steps[now];
        const struct node *node = node_at(l, step->node);
        if (!node->layer->in_place || !reads_once(l, step->node))
            continue;
        int from = source(l, step->node, 0);
        const struct read *read = mica_layout_read(step, from);
        int kept = read && !read->kept ? read->block : -1, over = step->y;
        if (step->kind == STEP_BACKWARD) {
            kept = l->places[l->places[step->node].undone].gradient;
            over = step->add[0] ? -1 : l->places[from].gradient;
        } else if (step->kind != STEP_FORWARD)
            continue;
        kept = mica_layout_home(l, kept);
        if (kept >= 0 && over >= 0 && l->blocks[kept].last == now &&
            same_size(node->out, node_at(l, from)->out))
            join(l, over, kept);
    }
}

/* ---- places in memory ---- */

struct ranked {
    size_t size;
    int block;
};

static int larger_first(const void *a, const void *b)
{
    const struct ranked *p = a, *q = b;
    if (p->size != q->size)
        return p->size < q->size ? 1 : -1;
    return p->block - q->block;
}

static bool meet(const struct block *a, const struct block *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest offset where `block` fits among those placed that live when it does; `placed`
   is kept in order of offset. */
static size_t lowest_offset(const struct layout *l, const struct block *block,
                            const int *placed, size_t count)
{
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        const struct block *other = &l->blocks[placed[i]];
        if (!meet(block, other))
            continue;
        if (other->offset >= offset + block->size)
            break;
        if (other->offset + other->size > offset)
            offset = other->offset + other->size;
    }
    return offset;
}

static void insert_by_offset(const struct layout *l, int *placed, size_t count,
                             int block)
{
    size_t at = count;
    while (at > 0 && l->blocks[placed[at - 1]].offset > l->blocks[block].offset) {
        placed[at] = placed[at - 1];
        at--;
    }
    placed[at] = block;
}

static void place_blocks(struct layout *l)
{
    struct ranked *order = mica_need(l->block_count + 1, sizeof *order);
    int *placed = mica_need(l->block_count + 1, sizeof *placed);
    size_t count = 0;
    for (size_t i = 0; i < l->block_count; i++)
        if (l->blocks[i].joined < 0)
            order[count++] = (struct ranked){l->blocks[i].size, (int)i};
    qsort(order, count, sizeof *order, larger_first);
    for (size_t i = 0; i < count; i++) {
        struct block *block = &l->blocks[order[i].block];
        block->offset = lowest_offset(l, block, placed, i);
        insert_by_offset(l, placed, i, order[i].block);
        if (block->offset + block->size > l->bytes)
            l->bytes = block->offset + block->size;
    }
    mica_free(order);
    mica_free(placed);
}

void mica_layout_list(struct layout *l)
{
    l->step_count = l->block_count = 0;
    list_steps(l);
    mark_additions(l);
    give_lives(l);
    share_in_place(l);
}

size_t mica_layout_peak(const struct layout *l)
{
    size_t peak = 0, now = 0;
    size_t *born = mica_need(2 * l->step_count + 2, sizeof *born);
    size_t *dead = born + l->step_count + 1; /* bytes, after a step */
    for (size_t i = 0; i < l->block_count; i++) {
        const struct block *b = &l->blocks[i];
        if (b->joined >= 0)
            continue;
        born[b->first] += b->size;
        if (b->last < l->step_count)
            dead[b->last] += b->size;
    }
    for (size_t i = 0; i < l->step_count; i++) {
        now += born[i];
        peak = now > peak ? now : peak;
        now -= dead[i];
    }
    mica_free(born);
    return peak;
}

struct layout *mica_layout_new(const struct tape *tape, const struct wanted *wanted)
{
    struct layout *l = mica_need(1, sizeof *l);
    l->tape = tape;
    l->wanted = *wanted;
    l->places = mica_need(mica_tape_count(tape) + 1, sizeof *l->places);
    mark_wanted(l);
    mark_trained(l);
    mica_fuse(l);
    mica_precision_choose(l);
    mica_recompute_choose(l);
    mica_layout_list(l);
    place_blocks(l);
    return l;
}

void mica_layout_free(struct layout *layout)
{
    if (!layout)
        return;
    mica_free(layout->steps);
    mica_free(layout->blocks);
    mica_free(layout->places);
    mica_free(layout);
}
