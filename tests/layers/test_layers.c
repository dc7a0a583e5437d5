/* test_layers.c - what holds for every layer, whatever it computes */
#include <string.h>

#include "core/parallel.h"
#include "tests/layers/trial.h"
#include "tests/test.h"

typedef void example_check(const struct layer *layer, const struct example *example);

static void check_all(example_check *check)
{
    for (size_t i = 0; mica_layer(i); i++) {
        assert_non_null(mica_layer(i)->examples);
        for (const struct example *e = mica_layer(i)->examples; e->json; e++)
            check(mica_layer(i), e);
    }
}

static struct trial run_trial(const struct layer *layer, const struct example *example,
                              size_t times, struct how how)
{
    struct example large = mica_trial_enlarge(example, times);
    struct trial trial =
        mica_trial_new(layer, example->json, large.in, mica_trial_inputs(example), how);
    mica_trial_fill(&trial, example->labels, 1);
    mica_trial_forward(&trial);
    if (layer->backward)
        mica_trial_backward(&trial);
    return trial;
}

/* How far two trials' results are from each other: outputs, gradients, statistics. */
static double farthest(const struct trial *a, const struct trial *b)
{
    double most = 0;
    for (size_t i = 0; i <= a->node->inputs; i++) {
        bool y = i == a->node->inputs;
        if (!y && i == 1 && a->node->layer->activation)
            continue; /* the truth has no gradient */
        float *p = mica_trial_pack(y ? &a->y : &a->dx[i]);
        float *q = mica_trial_pack(y ? &b->y : &b->dx[i]);
        size_t count = mica_shape_size(y ? a->y.shape : a->dx[i].shape);
        most = fmax(most, mica_trial_distance(p, q, count));
        mica_free(p);
        mica_free(q);
    }
    for (size_t i = 0; i < mica_weights_count(a->weights); i++) {
        struct weight *w = mica_weights_at(a->weights, i);
        struct weight *v = mica_weights_at(b->weights, i);
        most = fmax(most, mica_trial_distance(w->value, v->value, w->count));
        if (w->gradient)
            most = fmax(most, mica_trial_distance(w->gradient, v->gradient, w->count));
    }
    return most;
}

static void compare(const struct layer *layer, struct trial *a, struct trial *b,
                    const char *what, double allowed)
{
    double far = farthest(a, b);
    mica_trial_free(a);
    mica_trial_free(b);
    if (!(far <= allowed))
        fail_msg("%s %s: results differ by %.3g", layer->name, what, far);
}

static void check_threads(const struct layer *layer, const struct example *example)
{
    struct how how = {.training = true};
    mica_parallel_use(1);
    struct trial one = run_trial(layer, example, mica_trial_several(example), how);
    mica_parallel_use(3);
    struct trial three = run_trial(layer, example, mica_trial_several(example), how);
    mica_parallel_use(0);
    compare(layer, &one, &three, "with three threads", 0);
}

TEST(results_do_not_depend_on_the_number_of_threads) { check_all(check_threads); }

static void check_gaps(const struct layer *layer, const struct example *example)
{
    struct how dense = {.training = true}, gaps = {.training = true, .gap = 3};
    struct trial a = run_trial(layer, example, 1, dense);
    struct trial b = run_trial(layer, example, 1, gaps);
    mica_trial_check_gaps(&b);
    compare(layer, &a, &b, "with gaps between pixels", 2e-7);
}

TEST(views_with_gaps_between_pixels_are_read_and_written_right)
{
    check_all(check_gaps);
}

static void check_shards(const struct layer *layer, const struct example *example)
{
    struct how one = {.training = true}, two = {.training = true, .shards = 2};
    assert_int_equal(example->in[0].n % 2, 0);
    struct trial a = run_trial(layer, example, mica_trial_several(example), one);
    struct trial b = run_trial(layer, example, mica_trial_several(example), two);
    /* a sum whose terms cancel keeps fewer digits: measured up to 2.3e-6 */
    compare(layer, &a, &b, "in two shards", 1e-5);
}

TEST(shards_change_no_more_than_rounding) { check_all(check_shards); }

static void add_to(float *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        numbers[i] += 1;
}

/* Gradients that are there already, 1, are added to: take them off again to compare. */
static void check_addition(const struct layer *layer, const struct example *example)
{
    struct how plain = {.training = true}, adds = {.training = true, .add = true};
    struct trial a = run_trial(layer, example, 1, plain);
    struct trial b = mica_trial_new(layer, example->json, example->in,
                                    mica_trial_inputs(example), adds);
    mica_trial_fill(&b, example->labels, 1);
    for (size_t i = 0; i < b.node->inputs; i++)
        for (size_t k = 0; k < mica_shape_size(b.dx[i].shape); k++)
            ((float *)b.dx[i].data)[k] = 1;
    for (size_t i = 0; i < mica_weights_count(b.weights); i++) {
        struct weight *w = mica_weights_at(b.weights, i);
        for (size_t k = 0; w->gradient && k < w->count; k++)
            w->gradient[k] = 1;
    }
    mica_trial_forward(&b);
    mica_trial_backward(&b);
    for (size_t i = 0; i < a.node->inputs; i++)
        add_to(a.dx[i].data, mica_shape_size(a.dx[i].shape));
    for (size_t i = 0; i < mica_weights_count(a.weights); i++)
        if (mica_weights_at(a.weights, i)->gradient)
            add_to(mica_weights_at(a.weights, i)->gradient,
                   mica_weights_at(a.weights, i)->count);
    compare(layer, &a, &b, "adding to gradients", 2e-7);
}

