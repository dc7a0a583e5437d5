/* test_random.c - known answers, moments, permutations */
#include "core/numeric.h"
#include "core/random.h"
#include "tests/test.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

TEST(philox_gives_the_known_answers)
{
    static const uint32_t cases[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
         0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
         0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}};
    for (int i = 0; i < 3; i++) {
        uint32_t out[4];
        mica_philox(cases[i], cases[i] + 4, out);
        assert_memory_equal(out, cases[i] + 6, sizeof out);
    }
}

TEST(random_stream_is_philox_of_block_purpose_index_and_seed)
{
    struct random r;
    const uint32_t key[2] = {0x89abcdef, 0x01234567};
    mica_random_start(&r, 0x0123456789abcdef, 77, 0xfedcba9876543210);
    for (uint32_t block = 0; block < 5; block++) {
        uint32_t out[4], counter[4] = {block, 77, 0x76543210, 0xfedcba98};
        mica_philox(counter, key, out);
        for (int i = 0; i < 4; i++)
            assert_int_equal(mica_random_bits(&r), out[i]);
    }
}

/* The mean and variance of many draws, each within five standard errors. */
static void check_moments(const double *x, size_t n, double mean, double variance,
                          double fourth)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    double count = (double)n;
    assert_near(sum / count, mean, 5 * sqrt(variance / count));
    assert_near(squares / count, variance,
                5 * sqrt((fourth - variance * variance) / count));
}

enum { DRAWS = 200000 };
static double draws[DRAWS];

TEST(random_uniform_fills_its_interval)
{
    struct random r;
    double least = 1, most = 0;
    mica_random_start(&r, 1, 2, 3);
    for (size_t i = 0; i < DRAWS; i++) {
        double x = draws[i] = mica_random_uniform(&r);
        least = fmin(least, x), most = fmax(most, x);
    }
    assert_true(least >= 0 && least < 1e-4 && most < 1 && most > 1 - 1e-4);
    check_moments(draws, DRAWS, 0.5, 1.0 / 12, 1.0 / 80);
    for (size_t i = 0; i < 1000; i++) {
        double x = mica_random_between(&r, -3, 5);
        assert_true(x >= -3 && x < 5);
    }
}

TEST(random_normal_has_its_moments_and_tails)
{
    struct random r;
    size_t beyond = 0;
    mica_random_start(&r, 1, 2, 4);
    for (size_t i = 0; i < DRAWS; i++) {
        draws[i] = mica_random_normal(&r);
        beyond += fabs(draws[i]) > 2;
    }
    check_moments(draws, DRAWS, 0, 1, 3);
    double share = 0.0455003; /* of a normal beyond 2 sd */
    assert_near((double)beyond / DRAWS, share, 5 * sqrt(share / DRAWS));
}

/* Pearson's statistic of Poisson counts against the true probabilities, for cells that
   expect 10 draws or more; within 5 sd of its mean, the number of cells. */
static void check_poisson(double mean)
{
    enum { CELLS = 400 };
    static double counts[CELLS];
    struct random r;
    memset(counts, 0, sizeof counts);
    mica_random_start(&r, 5, 6, (uint64_t)(mean * 16));
    for (size_t i = 0; i < DRAWS; i++) {
        double k = draws[i] = mica_random_poisson(&r, mean);
        assert_true(k >= 0 && k == floor(k));
        if (k < CELLS)
            counts[(size_t)k]++;
    }
    check_moments(draws, DRAWS, mean, mean, mean + 3 * mean * mean);
    double statistic = 0, cells = 0;
    for (size_t k = 0; k < CELLS; k++) {
        double x = (double)k;
        double expected = DRAWS * exp(x * log(mean) - mean - lgamma(x + 1));
        if (expected < 10)
            continue;
        statistic += (counts[k] - expected) * (counts[k] - expected) / expected;
        cells++;
    }
    assert_near(statistic, cells, 5 * sqrt(2 * cells));
}

TEST(random_poisson_has_its_probabilities)
{
    static const double means[] = {0.05, 0.9, 4, 11.99, 12.01, 30, 170};
    struct random r;
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        check_poisson(means[i]);
    mica_random_start(&r, 1, 1, 1);
    assert_true(mica_random_poisson(&r, 0) == 0 && mica_random_poisson(&r, -1) == 0);
    assert_true(mica_random_poisson(&r, (double)NAN) == 0);
    assert_near(mica_random_poisson(&r, 1e12), 1e12, 1e7);
    assert_near(mica_random_poisson(&r, 1e17), 1e17, 0);
}

TEST(random_below_is_even)
{
    struct random r;
    size_t counts[7] = {0};
    mica_random_start(&r, 9, 9, 9);
    for (size_t i = 0; i < 70000; i++)
        counts[mica_random_below(&r, 7)]++;
    for (size_t i = 0; i < 7; i++)
        assert_near(counts[i], 10000, 5 * sqrt(10000));
    assert_int_equal(mica_random_below(&r, 1), 0);
    assert_int_equal(mica_random_below(&r, 0), 0);
    for (size_t i = 0; i < 1000; i++) /* beyond 32 bits, where every other is refused */
        assert_true(mica_random_below(&r, SIZE_MAX / 2 + 2) <= SIZE_MAX / 2 + 1);
}

TEST(random_permutation_is_one)
{
    static const size_t counts[] = {1, 2, 3, 63, 64, 65, 1000, 4097};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t count = counts[c], moved = 0;
        unsigned char *seen = calloc(count, 1);
        assert_non_null(seen);
        for (size_t i = 0; i < count; i++) {
            size_t place = mica_random_permuted(3, 4, i, count);
            assert_true(place < count);
            assert_false(seen[place]);
            seen[place] = 1;
            moved += place != i;
        }
        assert_true(count < 60 || moved > count * 9 / 10);
        free(seen);
    }
}

TEST(random_permutations_are_all_as_likely)
{
    enum { EPOCHS = 24000 };
    double counts[256] = {0};
    for (uint64_t epoch = 0; epoch < EPOCHS; epoch++) {
        size_t code = 0;
        for (size_t i = 0; i < 4; i++)
            code = 4 * code + mica_random_permuted(11, epoch, i, 4);
        counts[code]++;
    }
    double statistic = 0, expected = EPOCHS / 24.0;
    int kinds = 0;
    for (int i = 0; i < 256; i++)
        if (counts[i] > 0) {
            kinds++;
            statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
    assert_int_equal(kinds, 24);
    assert_near(statistic, 23, 5 * sqrt(46));
}

TEST(random_permutation_depends_on_seed_and_epoch)
{
    size_t same_seed = 0, same_epoch = 0;
    for (size_t i = 0; i < 1000; i++) {
        size_t place = mica_random_permuted(1, 1, i, 1000);
        same_seed += place == mica_random_permuted(1, 2, i, 1000);
        same_epoch += place == mica_random_permuted(2, 1, i, 1000);
    }
    assert_true(same_seed < 20 && same_epoch < 20);
}
