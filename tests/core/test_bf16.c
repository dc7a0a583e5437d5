/* test_bf16.c - numbers rounded to bf16, and plans that keep values so */
#include <math.h>
#include <string.h>

#include "core/bf16.h"
#include "core/kernels.h"
#include "core/plan.h"
#include "core/plan_layout.h"
#include "core/random.h"
#include "core/text.h"
#include "tests/core/weigh.h"
#include "tests/test.h"

/* ---- numbers ---- */

static float from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

TEST(of_two_numbers_as_near_the_even_one_is_taken)
{
    static const struct {
        uint32_t bits;
        uint16_t half;
    } cases[] = {
        {0x3f800000, 0x3f80}, /* 1 */
        {0x3f808000, 0x3f80}, /* 1 + 2^-8: between an even and an odd one */
        {0x3f818000, 0x3f82}, /* between an odd and an even one */
        {0x3f808001, 0x3f81}, {0x3f807fff, 0x3f80}, {0xbf808001, 0xbf81},
        {0x00000000, 0x0000}, {0x80000000, 0x8000}, /* both zeros */
        {0x00800000, 0x0080},                       /* the least normal number */
        {0x7f7f7fff, 0x7f7f},                       /* the largest bf16, nearly more */
        {0x7f7fffff, 0x7f80},                       /* FLT_MAX: infinity is nearer */
        {0x7f800000, 0x7f80}, {0xff800000, 0xff80}, /* infinities */
    };
    for (size_t s = 0; mica_kernels_available(s); s++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            const float x = from_bits(cases[i].bits);
            uint16_t half;
            mica_kernels_available(s)->narrow(&half, &x, 1);
            if (half != cases[i].half)
                fail_msg("%s: %08x becomes %04x, not %04x",
                         mica_kernels_available(s)->name, cases[i].bits, half,
                         cases[i].half);
        }
}

TEST(nan_stays_nan)
{
    static const uint32_t bits[] = {0x7fc00000, 0x7f800001, 0xffffffff, 0x7fffffff};
    for (size_t s = 0; mica_kernels_available(s); s++)
        for (size_t i = 0; i < 4; i++) {
            float x = from_bits(bits[i]);
            uint16_t half;
            mica_kernels_available(s)->narrow(&half, &x, 1);
            mica_kernels_available(s)->widen(&x, &half, 1);
            assert_true(isnan(x));
        }
}

/* All sets, all lengths around those of vectors, nothing written behind. */
TEST(rounding_is_off_by_at_most_half_of_the_last_bit_and_widening_exact)
{
    enum { MOST = 70 };
    struct random random;
    mica_random_start(&random, 1, 0, 0);
    for (size_t s = 0; mica_kernels_available(s); s++)
        for (size_t n = 0; n < MOST; n++) {
            float x[MOST + 1], y[MOST + 1];
            uint16_t half[MOST + 1];
            for (size_t i = 0; i <= n; i++)
                x[i] = (float)mica_random_between(&random, -2, 2);
            half[n] = 0x1234;
            y[n] = 77;
            mica_kernels_available(s)->narrow(half, x, n);
            mica_kernels_available(s)->widen(y, half, n);
            assert_int_equal(half[n], 0x1234);
            assert_true(y[n] == 77.0f);
            for (size_t i = 0; i < n; i++) {
                assert_int_equal(bits_of(y[i]), (uint32_t)half[i] << 16);
                assert_true(fabsf(y[i] - x[i]) <= ldexpf(fabsf(x[i]), -8));
            }
        }
}

/* ---- kernels that read them ---- */

enum { PIXELS = 70, CHANNELS = 21, GAP = 3, ROW = CHANNELS + GAP };

/* Numbers of both types, and other ones. */
struct rows {
    uint16_t narrow[PIXELS * ROW];
    float x[PIXELS * ROW], dy[PIXELS * ROW], factors[4][CHANNELS];
};

static void draw_rows(const struct kernels *kernels, struct rows *r)
{
    struct random random;
    mica_random_start(&random, 2, 0, 0);
    for (size_t i = 0; i < PIXELS * ROW; i++) {
        r->x[i] = (float)mica_random_between(&random, -2, 2);
        r->dy[i] = (float)mica_random_between(&random, -1, 1);
    }
    for (size_t i = 0; i < 4 * CHANNELS; i++)
        r->factors[i / CHANNELS][i % CHANNELS] =
            (float)mica_random_between(&random, -1, 1);
    kernels->narrow(r->narrow, r->x, PIXELS * ROW);
    kernels->widen(r->x, r->narrow, PIXELS * ROW);
}

/* What normalisation makes of the numbers `x`. */
struct norm_results {
    double moments[2 * CHANNELS], sums[2 * CHANNELS];
    float y[PIXELS * ROW], dx[PIXELS * ROW];
};

