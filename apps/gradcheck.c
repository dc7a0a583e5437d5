/* gradcheck.c - mica gradcheck: gradients of a layer or a network against differences */
#include <math.h>
#include <string.h>

#include "apps/command.h"
#include "apps/named.h"
#include "core/initialize.h"
#include "core/memory.h"
#include "core/plan.h"
#include "core/random.h"

struct choice {
    const char *what;
    struct words sets;
    uint64_t size, batch, moves, seed;
    double tolerance;
};

static const struct option options[] = {
    {"LAYER|NET", 0, ARGUMENT, offsetof(struct choice, what), NULL,
     "a layer, at all its examples, or the file of a network"},
    {"set", 0, OPTION_LIST, offsetof(struct choice, sets), "NAME=VALUE",
     "a parameter of the network"},
    {"size", 0, OPTION_COUNT, offsetof(struct choice, size), "PIXELS",
     "rows and columns of a network's input [the least that fits, from 16]", .least = 1,
     .most = 4096},
    {"batch", 0, OPTION_COUNT, offsetof(struct choice, batch), "N",
     "samples of a network's input [2]", .least = 1, .most = 1024},
    {"moves", 0, OPTION_COUNT, offsetof(struct choice, moves), "N",
     "how often each tensor is moved: one number of a layer's, all of a network's [16, "
     "4]",
     .least = 1, .most = 1000000},
    {"seed", 0, OPTION_COUNT, offsetof(struct choice, seed), "N",
     "for inputs and weights [1]"},
    {"tolerance", 0, OPTION_FLOAT, offsetof(struct choice, tolerance), "X",
     "the largest relative error that passes [0.01; of a network 0.05]", .least = 1e-9,
     .most = 1},
    {0}};

/* --- a loss that sees every output -------------------------------------------------- */

/* The factor of element i: no two neighbours alike, so that no error hides in a sum. */
static float factor(size_t i) { return 0.25f * (float)(i * 5 % 7) - 0.6f; }

static int weigh_setup(struct node *node, struct error *err)
{
    (void)err;
    node->out = (struct shape){1, 1, 1, 1};
    return 0;
}

/* A sum in double: what is left of a small difference is not lost in it. */
static double weigh(const struct tensor *t, double *squares)
{
    double sum = 0;
    size_t i = 0;
    for (size_t n = 0; n < t->shape.n; n++)
        for (size_t p = 0; p < mica_shape_pixels(t->shape); p++)
            for (size_t c = 0; c < t->shape.c; c++, i++) {
                double term = (double)factor(i) * (double)mica_tensor_at(t, n, p)[c];
                sum += term;
                *squares += term * term;
            }
    return sum;
}

static void weigh_forward(const struct node *node, const struct pass *pass)
{
    double sum = 0, squares = 0;
    for (size_t k = 0; k < node->inputs; k++)
        sum += weigh(&pass->x[k], &squares);
    *(float *)pass->y.data = (float)sum;
}

static void weigh_backward(const struct node *node, const struct pass *pass)
{
    float dy = *(const float *)pass->dy.data;
    for (size_t k = 0; k < node->inputs; k++) {
        const struct tensor *dx = &pass->dx[k];
        size_t i = 0;
        for (size_t n = 0; dx->data != NULL && n < dx->shape.n; n++)
            for (size_t p = 0; p < mica_shape_pixels(dx->shape); p++) {
                float *pixel = mica_tensor_at(dx, n, p);
                for (size_t c = 0; c < dx->shape.c; c++, i++)
                    pixel[c] = (pass->add[k] ? pixel[c] : 0) + dy * factor(i);
            }
    }
}

static const struct layer weigh_layer = {.name = "weigh",
                                         .setup = weigh_setup,
                                         .forward = weigh_forward,
                                         .backward = weigh_backward};

/* --- what is checked ---------------------------------------------------------------- */

struct trial {
    struct weights *weights;
    struct tape *tape;
    int inputs[MICA_INPUTS_MAX], outputs[MICA_OUTPUTS_MAX];
    size_t input_count, output_count;
    bool truth; /* the second input is a loss's truth: it has no gradient */
    struct plan *training, *forward;
    bool whole; /* numbers of a tensor move together */
    uint64_t seed;
};

static struct trial new_trial(const struct choice *choice)
{
    struct trial trial = {.seed = choice->seed};
    trial.weights = mica_weights_new(mica_initializer_find("pytorch"), choice->seed);
    trial.tape = mica_tape_new(trial.weights);
    return trial;
}

static void free_trial(struct trial *trial)
{
    mica_plan_free(trial->training);
    mica_plan_free(trial->forward);
    mica_tape_free(trial->tape);
    mica_weights_free(trial->weights);
}

