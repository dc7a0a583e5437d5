/* plan.c - running a plan: a loop over its steps */
#include "core/plan.h"

#include <string.h>

#include "core/bf16.h"
#include "core/log.h"
#include "core/parallel.h"
#include "core/plan_layout.h"
#include "core/text.h"

struct plan {
    struct layout *layout;
    unsigned char *memory;
    uint64_t state; /* of the weights, at the last run */
    bool ran, prepared;
    uint64_t print; /* debug builds: of the weights that were prepared */
};

static void *memory_of(const struct plan *plan, int block)
{
    int home = mica_layout_home(plan->layout, block);
    return home < 0 ? NULL : plan->memory + plan->layout->blocks[home].offset;
}

/* Or take back those that are this plan's. */
static void lend_gradients(const struct plan *plan, bool take_back)
{
    const struct layout *l = plan->layout;
    for (size_t i = 0; l->wanted.lends_gradients && i < mica_tape_count(l->tape); i++)
        for (size_t k = 0; k < MICA_WEIGHTS_MAX; k++) {
            struct weight *weight = mica_tape_node(l->tape, i)->weights[k];
            float *gradient = memory_of(plan, l->places[i].weights[k]);
            if (gradient && !take_back)
                mica_weight_lend(weight, gradient);
            else if (gradient && weight->gradient == gradient)
                mica_weight_lend(weight, NULL);
        }
}

/* Where backward writes them. */
static bool gradients_are_there(const struct plan *plan)
{
    const struct layout *l = plan->layout;
    for (size_t i = 0; i < mica_tape_count(l->tape); i++)
        for (size_t k = 0; l->places[i].trained && k < MICA_WEIGHTS_MAX; k++) {
            const struct weight *weight = mica_tape_node(l->tape, i)->weights[k];
            if (weight && !mica_weight_is_statistic(weight) && !weight->gradient)
                return false;
        }
    return true;
}

struct plan *mica_plan_new(const struct tape *tape, const struct wanted *wanted,
                           struct error *err)
{
    struct plan *plan = mica_need(1, sizeof *plan);
    plan->layout = mica_layout_new(tape, wanted);
    if (!plan->layout->wanted.shards)
        plan->layout->wanted.shards = 1;
    plan->memory = mica_allocate(plan->layout->bytes, 1);
    if (plan->memory)
        lend_gradients(plan, false);
    else {
        char bytes[32];
        mica_fail(
            err,
            "%s are not to be had for the activations; try a smaller batch or image",
            mica_text_bytes(bytes, (double)plan->layout->bytes));
    }
    if (!plan->memory ||
        (wanted->loss >= 0 && mica_weights_train(mica_tape_weights(tape), err))) {
        mica_plan_free(plan);
        return NULL;
    }
    return plan;
}

void mica_plan_free(struct plan *plan)
{
    if (!plan)
        return;
    if (plan->memory)
        lend_gradients(plan, true);
    mica_layout_free(plan->layout);
    mica_free(plan->memory);
    mica_free(plan);
}

size_t mica_plan_bytes(const struct tape *tape, const struct wanted *wanted)
{
    struct layout *layout = mica_layout_new(tape, wanted);
    size_t bytes = layout->bytes;
    mica_layout_free(layout);
    return bytes;
}

void mica_plan_fusion(const struct tape *tape, const struct wanted *wanted, int *into)
{
    struct layout *layout = mica_layout_new(tape, wanted);
    for (size_t i = 0; i < mica_tape_count(tape); i++)
        into[i] = layout->places[i].into;
    mica_layout_free(layout);
}

size_t mica_plan_size(const struct plan *plan) { return plan->layout->bytes; }

static struct tensor tensor_of(const struct plan *plan, int node, int block,
                               size_t samples)
{
    struct tensor t = {.type = TYPE_F32, .data = memory_of(plan, block)};
    t.shape = mica_tape_node(plan->layout->tape, (size_t)node)->out;
    t.stride = t.shape.c;
    if (samples && t.shape.n > samples)
        t.shape.n = samples;
    return t;
}

struct tensor mica_plan_value(const struct plan *plan, int node)
{
    return tensor_of(plan, node, plan->layout->places[node].value, 0);
}

struct tensor mica_plan_gradient(const struct plan *plan, int node)
{
    return tensor_of(plan, node, plan->layout->places[node].gradient, 0);
}

/* ---- sums over the batch ---- */

struct summing {
    const struct node *node;
    const struct pass *pass;
    double *partials; /* one for each piece of the batch */
    size_t size;      /* doubles of each */
    void (*partial)(const struct node *, const struct pass *, struct piece, double *);
    void (*merge)(const struct node *, double *, const double *); /* NULL: add */
};

static void sum_piece(void *context, size_t i)
{
    const struct summing *s = context;
    struct piece piece = mica_piece(s->pass->x[0].shape, i);
    s->partial(s->node, s->pass, piece, s->partials + i * s->size);
}

static void join(const struct summing *s, double *into, const double *from)
{
    if (s->merge)
        s->merge(s->node, into, from);
    else
        for (size_t i = 0; i < s->size; i++)
            into[i] += from[i];
}

