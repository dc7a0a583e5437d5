/* test_gradients.c - every layer's gradients, on a tape, against central differences

   A layer stands between layers that do nothing, alone or with a second reader of its
   inputs; the loss is a weighted sum of what comes out. Differences are of fourth order,
   of the outputs summed in double: what is left is the rounding of the layer's own floats. */
#include <string.h>

#include "core/initialize.h"
#include "core/plan.h"
#include "core/random.h"
#include "tests/layers/trial.h"
#include "tests/test.h"

/* ---- layers for this test ---- */

static void copy_tensor(const struct tensor *to, const struct tensor *from, bool add)
{
    float *a = to->data;
    const float *b = from->data;
    for (size_t i = 0; i < mica_shape_size(to->shape); i++)
        a[i] = add ? a[i] + b[i] : b[i];
}

static void same_forward(const struct node *node, const struct pass *pass)
{
    (void)node;
    copy_tensor(&pass->y, &pass->x[0], false);
}

static void same_backward(const struct node *node, const struct pass *pass)
{
    (void)node;
    if (pass->dx[0].data)
        copy_tensor(&pass->dx[0], &pass->dy, pass->add[0]);
}

static const struct layer same = {
    .name = "same", .inputs = 1, .forward = same_forward, .backward = same_backward};

/* The factor of element i in the loss. */
static float factor(size_t i) { return 0.25f * (float)(i * 5 % 7) - 0.6f; }

static int total_setup(struct node *node, struct error *err)
{
    (void)err;
    node->out = (struct shape){1, 1, 1, 1};
    return 0;
}

static double weigh(const struct tensor *t)
{
    const float *x = t->data;
    double sum = 0;
    for (size_t i = 0; i < mica_shape_size(t->shape); i++)
        sum += (double)factor(i) * (double)x[i];
    return sum;
}

static void total_forward(const struct node *node, const struct pass *pass)
{
    double sum = 0;
    for (size_t k = 0; k < node->inputs; k++)
        sum += weigh(&pass->x[k]);
    *(float *)pass->y.data = (float)sum;
}

static void total_backward(const struct node *node, const struct pass *pass)
{
    for (size_t k = 0; k < node->inputs; k++) {
        float *dx = pass->dx[k].data, dy = *(float *)pass->dy.data;
        for (size_t i = 0; dx && i < mica_shape_size(pass->dx[k].shape); i++)
            dx[i] = (pass->add[k] ? dx[i] : 0) + dy * factor(i);
    }
}

static const struct layer total = {.name = "total",
                                   .setup = total_setup,
                                   .forward = total_forward,
                                   .backward = total_backward};

/* ---- a net of them ---- */

struct net {
    struct weights *weights;
    struct tape *tape;
    struct plan *plan;
    size_t inputs, outputs;
    int input[MICA_INPUTS_MAX], output[MICA_INPUTS_MAX + 1]; /* those in the loss */
    bool truth; /* input 1 has no gradient */
};

static int record(struct net *net, const struct layer *layer, const void *params,
                  const char *path, const int *inputs, size_t count)
{
    struct error err = {0};
    int node = mica_tape_record(net->tape, layer, params, path, inputs, count, &err);
    if (node < 0)
        fail_msg("%s: %s", layer->name, err.text);
    return node;
}

static struct net new_net(const struct layer *layer, const struct example *example,
                          bool forked)
{
    struct error err = {0};
    struct net net = {.inputs = mica_trial_inputs(example)};
    int sources[MICA_INPUTS_MAX];
    net.weights = mica_weights_new(mica_initializer_find("pytorch"), 3);
    net.tape = mica_tape_new(net.weights);
    net.truth = layer->activation;
    for (size_t i = 0; i < net.inputs; i++) {
        net.input[i] = mica_tape_input(net.tape, "input", example->in[i]);
        sources[i] = record(&net, &same, NULL, "before", &net.input[i], 1);
    }
    const void *params =
        mica_trial_params(layer, example->json, mica_tape_arena(net.tape));
    int node = record(&net, layer, params, "layer", sources, net.inputs);
    net.output[net.outputs++] = record(&net, &same, NULL, "after", &node, 1);
    for (size_t i = 0; forked && i < net.inputs; i++)
        if (i == 0 || !net.truth)
            net.output[net.outputs++] =
                record(&net, &same, NULL, "fork", &sources[i], 1);
    struct wanted wanted = {
        .outputs = net.output, .output_count = net.outputs, .input_gradients = true};
    wanted.loss = record(&net, &total, NULL, "loss", net.output, net.outputs);
    net.plan = mica_plan_new(net.tape, &wanted, &err);
    if (!net.plan)
        fail_msg("%s", err.text);
    return net;
}

static void free_net(struct net *net)
{
    mica_plan_free(net->plan);
    mica_tape_free(net->tape);
    mica_weights_free(net->weights);
}

static void fill_inputs(const struct net *net, const struct example *example)
{
    for (size_t i = 0; i < net->inputs; i++) {
        struct tensor x = mica_plan_value(net->plan, net->input[i]);
        if (net->truth && i == 1 && example->labels) {
            for (size_t k = 0; k < mica_shape_size(x.shape); k++)
                ((float *)x.data)[k] = (float)((k * k + k / 5) % example->in[0].c);
        } else {
            bool truth = net->truth && i == 1;
            mica_trial_fill_tensor(&x, truth ? 0 : -2, truth ? 1 : 2, i);
        }
    }
}

static double loss_of(const struct net *net)
{
    struct run run = {.samples = mica_plan_value(net->plan, net->input[0]).shape.n};
    double sum = 0;
    mica_plan_run(net->plan, &run);
    for (size_t i = 0; i < net->outputs; i++) {
        struct tensor y = mica_plan_value(net->plan, net->output[i]);
        sum += weigh(&y);
    }
    return sum;
}