static int plan(struct trial *trial, struct error *err)
{
    struct wanted wanted = {.outputs = trial->outputs,
                            .output_count = trial->output_count,
                            .loss = -1,
                            .batch_statistics = true};
    int loss = mica_tape_record(trial->tape, &weigh_layer, NULL, "loss", trial->outputs,
                                trial->output_count, err);
    if (loss < 0 || mica_weights_train(trial->weights, err) != 0)
        return -1;
    trial->forward = mica_plan_new(trial->tape, &wanted, err);
    wanted.loss = loss;
    wanted.input_gradients = true;
    trial->training = mica_plan_new(trial->tape, &wanted, err);
    return trial->forward == NULL || trial->training == NULL ? -1 : 0;
}

/* Both plans have the inputs in memory of their own. */
static void put(const struct trial *trial, size_t input, size_t element, float value)
{
    const struct plan *plans[] = {trial->forward, trial->training};
    for (size_t i = 0; i < 2; i++) {
        struct tensor x = mica_plan_value(plans[i], trial->inputs[input]);
        size_t c = x.shape.c;
        mica_tensor_at(&x, 0, element / c)[element % c] = value;
    }
}

/* The numbers of an input lie evenly between -1.5 and 1.5, in a random order: none is near
   another, where maxpool would change its choice, or near 0. */
static void fill_inputs(const struct trial *trial, size_t classes)
{
    for (size_t i = 0; i < trial->input_count; i++) {
        struct shape shape = mica_plan_value(trial->forward, trial->inputs[i]).shape;
        size_t count = mica_shape_size(shape);
        bool truth = trial->truth && i == 1;
        for (size_t k = 0; k < count; k++) {
            size_t place = mica_random_permuted(trial->seed, i, k, count);
            double value = 3 * ((double)place + 0.5) / (double)count - 1.5;
            if (truth)
                value = classes > 0 ? (double)(place % classes) : value / 3 + 0.5;
            put(trial, i, k, (float)value);
        }
    }
}

static size_t batch_of(const struct trial *trial)
{
    return mica_plan_value(trial->forward, trial->inputs[0]).shape.n;
}

/* The weighted sum of all outputs, and the penalties of weights. *noise: about how much the rounding of floats moves it. */
static double loss_of(const struct trial *trial, double *noise)
{
    double sum = 0, squares = 0;
    mica_plan_run(trial->forward,
                  &(struct run){.samples = batch_of(trial), .seed = trial->seed});
    for (size_t i = 0; i < trial->output_count; i++) {
        struct tensor y = mica_plan_value(trial->forward, trial->outputs[i]);
        sum += weigh(&y, &squares);
    }
    *noise = 3e-7 * sqrt(squares);
    return sum + mica_weights_penalty(trial->weights);
}

/* --- differences -------------------------------------------------------------------- */

/* A tensor whose gradient is checked: an input, or a weight. */
struct target {
    const char *name;
    struct weight *weight; /* NULL: input `input` */
    size_t input, count;
    double size;        /* root mean square of its values */
    double error, norm; /* of the differences: root sums of squares */
    size_t moves;
};

/* A step in the space of a tensor's numbers, of length 1. */
struct move {
    float *was, *along;
};

static float value_at(const struct trial *trial, const struct target *t, size_t i)
{
    if (t->weight != NULL)
        return t->weight->value[i];
    struct tensor x = mica_plan_value(trial->forward, trial->inputs[t->input]);
    return mica_tensor_at(&x, 0, i / x.shape.c)[i % x.shape.c];
}

static void set_at(const struct trial *trial, const struct target *t, size_t i,
                   float value)
{
    if (t->weight != NULL)
        t->weight->value[i] = value;
    else
        put(trial, t->input, i, value);
}

static double gradient_at(const struct trial *trial, const struct target *t, size_t i)
{
    if (t->weight != NULL)
        return (double)t->weight->gradient[i];
    struct tensor dx = mica_plan_gradient(trial->training, trial->inputs[t->input]);
    return (double)mica_tensor_at(&dx, 0, i / dx.shape.c)[i % dx.shape.c];
}

/* The slope along a move. *noise: what rounding may add to it. */
static double central(const struct trial *trial, const struct target *t,
                      const struct move *move, double step, double *noise)
{
    double sums[2];
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < t->count; i++)
            set_at(trial, t, i,
                   move->was[i] + (float)(side == 0 ? step : -step) * move->along[i]);
        sums[side] = loss_of(trial, noise);
    }
    for (size_t i = 0; i < t->count; i++)
        set_at(trial, t, i, move->was[i]);
    *noise /= step;
    return (sums[0] - sums[1]) / (2 * step);
}

/* Long steps cross the edges of relu and maxpool, short ones drown in the rounding of
   floats. A layer's inputs keep off its edges: the step is best whose result differs least
   from that of the one before, noise included. A network has edges everywhere: the shortest
   step is best that rounding leaves alone. */