/* Pieces of a shard in order, then shards by the binary tree. */
static void join_pieces(const struct summing *s, size_t pieces, size_t shards,
                        double *sums)
{
    size_t per = pieces / shards;
    for (size_t shard = 0; shard < shards; shard++) {
        double *first = s->partials + shard * per * s->size;
        for (size_t i = 1; i < per; i++)
            join(s, first, first + i * s->size);
    }
    for (size_t step = 1; step < shards; step *= 2)
        for (size_t i = 0; i + step < shards; i += 2 * step)
            join(s, s->partials + i * per * s->size,
                 s->partials + (i + step) * per * s->size);
    memcpy(sums, s->partials, s->size * sizeof *sums);
}

static void sum_over_batch(struct summing *s, double *sums)
{
    struct shape shape = s->pass->x[0].shape;
    size_t pieces = shape.n * mica_pieces_per_sample(shape);
    mica_parallel_for(pieces, sum_piece, s);
    join_pieces(s, pieces, s->pass->shards, sums);
}

/* ---- steps ---- */

/* Whose value and gradient a step's pass calls y and dy. */
static int output_of(const struct layout *l, const struct step *step)
{
    const struct places *own = &l->places[step->node];
    const bool back = step->kind == STEP_BACKWARD || step->kind == STEP_SUM_BACKWARD;
    return back ? own->undone : own->last;
}

static struct tensor read_of(const struct plan *plan, const struct step *step, int node,
                             size_t samples)
{
    const struct read *read = mica_layout_read(step, node);
    struct tensor x = tensor_of(plan, node, read ? read->block : -1, samples);
    x.type = read && read->kept ? TYPE_BF16 : TYPE_F32;
    return x;
}

/* Of node i, which the step's pass does. */
static struct pass pass_of(const struct plan *plan, const struct run *run,
                           const struct step *step, int i)
{
    const struct layout *l = plan->layout;
    const struct node *node = mica_tape_node(l->tape, (size_t)i);
    const int output = i == step->node ? output_of(l, step) : i;
    struct pass pass = {
        .y = tensor_of(plan, output, i == step->node ? step->y : -1, run->samples),
        .dy = tensor_of(plan, output, l->places[output].gradient, run->samples),
        .add_weights = run->add_gradients,
        .again = step->again,
        .training = l->wanted.loss >= 0 || l->wanted.batch_statistics,
        .shards = l->wanted.shards,
        .seed = run->seed,
        .step = run->step,
        .first = run->first,
        .saved = memory_of(plan, l->places[i].saved),
        .prepared = plan->prepared ? memory_of(plan, l->places[i].prepared) : NULL,
    };
    for (size_t k = 0; k < node->inputs; k++) {
        int from = mica_tape_source(l->tape, (size_t)i, k);
        const struct places *above = &l->places[from];
        pass.x[k] = read_of(plan, step, from, run->samples);
        pass.dx[k] =
            tensor_of(plan, from, above->trained ? above->gradient : -1, run->samples);
    }
    return pass;
}

/* What the nodes behind the step's, as far as `last`, do to numbers. */
static struct finish finish_of(const struct plan *plan, const struct run *run,
                               const struct step *step, int last)
{
    const struct layout *l = plan->layout;
    struct finish finish = {0};
    for (int i = step->node; i != last;) {
        i = l->places[i].next;
        const struct node *node = mica_tape_node(l->tape, (size_t)i);
        const struct pass pass = pass_of(plan, run, step, i);
        node->layer->finish(node, &pass, &finish);
    }
    return finish;
}

/* From one type to the other. */
static void convert(const struct plan *plan, const struct step *step,
                    const struct run *run)
{
    const struct tensor y = tensor_of(plan, step->node, step->y, run->samples);
    uint16_t *kept = memory_of(plan, step->kept);
    if (step->kind == STEP_WIDEN)
        mica_bf16_widen(&y, kept);
    else if (kept && !plan->layout->places[step->node].wide)
        mica_bf16_narrow(&y, kept);
    else
        mica_bf16_round(&y, kept);
}

static void take_step(const struct plan *plan, const struct step *step,
                      const struct run *run)
{
    if (step->kind == STEP_ROUND || step->kind == STEP_WIDEN) {
        convert(plan, step, run);
        return;
    }
    const struct node *node = mica_tape_node(plan->layout->tape, (size_t)step->node);
    const struct layer *layer = node->layer;
    const int output = output_of(plan->layout, step);
    struct finish finish = finish_of(plan, run, step, output);
    finish.round =
        step->kind == STEP_FORWARD && mica_layout_rounds(plan->layout, step->node);
    double *sums = memory_of(plan, step->sums);
    struct pass pass = pass_of(plan, run, step, step->node);
    pass.finish = output == step->node && !finish.round ? NULL : &finish;
    pass.sums = sums;
    pass.scratch = memory_of(plan, step->scratch);
    memcpy(pass.add, step->add, sizeof pass.add);
    struct summing sum = {.node = node, .pass = &pass, .partials = pass.scratch};
    switch (step->kind) {
    case STEP_SUM_FORWARD:
        sum.size = node->sums_forward;
        sum.partial = layer->partial_forward;
        sum.merge = layer->merge_forward;
        sum_over_batch(&sum, sums);
        break;
    case STEP_SUM_BACKWARD:
        sum.size = node->sums_backward;
        sum.partial = layer->partial_backward;
        sum_over_batch(&sum, sums);
        break;
    case STEP_FORWARD:
        layer->forward(node, &pass);
        break;
    case STEP_BACKWARD:
        layer->backward(node, &pass);
        break;
    case STEP_ROUND: /* convert */
    case STEP_WIDEN:
        break;
    }
}

