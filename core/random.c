/* random.c - counter-based random numbers (Philox 4x32-10): a pure function of their key */
#include "core/random.h"
#include "core/numeric.h"
#include <math.h>

static const uint32_t PERMUTE = 0x7065726du; /* a purpose that no stream uses */

/* Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC'11). */
void mica_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xd2511f53u * c0;
        uint64_t p1 = (uint64_t)0xcd9e8d57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9e3779b9u; /* the golden ratio */
        k1 += 0xbb67ae85u; /* sqrt(3) - 1 */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void mica_random_start(struct random *r, uint64_t seed, uint32_t purpose,
                       uint64_t index)
{
    *r = (struct random){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, purpose, (uint32_t)index, (uint32_t)(index >> 32)},
        .used = 4,
    };
}

uint32_t mica_random_bits(struct random *r)
{
    if (r->used == 4) {
        mica_philox(r->counter, r->key, r->block);
        r->counter[0]++;
        r->used = 0;
    }
    return r->block[r->used++];
}

double mica_random_uniform(struct random *r)
{
    uint32_t high = mica_random_bits(r) >> 5, low = mica_random_bits(r) >> 6;
    return (high * 0x1p26 + low) * 0x1p-53;
}

double mica_random_between(struct random *r, double a, double b)
{
    return a + (b - a) * mica_random_uniform(r);
}

/* Marsaglia's polar form of Box and Muller; its second number is let go, so that a draw
   depends on the stream's place alone. */
double mica_random_normal(struct random *r)
{
    for (;;) {
        double x = 2 * mica_random_uniform(r) - 1, y = 2 * mica_random_uniform(r) - 1;
        double square = x * x + y * y;
        if (square > 0 && square < 1)
            return x * sqrt(-2 * mica_log(square) / square);
    }
}

/* Knuth: how many uniform factors keep the product above exp(-mean). */
static double poisson_small(struct random *r, double mean)
{
    double least = mica_exp(-mean), product = mica_random_uniform(r), k = 0;
    for (; product > least; k++)
        product *= mica_random_uniform(r);
    return k;
}

/* Hoermann, The transformed rejection method for generating Poisson random variables
   (Insurance: Mathematics and Economics 12, 1993), algorithm PTRS. */
static double poisson_large(struct random *r, double mean)
{
    double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    double v_r = 0.9277 - 3.6224 / (b - 2), inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    for (;;) {
        double u = mica_random_uniform(r) - 0.5, v = mica_random_uniform(r);
        double us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r)
            return k;
        if (!(k >= 0) || (us < 0.013 && v > us))
            continue;
        double left =
            mica_log(v) + mica_log(inverse_alpha) - mica_log(a / (us * us) + b);
        if (left <= k * mica_log(mean) - mean - mica_lgamma(k + 1))
            return k;
    }
}

double mica_random_poisson(struct random *r, double mean)
{
    if (!(mean > 0))
        return 0;
    if (mean > 1e15) /* whole numbers and their logarithms lose their last digits */
        return floor(mean);
    return mean < 12 ? poisson_small(r, mean) : poisson_large(r, mean);
}

/* Numbers of which the last would come more often are drawn again. */
size_t mica_random_below(struct random *r, size_t count)
{
    uint64_t n = count, refuse = n > 1 ? (UINT64_MAX % n + 1) % n : 0;
    if (n < 2)
        return 0;
    for (;;) {
        uint64_t high = mica_random_bits(r), bits = high << 32 | mica_random_bits(r);
        if (bits <= UINT64_MAX - refuse)
            return (size_t)(bits % n);
    }
}

/* A Feistel network permutes 2^(2 half) numbers whatever its round function is; numbers not
   below `count` are sent through again, until one is (Black and Rogaway, Ciphers with
   arbitrary finite domains, 2002). On average fewer than four turns. */
size_t mica_random_permuted(uint64_t seed, uint64_t epoch, size_t i, size_t count)
{
    const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    unsigned half = 3;
    while (half < 32 && (uint64_t)1 << (2 * half) < count)
        half++;
    const uint64_t mask = ((uint64_t)1 << half) - 1;
    uint64_t place = i;
    do {
        uint64_t left = place >> half, right = place & mask;
        for (uint32_t round = 0; round < 8; round++) {
            uint32_t counter[4] = {(uint32_t)right, PERMUTE + round, (uint32_t)epoch,
                                   (uint32_t)(epoch >> 32)};
            uint32_t mixed[4];
            mica_philox(counter, key, mixed);
            uint64_t next = left ^ (mixed[0] & mask);
            left = right;
            right = next;
        }
        place = left << half | right;
    } while (place >= count);
    return (size_t)place;
}
