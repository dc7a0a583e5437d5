/* test_plan.c - steps, lives and places, with layers made for the purpose */
#include <string.h>

#include "core/kernels.h"
#include "core/plan.h"
#include "core/plan_layout.h"
#include "core/text.h"
#include "tests/core/weigh.h"
#include "tests/test.h"

/* ---- layers: y = 2 x, y = x (in place), y = x0 + x1, y = x - mean over the batch ---- */

static size_t size_of(const struct tensor *t) { return mica_shape_size(t->shape); }

static void put(float *to, float value, bool add) { *to = add ? *to + value : value; }

static void twice_forward(const struct node *node, const struct pass *pass)
{
    (void)node;
    const float *x = pass->x[0].data;
    for (size_t i = 0; i < size_of(&pass->y); i++)
        ((float *)pass->y.data)[i] = 2 * x[i];
}

static void twice_backward(const struct node *node, const struct pass *pass)
{
    (void)node;
    const float *dy = pass->dy.data;
    for (size_t i = 0; pass->dx[0].data && i < size_of(&pass->dy); i++)
        put((float *)pass->dx[0].data + i, 2 * dy[i], pass->add[0]);
}

static const struct layer twice = {
    .name = "twice", .inputs = 1, .forward = twice_forward, .backward = twice_backward};
static const struct layer twice_in_place = {.name = "twice_in_place",
                                            .inputs = 1,
                                            .in_place = true,
                                            .forward = twice_forward,
                                            .backward = twice_backward};

static void join_forward(const struct node *node, const struct pass *pass)
{
    for (size_t i = 0; i < size_of(&pass->y); i++) {
        float sum = 0;
        for (size_t k = 0; k < node->inputs; k++)
            sum += ((float *)pass->x[k].data)[i];
        ((float *)pass->y.data)[i] = sum;
    }
}

static void join_backward(const struct node *node, const struct pass *pass)
{
    for (size_t k = 0; k < node->inputs; k++)
        for (size_t i = 0; pass->dx[k].data && i < size_of(&pass->dy); i++)
            put((float *)pass->dx[k].data + i, ((float *)pass->dy.data)[i],
                pass->add[k]);
}

static const struct layer join = {
    .name = "join", .forward = join_forward, .backward = join_backward};

/* The sum of everything, by partial sums over pieces. */
static int total_setup(struct node *node, struct error *err)
{
    (void)err;
    node->out = (struct shape){1, 1, 1, 1};
    node->sums_forward = 1;
    return 0;
}

static void total_partial(const struct node *node, const struct pass *pass,
                          struct piece piece, double *sums)
{
    (void)node;
    *sums = 0;
    for (size_t p = piece.from; p < piece.to; p++)
        for (size_t c = 0; c < pass->x[0].shape.c; c++)
            *sums += (double)mica_tensor_at(&pass->x[0], piece.sample, p)[c];
}

static void total_forward(const struct node *node, const struct pass *pass)
{
    (void)node;
    *(float *)pass->y.data = (float)*pass->sums;
}

static void total_backward(const struct node *node, const struct pass *pass)
{
    (void)node;
    for (size_t i = 0; pass->dx[0].data && i < size_of(&pass->x[0]); i++)
        put((float *)pass->dx[0].data + i, *(float *)pass->dy.data, pass->add[0]);
}

static const struct layer total = {.name = "total",
                                   .inputs = 1,
                                   .setup = total_setup,
                                   .partial_forward = total_partial,
                                   .forward = total_forward,
                                   .backward = total_backward};

/* ---- a small network: weigh -> twice -> (skip) twice_in_place, join, total ---- */

struct small {
    struct weights *weights;
    struct tape *tape;
    int input, first, second, joined, loss;
};

static int record(struct small *s, const struct layer *layer, const char *path, int a,
                  int b)
{
    struct error err = {0};
    int node = mica_tape_record(s->tape, layer, NULL, path, (int[]){a, b},
                                b < 0 ? 1 : 2, &err);
    assert_true(node >= 0);
    return node;
}

static struct small small_network(size_t samples)
{
    struct small s = {.weights = mica_weights_new(NULL, 0)};
    s.tape = mica_tape_new(s.weights);
    s.input = mica_tape_input(s.tape, "in", (struct shape){samples, 3, 5, 2});
    s.first = record(&s, &weigh, "a", s.input, -1);
    s.second = record(&s, &twice, "b", s.first, -1);
    int third = record(&s, &twice_in_place, "c", s.second, -1);
    s.joined = record(&s, &join, "d", third, s.first);
    s.loss = record(&s, &total, "e", s.joined, -1);
    return s;
}

