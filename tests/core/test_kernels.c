/* test_kernels.c - every kernel of every set that this machine can run, against plain loops */
#include "tests/test.h"

#include "core/cpu.h"
#include "core/error.h"
#include "core/kernels.h"
#include "core/memory.h"
#include "core/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GUARD = 16, LONGEST = 300 };
static const float CANARY = -7777.25f;
static const size_t lengths[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 257};

enum { LENGTHS = sizeof lengths / sizeof *lengths };

/* `for` each set. */
static const struct kernels *set(size_t i) { return mica_kernels_available(i); }

/* Numbers between canaries; starts at an odd address. */
struct guarded {
    float memory[LONGEST + 2 * GUARD], *x;
    size_t n;
};

static void start(struct guarded *g, size_t n, uint64_t seed)
{
    struct random r;
    mica_random_start(&r, seed, 3, 0);
    assert_true(n <= LONGEST);
    for (size_t i = 0; i < LONGEST + 2 * GUARD; i++)
        g->memory[i] = CANARY;
    g->x = g->memory + GUARD - 1;
    g->n = n;
    for (size_t i = 0; i < n; i++)
        g->x[i] = (float)mica_random_between(&r, -2, 2);
}

static void assert_guarded(const struct guarded *g)
{
    for (size_t i = 0; i < GUARD - 1; i++) {
        assert_true(g->x[-1 - (ptrdiff_t)i] == CANARY);
        assert_true(g->x[g->n + i] == CANARY);
    }
}

/* Three rows of numbers and a copy of the first. */
struct rows {
    struct guarded y, a, b, before;
};

static void start_rows(struct rows *r, size_t n)
{
    start(&r->y, n, 1);
    start(&r->before, n, 1);
    start(&r->a, n, 2);
    start(&r->b, n, 3);
}

static void assert_row(const struct rows *r, const double *expected, double tolerance)
{
    for (size_t i = 0; i < r->y.n; i++)
        assert_near(r->y.x[i], expected[i], tolerance * (fabs(expected[i]) + 1));
    assert_guarded(&r->y);
}

TEST(sums_scales_and_copies_equal_plain_loops)
{
    struct rows r;
    double e[LONGEST];
    for (size_t s = 0; set(s); s++)
        for (size_t l = 0; l < LENGTHS; l++) {
            const size_t n = lengths[l];
            start_rows(&r, n);
            set(s)->copy(r.y.x, r.a.x, n);
            for (size_t i = 0; i < n; i++)
                e[i] = (double)r.a.x[i];
            assert_row(&r, e, 0);
            set(s)->add(r.y.x, r.a.x, r.b.x, n);
            for (size_t i = 0; i < n; i++)
                e[i] = (double)(r.a.x[i] + r.b.x[i]);
            assert_row(&r, e, 0);
            set(s)->accumulate(r.y.x, r.b.x, n);
            for (size_t i = 0; i < n; i++)
                e[i] = (double)(r.a.x[i] + r.b.x[i] + r.b.x[i]);
            assert_row(&r, e, 0);
            set(s)->scale(r.y.x, r.a.x, 1.7f, n);
            for (size_t i = 0; i < n; i++)
                e[i] = (double)(r.a.x[i] * 1.7f);
            assert_row(&r, e, 0);
            for (size_t i = 0; i < n; i++)
                e[i] = (double)(r.a.x[i] * r.b.x[i]);
            set(s)->multiply(r.y.x, r.a.x, r.b.x, n, false);
            assert_row(&r, e, 0);
            for (size_t i = 0; i < n; i++)
                e[i] *= 2;
            set(s)->multiply(r.y.x, r.a.x, r.b.x, n, true);
            assert_row(&r, e, 0);
        }
}

TEST(dot_products_are_exact_to_the_last_bits_of_double)
{
    struct rows r;
    for (size_t s = 0; set(s); s++)
        for (size_t l = 0; l < LENGTHS; l++) {
            long double sum = 0;
            start_rows(&r, lengths[l]);
            for (size_t i = 0; i < lengths[l]; i++)
                sum += (long double)r.a.x[i] * (long double)r.b.x[i];
            assert_near(set(s)->dot(r.a.x, r.b.x, lengths[l]), (double)sum, 1e-13);
        }
}