static double difference(const struct trial *trial, const struct target *t,
                         const struct move *move)
{
    double best = 0, least = HUGE_VAL, before = 0, noise;
    for (int k = 0; k < 8; k++) {
        double now = central(trial, t, move, ldexp(t->size, -3 - 2 * k), &noise);
        double doubt = k > 0 ? fabs(now - before) + noise : HUGE_VAL;
        if (trial->whole ? k == 0 || noise < 3e-3 * fabs(now) : doubt < least) {
            least = doubt;
            best = now;
        }
        before = now;
    }
    return best;
}

static void normalise(float *along, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)along[i] * (double)along[i];
    for (size_t i = 0; i < count && squares > 0; i++)
        along[i] = (float)((double)along[i] / sqrt(squares));
}

/* In a network one number moves so little that rounding hides it: all move together, mostly
   along the gradient, where most happens, and in part anywhere, where it might be 0. */
static void choose_move(const struct trial *trial, const struct target *t, size_t k,
                        struct move *move)
{
    struct random random;
    mica_random_start(&random, trial->seed, 1, k);
    for (size_t i = 0; i < t->count; i++) {
        double share = mica_random_between(&random, 0.5, 1.5);
        move->along[i] = (float)(trial->whole ? share * gradient_at(trial, t, i) : 0);
    }
    if (!trial->whole) {
        move->along[mica_random_permuted(trial->seed, t->count, k, t->count)] = 1;
        return;
    }
    normalise(move->along, t->count);
    double anywhere = 0.3 / sqrt((double)t->count);
    for (size_t i = 0; i < t->count; i++)
        move->along[i] += (float)(anywhere * mica_random_normal(&random));
    normalise(move->along, t->count);
}

static void measure(const struct trial *trial, struct target *t, size_t moves)
{
    double squares = 0, errors = 0, norms = 0;
    struct move move = {mica_need(t->count, sizeof(float)),
                        mica_need(t->count, sizeof(float))};
    for (size_t i = 0; i < t->count; i++) {
        move.was[i] = value_at(trial, t, i);
        squares += (double)move.was[i] * (double)move.was[i];
    }
    t->size = fmax(sqrt(squares / (double)t->count), 0.1);
    t->moves = trial->whole || moves < t->count ? moves : t->count;
    for (size_t k = 0; k < t->moves; k++) {
        choose_move(trial, t, k, &move);
        double wanted = difference(trial, t, &move), said = 0;
        for (size_t i = 0; i < t->count; i++)
            said += gradient_at(trial, t, i) * (double)move.along[i];
        errors += (said - wanted) * (said - wanted);
        norms += wanted * wanted;
    }
    t->error = sqrt(errors);
    t->norm = sqrt(norms);
    mica_free(move.was);
    mica_free(move.along);
}

static size_t list_targets(const struct trial *trial, struct target *targets)
{
    static const char *const names[MICA_INPUTS_MAX] = {"input",   "input 2", "input 3",
                                                       "input 4", "input 5", "input 6",
                                                       "input 7", "input 8"};
    size_t count = 0;
    for (size_t i = 0; i < trial->input_count; i++) {
        struct shape s = mica_plan_value(trial->forward, trial->inputs[i]).shape;
        if (i == 0 || !trial->truth)
            targets[count++] = (struct target){
                .name = names[i], .input = i, .count = mica_shape_size(s)};
    }
    for (size_t i = 0; i < mica_weights_count(trial->weights); i++) {
        struct weight *w = mica_weights_at(trial->weights, i);
        if (w->gradient != NULL)
            targets[count++] =
                (struct target){.name = w->name, .weight = w, .count = w->count};
    }
    return count;
}

/* Print each tensor's error and return the worst. It is relative to the tensor's own
   gradient, but at least to a hundredth of the largest one: a bias before a batch-norm has
   a gradient of 0, and rounding. */
static double print_errors(struct target *targets, size_t count)
{
    double largest = 0, worst = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, targets[i].norm / sqrt((double)targets[i].moves));
    for (size_t i = 0; i < count; i++) {
        const struct target *t = &targets[i];
        double least = 1e-2 * largest * sqrt((double)t->moves);
        double error = t->error / fmax(fmax(t->norm, least), 1e-30);
        printf("  %-32s %8.1e  (%zu)\n", t->name, error, t->count);
        worst = error > worst || isnan(error) ? error : worst;
    }
    return worst;
}

static double check_trial(const struct trial *trial, const struct choice *choice)
{
    size_t most = trial->input_count + mica_weights_count(trial->weights);
    struct target *targets = mica_need(most, sizeof *targets);
    size_t count = list_targets(trial, targets);
    mica_plan_run(trial->training,
                  &(struct run){.samples = batch_of(trial), .seed = trial->seed});
    for (size_t i = 0; i < count; i++)
        measure(trial, &targets[i],
                choice->moves > 0 ? (size_t)choice->moves
                : trial->whole    ? 4
                                  : 16);
    double worst = print_errors(targets, count);
    mica_free(targets);
    return worst;
}

