/* peak.c - as many multiply-adds as a core can do: the ceiling that others are held against */
#include "core/kernels/set.h"

enum { CHAINS = 12 }; /* independent, enough for two units of latency 6 */

double KERNEL(peak)(size_t rounds, double *operations)
{
    const floats a = splat(1e-3f), b = splat(0.5f);
    floats s[CHAINS], total = splat(0);
    UNROLL for (size_t j = 0; j < CHAINS; j++) s[j] = splat((float)j);
    for (size_t i = 0; i < rounds; i++)
        UNROLL for (size_t j = 0; j < CHAINS; j++) s[j] = fused(s[j], b, a);
    UNROLL for (size_t j = 0; j < CHAINS; j++) total += s[j];
    *operations = 2.0 * CHAINS * LANES * (double)rounds;
    return (double)sum_lanes(total);
}
