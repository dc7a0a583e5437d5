/* elementary.h - elementary functions of vectors; the error of each is measured */
#ifndef MICA_CORE_KERNELS_ELEMENTARY_H
#define MICA_CORE_KERNELS_ELEMENTARY_H

#include "core/kernels/simd.h"

/* Smallest normal results of e^x, and what is certainly too large. */
#define EXPONENTIAL_LEAST -87.3365448f
#define EXPONENTIAL_MOST 89.0f

/* e^x = 2^whole (1 + rest): the whole number nearest to x / ln 2, and e^r - 1 of the
   remainder r, |r| <= ln 2 / 2. ln 2 is taken in two parts, the first with few enough bits
   that its product with n is exact. The polynomial meets (e^r - 1 - r) / r^2 at Chebyshev's
   points (relative error 1.1e-8). EXPONENTIAL_LEAST <= x <= EXPONENTIAL_MOST. */
struct power {
    ints whole;
    floats rest;
};
INLINE struct power split_power(floats x)
{
    const float nearest = 0x1.8p23f; /* adding it rounds to a whole number */
    floats shifted = fused(x, splat(1.44269502f), splat(nearest));
    floats n = shifted - nearest;
    floats r = fused(n, splat(-0.693359375f), x);
    r = fused(n, splat(2.12194440e-4f), r);

    floats p = splat(0x1.6d110ap-10f);
    p = fused(p, r, splat(0x1.120b6ep-7f));
    p = fused(p, r, splat(0x1.55551ap-5f));
    p = fused(p, r, splat(0x1.5554dcp-3f));
    p = fused(p, r, splat(0.5f));
    return (struct power){(ints)shifted - (ints)splat(nearest), fused(p, r * r, r)};
}

/* 2^whole y. 2^128 is no float, but its root is: in two steps. */
INLINE floats enlarge(floats y, ints whole)
{
    ints half = whole >> 1;
    return y * (floats)((half + 127) << 23) * (floats)((whole - half + 127) << 23);
}

/* e^x within 1.1 ulp. Results below the least normal number are 0; NaN stays NaN. */
INLINE floats exponential(floats x)
{
    ints tiny = x < EXPONENTIAL_LEAST;
    x = select(x > EXPONENTIAL_MOST, splat(EXPONENTIAL_MOST), x);
    x = select(tiny, splat(EXPONENTIAL_LEAST), x);
    struct power power = split_power(x);
    return (floats)((ints)enlarge(power.rest + 1.0f, power.whole) & ~tiny);
}

/* e^x - 1 = 2^n ((e^r - 1) + (1 - 2^-n)), of which nothing is lost near 0. */
INLINE floats exponential_less_1(floats x)
{
    const int32_t beyond = 64; /* 2^-64 is nothing beside 1 */
    x = select(x > EXPONENTIAL_MOST, splat(EXPONENTIAL_MOST), x);
    x = select(x < EXPONENTIAL_LEAST, splat(EXPONENTIAL_LEAST), x);
    struct power power = split_power(x);
    ints n = (ints)select(power.whole > beyond, (floats)splat_int(beyond),
                          (floats)power.whole);
    floats one_less = 1.0f - (floats)((127 - n) << 23);
    return enlarge(power.rest + one_less, power.whole);
}

/* tanh |x| = t / (t + 2), t = e^2|x| - 1; it is 1 in floats from 9.02 on. */
INLINE floats hyperbolic_tangent(floats x)
{
    const ints sign = (ints)splat(-0.0f);
    floats size = (floats)((ints)x & ~sign);
    floats t = exponential_less_1(2.0f * select(size > 10.0f, splat(10.0f), size));
    return (floats)((ints)(t / (t + 2.0f)) | ((ints)x & sign));
}

/* erf x: below 1, x + x P(x^2); from there 1 - e^-Q(|x|), which is 1 in floats from 3.92
   on. P and Q meet erf(x) / x - 1 and -ln erfc(x) at Chebyshev's points of 0 .. 1 and 1 ..
   4. */
INLINE floats error_function(floats x)
{
    const ints sign = (ints)splat(-0.0f);
    floats size = (floats)((ints)x & ~sign), z = x * x;
    floats a = select(size > 4.0f, splat(4.0f), size);
    floats p = splat(0x1.4a569p-14f);
    p = fused(p, z, splat(-0x1.a45088p-11f));
    p = fused(p, z, splat(0x1.54127p-8f));
    p = fused(p, z, splat(-0x1.b7fabap-6f));
    p = fused(p, z, splat(0x1.ce2d1p-4f));
    p = fused(p, z, splat(-0x1.81273ep-2f));
    p = fused(p, z, splat(0x1.06eba8p-3f));
    floats small = fused(p, x, x);

    floats q = splat(-0x1.b7783p-20f);
    q = fused(q, a, splat(0x1.825ce4p-15f));
    q = fused(q, a, splat(-0x1.38e5e6p-11f));
    q = fused(q, a, splat(0x1.37ecc6p-8f));
    q = fused(q, a, splat(-0x1.b0e246p-6f));
    q = fused(q, a, splat(0x1.c2e356p-4f));
    q = fused(q, a, splat(0x1.437eb4p-1f));
    q = fused(q, a, splat(0x1.2156fap+0f));
    q = fused(q, a, splat(-0x1.4fb068p-12f));
    floats large = 1.0f - exponential(-q);
    large = (floats)((ints)large | ((ints)x & sign));
    return select(size < 1.0f, small, large);
}

/* ln x within .85 ulp. x = 2^k m with m in sqrt(1/2) .. sqrt(2): ln x = k ln 2 +
   2 atanh(s), s = (m - 1) / (m + 1). With f = m - 1: 2 atanh(s) = f - (f^2/2 - s (f^2/2 + s^2 P(s^2))); P meets
   (2 atanh(s) - 2 s) / s^3 at Chebyshev's points (2.5e-9 of the result). Below the least
   normal number is -infinity as for 0; below 0 and of NaN NaN. */
INLINE floats logarithm(floats x)
{
    const int32_t root_half = 0x3f3504f3; /* the bits of sqrt(1/2) */
    ints k = ((ints)x - root_half) >> 23;
    floats f = (floats)((ints)x - (k << 23)) - 1.0f;
    floats exponent = __builtin_convertvector(k, floats);
    floats s = f / (f + 2.0f), z = s * s, half = f * f * 0.5f;

    floats p = splat(0x1.2ee8c8p-2f);
    p = fused(p, z, splat(0x1.997c22p-2f));
    p = fused(p, z, splat(0x1.55555cp-1f));
    floats rest = s * fused(p, z, half);
    rest = fused(exponent, splat(-2.12194440e-4f), rest);
    floats y = fused(exponent, splat(0.693359375f), f - (half - rest));

    y = select(x > 3.40282347e38f, x, y);
    y = select(x < 1.17549435e-38f, splat(-INFINITY), y);
    y = select(x < 0.0f, splat(NAN), y);
    return select(x != x, x, y);
}

/* ln(1 + x), -1 < x <= 1e30: what is lost in u = 1 + x is made up for by x / (u - 1), as
   both logarithms go like their arguments near 0 (Hewlett-Packard's rule). */
INLINE floats logarithm_of_1_more(floats x)
{
    floats u = 1.0f + x;
    return select(u == 1.0f, x, logarithm(u) * (x / (u - 1.0f)));
}

#endif