TEST(relu_and_its_gradient_equal_plain_loops)
{
    struct rows r;
    double e[LONGEST];
    for (size_t s = 0; set(s); s++)
        for (size_t l = 0; l < LENGTHS; l++) {
            const size_t n = lengths[l];
            start_rows(&r, n);
            set(s)->relu(r.y.x, r.a.x, n);
            for (size_t i = 0; i < n; i++)
                e[i] = (double)(r.a.x[i] > 0 ? r.a.x[i] : 0);
            assert_row(&r, e, 0);
            set(s)->relu_backward(r.y.x, r.b.x, r.a.x, n);
            for (size_t i = 0; i < n; i++)
                e[i] = (double)(r.a.x[i] > 0 ? r.b.x[i] : 0);
            assert_row(&r, e, 0);
        }
}

TEST(relu_keeps_nan)
{
    for (size_t s = 0; set(s); s++) {
        float x[20];
        for (size_t i = 0; i < 20; i++)
            x[i] = NAN;
        set(s)->relu(x, x, 20);
        for (size_t i = 0; i < 20; i++)
            assert_true(isnan(x[i]));
    }
}

TEST(sigmoid_and_its_gradient_equal_plain_loops)
{
    struct rows r;
    double e[LONGEST];
    for (size_t s = 0; set(s); s++)
        for (size_t l = 0; l < LENGTHS; l++) {
            const size_t n = lengths[l];
            start_rows(&r, n);
            set(s)->sigmoid(r.y.x, r.a.x, n);
            for (size_t i = 0; i < n; i++)
                e[i] = 1 / (1 + exp(-(double)r.a.x[i]));
            assert_row(&r, e, 2e-7);
            start_rows(&r, n);
            set(s)->sigmoid_backward(r.y.x, r.b.x, r.a.x, n);
            for (size_t i = 0; i < n; i++) {
                double y = (double)r.a.x[i];
                e[i] = (double)r.b.x[i] * y * (1 - y);
            }
            assert_row(&r, e, 1e-6);
        }
}

/* --- dropout ------------------------------------------------------------------------- */

static uint32_t drawn(const uint32_t key[2], const uint32_t high[2], uint64_t number)
{
    uint64_t block = number / 4;
    uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), high[0], high[1]};
    uint32_t out[4];
    mica_philox(counter, key, out);
    return out[number % 4];
}

TEST(dropout_draws_the_numbers_of_the_stream)
{
    const uint32_t key[2] = {123, 0xdeadbeef}, high[2] = {7, 0x80000001u};
    const uint64_t firsts[] = {0, 1, 2, 3, 1000003, 0x3fffffff7u};
    for (size_t s = 0; set(s); s++)
        for (size_t l = 0; l < LENGTHS; l++)
            for (size_t f = 0; f < 6; f++) {
                struct rows r;
                double e[LONGEST];
                start_rows(&r, lengths[l]);
                set(s)->dropout(r.y.x, r.a.x, lengths[l], 0.3f, key, high, firsts[f],
                                f % 2);
                for (size_t i = 0; i < lengths[l]; i++) {
                    bool kept = drawn(key, high, firsts[f] + i) >=
                                (uint32_t)((double)0.3f * 0x1p32);
                    e[i] = kept ? (double)r.a.x[i] / (1 - (double)0.3f) : 0;
                    e[i] += f % 2 ? (double)r.before.x[i] : 0;
                }
                assert_row(&r, e, 1e-6);
            }
}

TEST(dropout_of_rate_0_keeps_all_and_the_share_of_zeros_is_the_rate)
{
    enum { N = 100000 };
    const uint32_t key[2] = {1, 2}, high[2] = {3, 4};
    float *x = mica_need(N, sizeof *x);
    for (size_t s = 0; set(s); s++) {
        size_t zeros = 0;
        for (size_t i = 0; i < N; i++)
            x[i] = 1;
        set(s)->dropout(x, x, N, 0, key, high, 0, false);
        for (size_t i = 0; i < N; i++)
            assert_true(x[i] == 1);
        set(s)->dropout(x, x, N, 0.25f, key, high, 5, false);
        for (size_t i = 0; i < N; i++)
            zeros += x[i] == 0;
        assert_near((double)zeros / N, 0.25, 0.005);
    }
    mica_free(x);
}

