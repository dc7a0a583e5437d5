/* test_conv_bf16.c - convolution of bf16 in both passes, against plain loops in double */
#include "tests/test.h"

#include "core/conv_bf16.h"
#include "core/kernels.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include <math.h>
#include <string.h>

struct trial {
    struct conv conv;
    size_t n, wider; /* pixels are wider than their channels by so much */
};

/* Channels that are a few and many, odd images, strides, dilation, kernels larger than the image;
   the last are cut in depth, and one is a linear layer. */
static const struct trial trials[] = {
    {{8, 8, 16, 8, 8, 16, 3, 3, 1, 1, 1, 0, 0, CONV_AUTO, false}, 2, 0},
    {{9, 7, 6, 9, 7, 38, 3, 3, 1, 1, 1, 0, 1, CONV_AUTO, false}, 3, 2},
    {{7, 9, 34, 7, 9, 4, 3, 3, 1, 1, 1, 0, 1, CONV_FFT, false}, 2, 4},
    {{16, 13, 2, 16, 13, 10, 5, 5, 1, 2, 2, 0, 1, CONV_AUTO, false}, 1, 2},
    {{10, 11, 18, 5, 6, 18, 3, 3, 2, 1, 1, 0, 1, CONV_AUTO, false}, 2, 0},
    {{9, 8, 4, 9, 8, 6, 3, 3, 1, 2, 2, 1, 1, CONV_AUTO, false}, 2, 0},
    {{5, 5, 2, 9, 9, 4, 3, 3, 1, 3, 3, 0, 1, CONV_AUTO, false}, 2, 0},
    {{11, 10, 32, 11, 10, 2, 1, 1, 1, 0, 0, 0, 1, CONV_AUTO, false}, 2, 6},
    {{6, 6, 330, 4, 4, 66, 3, 3, 1, 0, 0, 0, 1, CONV_AUTO, false}, 1, 0},
    {{5, 4, 60, 5, 4, 530, 3, 3, 1, 1, 1, 0, 1, CONV_AUTO, false}, 3, 0},
    {{1, 1, 1300, 1, 1, 302, 1, 1, 1, 0, 0, 0, 1, CONV_AUTO, false}, 2, 0},
};

enum { TRIALS = sizeof trials / sizeof *trials };

/* Numbers, and the same rounded. */
struct array {
    float *wide;
    uint16_t *narrow;
};

static struct array draw(size_t count, uint64_t seed)
{
    struct random random;
    struct array a = {mica_need(count, sizeof(float)),
                      mica_need(count, sizeof(uint16_t))};
    mica_random_start(&random, seed, 0, 0);
    for (size_t i = 0; i < count; i++)
        a.wide[i] = (float)mica_random_between(&random, -1, 1);
    mica_kernels()->narrow(a.narrow, a.wide, count);
    mica_kernels()->widen(a.wide, a.narrow, count);
    return a;
}

static void release(struct array *a)
{
    mica_free(a->wide);
    mica_free(a->narrow);
}

struct run {
    struct tensor x, y; /* what is read, bf16, and what is made; dy and dx backward */
    struct array read, weights, bias;
    float *made;
};

static struct run start(const struct trial *t, bool backward)
{
    const struct conv *c = &t->conv;
    const struct shape in = {t->n, c->in_h, c->in_w, c->in_c};
    const struct shape out = {t->n, c->out_h, c->out_w, c->out_c};
    struct run r = {.x = {.shape = backward ? out : in, .type = TYPE_BF16},
                    .y = {.shape = backward ? in : out}};
    r.x.stride = r.x.shape.c + t->wider;
    r.y.stride = r.y.shape.c + t->wider;
    r.read = draw(r.x.shape.n * mica_shape_pixels(r.x.shape) * r.x.stride, 1);
    r.weights = draw(c->out_c * c->in_c * c->kernel_h * c->kernel_w, 2);
    r.bias = draw(c->out_c, 3);
    r.made = mica_need(r.y.shape.n * mica_shape_pixels(r.y.shape) * r.y.stride,
                       sizeof(float));
    r.x.data = r.read.narrow;
    r.y.data = r.made;
    return r;
}

static void end(struct run *r)
{
    release(&r->read);
    release(&r->weights);
    release(&r->bias);
    mica_free(r->made);
}

static void make(const struct trial *t, struct run *r, bool backward)
{
    void *scratch = mica_need(mica_conv_bf16_scratch(&t->conv, t->n, backward) + 1, 1);
    if (backward)
        mica_conv_bf16_backward_data(&t->conv, &r->x, r->weights.wide, &r->y, false,
                                     scratch);
    else
        mica_conv_bf16_forward(&t->conv, &r->x, r->weights.wide, r->bias.wide, NULL,
                               &r->y, false, scratch);
    mica_free(scratch);
}