static void take_step_watched(const struct plan *plan, const struct step *step,
                              const struct run *run)
{
    const struct node *node = mica_tape_node(plan->layout->tape, (size_t)step->node);
    const bool back =
        step->again || step->kind == STEP_BACKWARD || step->kind == STEP_SUM_BACKWARD;
    const double begun = mica_log_clock();
    take_step(plan, step, run);
    run->watch(run->context, node, back, mica_log_clock() - begun);
}

/* ---- weights that stay as they are ---- */

#ifdef MICA_POISON
/* Who changes weights and does not say so is found out. */
static uint64_t print_of(const struct weights *weights)
{
    uint64_t print = 0;
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        const struct weight *w = mica_weights_at(weights, i);
        for (size_t k = 0; k < w->count; k++) {
            uint32_t bits;
            memcpy(&bits, &w->value[k], sizeof bits);
            print = (print ^ bits) * UINT64_C(0x100000001b3);
        }
    }
    return print;
}
#else
static uint64_t print_of(const struct weights *weights)
{
    (void)weights;
    return 0;
}
#endif

/* At the second run over the same weights; then they are good until these change. */
static void prepare_weights(struct plan *plan)
{
    const struct layout *l = plan->layout;
    const struct weights *weights = mica_tape_weights(l->tape);
    const bool same = plan->ran && plan->state == mica_weights_state(weights);
    if (same && !plan->prepared) {
        for (size_t i = 0; i < mica_tape_count(l->tape); i++) {
            const struct node *node = mica_tape_node(l->tape, i);
            if (l->places[i].prepared >= 0)
                node->layer->prepare(node, memory_of(plan, l->places[i].prepared));
        }
        plan->print = print_of(weights);
    }
    plan->prepared = same;
    plan->ran = true;
    plan->state = mica_weights_state(weights);
    MICA_CHECK(!same || plan->print == print_of(weights));
}

#ifdef MICA_POISON
/* Fill what is born at this step with NaN: who reads before writing is found out. */
static void poison(const struct plan *plan, size_t now)
{
    const struct layout *l = plan->layout;
    for (size_t i = 0; i < l->block_count; i++) {
        const struct block *block = &l->blocks[i];
        if (block->joined < 0 && block->first == now && now > 0)
            memset(plan->memory + block->offset, 0xff, block->size);
    }
}
#else
static void poison(const struct plan *plan, size_t now)
{
    (void)plan;
    (void)now;
}
#endif

void mica_plan_run(struct plan *plan, const struct run *run)
{
    const struct layout *l = plan->layout;
    MICA_CHECK(run->samples % l->wanted.shards == 0 || l->wanted.loss < 0);
    MICA_CHECK(!(run->add_gradients && l->wanted.lends_gradients));
    lend_gradients(plan, false);
    MICA_CHECK(l->wanted.loss < 0 || gradients_are_there(plan));
    if (l->wanted.fixed_weights && l->wanted.loss < 0)
        prepare_weights(plan);
    for (size_t now = 0; now < l->step_count; now++) {
        poison(plan, now);
        if (now == 0 && l->wanted.loss >= 0)
            *(float *)memory_of(plan, l->places[l->wanted.loss].gradient) = 1.0f;
        (run->watch ? take_step_watched : take_step)(plan, &l->steps[now], run);
    }
    if (l->wanted.loss >= 0)
        mica_weights_add_penalty(mica_tape_weights(l->tape));
}

/* "relu a.relu" and, where its pass does others, " + add a.add". */
static void describe_step(const struct layout *l, const struct step *step,
                          struct text *text)
{
    const int last = output_of(l, step);
    for (int i = step->node;; i = l->places[i].next) {
        const struct node *node = mica_tape_node(l->tape, (size_t)i);
        mica_text_add(text, "%s%s %s", i == step->node ? "" : " + ", node->layer->name,
                      node->path);
        if (i == last)
            return;
    }
}

void mica_plan_describe(const struct plan *plan, struct text *text)
{
    static const char *const kinds[] = {"sum",      "forward", "sum back",
                                        "backward", "round",   "widen"};
    const struct layout *l = plan->layout;
    for (size_t i = 0; i < l->step_count; i++) {
        const bool again = l->steps[i].kind == STEP_FORWARD && l->steps[i].again;
        mica_text_add(text, "%zu %s ", i, again ? "again" : kinds[l->steps[i].kind]);
        describe_step(l, &l->steps[i], text);
        mica_text_add(text, "\n");
    }
}