/* Pixels have equal values at times: the first one counts. */
static void check_maxpool(const struct kernels *kernels, size_t n)
{
    enum { COUNT = 5 };
    static const uint8_t place[COUNT] = {3, 255, 0, 17, 128};
    struct guarded x[COUNT], y, dx, dy;
    uint8_t places[LONGEST + 1] = {0};
    const float *at[COUNT];
    start(&y, n, 1);
    start(&dx, n, 2);
    start(&dy, n, 3);
    for (size_t i = 0; i < COUNT; i++) {
        start(&x[i], n, 4 + i);
        at[i] = x[i].x;
        for (size_t k = 0; k < n; k++)
            x[i].x[k] = floorf(x[i].x[k]);
    }
    places[n] = 99;
    kernels->maxpool(y.x, places, at, place, COUNT, n);
    for (size_t k = 0; k < n; k++) {
        size_t best = 0;
        for (size_t i = 1; i < COUNT; i++)
            best = x[i].x[k] > x[best].x[k] ? i : best;
        assert_true(y.x[k] == x[best].x[k] && places[k] == place[best]);
    }
    assert_true(places[n] == 99);
    assert_guarded(&y);
    for (int add = 0; add < 2; add++) {
        kernels->maxpool_backward(dx.x, dy.x, places, place[1], n, add);
        for (size_t k = 0; k < n; k++)
            assert_true(dx.x[k] ==
                        (places[k] == place[1] ? (float)(1 + add) * dy.x[k] : 0));
    }
    assert_guarded(&dx);
}

TEST(the_largest_pixel_and_its_place_equal_plain_loops)
{
    for (size_t s = 0; set(s); s++)
        for (size_t i = 0; i < LENGTHS; i++)
            check_maxpool(set(s), lengths[i]);
}

/* --- per channel --------------------------------------------------------------------- */

/* Pixels of c channels, wider apart, with canaries between and around. */
struct image {
    float *memory, *x;
    size_t pixels, c, stride;
};

static struct image image(size_t pixels, size_t c, size_t wider, uint64_t seed)
{
    struct random r;
    struct image m = {.pixels = pixels, .c = c, .stride = c + wider};
    size_t size = pixels * m.stride + 2 * GUARD;
    mica_random_start(&r, seed, 4, 0);
    m.memory = mica_need(size, sizeof(float));
    m.x = m.memory + GUARD;
    for (size_t i = 0; i < size; i++)
        m.memory[i] = CANARY;
    for (size_t p = 0; p < pixels; p++)
        for (size_t k = 0; k < c; k++)
            m.x[p * m.stride + k] = (float)mica_random_between(&r, -1, 3) + (float)k;
    return m;
}

static double at(const struct image *m, size_t p, size_t k)
{
    return (double)m->x[p * m->stride + k];
}

static void check_image(const struct image *m)
{
    for (size_t i = 0; i < GUARD; i++) {
        assert_true(m->memory[i] == CANARY);
        assert_true(m->x[m->pixels * m->stride + i] == CANARY);
    }
    for (size_t p = 0; p < m->pixels; p++)
        for (size_t k = m->c; k < m->stride; k++)
            assert_true(m->x[p * m->stride + k] == CANARY);
}

static const size_t image_pixels[] = {1, 3, 64, 65, 203};
static const size_t image_channels[] = {1, 2, 3, 5, 8, 11, 16, 32, 37};

/* check(set, pixels, channels, wider) for all of them. */
static void for_images(void (*check)(const struct kernels *, size_t, size_t, size_t))
{
    for (size_t s = 0; set(s); s++)
        for (size_t p = 0; p < 5; p++)
            for (size_t c = 0; c < 9; c++)
                check(set(s), image_pixels[p], image_channels[c], (p + c) % 4);
}

static void check_moments(const struct kernels *kernels, size_t pixels, size_t c,
                          size_t wider)
{
    struct image m = image(pixels, c, wider, 1);
    double mean[64], m2[64], sums[64];
    kernels->moments(m.x, TYPE_F32, m.stride, pixels, c, mean, m2);
    kernels->column_sums(m.x, m.stride, pixels, c, sums);
    for (size_t k = 0; k < c; k++) {
        double sum = 0, squares = 0;
        for (size_t p = 0; p < pixels; p++)
            sum += at(&m, p, k);
        for (size_t p = 0; p < pixels; p++)
            squares += pow(at(&m, p, k) - sum / (double)pixels, 2);
        assert_near(mean[k], sum / (double)pixels, 1e-7 * (1 + fabs(mean[k])));
        assert_near(m2[k], squares, 1e-6 * (squares + 1e-6));
        assert_near(sums[k], sum, 1e-6 * (double)pixels * (1 + (double)k));
    }
    mica_free(m.memory);
}