static void normalise(const struct kernels *kernels, const struct rows *r,
                      const void *x, enum type type, struct norm_results *to)
{
    const float *a = r->factors[0], *b = r->factors[1];
    const struct finish map = {.scale = a, .shift = b, .relu = true};
    memset(to, 0, sizeof *to);
    kernels->moments(x, type, ROW, PIXELS, CHANNELS, to->moments,
                     to->moments + CHANNELS);
    kernels->norm_sums(r->dy, ROW, x, type, ROW, r->factors[2], &map, PIXELS, CHANNELS,
                       to->sums);
    kernels->finish(to->y, ROW, x, type, ROW, &map, PIXELS, CHANNELS);
    kernels->norm_backward(to->dx, ROW, r->dy, ROW, x, type, ROW, r->factors[2], b,
                           r->factors[3], &map, PIXELS, CHANNELS, true);
}

TEST(normalisation_makes_the_same_of_either_type)
{
    static struct rows rows;
    static struct norm_results wide, narrow;
    for (size_t s = 0; mica_kernels_available(s); s++) {
        const struct kernels *kernels = mica_kernels_available(s);
        draw_rows(kernels, &rows);
        normalise(kernels, &rows, rows.x, TYPE_F32, &wide);
        normalise(kernels, &rows, rows.narrow, TYPE_BF16, &narrow);
        assert_memory_equal(&wide, &narrow, sizeof wide);
        assert_true(wide.dx[0] != 0);
    }
}

/* ---- a tape: weigh, which reads x going back, and its sum as loss ---- */

static size_t size_of(const struct tensor *t) { return mica_shape_size(t->shape); }

static int total_setup(struct node *node, struct error *err)
{
    (void)err;
    node->out = (struct shape){1, 1, 1, 1};
    return 0;
}

static void total_forward(const struct node *node, const struct pass *pass)
{
    double sum = 0;
    (void)node;
    for (size_t i = 0; i < size_of(&pass->x[0]); i++)
        sum += (double)((float *)pass->x[0].data)[i];
    *(float *)pass->y.data = (float)sum;
}

static void total_backward(const struct node *node, const struct pass *pass)
{
    (void)node;
    for (size_t i = 0; i < size_of(&pass->dx[0]); i++)
        ((float *)pass->dx[0].data)[i] = *(float *)pass->dy.data;
}

static const struct layer total = {.name = "total",
                                   .inputs = 1,
                                   .keeps_input = true,
                                   .activation = "identity",
                                   .setup = total_setup,
                                   .forward = total_forward,
                                   .backward = total_backward};

enum { WEIGHTS = 3, SIDE = 64 };

struct chain {
    struct weights *weights;
    struct tape *tape;
    int input, loss;
};

static int record(struct tape *tape, const struct layer *layer, int from, size_t i)
{
    char path[16];
    struct error err = {0};
    snprintf(path, sizeof path, "%s%zu", layer->name, i);
    int node = mica_tape_record(tape, layer, NULL, path, &from, 1, &err);
    assert_true(node >= 0);
    return node;
}

static struct chain new_chain(void)
{
    struct chain c = {.weights = mica_weights_new(NULL, 0)};
    c.tape = mica_tape_new(c.weights);
    c.input = mica_tape_input(c.tape, "in", (struct shape){1, SIDE, SIDE, 3});
    c.loss = c.input;
    for (size_t i = 0; i < WEIGHTS; i++) {
        c.loss = record(c.tape, &weigh, c.loss, i);
        mica_weights_at(c.weights, i)->value[0] = 1.1f + 0.3f * (float)i;
    }
    c.loss = record(c.tape, &total, c.loss, 0);
    return c;
}

static void free_chain(struct chain *c)
{
    mica_tape_free(c->tape);
    mica_weights_free(c->weights);
}

static struct wanted wanted_of(const struct chain *c, enum type precision)
{
    return (struct wanted){.outputs = &c->loss,
                           .output_count = 1,
                           .loss = c->loss,
                           .precision = precision};
}

TEST(values_are_rounded_where_they_are_made_and_widened_where_they_are_read)
{
    struct chain c = new_chain();
    struct wanted wanted = wanted_of(&c, TYPE_BF16);
    struct error err = {0};
    struct text text = {0};
    struct plan *plan = mica_plan_new(c.tape, &wanted, &err);
    mica_plan_describe(plan, &text);
    assert_string_equal(text.data, "0 forward weigh weigh0\n"
                                   "1 round weigh weigh0\n"
                                   "2 forward weigh weigh1\n"
                                   "3 round weigh weigh1\n"
                                   "4 forward weigh weigh2\n" /* a loss compares it */
                                   "5 forward total total0\n"
                                   "6 backward total total0\n"
                                   "7 widen weigh weigh1\n"
                                   "8 backward weigh weigh2\n"
                                   "9 widen weigh weigh0\n"
                                   "10 backward weigh weigh1\n"
                                   "11 backward weigh weigh0\n");
    mica_text_free(&text);
    mica_plan_free(plan);
    free_chain(&c);
}

