/* simd.h - vectors of LANES floats: one source, many instruction sets */
#ifndef MICA_CORE_KERNELS_SIMD_H
#define MICA_CORE_KERNELS_SIMD_H

/* Every file of this folder is compiled once for each set, with MICA_SET its name and the
   compiler's flags of that set. Vectors are the compiler's: + - * / & | ^ ~ < > work lane by
   lane, a comparison gives all ones or zeros. What differs between sets is here. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

/* Externals of a set end with its name: mica_relu_avx2. */
#define MICA_JOIN_EXPANDED(noun, set) mica_##noun##_##set
#define MICA_JOIN(noun, set) MICA_JOIN_EXPANDED(noun, set)
#define KERNEL(noun) MICA_JOIN(noun, MICA_SET)
#define MICA_TEXT_EXPANDED(word) #word
#define MICA_TEXT(word) MICA_TEXT_EXPANDED(word)
#define KERNEL_SET MICA_TEXT(MICA_SET)

/* Loops over register arrays have constant bounds once inlined, and vanish. */
#define INLINE static inline __attribute__((always_inline))
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

#if defined(__AVX512F__)
enum { LANES = 16, REGISTERS = 32 };
#elif defined(__AVX2__)
enum { LANES = 8, REGISTERS = 16 };
#elif defined(MICA_LANES)
enum { LANES = MICA_LANES, REGISTERS = 2 * MICA_LANES }; /* see "wide" in configure */
#else
enum { LANES = 4, REGISTERS = 16 };
#endif

typedef float floats __attribute__((vector_size(4 * LANES)));
typedef int32_t ints __attribute__((vector_size(4 * LANES)));
typedef uint32_t words __attribute__((vector_size(4 * LANES)));
typedef uint64_t long_words __attribute__((vector_size(4 * LANES)));

INLINE floats load(const float *p)
{
    floats v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(float *p, floats v) { memcpy(p, &v, sizeof v); }

/* To the second cache; any address will do. */
INLINE void prefetch(const void *p) { __builtin_prefetch(p, 0, 2); }
/* To the first. */
INLINE void prefetch_near(const void *p) { __builtin_prefetch(p, 0, 3); }
INLINE void prefetch_to_write(void *p) { __builtin_prefetch(p, 1, 3); }

/* Subtracting +0 changes no bits; adding it would turn -0 to +0. */
INLINE floats splat(float s) { return s - (floats){0}; }
INLINE ints splat_int(int32_t i) { return i - (ints){0}; }
INLINE words splat_word(uint32_t w) { return w - (words){0}; }

/* The number at p in all lanes. As bits, so that compilers do not add two such as numbers and
   then spread the sum, which would take a shuffle where a load is free. */
INLINE floats spread(const float *p)
{
    uint32_t bits;
    memcpy(&bits, p, sizeof bits);
    return (floats)splat_word(bits);
}

INLINE floats select(ints where, floats yes, floats no)
{
    return (floats)((where & (ints)yes) | (~where & (ints)no));
}

INLINE ints lane_numbers(void)
{
    static const int32_t numbers[16] = {0, 1, 2,  3,  4,  5,  6,  7,
                                        8, 9, 10, 11, 12, 13, 14, 15};
    ints v;
    memcpy(&v, numbers, sizeof v);
    return v;
}

/* a b + c, rounded once where the set can. */
INLINE floats fused(floats a, floats b, floats c)
{
#if defined(__AVX512F__)
    return (floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__)
    return (floats)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return a * b + c;
#endif
}

/* c - a b */
INLINE floats fused_less(floats a, floats b, floats c)
{
#if defined(__AVX512F__)
    return (floats)_mm512_fnmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__AVX2__)
    return (floats)_mm256_fnmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
    return c - a * b;
#endif
}

INLINE floats square_root(floats v)
{
#if defined(__AVX512F__)
    return (floats)_mm512_sqrt_ps((__m512)v);
#elif defined(__AVX2__)
    return (floats)_mm256_sqrt_ps((__m256)v);
#else
    for (size_t i = 0; i < LANES; i++)
        v[i] = sqrtf(v[i]);
    return v;
#endif
}

/* The first n < LANES of p, then zeros; nothing behind them is touched. */
INLINE floats load_first(const float *p, size_t n)
{
#if defined(__AVX512F__)
    return (floats)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
#elif defined(__AVX2__)
    return (floats)_mm256_maskload_ps(p, (__m256i)(lane_numbers() < (int32_t)n));
#else
    floats v = {0};
    for (size_t i = 0; i < n; i++)
        v[i] = p[i];
    return v;
#endif
}

/* AVX2 can, too, but its masked stores are slow on some processors. */
INLINE void store_first(float *p, floats v, size_t n)
{
#if defined(__AVX512F__)
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)v);
#else
    float all[LANES];
    store(all, v);
    for (size_t i = 0; i < n; i++)
        p[i] = all[i];
#endif
}

INLINE floats load_up_to(const float *p, size_t n)
{
    return n < LANES ? load_first(p, n) : load(p);
}

INLINE void store_up_to(float *p, floats v, size_t n)
{
    if (n < LANES)
        store_first(p, v, n);
    else
        store(p, v);
}