TEST(gradients_are_added_where_that_is_asked) { check_all(check_addition); }

/* Layers that neither draw numbers nor have statistics behave alike in both modes. */
static void check_modes(const struct layer *layer, const struct example *example)
{
    struct how training = {.training = true}, predicting = {0}, other = training;
    other.step = 9;
    struct trial a = run_trial(layer, example, 1, training);
    struct trial b = run_trial(layer, example, 1, other);
    bool random = farthest(&a, &b) > 0, statistics = false;
    for (size_t i = 0; i < mica_weights_count(a.weights); i++)
        statistics = statistics || !mica_weights_at(a.weights, i)->gradient;
    mica_trial_free(&b);
    struct trial c = run_trial(layer, example, 1, predicting);
    compare(layer, &a, &c, "predicting", random || statistics ? HUGE_VAL : 0);
}

TEST(layers_without_chance_or_statistics_predict_as_they_train)
{
    check_all(check_modes);
}

static void check_in_place(const struct layer *layer, const struct example *example)
{
    if (!layer->in_place)
        return;
    struct how how = {.training = true};
    struct trial a = run_trial(layer, example, 1, how);
    struct trial b = mica_trial_new(layer, example->json, example->in,
                                    mica_trial_inputs(example), how);
    mica_trial_fill(&b, example->labels, 1);
    struct tensor y = b.y, dx = b.dx[0];
    if (!layer->keeps_input)
        b.y = b.x[0];
    b.dx[0] = b.dy;
    mica_trial_forward(&b);
    mica_trial_backward(&b);
    if (!layer->keeps_input)
        memcpy(y.data, b.y.data, mica_shape_size(y.shape) * sizeof(float));
    memcpy(dx.data, b.dx[0].data, mica_shape_size(y.shape) * sizeof(float));
    b.y = y;
    b.dx[0] = dx;
    compare(layer, &a, &b, "in place", 0);
}

TEST(layers_that_say_so_work_in_place) { check_all(check_in_place); }

/* Change input row `row`; every output row that changes must see it by node->field. */
static void check_row(struct trial *trial, const float *before, size_t row,
                      bool *reached)
{
    const struct field *f = &trial->node->field;
    struct shape out = trial->y.shape;
    for (size_t j = 0; j < trial->x[0].shape.w; j++)
        for (size_t k = 0; k < trial->x[0].shape.c; k++)
            mica_tensor_at(&trial->x[0], 0, row * trial->x[0].shape.w + j)[k] +=
                4 + (float)k;
    mica_trial_forward(trial);
    for (size_t i = 0; i < out.h; i++) {
        const float *after = mica_tensor_at(&trial->y, 0, i * out.w);
        if (memcmp(after, before + i * out.w * out.c, out.w * out.c * sizeof *after) ==
            0)
            continue;
        double first = f->ratio * (double)i - f->before;
        double last = f->ratio * (double)i + f->after;
        double seen = (double)row;
        if (seen < first - 1e-9 || seen > last + 1e-9)
            fail_msg("%s: output row %zu sees row %zu, outside %g .. %g",
                     trial->node->layer->name, i, row, first, last);
        reached[0] = reached[0] || seen < first + 1;
        reached[1] = reached[1] || seen > last - 1;
    }
}

static void check_field(const struct layer *layer, const struct example *example)
{
    struct example large = mica_trial_enlarge(example, 2);
    struct trial trial = mica_trial_new(layer, example->json, large.in,
                                        mica_trial_inputs(example), (struct how){0});
    bool reached[2] = {false, false}; /* both ends of the field are seen by someone */
    for (size_t row = 0; !trial.node->field.global && row < large.in[0].h; row++) {
        mica_trial_fill(&trial, example->labels, 1);
        mica_trial_forward(&trial);
        float *before = mica_trial_pack(&trial.y);
        check_row(&trial, before, row, reached);
        mica_free(before);
    }
    bool tight =
        trial.node->field.global || large.in[0].h == 1 || (reached[0] && reached[1]);
    mica_trial_free(&trial);
    if (!tight)
        fail_msg("%s: the field is wider than what is seen", layer->name);
}

TEST(layers_see_what_their_field_says_and_no_more) { check_all(check_field); }

TEST(l2_is_that_of_the_kernel_alone)
{
    const char *const names[] = {"conv1d", "conv2d", "conv2d_transpose", "linear"};
    for (size_t i = 0; i < 4; i++) {
        struct shape in = {1, 1, 1, 3};
        struct trial trial = mica_trial_new(mica_layer_find(names[i]),
                                            i < 3 ? "{\"filters\": 2, \"l2\": 0.01}"
                                                  : "{\"units\": 2, \"l2\": 0.01}",
                                            &in, 1, (struct how){0});
        assert_true(mica_weights_at(trial.weights, 0)->l2 == 0.01);
        assert_true(mica_weights_at(trial.weights, 1)->l2 == 0);
        mica_trial_free(&trial);
    }
}

static void check_tables(const struct layer *layer, const struct example *example)
{
    (void)example;
    assert_ptr_equal(mica_layer_find(layer->name), layer);
    assert_true(strlen(layer->summary) > 10 && strlen(layer->equation) > 4);
    assert_non_null(layer->forward);
    assert_int_equal(!layer->params, !layer->params_size);
    assert_true(layer->partial_forward || !layer->merge_forward);
    for (const struct param *p = layer->params; p && p->name; p++)
        assert_true(strlen(p->help) > 8);
}

TEST(every_layer_is_found_by_name_and_explains_itself)
{
    check_all(check_tables);
    assert_null(mica_layer_find("no such layer"));
    assert_null(mica_layer_find("find"));
}
