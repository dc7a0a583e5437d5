/* test_every_net.c - what holds for every network of nets/, found by looking there */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/bf16.h"
#include "core/file.h"
#include "core/plan.h"
#include "core/random.h"
#include "tests/nets/recorded.h"
#include "tests/test.h"

/* --- parameters ------------------------------------------------------------------- */

/* "11,689,512" as a number, read backwards from `end`. */
static size_t number_before(const char *text, const char *end)
{
    size_t number = 0, unit = 1;
    for (; end > text && (isdigit((unsigned char)end[-1]) || end[-1] == ','); end--) {
        if (end[-1] == ',')
            continue;
        number += unit * (size_t)(end[-1] - '0');
        unit *= 10;
    }
    return number;
}

static char *read_text(const char *folder, const char *name)
{
    char path[512];
    size_t size;
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s/%s", MICA_TOP, folder, name);
    char *text = mica_file_read(path, &size, &err);
    assert_non_null(text);
    return text;
}

/* The count in "// ... 11,689,512 parameters" at the head of a network's file. */
static size_t told_count(const char *name)
{
    char *text = read_text("nets", name);
    char *end = strstr(text, "\n{");
    assert_non_null(end);
    *end = '\0';
    const char *word = strstr(text, " parameters");
    if (word == NULL || number_before(text, word) == 0)
        fail_msg("%s: its first lines do not say \"N parameters\"", name);
    size_t count = number_before(text, word);
    free(text);
    return count;
}

/* The file without its weights' values, at any size. */
static size_t count_parameters(const char *name)
{
    char path[512];
    struct error err = {0};
    struct wiring wiring;
    snprintf(path, sizeof path, "%s/nets/%s", MICA_TOP, name);
    struct net *net = mica_net_read(path, NULL, NULL, &err);
    struct weights *weights = mica_weights_outline();
    struct tape *tape = mica_tape_new(weights);
    if (net == NULL ||
        mica_net_record(net, tape,
                        mica_tape_input(tape, "input", mica_net_input(net, 1, 64, 64)),
                        &wiring, &err) != 0)
        fail_msg("%s", err.text);
    size_t count = mica_weights_parameters(weights);
    mica_tape_free(tape);
    mica_weights_free(weights);
    mica_net_free(net);
    return count;
}

static size_t count_lines(const char *name)
{
    char *text = read_text("nets", name);
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    free(text);
    return lines;
}

/* The page has a row for it, and the row is right:
   "| resnet34.json | ResNet-34 | 21,797,672 | 7.4e-7 (9.0e-7) | 9 |". */
static void check_row(const char *name, size_t parameters)
{
    char begin[300], count[32], middle[64], lines[32];
    char *page = read_text("docs/reference", "networks.md");
    snprintf(begin, sizeof begin, "\n| %s |", name);
    snprintf(middle, sizeof middle, "| %s |", mica_text_count(count, parameters));
    snprintf(lines, sizeof lines, "| %zu |", count_lines(name));
    char *row = strstr(page, begin);
    if (row == NULL)
        fail_msg("networks.md: there is no row of %s", name);
    row[1 + strcspn(row + 1, "\n")] = '\0';
    size_t length = strlen(row), end = strlen(lines);
    if (strstr(row, middle) == NULL || strcmp(row + length - end, lines) != 0)
        fail_msg("networks.md: %s has %s parameters, %s lines", name, count, lines);
    free(page);
}

static void check_count(const char *name)
{
    size_t told = told_count(name), is = count_parameters(name);
    if (told != is)
        fail_msg("%s says that it has %zu parameters; it has %zu", name, told, is);
    check_row(name, is);
}

TEST(networks_have_as_many_parameters_as_their_first_lines_say)
{
    mica_every_net(check_count);
}

TEST(networks_are_as_short_as_was_promised)
{
    static const struct {
        const char *name;
        size_t lines;
    } promised[] = {{"resunet.json", 60},
                    {"resnet50.json", 40}, /* which ResNet-152 is with other stages */
                    {"resnet152.json", 40},
                    {"resnet152_head.json", 12}};
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++)
        assert_in_range(count_lines(promised[i].name), 1, promised[i].lines);
}

/* --- rewriting -------------------------------------------------------------------- */