TEST(moments_and_sums_of_channels_equal_those_in_double) { for_images(check_moments); }

/* The gradient of a pixel's numbers, its sums and its values, by plain loops. */
static void check_pixel(const struct image *x, const struct image *dy, const float *w,
                        size_t p, double *y, double *dx, double *sums)
{
    const size_t c = x->c;
    double mean = 0, variance = 0, first = 0, second = 0;
    for (size_t k = 0; k < c; k++)
        mean += at(x, p, k) / (double)c;
    for (size_t k = 0; k < c; k++)
        variance += pow(at(x, p, k) - mean, 2) / (double)c;
    const double sd = sqrt(variance + 1e-3);
    for (size_t k = 0; k < c; k++) {
        y[k] = (at(x, p, k) - mean) / sd;
        first += at(dy, p, k) * (double)w[k] / (double)c;
        second += at(dy, p, k) * (double)w[k] * y[k] / (double)c;
        sums[k] += at(dy, p, k) * y[k];
        sums[c + k] += at(dy, p, k);
    }
    for (size_t k = 0; k < c; k++)
        dx[k] = (at(dy, p, k) * (double)w[k] - first - y[k] * second) / sd;
}

static void check_pixel_norm(const struct kernels *kernels, size_t pixels, size_t c,
                             size_t wider)
{
    struct image x = image(pixels, c, wider, 1), dy = image(pixels, c, wider + 1, 2);
    struct image y = image(pixels, c, wider + 2, 3), dx = image(pixels, c, wider, 4);
    struct image w = image(1, c, 0, 5), b = image(1, c, 0, 6);
    struct pixel_moments moments[256];
    double sums[128], e_sums[128] = {0}, e_y[64], e_dx[64];
    kernels->pixel_norm(y.x, y.stride, x.x, x.stride, w.x, b.x, 1e-3f, moments, pixels,
                        c);
    kernels->pixel_norm_backward(dx.x, dx.stride, dy.x, dy.stride, x.x, x.stride, w.x,
                                 moments, pixels, c, false);
    kernels->pixel_norm_sums(dy.x, dy.stride, x.x, x.stride, moments, pixels, c, sums);
    for (size_t p = 0; p < pixels; p++) {
        check_pixel(&x, &dy, w.x, p, e_y, e_dx, e_sums);
        for (size_t k = 0; k < c; k++) {
            double value = e_y[k] * at(&w, 0, k) + at(&b, 0, k);
            assert_near(at(&y, p, k), value, 1e-5 * (1 + fabs(value)));
            assert_near(at(&dx, p, k), e_dx[k], 2e-3 * (1 + fabs(e_dx[k])));
        }
    }
    for (size_t k = 0; k < 2 * c; k++)
        assert_near(sums[k], e_sums[k], 1e-5 * (double)pixels * (1 + (double)c));
    check_image(&y);
    check_image(&dx);
    float *all[] = {x.memory, dy.memory, y.memory, dx.memory, w.memory, b.memory};
    for (size_t i = 0; i < 6; i++)
        mica_free(all[i]);
}

TEST(pixels_are_normalised_as_by_plain_loops) { for_images(check_pixel_norm); }

TEST(variance_far_from_zero_is_not_lost)
{
    for (size_t s = 0; set(s); s++) {
        enum { N = 1000 };
        float x[N];
        double mean, m2;
        for (size_t i = 0; i < N; i++)
            x[i] = 10000.0f + (float)(i % 2) * 0.25f;
        set(s)->moments(x, TYPE_F32, 1, N, 1, &mean, &m2);
        assert_near(mean, 10000.125, 1e-6);
        assert_near(m2, N * 0.125 * 0.125, 1e-4);
    }
}