static void free_small(struct small *s)
{
    mica_tape_free(s->tape);
    mica_weights_free(s->weights);
}

static struct plan *train(const struct small *s, size_t shards)
{
    struct error err = {0};
    struct wanted wanted = {.outputs = &s->loss,
                            .output_count = 1,
                            .loss = s->loss,
                            .input_gradients = true,
                            .shards = shards};
    struct plan *plan = mica_plan_new(s->tape, &wanted, &err);
    assert_non_null(plan);
    return plan;
}

TEST(gradients_of_a_forked_network_add_up)
{
    struct small s = small_network(4);
    struct plan *plan = train(&s, 2);
    struct tensor x = mica_plan_value(plan, s.input);
    double sum = 0;
    for (size_t i = 0; i < size_of(&x); i++) {
        ((float *)x.data)[i] = (float)(i % 7) - 2;
        sum += (double)(i % 7) - 2;
    }
    mica_weights_find(s.weights, "a.weight")->value[0] = 3;
    mica_plan_run(plan, &(struct run){.samples = 4});
    /* loss = sum of (2 2 + 1) w x */
    assert_near(*(float *)mica_plan_value(plan, s.loss).data, 15 * sum, 1e-4);
    assert_near(mica_weights_find(s.weights, "a.weight")->gradient[0], 5 * sum, 1e-4);
    struct tensor dx = mica_plan_gradient(plan, s.input);
    for (size_t i = 0; i < size_of(&dx); i++)
        assert_true(((float *)dx.data)[i] == 15);
    mica_plan_free(plan);
    free_small(&s);
}

TEST(gradients_of_weights_add_where_asked)
{
    struct small s = small_network(2);
    struct plan *plan = train(&s, 1);
    struct tensor x = mica_plan_value(plan, s.input);
    for (size_t i = 0; i < size_of(&x); i++)
        ((float *)x.data)[i] = 1;
    mica_plan_run(plan, &(struct run){.samples = 2});
    float once = mica_weights_find(s.weights, "a.weight")->gradient[0];
    mica_plan_run(plan, &(struct run){.samples = 2, .add_gradients = true});
    assert_true(once != 0);
    assert_true(mica_weights_find(s.weights, "a.weight")->gradient[0] == 2 * once);
    mica_plan_free(plan);
    free_small(&s);
}

TEST(a_plan_lends_gradients_of_weights_as_long_as_it_is_there)
{
    struct small s = small_network(2);
    struct wanted wanted = {
        .outputs = &s.loss, .output_count = 1, .loss = s.loss, .lends_gradients = true};
    struct error err = {0};
    struct plan *own = train(&s, 1), *lending = mica_plan_new(s.tape, &wanted, &err);
    const struct weight *w = mica_weights_find(s.weights, "a.weight");
    struct tensor x = mica_plan_value(lending, s.input);
    for (size_t i = 0; i < size_of(&x); i++)
        ((float *)x.data)[i] = 1;
    mica_plan_run(lending, &(struct run){.samples = 2});
    assert_near(w->gradient[0], 5 * 60, 1e-4);
    mica_plan_free(lending);
    assert_null(w->gradient);
    assert_int_equal(mica_weights_train(s.weights, &err), 0);
    assert_non_null(w->gradient);
    mica_plan_free(own);
    free_small(&s);
}

TEST(penalties_of_weights_belong_to_their_gradients)
{
    struct small s = small_network(2);
    struct plan *plan = train(&s, 1);
    struct tensor x = mica_plan_value(plan, s.input);
    for (size_t i = 0; i < size_of(&x); i++)
        ((float *)x.data)[i] = 1;
    struct weight *w = mica_weights_find(s.weights, "a.weight");
    assert_true(mica_weights_penalty(s.weights) == 0);
    mica_plan_run(plan, &(struct run){.samples = 2});
    float plain = w->gradient[0];
    w->l2 = 0.25;
    w->value[0] = 3; /* the sum is the same: it is linear in this weight */
    mica_plan_run(plan, &(struct run){.samples = 2});
    assert_near(w->gradient[0], plain + 2 * 0.25f * 3, 1e-4);
    assert_near(mica_weights_penalty(s.weights), 0.25 * 9, 1e-9);
    mica_plan_free(plan);
    free_small(&s);
}

