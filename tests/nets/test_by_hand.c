/* test_by_hand.c - every number of docs/explanation/by-hand.md is what mica computes */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/plan.h"
#include "tests/nets/recorded.h"
#include "tests/test.h"

/* Fails unless the page has "NAME = (A, B, C)", or "NAME = A" of one number:
   to five decimals. */
static void expect(const char *name, const float *values, size_t count)
{
    struct error err = {0};
    struct text text = {0};
    size_t size;
    char *page = mica_file_read(MICA_TOP "/docs/explanation/by-hand.md", &size, &err);
    assert_non_null(page);
    mica_text_add(&text, "%s = %s", name, count > 1 ? "(" : "");
    for (size_t i = 0; i < count; i++) {
        char digits[40];
        double rounded = floor((double)values[i] * 1e5 + 0.5) / 1e5;
        mica_text_add(&text, "%s%s", i > 0 ? ", " : "",
                      mica_text_digits(digits, rounded, 6));
    }
    mica_text_add(&text, "%s", count > 1 ? ")" : "");
    if (strstr(page, text.data) == NULL)
        fail_msg("by-hand.md does not say '%s'", text.data);
    mica_text_free(&text);
    free(page);
}

static void expect_weight(const struct weights *weights, const char *weight,
                          const char *value, const char *gradient)
{
    const struct weight *w = mica_weights_find(weights, weight);
    if (value != NULL)
        expect(value, w->value, w->count);
    if (gradient != NULL)
        expect(gradient, w->gradient, w->count);
}

struct trial {
    struct recorded r;
    struct plan *plan;
    int truth, loss;
};