/* Each product of the convolution goes to the sum of what it is made of. */
static void sum_tap(const struct trial *t, const struct run *r, size_t target,
                    size_t source, size_t tap, bool backward, double *sums,
                    double *sizes)
{
    const struct conv *c = &t->conv;
    const size_t taps = c->kernel_h * c->kernel_w;
    const size_t from = backward ? target : source, to = backward ? source : target;
    for (size_t o = 0; o < c->out_c; o++)
        for (size_t i = 0; i < c->in_c; i++) {
            const size_t read = backward ? o : i, made = backward ? i : o;
            const double product =
                (double)r->read.wide[from * r->x.stride + read] *
                (double)r->weights.wide[(o * c->in_c + i) * taps + tap];
            sums[to * r->y.shape.c + made] += product;
            sizes[to * r->y.shape.c + made] += fabs(product);
        }
}

/* The source pixel under a tap; -1: outside. */
static ptrdiff_t source_of(const struct conv *c, size_t row, size_t column, size_t tap)
{
    const size_t gap = c->gap + 1;
    const ptrdiff_t y =
        (ptrdiff_t)(row * c->stride + tap / c->kernel_w * gap) - (ptrdiff_t)c->top;
    const ptrdiff_t x =
        (ptrdiff_t)(column * c->stride + tap % c->kernel_w * gap) - (ptrdiff_t)c->left;
    if (y < 0 || x < 0 || y >= (ptrdiff_t)c->in_h || x >= (ptrdiff_t)c->in_w)
        return -1;
    return y * (ptrdiff_t)c->in_w + x;
}

static void sum_all(const struct trial *t, const struct run *r, bool backward,
                    double *sums, double *sizes)
{
    const struct conv *c = &t->conv;
    for (size_t n = 0; n < t->n; n++)
        for (size_t p = 0; p < c->out_h * c->out_w; p++)
            for (size_t tap = 0; tap < c->kernel_h * c->kernel_w; tap++) {
                const ptrdiff_t source = source_of(c, p / c->out_w, p % c->out_w, tap);
                if (source >= 0)
                    sum_tap(t, r, n * c->out_h * c->out_w + p,
                            n * c->in_h * c->in_w + (size_t)source, tap, backward, sums,
                            sizes);
            }
}

static void check(const struct trial *t, size_t number, bool backward)
{
    struct run r = start(t, backward);
    const size_t count = mica_shape_size(r.y.shape), c = r.y.shape.c;
    double *sums = mica_need(count, sizeof *sums),
           *sizes = mica_need(count, sizeof *sizes);
    sum_all(t, &r, backward, sums, sizes);
    make(t, &r, backward);
    for (size_t i = 0; i < count; i++) {
        const double bias = backward ? 0 : (double)r.bias.wide[i % c];
        const double got = (double)r.made[i / c * r.y.stride + i % c];
        if (!(fabs(got - sums[i] - bias) <= 4e-7 * (sizes[i] + fabs(bias)) + 1e-12))
            fail_msg("%s: trial %zu %s: number %zu is %.9g, not %.9g",
                     mica_kernels()->name, number, backward ? "backward" : "forward", i,
                     got, sums[i] + bias);
    }
    mica_free(sums);
    mica_free(sizes);
    end(&r);
}

TEST(convolutions_of_bf16_by_every_set_equal_plain_loops)
{
    for (size_t s = 0; mica_kernels_available(s); s++) {
        mica_kernels_use(mica_kernels_available(s));
        for (size_t i = 0; i < TRIALS; i++)
            for (int backward = 0; backward < 2; backward++)
                check(&trials[i], i, backward);
    }
    mica_kernels_use(NULL);
}

TEST(convolutions_of_bf16_give_the_same_bits_on_any_threads)
{
    for (size_t i = 0; i < TRIALS; i++) {
        struct run one = start(&trials[i], false), two = start(&trials[i], false);
        mica_parallel_use(1);
        make(&trials[i], &one, false);
        mica_parallel_use(3);
        make(&trials[i], &two, false);
        mica_parallel_use(0);
        const struct tensor *y = &one.y;
        assert_memory_equal(one.made, two.made,
                            y->shape.n * mica_shape_pixels(y->shape) * y->stride *
                                sizeof(float));
        end(&one);
        end(&two);
    }
}

/* Weights that are no numbers of bf16 are rounded to them. */
TEST(weights_are_rounded)
{
    const struct trial *t = &trials[0];
    struct run r = start(t, false), rounded = start(t, false);
    const size_t count = t->conv.out_c * t->conv.in_c * 9;
    for (size_t i = 0; i < count; i++)
        r.weights.wide[i] *= 1 + 1.0f / 1024; /* a quarter of the last bit, at most */
    mica_kernels()->narrow(rounded.weights.narrow, r.weights.wide, count);
    mica_kernels()->widen(rounded.weights.wide, rounded.weights.narrow, count);
    make(t, &r, false);
    make(t, &rounded, false);
    assert_memory_equal(r.made, rounded.made,
                        mica_shape_size(r.y.shape) * sizeof(float));
    end(&r);
    end(&rounded);
}