static void check_finish(const struct kernels *kernels, size_t pixels, size_t c,
                         size_t wider)
{
    struct image x = image(pixels, c, wider, 1), y = image(pixels, c, wider + 1, 2);
    struct image a = image(1, c, 0, 3), b = image(1, c, 0, 4);
    struct image more = image(pixels, c, wider + 3, 5);
    for (int parts = 0; parts < 8; parts++) {
        const bool map = parts & 1, sum = parts & 2, relu = parts & 4;
        const struct finish finish = {map ? a.x : NULL, map ? b.x : NULL,
                                      sum ? more.x : NULL, more.stride, relu};
        kernels->finish(y.x, y.stride, x.x, TYPE_F32, x.stride, &finish, pixels, c);
        for (size_t p = 0; p < pixels; p++)
            for (size_t k = 0; k < c; k++) {
                double e = at(&x, p, k);
                e = map ? e * at(&a, 0, k) + at(&b, 0, k) : e;
                e = sum ? e + at(&more, p, k) : e;
                e = relu ? fmax(e, 0) : e;
                assert_near(at(&y, p, k), e, 1e-6 * (1 + fabs(e)));
            }
        check_image(&y);
    }
    struct image all[] = {x, y, a, b, more};
    for (size_t i = 0; i < 5; i++)
        mica_free(all[i].memory);
}

TEST(finishes_equal_plain_loops) { for_images(check_finish); }

/* With a rectifier, the bits are those of a dy that has passed it. */
static void check_norm_relu(const struct kernels *kernels, size_t pixels, size_t c,
                            size_t wider)
{
    struct image x = image(pixels, c, wider, 1), dy = image(pixels, c, 0, 2);
    struct image passed = image(pixels, c, 1, 3), y = image(pixels, c, 1, 4);
    struct image dx = image(pixels, c, 2, 5), plain = image(pixels, c, 2, 5);
    struct image a = image(1, c, 0, 6), b = image(1, c, 0, 7), d = image(1, c, 0, 8);
    const struct finish map = {.scale = a.x, .shift = b.x};
    double sums[2][128];
    kernels->finish(y.x, y.stride, x.x, TYPE_F32, x.stride, &map, pixels, c);
    for (size_t p = 0; p < pixels; p++)
        kernels->relu_backward(passed.x + p * passed.stride, dy.x + p * dy.stride,
                               y.x + p * y.stride, c);
    kernels->norm_sums(dy.x, dy.stride, x.x, TYPE_F32, x.stride, d.x, &map, pixels, c,
                       sums[0]);
    kernels->norm_sums(passed.x, passed.stride, x.x, TYPE_F32, x.stride, d.x, NULL,
                       pixels, c, sums[1]);
    assert_memory_equal(sums[0], sums[1], 2 * c * sizeof **sums);
    kernels->norm_backward(dx.x, dx.stride, dy.x, dy.stride, x.x, TYPE_F32, x.stride,
                           b.x, a.x, d.x, &map, pixels, c, true);
    kernels->norm_backward(plain.x, plain.stride, passed.x, passed.stride, x.x,
                           TYPE_F32, x.stride, b.x, a.x, d.x, NULL, pixels, c, true);
    assert_memory_equal(dx.x, plain.x, pixels * dx.stride * sizeof(float));
    struct image all[] = {x, dy, passed, y, dx, plain, a, b, d};
    for (size_t i = 0; i < 9; i++)
        mica_free(all[i].memory);
}

TEST(norms_take_the_gradient_of_a_rectifier_behind) { for_images(check_norm_relu); }