/* LANES bytes as numbers, and numbers below 256 as bytes. */
INLINE ints load_bytes(const uint8_t *p)
{
#if defined(__AVX512F__)
    return (ints)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p));
#elif defined(__AVX2__)
    return (ints)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p));
#else
    ints v = {0};
    for (size_t i = 0; i < LANES; i++)
        v[i] = p[i];
    return v;
#endif
}

INLINE void store_bytes(uint8_t *p, ints v)
{
#if defined(__AVX512F__)
    _mm_storeu_si128((__m128i *)p, _mm512_cvtepi32_epi8((__m512i)v));
#elif defined(__AVX2__)
    __m128i low = _mm256_castsi256_si128((__m256i)v);
    __m128i both = _mm_packs_epi32(low, _mm256_extracti128_si256((__m256i)v, 1));
    _mm_storel_epi64((__m128i *)p, _mm_packus_epi16(both, both));
#else
    for (size_t i = 0; i < LANES; i++)
        p[i] = (uint8_t)v[i];
#endif
}

/* LANES numbers of type bf16: the upper halves of fp32. */
INLINE floats load_bf16(const uint16_t *p)
{
#if defined(__AVX512F__)
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    return (floats)_mm512_slli_epi32(wide, 16);
#elif defined(__AVX2__)
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
    return (floats)_mm256_slli_epi32(wide, 16);
#else
    words v = {0};
    for (size_t i = 0; i < LANES; i++)
        v[i] = (uint32_t)p[i] << 16;
    return (floats)v;
#endif
}

/* Of two as near to the even one; NaN stays one. */
INLINE words rounded_to_bf16(floats v)
{
    const words bits = (words)v, even = bits >> 16 & 1;
    const ints is_nan = v != v;
    const words quiet = bits | splat_word(1u << 22);
    return (words)select(is_nan, (floats)quiet, (floats)(bits + 0x7fff + even)) >> 16;
}

INLINE floats as_bf16(floats v) { return (floats)(rounded_to_bf16(v) << 16); }

INLINE void store_bf16(uint16_t *p, floats v)
{
    const words halves = rounded_to_bf16(v);
#if defined(__AVX512F__)
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16((__m512i)halves));
#elif defined(__AVX2__)
    const __m128i low = _mm256_castsi256_si128((__m256i)halves);
    const __m128i high = _mm256_extracti128_si256((__m256i)halves, 1);
    _mm_storeu_si128((__m128i *)p, _mm_packus_epi32(low, high));
#else
    for (size_t i = 0; i < LANES; i++)
        p[i] = (uint16_t)halves[i];
#endif
}

/* The first n < LANES. */
INLINE floats load_first_bf16(const uint16_t *p, size_t n)
{
    uint16_t all[LANES] = {0};
    memcpy(all, p, n * sizeof *all);
    return load_bf16(all);
}

INLINE void store_first_bf16(uint16_t *p, floats v, size_t n)
{
    uint16_t all[LANES];
    store_bf16(all, v);
    memcpy(p, all, n * sizeof *all);
}

/* c + the products of both halves of a and b, pairs of bf16: those of the upper halves
   first. */
INLINE floats fused_pairs(floats a, floats b, floats c)
{
#if defined(__AVX512BF16__)
    return (floats)_mm512_dpbf16_ps((__m512)c, (__m512bh)a, (__m512bh)b);
#else
    const words upper = splat_word(0xffff0000u);
    c = fused((floats)((words)a & upper), (floats)((words)b & upper), c);
    return fused((floats)((words)a << 16), (floats)((words)b << 16), c);
#endif
}

/* The 64 bits of a times b, of every second lane: 0, 2, 4, ... */
INLINE long_words multiply_even(words a, words b)
{
#if defined(__AVX512F__)
    return (long_words)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (long_words)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#else
    return ((long_words)a & UINT32_MAX) * ((long_words)b & UINT32_MAX);
#endif
}

/* a0 b0 a1 b1 .. into two vectors. */
INLINE void interleave(words a, words b, words both[2])
{
#if defined(__AVX512F__)
    const words low = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23};
    both[0] = (words)_mm512_permutex2var_epi32((__m512i)a, (__m512i)low, (__m512i)b);
    both[1] =
        (words)_mm512_permutex2var_epi32((__m512i)a, (__m512i)(low + 8), (__m512i)b);
#elif defined(__AVX2__)
    __m256i low = _mm256_unpacklo_epi32((__m256i)a, (__m256i)b);
    __m256i high = _mm256_unpackhi_epi32((__m256i)a, (__m256i)b);
    both[0] = (words)_mm256_permute2x128_si256(low, high, 0x20);
    both[1] = (words)_mm256_permute2x128_si256(low, high, 0x31);
#else
    uint32_t all[2 * LANES];
    for (size_t i = 0; i < LANES; i++) {
        all[2 * i] = a[i];
        all[2 * i + 1] = b[i];
    }
    memcpy(both, all, sizeof all);
#endif
}

/* The sum of all lanes: a fixed tree. */
INLINE float sum_lanes(floats v)
{
    float s[LANES];
    store(s, v);
    for (size_t half = LANES / 2; half; half /= 2)
        for (size_t i = 0; i < half; i++)
            s[i] += s[i + half];
    return s[0];
}

#endif