/* ---- differences ---- */

static double shifted(const struct net *net, float *x, float value, float step)
{
    *x = value + step;
    double loss = loss_of(net);
    *x = value;
    return loss;
}

/* (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12 h, of error h^4 f'''''/30. */
static double difference(const struct net *net, float *x, float step)
{
    float value = *x;
    double near = shifted(net, x, value, step) - shifted(net, x, value, -step);
    double far = shifted(net, x, value, 2 * step) - shifted(net, x, value, -2 * step);
    return (8 * near - far) / (12 * (double)step);
}

/* At most so many elements of a tensor are tried, spread evenly. */
enum { TRIED = 60 };

static double worst_of_step(const struct net *net, float *x, const float *gradient,
                            size_t count, float step)
{
    float found[TRIED], wanted[TRIED];
    size_t tried = count < TRIED ? count : TRIED;
    for (size_t i = 0; i < tried; i++) {
        size_t at = i * count / tried;
        found[i] = gradient[at];
        wanted[i] = (float)difference(net, &x[at], step);
    }
    return mica_trial_distance(found, wanted, tried);
}

/* A kink (relu, maxpool) spoils long steps, rounding spoils short ones: values are spaced
   so that one of these is right. */
static void check_elements(const struct net *net, const char *what, float *x,
                           const float *gradient, size_t count)
{
    const struct node *node = mica_tape_node(net->tape, (size_t)net->output[0] - 1);
    float *copy = mica_need(count, sizeof *copy);
    loss_of(net);
    memcpy(copy, gradient, count * sizeof *copy);
    double best = HUGE_VAL;
    for (float step = 0.04f; step > 0.001f && !(best < 2e-3); step /= 4)
        best = fmin(best, worst_of_step(net, x, copy, count, step));
    mica_free(copy);
    if (!(best < 2e-3))
        fail_msg("%s: the gradient of %s is off by %.2g", node->layer->name, what,
                 best);
}

typedef void gradient_check(const struct net *net, const char *what, float *x,
                            const float *gradient, size_t count);

static void check_example(const struct layer *layer, const struct example *example,
                          bool forked, gradient_check *check)
{
    struct net net = new_net(layer, example, forked);
    fill_inputs(&net, example);
    for (size_t i = 0; i < mica_weights_count(net.weights); i++) {
        struct weight *w = mica_weights_at(net.weights, i);
        if (w->kind == WEIGHT_SCALE)
            w->value[0] = 1.5f;
    }
    for (size_t i = 0; i < net.inputs; i++) {
        struct tensor x = mica_plan_value(net.plan, net.input[i]);
        struct tensor dx = mica_plan_gradient(net.plan, net.input[i]);
        if (i == 0 || !net.truth)
            check(&net, "the input", x.data, dx.data, mica_shape_size(x.shape));
    }
    for (size_t i = 0; i < mica_weights_count(net.weights); i++) {
        struct weight *w = mica_weights_at(net.weights, i);
        if (w->gradient)
            check(&net, w->name, w->value, w->gradient, w->count);
    }
    free_net(&net);
}

static void check_all(bool forked)
{
    for (size_t i = 0; mica_layer(i); i++) {
        const struct layer *layer = mica_layer(i);
        for (const struct example *e = layer->examples; e->json; e++)
            check_example(layer, e, forked, check_elements);
    }
}

TEST(gradients_are_those_of_central_differences) { check_all(false); }

TEST(gradients_are_right_where_inputs_have_a_second_reader) { check_all(true); }

/* All elements shifted at once, up or down by chance. */
static float sign(size_t i)
{
    struct random random;
    mica_random_start(&random, 1, 0, i);
    return mica_random_bits(&random) & 1 ? 1.0f : -1.0f;
}

static double shifted_all(const struct net *net, float *x, const float *values,
                          size_t count, float step)
{
    for (size_t i = 0; i < count; i++)
        x[i] = values[i] + step * sign(i);
    double loss = loss_of(net);
    memcpy(x, values, count * sizeof *x);
    return loss;
}

/* Values are too near to each other here to stay off all kinks: the tolerance is wide,
   and finds pieces that are missing or counted twice. */
static void check_direction(const struct net *net, const char *what, float *x,
                            const float *gradient, size_t count)
{
    const struct node *node = mica_tape_node(net->tape, (size_t)net->output[0] - 1);
    float *values = mica_need(count, sizeof *values);
    memcpy(values, x, count * sizeof *values);
    loss_of(net);
    double wanted = 0, squares = 0, best = HUGE_VAL;
    for (size_t i = 0; i < count; i++) {
        wanted += (double)gradient[i] * (double)sign(i);
        squares += (double)gradient[i] * (double)gradient[i];
    }
    for (float step = 0.01f; step > 0.0005f; step /= 4) {
        double found = (shifted_all(net, x, values, count, step) -
                        shifted_all(net, x, values, count, -step)) /
                       (2 * (double)step);
        best = fmin(best, fabs(found - wanted) / sqrt(squares));
    }
    mica_free(values);
    if (!(best < 0.02))
        fail_msg("%s: the gradient of %s is off by %.2g", node->layer->name, what,
                 best);
}

TEST_SLOW(gradients_are_right_over_several_pieces)
{
    for (size_t i = 0; mica_layer(i); i++) {
        const struct layer *layer = mica_layer(i);
        for (const struct example *e = layer->examples; e->json; e++) {
            struct example large = mica_trial_enlarge(e, mica_trial_several(e));
            check_example(layer, &large, false, check_direction);
        }
    }
}