static void check_norm(const struct kernels *kernels, size_t pixels, size_t c,
                       size_t wider)
{
    struct image x = image(pixels, c, wider, 1), dy = image(pixels, c, 0, 2);
    struct image dx = image(pixels, c, wider + 2, 3),
                 before = image(pixels, c, wider + 2, 3);
    struct image a = image(1, c, 0, 4), b = image(1, c, 0, 5), d = image(1, c, 0, 6);
    double sums[128];
    kernels->norm_sums(dy.x, dy.stride, x.x, TYPE_F32, x.stride, d.x, NULL, pixels, c,
                       sums);
    for (size_t k = 0; k < c; k++) {
        double sum = 0, covariance = 0;
        for (size_t p = 0; p < pixels; p++) {
            sum += at(&dy, p, k);
            covariance += at(&dy, p, k) * (at(&x, p, k) - at(&d, 0, k));
        }
        assert_near(sums[k], sum, 1e-6 * (double)pixels * (1 + (double)k));
        assert_near(sums[c + k], covariance, 1e-5 * (double)pixels * (1 + (double)k));
    }
    for (int add = 1; add >= 0; add--) {
        kernels->norm_backward(dx.x, dx.stride, dy.x, dy.stride, x.x, TYPE_F32,
                               x.stride, a.x, b.x, d.x, NULL, pixels, c, add);
        for (size_t p = 0; p < pixels; p++)
            for (size_t k = 0; k < c; k++) {
                double e = at(&a, 0, k) * at(&dy, p, k) + at(&b, 0, k) * at(&x, p, k) +
                           at(&d, 0, k) + (add ? at(&before, p, k) : 0);
                assert_near(at(&dx, p, k), e, 2e-6 * (10 + (double)(k * k)));
            }
        check_image(&dx);
    }
    struct image all[] = {x, dy, dx, before, a, b, d};
    for (size_t i = 0; i < 7; i++)
        mica_free(all[i].memory);
}

TEST(sums_and_gradients_of_norms_equal_plain_loops) { for_images(check_norm); }

static void check_softmax(const struct kernels *kernels, size_t pixels, size_t c,
                          size_t wider)
{
    struct image x = image(pixels, c, wider, 1), y = image(pixels, c, wider + 1, 2);
    struct image logs = image(pixels, 1, 0, 3);
    kernels->softmax(y.x, y.stride, x.x, x.stride, logs.x, pixels, c);
    for (size_t p = 0; p < pixels; p++) {
        double sum = 0;
        for (size_t k = 0; k < c; k++)
            sum += exp(at(&x, p, k));
        for (size_t k = 0; k < c; k++)
            assert_near(at(&y, p, k), exp(at(&x, p, k)) / sum,
                        5e-6 * exp(at(&x, p, k)) / sum);
        assert_near(at(&logs, p, 0), log(sum), 3e-7 * (1 + fabs(log(sum))));
    }
    check_image(&y);
    check_image(&logs);
    mica_free(x.memory);
    mica_free(y.memory);
    mica_free(logs.memory);
}

TEST(softmax_equals_plain_loops) { for_images(check_softmax); }

TEST(softmax_of_many_channels_in_place_sums_to_one)
{
    enum { C = 3001 };
    static float x[C];
    for (size_t s = 0; set(s); s++) {
        double sum = 0;
        for (size_t k = 0; k < C; k++)
            x[k] = (float)(k % 90) - 500;
        set(s)->softmax(x, C, x, C, NULL, 1, C);
        for (size_t k = 0; k < C; k++)
            sum += (double)x[k];
        assert_near(sum, 1, 1e-6);
    }
}

/* --- choice -------------------------------------------------------------------------- */

/* What mica_kernels_check says where MICA_ISA is `isa`: in a process of its own. */
static int checked(const char *isa, char *text, size_t size)
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct error err = {0};
        setenv("MICA_ISA", isa, 1);
        int code = mica_kernels_check(&err) ? err.code : 0;
        ssize_t written = write(ends[1], err.text, strlen(err.text) + 1);
        _exit(written < 0 ? 99 : code);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], text, size - 1);
    text[length > 0 ? length : 0] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

TEST(an_unknown_or_impossible_instruction_set_is_a_misuse)
{
    char text[1024];
    assert_int_equal(checked("generic", text, sizeof text), 0);
    assert_int_equal(checked("", text, sizeof text), 0);
    assert_int_equal(checked("mmx", text, sizeof text), MICA_MISUSE);
    assert_non_null(
        strstr(text, "MICA_ISA: this program has no set 'mmx'; it has generic"));
    if (!mica_cpu_runs("avx512") && checked("avx512", text, sizeof text) == MICA_MISUSE)
        assert_non_null(strstr(text, "avx512"));
}

/* Wide, of debug builds, has many lanes and is slow. */
TEST(sets_are_listed_worst_first)
{
    assert_non_null(set(0));
    assert_string_equal(set(0)->name, "generic");
    size_t lanes = set(0)->lanes;
    for (size_t s = 1; set(s); s++) {
        if (strcmp(set(s)->name, "wide") == 0)
            continue;
        assert_true(set(s)->lanes > lanes);
        lanes = set(s)->lanes;
    }
}