/* --- layers and networks ------------------------------------------------------------ */

static int record_example(struct trial *trial, const struct layer *layer,
                          const struct example *example, struct error *err)
{
    struct json *json = mica_json_parse(example->json, layer->name, err);
    if (json == NULL)
        return -1;
    struct arena *arena = mica_tape_arena(trial->tape);
    struct reader reader = {.json = json, .arena = arena};
    void *params = mica_arena_take(arena, 1, layer->params_size + 1);
    int result = 0;
    if (layer->params != NULL)
        result = mica_param_read(layer->params, params, NULL, mica_json_root(json),
                                 NULL, &reader, err);
    for (size_t i = 0; i < MICA_INPUTS_MAX && example->in[i].n > 0; i++)
        trial->inputs[trial->input_count++] =
            mica_tape_input(trial->tape, "input", example->in[i]);
    trial->truth = layer->activation != NULL;
    trial->output_count = 1;
    if (result == 0)
        trial->outputs[0] = mica_tape_record(trial->tape, layer, params, "layer",
                                             trial->inputs, trial->input_count, err);
    mica_json_free(json);
    return result != 0 || trial->outputs[0] < 0 || plan(trial, err) != 0 ? -1 : 0;
}

static int check_layer(const struct layer *layer, const struct choice *choice,
                       double *worst, struct error *err)
{
    int result = 0;
    for (const struct example *e = layer->examples; e && e->json && result == 0; e++) {
        struct trial trial = new_trial(choice);
        result = record_example(&trial, layer, e, err);
        if (result == 0) {
            printf("%s %s\n", layer->name, e->json);
            fill_inputs(&trial, e->labels ? e->in[0].c : 0);
            *worst = fmax(*worst, check_trial(&trial, choice));
        }
        free_trial(&trial);
    }
    return result;
}

static int record_net(struct trial *trial, const struct net *net,
                      const struct choice *choice, struct error *err)
{
    struct reach reach;
    struct wiring wiring;
    if (mica_net_reach(net, &reach, err) != 0)
        return -1;
    size_t multiple = reach.multiple, size = (size_t)choice->size;
    if (size == 0)
        size = (15 / multiple + 1) * multiple;
    struct shape shape = mica_net_input(net, (size_t)choice->batch, size, size);
    trial->inputs[trial->input_count++] = mica_tape_input(trial->tape, "input", shape);
    if (mica_net_record(net, trial->tape, trial->inputs[0], &wiring, err) != 0)
        return -1;
    for (size_t i = 0; i < wiring.count; i++)
        trial->outputs[trial->output_count++] = wiring.outputs[i].node;
    printf("%s, %zu samples of %zu x %zu x %zu\n", mica_net_name(net), shape.n, shape.h,
           shape.w, shape.c);
    return plan(trial, err);
}

static int check_net(const struct choice *choice, double *worst, struct error *err)
{
    struct net *net = mica_named_net(choice->what, &choice->sets, err);
    if (net == NULL)
        return -1;
    struct trial trial = new_trial(choice);
    int result = record_net(&trial, net, choice, err);
    trial.whole = true;
    if (result == 0) {
        fill_inputs(&trial, 0);
        *worst = check_trial(&trial, choice);
    }
    free_trial(&trial);
    mica_net_free(net);
    return result;
}

static int check(const struct choice *choice, struct error *err)
{
    bool file = strpbrk(choice->what, "./") != NULL;
    const struct layer *layer = file ? NULL : mica_named_layer(choice->what, err);
    double worst = 0;
    if (layer == NULL && !file)
        return -1;
    int result = layer != NULL ? check_layer(layer, choice, &worst, err)
                               : check_net(choice, &worst, err);
    if (result != 0)
        return -1;
    double limit = choice->tolerance > 0 ? choice->tolerance
                   : layer != NULL       ? 0.01
                                         : 0.05;
    bool good = worst <= limit;
    printf("the worst relative error is %.1e; %s %g\n", worst,
           good ? "it is below" : "that is more than", limit);
    return good ? 0 : MICA_FAILURE;
}

static int run(int argc, char **argv)
{
    struct choice choice = {.batch = 2, .seed = 1};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = check(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_gradcheck = {
    .name = "gradcheck",
    .summary = "gradients of a layer or a network against differences",
    .options = options,
    .details =
        "Moves numbers of every input and weight up and down and compares how a\n"
        "weighted sum of the outputs changes with what backward says. Prints the\n"
        "relative error of each tensor.\n",
    .examples = "mica gradcheck batchnorm2d\n"
                "mica gradcheck resunet.json --set width=4 --set depth=2\n",
    .run = run};