/* A layer that reads what is kept: nothing is widened for it, and what is kept is not
   written over. */
TEST(a_layer_that_reads_bf16_gets_what_is_kept)
{
    struct layer reads = weigh;
    reads.name = "reads";
    reads.reads_bf16 = reads.in_place = true;
    struct chain c = {.weights = mica_weights_new(NULL, 0)};
    c.tape = mica_tape_new(c.weights);
    c.input = mica_tape_input(c.tape, "in", (struct shape){1, SIDE, SIDE, 3});
    const int first = record(c.tape, &weigh, c.input, 0);
    c.loss = record(c.tape, &total, record(c.tape, &reads, first, 1), 0);
    struct wanted wanted = wanted_of(&c, TYPE_BF16);
    struct layout *l = mica_layout_new(c.tape, &wanted);
    size_t kept = 0;
    for (size_t i = 0; i < l->step_count; i++) {
        const struct read *read = mica_layout_read(&l->steps[i], first);
        assert_true(l->steps[i].kind != STEP_WIDEN);
        if (read) {
            assert_true(read->kept);
            assert_int_equal(read->block, l->places[first].kept);
            assert_int_equal(mica_layout_home(l, read->block), read->block);
            kept++;
        }
    }
    assert_int_equal(kept, 2); /* forward and backward */
    assert_false(l->places[first].wide);
    mica_layout_free(l);
    free_chain(&c);
}

static float rounded(float x)
{
    uint16_t half;
    mica_kernels()->narrow(&half, &x, 1);
    mica_kernels()->widen(&x, &half, 1);
    return x;
}

static float input_number(size_t i) { return (float)(i % 13) / 13 - 0.4f; }

TEST(forward_and_backward_passes_see_the_rounded_values)
{
    struct chain c = new_chain();
    struct wanted wanted = wanted_of(&c, TYPE_BF16);
    struct error err = {0};
    struct plan *plan = mica_plan_new(c.tape, &wanted, &err);
    struct tensor x = mica_plan_value(plan, c.input);
    float w[WEIGHTS];
    double sum = 0, gradients[WEIGHTS] = {0};
    for (size_t i = 0; i < WEIGHTS; i++)
        w[i] = mica_weights_at(c.weights, i)->value[0];
    for (size_t i = 0; i < size_of(&x); i++) {
        const float a = input_number(i), b = rounded(w[0] * a), d = rounded(w[1] * b);
        ((float *)x.data)[i] = a;
        sum += (double)(w[2] * d);
        gradients[0] += (double)(w[1] * w[2]) * (double)a;
        gradients[1] += (double)w[2] * (double)b;
        gradients[2] += (double)d;
    }
    mica_plan_run(plan, &(struct run){.samples = 1});
    assert_near(*(float *)mica_plan_value(plan, c.loss).data, sum, 1e-6 * fabs(sum));
    for (size_t i = 0; i < WEIGHTS; i++)
        assert_near(mica_weights_at(c.weights, i)->gradient[0], gradients[i],
                    1e-6 * fabs(gradients[i]));
    mica_plan_free(plan);
    free_chain(&c);
}

TEST(what_is_kept_takes_half_of_the_memory)
{
    struct chain c = new_chain();
    struct wanted wide = wanted_of(&c, TYPE_F32), narrow = wanted_of(&c, TYPE_BF16);
    struct layout *l = mica_layout_new(c.tape, &narrow);
    const size_t value = (size_t)SIDE * SIDE * 3 * sizeof(float);
    size_t halves = 0;
    for (size_t i = 0; i < l->block_count; i++)
        halves += l->blocks[i].size == value / 2;
    assert_int_equal(halves, WEIGHTS - 1);
    mica_layout_free(l);
    /* of two values that live at once, and are widened one at a time */
    assert_true(mica_plan_bytes(c.tape, &narrow) <= mica_plan_bytes(c.tape, &wide));
    free_chain(&c);
}

TEST(a_plan_that_predicts_rounds_nothing)
{
    struct chain c = new_chain();
    struct wanted wanted = wanted_of(&c, TYPE_BF16);
    wanted.loss = -1;
    struct layout *l = mica_layout_new(c.tape, &wanted);
    for (size_t i = 0; i < l->step_count; i++)
        assert_int_equal(l->steps[i].kind, STEP_FORWARD);
    mica_layout_free(l);
    free_chain(&c);
}
