/* dropout.c - zeros drawn by counter: Philox 4x32-10, LANES blocks of four at a time */
#include "core/kernels/set.h"

enum { DRAWS = 4 * LANES, ROUNDS = 10 }; /* numbers drawn at once */

/* The lower and the upper half of a times m in every lane. */
INLINE void multiply(words a, uint32_t m, words *low, words *high)
{
    long_words even = multiply_even(a, splat_word(m));
    long_words odd = multiply_even((words)((long_words)a >> 32), splat_word(m));
    long_words upper = ~(long_words){0} << 32;
    *low = (words)((even & ~upper) | odd << 32);
    *high = (words)(even >> 32 | (odd & upper));
}

/* Blocks number block .. block + LANES - 1 of the stream: see core/random.c. */
INLINE void draw(const uint32_t key[2], const uint32_t high[2], uint64_t block,
                 uint32_t drawn[DRAWS])
{
    words c0, c1, c2 = splat_word(high[0]), c3 = splat_word(high[1]);
    uint32_t k0 = key[0], k1 = key[1];
    for (size_t lane = 0; lane < LANES; lane++) {
        c0[lane] = (uint32_t)(block + lane);
        c1[lane] = (uint32_t)((block + lane) >> 32);
    }
    for (int round = 0; round < ROUNDS; round++, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u) {
        words low0, high0, low2, high2;
        multiply(c0, 0xd2511f53u, &low0, &high0);
        multiply(c2, 0xcd9e8d57u, &low2, &high2);
        c0 = high2 ^ c1 ^ k0;
        c1 = low2;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
    }
    for (size_t lane = 0; lane < LANES; lane++) {
        drawn[4 * lane] = c0[lane];
        drawn[4 * lane + 1] = c1[lane];
        drawn[4 * lane + 2] = c2[lane];
        drawn[4 * lane + 3] = c3[lane];
    }
}

void KERNEL(dropout)(float *y, const float *x, size_t n, float rate,
                     const uint32_t key[2], const uint32_t high[2], uint64_t first,
                     bool add)
{
    const uint32_t threshold = (uint32_t)((double)rate * 0x1p32);
    const float scale = 1.0f / (1.0f - rate);
    size_t skipped = (size_t)(first % 4), done = 0;
    for (uint64_t block = first / 4; done < n; block += LANES) {
        uint32_t drawn[DRAWS];
        draw(key, high, block, drawn);
        size_t count = DRAWS - skipped < n - done ? DRAWS - skipped : n - done;
        for (size_t i = 0; i < count; i++) {
            float kept = drawn[skipped + i] < threshold ? 0 : x[done + i] * scale;
            y[done + i] = add ? y[done + i] + kept : kept;
        }
        done += count;
        skipped = 0;
    }
}