TEST(fewer_samples_than_planned_are_a_run_of_those)
{
    struct small s = small_network(4);
    struct error err = {0};
    struct wanted wanted = {.outputs = &s.loss, .output_count = 1, .loss = -1};
    struct plan *plan = mica_plan_new(s.tape, &wanted, &err);
    struct tensor x = mica_plan_value(plan, s.input);
    for (size_t i = 0; i < size_of(&x); i++)
        ((float *)x.data)[i] = 1;
    mica_plan_run(plan, &(struct run){.samples = 3});
    assert_near(*(float *)mica_plan_value(plan, s.loss).data, 5 * 3 * 30, 0);
    mica_plan_free(plan);
    free_small(&s);
}

/* Blocks that live at the same time never share a byte; all lie inside the whole. */
static void check_layout(const struct layout *l)
{
    for (size_t i = 0; i < l->block_count; i++) {
        const struct block *a = &l->blocks[i];
        assert_true(a->joined >= 0 || a->offset + a->size <= l->bytes);
        for (size_t k = 0; k < i; k++) {
            const struct block *b = &l->blocks[k];
            if (a->joined >= 0 || b->joined >= 0 || a->first > b->last ||
                b->first > a->last)
                continue;
            assert_true(a->offset >= b->offset + b->size ||
                        b->offset >= a->offset + a->size);
        }
    }
}

TEST(blocks_that_live_together_lie_apart)
{
    struct small s = small_network(3);
    struct wanted trains = {.outputs = &s.loss, .output_count = 1, .loss = s.loss};
    struct wanted predicts = {.outputs = &s.loss, .output_count = 1, .loss = -1};
    struct layout *a = mica_layout_new(s.tape, &trains);
    struct layout *b = mica_layout_new(s.tape, &predicts);
    check_layout(a);
    check_layout(b);
    assert_true(b->bytes < a->bytes);
    mica_layout_free(a);
    mica_layout_free(b);
    free_small(&s);
}

TEST(a_chain_of_layers_predicts_in_the_memory_of_two)
{
    struct weights *weights = mica_weights_new(NULL, 0);
    struct tape *tape = mica_tape_new(weights);
    struct error err = {0};
    int node = mica_tape_input(tape, "in", (struct shape){1, 16, 16, 16});
    for (int i = 0; i < 10; i++)
        node = mica_tape_record(tape, &twice, NULL, "x", &node, 1, &err);
    struct wanted wanted = {.outputs = &node, .output_count = 1, .loss = -1};
    /* the input stays; the others change places, the output is one of them */
    assert_int_equal(mica_plan_bytes(tape, &wanted), 3 * 16 * 16 * 16 * sizeof(float));
    mica_tape_free(tape);
    mica_weights_free(weights);
}

TEST(a_layer_that_may_write_over_its_input_does)
{
    struct small s = small_network(1);
    struct error err = {0};
    struct wanted wanted = {.outputs = &s.loss, .output_count = 1, .loss = -1};
    struct layout *l = mica_layout_new(s.tape, &wanted);
    int second = mica_layout_home(l, l->places[s.second].value);
    assert_int_equal(mica_layout_home(l, l->places[s.second + 1].value), second);
    assert_int_equal(err.lines, 0);
    mica_layout_free(l);
    free_small(&s);
}

TEST(only_what_is_wanted_runs)
{
    struct small s = small_network(1);
    struct error err = {0};
    struct wanted wanted = {.outputs = &s.first, .output_count = 1, .loss = -1};
    struct plan *plan = mica_plan_new(s.tape, &wanted, &err);
    struct text text = {0};
    mica_plan_describe(plan, &text);
    assert_string_equal(text.data, "0 forward weigh a\n");
    mica_text_free(&text);
    mica_plan_free(plan);
    free_small(&s);
}

TEST(two_nodes_cannot_own_one_weight)
{
    struct small s = small_network(1);
    struct error err = {0};
    int in = s.input;
    assert_int_equal(mica_tape_record(s.tape, &weigh, NULL, "a", &in, 1, &err), -1);
    assert_non_null(strstr(err.text, "'a.weight' belongs to two nodes"));
    struct tape *again = mica_tape_new(s.weights);
    struct error none = {0};
    in = mica_tape_input(again, "in", (struct shape){1, 9, 9, 2});
    assert_true(mica_tape_record(again, &weigh, NULL, "a", &in, 1, &none) >= 0);
    mica_tape_free(again);
    free_small(&s);
}

TEST(shards_join_in_a_fixed_tree)
{
    float arrays[4][3] = {{1, 2, 3}, {1e8f, 1, 1}, {-1e8f, 0, 2}, {1, 5, 4}};
    mica_join_shards(arrays[0], 4, 3);
    assert_true(arrays[0][0] == (1 + 1e8f) + (-1e8f + 1));
    assert_true(arrays[0][1] == 8 && arrays[0][2] == 10);
}