static void check_rewriting(const char *name)
{
    struct error err = {0};
    struct text path = {0}, text = {0};
    mica_text_add(&path, "%s/nets/%s", MICA_TOP, name);
    struct net *net = mica_net_read(path.data, NULL, NULL, &err);
    if (net == NULL)
        fail_msg("%s", err.text);
    mica_net_write(net, &text);
    mica_net_free(net);
    net = mica_net_parse(text.data, "again", &err);
    if (net == NULL)
        fail_msg("%s", err.text);
    mica_net_free(net);
    mica_text_free(&path);
    mica_text_free(&text);
}

TEST(every_network_is_read_from_what_it_writes) { mica_every_net(check_rewriting); }

/* --- training --------------------------------------------------------------------- */

static void fill(const struct plan *plan, int node, uint64_t seed)
{
    struct random random;
    struct tensor t = mica_plan_value(plan, node);
    mica_random_start(&random, seed, 0, 0);
    for (size_t i = 0; i < mica_shape_size(t.shape); i++)
        ((float *)t.data)[i] = (float)mica_random_uniform(&random);
}

struct trial {
    struct recorded r;
    struct plan *plan;
    int targets, loss;
};

/* The network under a mean squared error, random targets, two samples of 64 pixels. */
static struct trial open_trial(const char *name, const char *params,
                               enum recompute recompute, enum type precision)
{
    const struct layer *loss = mica_layer_find("mse");
    struct trial t = {.r = mica_recorded_file(name, params, 2, 64)};
    struct error err = {0};
    int output = t.r.wiring.outputs[0].node;
    t.targets = mica_tape_input(t.r.tape, "targets",
                                mica_tape_node(t.r.tape, (size_t)output)->out);
    int inputs[] = {output, t.targets};
    void *arguments = mica_arena_take(mica_tape_arena(t.r.tape), 1, loss->params_size);
    mica_param_standard(loss->params, arguments);
    t.loss = mica_tape_record(t.r.tape, loss, arguments, "loss", inputs, 2, &err);
    struct wanted wanted = {.outputs = &t.loss,
                            .output_count = 1,
                            .loss = t.loss,
                            .recompute = recompute,
                            .precision = precision};
    if (t.loss < 0 || (t.plan = mica_plan_new(t.r.tape, &wanted, &err)) == NULL)
        fail_msg("%s: %s", name, err.text);
    fill(t.plan, t.r.input, 1);
    fill(t.plan, t.targets, 2);
    return t;
}

static double run_trial(const struct trial *t)
{
    mica_plan_run(t->plan, &(struct run){.samples = 2, .seed = 3});
    struct tensor loss = mica_plan_value(t->plan, t->loss);
    return (double)*mica_tensor_at(&loss, 0, 0);
}

enum { PROMISE = 1000 };

/* Downhill, as far as the slope promises a thousandth less. */
static double step(const struct trial *t, double loss)
{
    double square = 0;
    for (size_t i = 0; i < mica_weights_count(t->r.weights); i++) {
        const struct weight *w = mica_weights_at(t->r.weights, i);
        for (size_t k = 0; w->gradient != NULL && k < w->count; k++)
            square += (double)w->gradient[k] * (double)w->gradient[k];
    }
    float rate = (float)(loss / PROMISE / square);
    for (size_t i = 0; i < mica_weights_count(t->r.weights); i++) {
        struct weight *w = mica_weights_at(t->r.weights, i);
        for (size_t k = 0; w->gradient != NULL && k < w->count; k++)
            w->value[k] -= rate * w->gradient[k];
    }
    return run_trial(t);
}

static void check_step(const char *name)
{
    const char *params = mica_recorded_params(name);
    if (params == NULL)
        return;
    struct trial t = open_trial(name, params, RECOMPUTE_CHEAP, TYPE_F32);
    double before = run_trial(&t), after = step(&t, before);
    double gain = PROMISE * (before - after) / before;
    if (!(gain > 0.5 && gain < 1.5))
        fail_msg("%s: a step took the loss from %g to %g", name, before, after);
    mica_plan_free(t.plan);
    mica_recorded_free(&t.r);
}

TEST_SLOW(a_step_lowers_the_loss_of_every_network) { mica_every_net(check_step); }

/* --- what is made again ----------------------------------------------------------- */

static bool same_numbers(const float *a, const float *b, size_t count)
{
    return a == NULL ? b == NULL : memcmp(a, b, count * sizeof *a) == 0;
}

/* Losses, gradients (lent) and running statistics after two steps; in less memory, or as much
   with the gradients. */
