/* workload.c - a network with made-up images and labels, ready to predict or train */
#include "apps/workload.h"

#include <math.h>

#include "apps/recipe.h"
#include "core/layer.h"

static const double RATE = 0.001; /* Adam's standard */

static size_t scattered(size_t i) { return i * 7919 % 1000; }

static void fill_images(const struct tensor *x)
{
    for (size_t i = 0; i < mica_shape_size(x->shape); i++)
        mica_tensor_at(x, 0, i / x->shape.c)[i % x->shape.c] =
            (float)scattered(i) / 1000 - 0.5f;
}

static void fill_labels(const struct tensor *labels, size_t outputs)
{
    size_t classes = outputs > 1 ? outputs : 2;
    for (size_t i = 0; i < mica_shape_size(labels->shape); i++)
        *mica_tensor_at(labels, 0, i) = (float)(scattered(i) % classes);
}

static const struct layer *usual_loss(struct shape out)
{
    return mica_layer_find(out.c == 1                 ? "bce_with_logits"
                           : out.h == 1 && out.w == 1 ? "cross_entropy"
                                                      : "dice");
}

/* The node of the loss of `output` against `labels`. */
static int record_loss(struct workload *w, const struct layer *loss, int output,
                       int labels, struct error *err)
{
    int ends[] = {output, labels};
    void *params = mica_arena_take(mica_tape_arena(w->tape), 1, loss->params_size + 1);
    if (loss->params)
        mica_param_standard(loss->params, params);
    return mica_tape_record(w->tape, loss, params, "loss", ends, loss->inputs, err);
}

static int open_trainer(struct workload *w, struct weights *weights, struct error *err)
{
    const struct optimizer *adam = mica_optimizer_find("adam");
    void *params = mica_need(1, adam->params_size);
    mica_param_standard(adam->params, params);
    w->trainer = mica_trainer_new(adam, params, weights, err);
    mica_free(params);
    return w->trainer ? 0 : -1;
}

/* Input, network and what learns. */
static int record(struct workload *w, const struct net *net, struct weights *weights,
                  const struct layer *loss, struct error *err)
{
    struct wiring wiring;
    w->loss = -1;
    w->tape = mica_tape_new(weights);
    w->input = mica_tape_input(w->tape, "in", w->in);
    if (mica_net_record(net, w->tape, w->input, &wiring, err))
        return -1;
    w->output = wiring.outputs[0].node;
    if (w->way.mode == WORKLOAD_PREDICT)
        return 0;
    struct shape out = mica_tape_node(w->tape, (size_t)w->output)->out, truth = out;
    truth.c = 1;
    w->labels = mica_tape_input(w->tape, "labels", truth);
    w->loss = record_loss(w, loss ? loss : usual_loss(out), w->output, w->labels, err);
    return w->loss < 0 ? -1 : 0;
}

static struct wanted wanted_of(const struct workload *w)
{
    const bool learns = w->loss >= 0;
    return (struct wanted){.outputs = learns ? &w->loss : &w->output,
                           .output_count = 1,
                           .loss = w->loss,
                           .lends_gradients = true,
                           .recompute = w->way.recompute,
                           .fixed_weights = !learns,
                           .precision = w->way.precision,
                           .shards =
                               learns ? (size_t)mica_recipe_shards((int)w->in.n) : 1};
}

int mica_workload_open(struct workload *w, const struct net *net,
                       struct weights *weights, struct shape in,
                       struct workload_way way, const struct layer *loss,
                       struct error *err)
{
    *w = (struct workload){.in = in, .way = way};
    if (record(w, net, weights, loss, err))
        return -1;
    struct wanted wanted = wanted_of(w);
    w->plan = mica_plan_new(w->tape, &wanted, err);
    if (!w->plan || (w->loss >= 0 && open_trainer(w, weights, err)))
        return -1;
    struct tensor x = mica_plan_value(w->plan, w->input);
    fill_images(&x);
    if (w->loss >= 0) {
        struct tensor t = mica_plan_value(w->plan, w->labels);
        fill_labels(&t, mica_tape_node(w->tape, (size_t)w->output)->out.c);
    }
    return 0;
}

/* Adam keeps two moments of what it moves. */
static size_t weight_bytes(const struct weights *weights, bool learns)
{
    size_t numbers = 0;
    for (size_t i = 0; i < mica_weights_count(weights); i++)
        numbers += mica_weights_at(weights, i)->count;
    return sizeof(float) *
           (numbers + (learns ? 2 * mica_weights_parameters(weights) : 0));
}

int mica_workload_memory(const struct net *net, struct shape in,
                         struct workload_way way, struct workload_memory *memory,
                         struct error *err)
{
    struct workload w = {.in = in, .way = way};
    struct weights *weights = mica_weights_outline();
    int status = record(&w, net, weights, NULL, err);
    if (!status) {
        struct wanted wanted = wanted_of(&w);
        memory->plan = mica_plan_bytes(w.tape, &wanted);
        memory->all = memory->plan + weight_bytes(weights, w.loss >= 0);
    }
    mica_workload_close(&w);
    mica_weights_free(weights);
    return status;
}

void mica_workload_close(struct workload *w)
{
    mica_trainer_free(w->trainer);
    mica_plan_free(w->plan);
    mica_tape_free(w->tape);
    *w = (struct workload){0};
}

void mica_workload_pass(struct workload *w)
{
    struct run run = {.samples = w->in.n, .step = w->steps++};
    if (w->times) {
        run.watch = mica_layer_times_add;
        run.context = w->times;
    }
    mica_plan_run(w->plan, &run);
    if (w->trainer)
        mica_trainer_step(w->trainer, RATE);
}

double mica_workload_loss(const struct workload *w)
{
    return w->loss < 0 ? (double)NAN
                       : (double)*(float *)mica_plan_value(w->plan, w->loss).data;
}

double mica_workload_macs(const struct workload *w)
{
    double macs = 0;
    for (size_t i = 0; i < mica_tape_count(w->tape); i++)
        macs += (double)mica_tape_node(w->tape, i)->macs;
    return macs;
}

double mica_workload_operations(const struct workload *w)
{
    double walks = w->way.mode == WORKLOAD_PREDICT ? 1 : 3;
    return 2 * walks * (double)w->in.n * mica_workload_macs(w);
}
