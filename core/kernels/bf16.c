/* bf16.c - from fp32 to bf16 and back */
#include "core/kernels/set.h"

void KERNEL(narrow)(uint16_t *y, const float *x, size_t n)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        store_bf16(y + i, load(x + i));
    if (i < n)
        store_first_bf16(y + i, load_first(x + i, n - i), n - i);
}

void KERNEL(widen)(float *y, const uint16_t *x, size_t n)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        store(y + i, load_bf16(x + i));
    if (i < n)
        store_first(y + i, load_first_bf16(x + i, n - i), n - i);
}
