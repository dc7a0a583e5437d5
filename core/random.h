/* random.h - counter-based random numbers (Philox 4x32-10): a pure function of their key */
#ifndef MICA_CORE_RANDOM_H
#define MICA_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Salmon et al., SC'11 (Random123): ten rounds; equal to its known answers. */
void mica_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* A stream of numbers: (seed, purpose, index) name it; nothing else changes it. */
struct random {
    uint32_t key[2], counter[4], block[4];
    int used;
};
void mica_random_start(struct random *r, uint64_t seed, uint32_t purpose,
                       uint64_t index);
uint32_t mica_random_bits(struct random *r);
double mica_random_uniform(struct random *r); /* [0, 1), 53 bits */
double mica_random_between(struct random *r, double a, double b);
double mica_random_normal(struct random *r);               /* mean 0, sd 1 (polar) */
double mica_random_poisson(struct random *r, double mean); /* a whole number */
size_t mica_random_below(struct random *r, size_t count);  /* 0 .. count-1, unbiased */

/* The i-th of `count` in the permutation named by (seed, epoch), without storing it. */
size_t mica_random_permuted(uint64_t seed, uint64_t epoch, size_t i, size_t count);

#endif
