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

/* Blocks number `block` .. block + LANES - 1 of the stream: see core/random.c. Word w of
   every block is in c[w]. */
INLINE void draw(const uint32_t key[2], const uint32_t high[2], uint64_t block,
                 words *c)
{
    const words start = splat_word((uint32_t)block);
    uint32_t k0 = key[0], k1 = key[1];
    c[0] = start + (words)lane_numbers();
    c[1] = (uint32_t)(block >> 32) + ((words)(c[0] < start) & 1); /* carried */
    c[2] = splat_word(high[0]);
    c[3] = splat_word(high[1]);
    for (int round = 0; round < ROUNDS; round++, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u) {
        words low0, high0, low2, high2;
        multiply(c[0], 0xd2511f53u, &low0, &high0);
        multiply(c[2], 0xcd9e8d57u, &low2, &high2);
        c[0] = high2 ^ c[1] ^ k0;
        c[1] = low2;
        c[2] = high0 ^ c[3] ^ k1;
        c[3] = low0;
    }
}

/* All ones for numbers that are kept, in the order of the stream. */
INLINE void draw_masks(const uint32_t key[2], const uint32_t high[2], uint64_t block,
                       uint32_t threshold, float *masks)
{
    words c[4], even[2], odd[2], ordered[4];
    draw(key, high, block, c);
    interleave(c[0], c[2], even);
    interleave(c[1], c[3], odd);
    interleave(even[0], odd[0], ordered);
    interleave(even[1], odd[1], ordered + 2);
    for (size_t w = 0; w < 4; w++)
        store(masks + w * LANES, (floats)(ordered[w] >= threshold));
}

void KERNEL(dropout)(float *y, const float *x, size_t n, float rate,
                     const uint32_t key[2], const uint32_t high[2], uint64_t first,
                     bool add)
{
    const uint32_t threshold = (uint32_t)((double)rate * 0x1p32);
    const floats scale = splat(1.0f / (1.0f - rate));
    size_t skipped = (size_t)(first % 4), done = 0;
    for (uint64_t block = first / 4; done < n; block += LANES) {
        float masks[DRAWS];
        draw_masks(key, high, block, threshold, masks);
        const size_t end =
            done + (DRAWS - skipped < n - done ? DRAWS - skipped : n - done);
        for (const float *mask = masks + skipped; done < end;
             done += LANES, mask += LANES) {
            size_t count = end - done < LANES ? end - done : LANES;
            floats v = load_up_to(x + done, count) * scale;
            v = (floats)((ints)v & (ints)load_up_to(mask, count));
            store_up_to(y + done, add ? load_up_to(y + done, count) + v : v, count);
        }
        done = end;
        skipped = 0;
    }
}
