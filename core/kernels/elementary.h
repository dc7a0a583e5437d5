/* elementary.h - e^x and ln x of vectors, within 1.1 ulp and .85 ulp (measured) */
#ifndef MICA_CORE_KERNELS_ELEMENTARY_H
#define MICA_CORE_KERNELS_ELEMENTARY_H

#include "core/kernels/simd.h"

/* Smallest normal results of e^x, and what is certainly too large. */
#define EXPONENTIAL_LEAST -87.3365448f
#define EXPONENTIAL_MOST 89.0f

/* e^x = 2^n e^r, n the whole number nearest to x / ln 2; |r| <= ln 2 / 2. ln 2 is taken in
   two parts, the first with few enough bits that its product with n is exact. The
   polynomial meets (e^r - 1 - r) / r^2 at Chebyshev's points (relative error 1.1e-8).
   Results below the least normal number are 0; NaN stays NaN. */
INLINE floats exponential(floats x)
{
    const float nearest = 0x1.8p23f; /* adding it rounds to a whole number */
    ints tiny = x < EXPONENTIAL_LEAST;
    x = select(x > EXPONENTIAL_MOST, splat(EXPONENTIAL_MOST), x);
    x = select(tiny, splat(EXPONENTIAL_LEAST), x);

    floats shifted = fused(x, splat(1.44269502f), splat(nearest));
    floats n = shifted - nearest;
    floats r = fused(n, splat(-0.693359375f), x);
    r = fused(n, splat(2.12194440e-4f), r);

    floats p = splat(0x1.6d110ap-10f);
    p = fused(p, r, splat(0x1.120b6ep-7f));
    p = fused(p, r, splat(0x1.55551ap-5f));
    p = fused(p, r, splat(0x1.5554dcp-3f));
    p = fused(p, r, splat(0.5f));
    p = fused(p, r * r, r) + 1.0f;

    /* 2^128 is no float, but its root is: in two steps. */
    ints whole = (ints)shifted - (ints)splat(nearest);
    ints half = whole >> 1;
    floats y = p * (floats)((half + 127) << 23) * (floats)((whole - half + 127) << 23);
    return (floats)((ints)y & ~tiny);
}

/* x = 2^k m with m in sqrt(1/2) .. sqrt(2): ln x = k ln 2 + 2 atanh(s), s = (m - 1) /
   (m + 1). With f = m - 1: 2 atanh(s) = f - (f^2/2 - s (f^2/2 + s^2 P(s^2))); P meets
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

#endif