static void check_recompute(const char *name, enum recompute recompute,
                            enum type precision)
{
    const char *params = mica_recorded_params(name);
    if (params == NULL)
        return;
    struct trial kept = open_trial(name, params, RECOMPUTE_NOTHING, precision);
    struct trial again = open_trial(name, params, recompute, precision);
    for (size_t i = 0; i < 2; i++)
        if (run_trial(&kept) != run_trial(&again))
            fail_msg("%s: another loss", name);
    for (size_t i = 0; i < mica_weights_count(kept.r.weights); i++) {
        const struct weight *a = mica_weights_at(kept.r.weights, i);
        const struct weight *b = mica_weights_at(again.r.weights, i);
        if (!same_numbers(a->value, b->value, a->count) ||
            !same_numbers(a->gradient, b->gradient, a->count))
            fail_msg("%s: %s has other numbers", name, a->name);
    }
    assert_in_range(mica_plan_size(again.plan), 1,
                    mica_plan_size(kept.plan) +
                        4 * mica_weights_parameters(kept.r.weights) + 65536);
    mica_plan_free(kept.plan);
    mica_plan_free(again.plan);
    mica_recorded_free(&kept.r);
    mica_recorded_free(&again.r);
}

static void check_cheap(const char *name)
{
    check_recompute(name, RECOMPUTE_CHEAP, TYPE_F32);
}

static void check_more(const char *name)
{
    check_recompute(name, RECOMPUTE_MORE, TYPE_F32);
}

static void check_more_rounded(const char *name)
{
    check_recompute(name, RECOMPUTE_MORE, TYPE_BF16);
}

TEST_SLOW(values_made_again_are_the_same_in_every_network)
{
    mica_every_net(check_cheap);
}

TEST_SLOW(more_values_made_again_are_the_same_in_every_network)
{
    mica_every_net(check_more);
}

TEST_SLOW(more_rounded_values_made_again_are_the_same_in_every_network)
{
    mica_every_net(check_more_rounded);
}

/* --- values rounded to bf16 ------------------------------------------------------- */

/* The length of the difference of two gradients of all weights by that of the first. */
static double apart(const struct weights *a, const struct weights *b)
{
    double difference = 0, square = 0;
    for (size_t i = 0; i < mica_weights_count(a); i++) {
        const struct weight *p = mica_weights_at(a, i), *q = mica_weights_at(b, i);
        for (size_t k = 0; p->gradient != NULL && k < p->count; k++) {
            const double d = (double)p->gradient[k] - (double)q->gradient[k];
            difference += d * d;
            square += (double)p->gradient[k] * (double)p->gradient[k];
        }
    }
    return sqrt(difference / square);
}

static void round_weights(const struct weights *weights)
{
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        const struct weight *w = mica_weights_at(weights, i);
        const struct tensor t = {{1, 1, 1, w->count}, w->count, TYPE_F32, w->value};
        mica_bf16_round(&t, NULL);
    }
}

/* How far a gradient moves when numbers are rounded is a matter of the network: deep ones
   with batch normalisation, whose rectifiers switch, move by a third when nothing but the
   weights are. So much, times 3, is the measure for rounded values, and 2^-7. */
static void check_rounded(const char *name)
{
    const char *params = mica_recorded_params(name);
    if (params == NULL)
        return;
    struct trial plain = open_trial(name, params, RECOMPUTE_CHEAP, TYPE_F32);
    struct trial other = open_trial(name, params, RECOMPUTE_CHEAP, TYPE_F32);
    struct trial narrow = open_trial(name, params, RECOMPUTE_CHEAP, TYPE_BF16);
    round_weights(other.r.weights);
    run_trial(&other);
    const double a = run_trial(&plain), b = run_trial(&narrow);
    const double off = apart(plain.r.weights, narrow.r.weights);
    const double usual = apart(plain.r.weights, other.r.weights);
    if (!(off > 0) || !(off < 2 * usual + 1.0 / 128) || !(fabs(b - a) < 0.01 * a))
        fail_msg("%s: the loss is %g, not %g, the gradient %g off, with rounded "
                 "weights %g",
                 name, b, a, off, usual);
    mica_plan_free(plain.plan);
    mica_plan_free(other.plan);
    mica_plan_free(narrow.plan);
    mica_recorded_free(&plain.r);
    mica_recorded_free(&other.r);
    mica_recorded_free(&narrow.r);
}

TEST_SLOW(gradients_of_rounded_values_are_near_those_of_others_in_every_network)
{
    mica_every_net(check_rounded);
}
