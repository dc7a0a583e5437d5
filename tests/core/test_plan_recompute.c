/* test_plan_recompute.c - what is made again for backward, and when */
#include <string.h>

#include "core/plan.h"
#include "core/plan_layout.h"
#include "core/text.h"
#include "tests/core/weigh.h"
#include "tests/test.h"

/* ---- layers: weigh, and y = x + 1, which is cheap ---- */

static size_t size_of(const struct tensor *t) { return mica_shape_size(t->shape); }

static void more_forward(const struct node *node, const struct pass *pass)
{
    (void)node;
    const float *x = pass->x[0].data;
    for (size_t i = 0; i < size_of(&pass->y); i++)
        ((float *)pass->y.data)[i] = x[i] + 1;
}

static void more_backward(const struct node *node, const struct pass *pass)
{
    (void)node;
    const float *dy = pass->dy.data;
    float *dx = pass->dx[0].data;
    for (size_t i = 0; dx && i < size_of(&pass->dy); i++)
        dx[i] = (pass->add[0] ? dx[i] : 0) + dy[i];
}

static const struct layer more = {.name = "more",
                                  .inputs = 1,
                                  .cheap = true,
                                  .in_place = true,
                                  .forward = more_forward,
                                  .backward = more_backward};

/* ---- weigh a, more b, weigh c, more d, weigh e ... whose values are kept for `more` ---- */

enum { PAIRS = 4, SIDE = 512 };

struct chain {
    struct weights *weights;
    struct tape *tape;
    int input, end;
};

static void record(struct chain *c, const struct layer *layer, const char *kind, int i)
{
    char path[16];
    struct error err = {0};
    snprintf(path, sizeof path, "%s%d", kind, i);
    c->end = mica_tape_record(c->tape, layer, NULL, path, &c->end, 1, &err);
    assert_true(c->end >= 0);
}

static struct chain chain_of(const struct layer *cheap, size_t side)
{
    struct chain c = {.weights = mica_weights_new(NULL, 0)};
    c.tape = mica_tape_new(c.weights);
    c.input = c.end = mica_tape_input(c.tape, "in", (struct shape){1, side, side, 4});
    for (int i = 0; i < PAIRS; i++) {
        record(&c, &weigh, "weigh", i);
        record(&c, cheap, "cheap", i);
    }
    record(&c, &weigh, "weigh", PAIRS);
    return c;
}

static void free_chain(struct chain *c)
{
    mica_tape_free(c->tape);
    mica_weights_free(c->weights);
}

static struct wanted wanted_of(const struct chain *c, enum recompute recompute)
{
    return (struct wanted){
        .outputs = &c->end, .output_count = 1, .loss = c->end, .recompute = recompute};
}

static size_t count_again(const struct chain *c, enum recompute recompute)
{
    struct wanted wanted = wanted_of(c, recompute);
    struct layout *l = mica_layout_new(c->tape, &wanted);
    size_t count = 0;
    for (size_t i = 0; i < l->step_count; i++)
        count += l->steps[i].again;
    mica_layout_free(l);
    return count;
}

TEST(what_nobody_else_keeps_is_kept_rather_than_what_it_is_made_of)
{
    struct chain c = chain_of(&more, SIDE);
    assert_int_equal(count_again(&c, RECOMPUTE_CHEAP), 0);
    free_chain(&c);
}

/* The same, but backward reads x although it needs none: as batch normalisation does. */
static const struct layer keeping = {.name = "keeping",
                                     .inputs = 1,
                                     .cheap = true,
                                     .keeps_input = true,
                                     .forward = more_forward,
                                     .backward = more_backward};

TEST(cheap_values_are_made_again_where_that_saves_memory)
{
    struct chain c = chain_of(&keeping, SIDE);
    size_t value = (size_t)SIDE * SIDE * 4 * sizeof(float);
    struct wanted all = wanted_of(&c, RECOMPUTE_NOTHING);
    struct wanted few = wanted_of(&c, RECOMPUTE_CHEAP);
    assert_int_equal(count_again(&c, RECOMPUTE_NOTHING), 0);
    /* the last one is read before the peak is over */
    assert_in_range(count_again(&c, RECOMPUTE_CHEAP), PAIRS - 1, PAIRS);
    size_t saved = mica_plan_bytes(c.tape, &all) - mica_plan_bytes(c.tape, &few);
    assert_in_range(saved, (PAIRS - 2) * value, PAIRS * value);
    free_chain(&c);
}

TEST(small_plans_keep_everything)
{
    struct chain c = chain_of(&keeping, 64);
    assert_int_equal(count_again(&c, RECOMPUTE_CHEAP), 0);
    free_chain(&c);
}

/* The gradient of weight i into gradients[i]. */
static void learn(enum recompute recompute, float gradients[PAIRS + 1])
{
    struct chain c = chain_of(&keeping, SIDE);
    struct error err = {0};
    struct wanted wanted = wanted_of(&c, recompute);
    struct plan *plan = mica_plan_new(c.tape, &wanted, &err);
    assert_non_null(plan);
    struct tensor x = mica_plan_value(plan, c.input);
    for (size_t i = 0; i < size_of(&x); i++)
        ((float *)x.data)[i] = (float)(i % 13) / 13 - 0.4f;
    mica_plan_run(plan, &(struct run){.samples = 1});
    for (size_t i = 0; i <= PAIRS; i++)
        gradients[i] = mica_weights_at(c.weights, i)->gradient[0];
    mica_plan_free(plan);
    free_chain(&c);
}

TEST(gradients_are_the_same_to_the_bit)
{
    float kept[PAIRS + 1], again[PAIRS + 1], more_again[PAIRS + 1];
    learn(RECOMPUTE_NOTHING, kept);
    learn(RECOMPUTE_CHEAP, again);
    learn(RECOMPUTE_MORE, more_again);
    assert_memory_equal(kept, again, sizeof kept);
    assert_memory_equal(kept, more_again, sizeof kept);
    assert_true(kept[0] != 0);
}

/* A chain of layers of which none is cheap. */
TEST(dear_values_are_made_again_on_request_for_at_most_a_forward_pass)
{
    struct layer dear = more;
    dear.cheap = false;
    struct chain c = chain_of(&dear, 16);
    struct wanted all = wanted_of(&c, RECOMPUTE_NOTHING);
    struct wanted few = wanted_of(&c, RECOMPUTE_MORE);
    assert_int_equal(count_again(&c, RECOMPUTE_CHEAP), 0);
    assert_in_range(count_again(&c, RECOMPUTE_MORE), 1, 2 * PAIRS + 1);
    assert_true(mica_plan_bytes(c.tape, &few) < mica_plan_bytes(c.tape, &all));
    free_chain(&c);
}