/* `graph` over an input of side x side x channels, and a loss of it with `truth`. */
static struct trial open_trial(const char *graph, size_t side, const char *channels,
                               const char *loss, struct shape truth)
{
    struct error err = {0};
    struct text text = {0};
    mica_text_add(&text,
                  "{\"mica_net\": 1, \"name\": \"hand\", \"input\": {\"shape\": "
                  "[\"H\", \"W\", %s]}, \"graph\": [%s]}",
                  channels, graph);
    struct trial t = {
        .r = mica_recorded_net(mica_net_parse(text.data, "hand", &err), 1, side, side)};
    mica_text_free(&text);
    const struct layer *layer = mica_layer_find(loss);
    void *params =
        mica_arena_take(mica_tape_arena(t.r.tape), 1, layer->params_size + 1);
    if (layer->params != NULL)
        mica_param_standard(layer->params, params);
    t.truth = mica_tape_input(t.r.tape, "truth", truth);
    int inputs[] = {t.r.wiring.outputs[0].node, t.truth};
    t.loss = mica_tape_record(t.r.tape, layer, params, "loss", inputs, 2, &err);
    size_t count = mica_tape_count(t.r.tape);
    int *all = mica_arena_take(mica_tape_arena(t.r.tape), count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = (int)i;
    struct wanted wanted = {
        .outputs = all, .output_count = count, .loss = t.loss, .input_gradients = true};
    assert_int_equal(mica_weights_train(t.r.weights, &err), 0);
    t.plan = mica_plan_new(t.r.tape, &wanted, &err);
    assert_non_null(t.plan);
    return t;
}

static void close_trial(struct trial *t)
{
    mica_plan_free(t->plan);
    mica_recorded_free(&t->r);
}

static void put(struct trial *t, int node, const float *values)
{
    struct tensor x = mica_plan_value(t->plan, node);
    for (size_t p = 0; p < mica_shape_pixels(x.shape); p++)
        memcpy(mica_tensor_at(&x, 0, p), values + p * x.shape.c,
               x.shape.c * sizeof *values);
}

static void put_weight(struct trial *t, const char *name, const float *values)
{
    struct weight *w = mica_weights_find(t->r.weights, name);
    memcpy(w->value, values, w->count * sizeof *values);
}

/* The numbers of one sample, pixel by pixel. */
static void expect_tensor(const char *name, struct tensor x)
{
    float values[16];
    size_t pixels = mica_shape_pixels(x.shape), c = x.shape.c;
    for (size_t p = 0; p < pixels; p++)
        memcpy(values + p * c, mica_tensor_at(&x, 0, p), c * sizeof *values);
    expect(name, values, pixels * c);
}

static void expect_node(const struct trial *t, const char *name, const char *node)
{
    int number = t->loss;
    if (node != NULL)
        number = mica_net_find(&t->r.wiring, node);
    expect_tensor(name, mica_plan_value(t->plan, number));
}

TEST(the_network_of_the_page_gives_its_numbers)
{
    struct trial t =
        open_trial("{\"linear\": 3, \"id\": \"hidden\"}, {\"relu\": {}, \"id\": "
                   "\"active\"}, {\"linear\": 1, \"id\": \"out\"}",
                   1, "2", "mse", (struct shape){1, 1, 1, 1});
    put(&t, t.r.input, (float[]){1, 2});
    put(&t, t.truth, (float[]){0.6f});
    put_weight(&t, "hidden.weight", (float[]){0.5f, -0.25f, 1, 0.5f, -1, 0.5f});
    put_weight(&t, "hidden.bias", (float[]){0.1f, -0.2f, -0.5f});
    put_weight(&t, "out.weight", (float[]){2, -0.5f, 1});
    put_weight(&t, "out.bias", (float[]){0.3f});
    mica_plan_run(t.plan, &(struct run){.samples = 1});
    expect_node(&t, "h", "hidden");
    expect_node(&t, "a", "active");
    expect_node(&t, "y", "out");
    expect_node(&t, "loss", NULL);
    expect_weight(t.r.weights, "out.weight", NULL, "dV");
    expect_weight(t.r.weights, "out.bias", NULL, "dc");
    expect_weight(t.r.weights, "hidden.weight", NULL, "dW");
    expect_weight(t.r.weights, "hidden.bias", NULL, "db");
    expect_weight(t.r.weights, "hidden.bias", NULL, "dh");
    expect_tensor("dx", mica_plan_gradient(t.plan, t.r.input));
    double squares = 0;
    for (size_t i = 0; i < mica_weights_count(t.r.weights); i++) {
        struct weight *w = mica_weights_at(t.r.weights, i);
        for (size_t k = 0; k < w->count; k++) {
            squares += (double)w->gradient[k] * (double)w->gradient[k];
            w->value[k] -= 0.01f * w->gradient[k];
        }
    }
    assert_near(squares, 119, 1e-4);
    expect_weight(t.r.weights, "hidden.weight", "W", NULL);
    expect_weight(t.r.weights, "hidden.bias", "b", NULL);
    expect_weight(t.r.weights, "out.weight", "V", NULL);
    expect_weight(t.r.weights, "out.bias", "c", NULL);
    mica_plan_run(t.plan, &(struct run){.samples = 1});
    expect_node(&t, "y", "out");
    expect_node(&t, "loss", NULL);
    close_trial(&t);
}

/* The loss (y - t)^2 / 4 with t = y - 2 dy has the gradient dy. */
TEST(the_convolution_of_the_page_gives_its_numbers)
{
    struct trial t =
        open_trial("{\"conv2d\": 1, \"kernel\": 2, \"padding\": \"valid\", \"bias\": "
                   "false, \"id\": \"c\"}",
                   3, "1", "mse", (struct shape){1, 2, 2, 1});
    put(&t, t.r.input, (float[]){1, 2, 0, 0, 1, 3, 2, 0, 1});
    put(&t, t.truth, (float[]){-1 - 2, 4, 3, -2 - 4});
    put_weight(&t, "c.weight", (float[]){1, -1, 2, 0});
    mica_plan_run(t.plan, &(struct run){.samples = 1});
    expect_node(&t, "y", "c");
    expect_weight(t.r.weights, "c.weight", NULL, "dk");
    expect_tensor("dx", mica_plan_gradient(t.plan, t.r.input));
    close_trial(&t);
}

TEST(the_softmax_of_the_page_gives_its_numbers)
{
    struct trial t =
        open_trial("{\"add\": [\"@in\"], \"id\": \"z\"}, {\"softmax\": {}, "
                   "\"id\": \"p\", \"in\": \"z\"}",
                   1, "3", "cross_entropy", (struct shape){1, 1, 1, 1});
    put(&t, t.r.input, (float[]){1, 0, -1});
    put(&t, t.truth, (float[]){1});
    mica_plan_run(t.plan, &(struct run){.samples = 1});
    expect_node(&t, "p", "p");
    close_trial(&t);
    t = open_trial("{\"add\": [\"@in\"], \"id\": \"z\"}", 1, "3", "cross_entropy",
                   (struct shape){1, 1, 1, 1});
    put(&t, t.r.input, (float[]){1, 0, -1});
    put(&t, t.truth, (float[]){1});
    mica_plan_run(t.plan, &(struct run){.samples = 1});
    expect_node(&t, "loss", NULL);
    expect_tensor("dz", mica_plan_gradient(t.plan, t.r.input));
    close_trial(&t);
}
