/* adapt.c - weights moved by running means of their gradients and of the squares of these */
#include "core/kernels/set.h"

INLINE void adapt(const struct adaptation *a, size_t i, size_t n, bool largest)
{
    const floats w = load_up_to(a->value + i, n);
    const floats g =
        fused(splat(a->pull), w, splat(a->scale) * load_up_to(a->gradient + i, n));
    const floats mean =
        fused(splat(a->rest1), g, splat(a->beta1) * load_up_to(a->mean + i, n));
    floats square =
        fused(splat(a->rest2) * g, g, splat(a->beta2) * load_up_to(a->square + i, n));
    store_up_to(a->mean + i, mean, n);
    store_up_to(a->square + i, square, n);
    if (largest) {
        const floats most = load_up_to(a->largest + i, n);
        square = select(most > square, most, square);
        store_up_to(a->largest + i, square, n);
    }
    const floats size = fused(square_root(square), splat(a->root), splat(a->eps));
    store_up_to(a->value + i, splat(a->keep) * w - splat(a->size) * mean / size, n);
}

INLINE void adapt_all(const struct adaptation *a, size_t count, bool largest)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        adapt(a, i, LANES, largest);
    if (i < count)
        adapt(a, i, count - i, largest);
}

void KERNEL(adapt)(const struct adaptation *a, size_t count)
{
    if (a->largest)
        adapt_all(a, count, true);
    else
        adapt_all(a, count, false);
}
