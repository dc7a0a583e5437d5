/* maxpool.c - the largest of several pixels, channel by channel, and which one it was */
#include "core/kernels/set.h"

/* Vectors of bytes are whole: the last ones of c channels go through a copy. */
INLINE ints load_places(const uint8_t *places, size_t n)
{
    uint8_t all[LANES] = {0};
    if (n >= LANES)
        return load_bytes(places);
    memcpy(all, places, n);
    return load_bytes(all);
}

INLINE void store_places(uint8_t *places, ints v, size_t n)
{
    uint8_t all[LANES];
    if (n >= LANES) {
        store_bytes(places, v);
        return;
    }
    store_bytes(all, v);
    memcpy(places, all, n);
}

/* NaN is larger than all, so that a broken network is seen. */
void KERNEL(maxpool)(float *y, uint8_t *places, const float *const *x,
                     const uint8_t *place, size_t count, size_t c)
{
    for (size_t k = 0; k < c; k += LANES) {
        floats most = load_up_to(x[0] + k, c - k);
        ints where = splat_int(place[0]);
        for (size_t i = 1; i < count; i++) {
            const floats v = load_up_to(x[i] + k, c - k);
            const ints larger = (v > most) | (v != v);
            most = select(larger, v, most);
            where = (larger & splat_int(place[i])) | (~larger & where);
        }
        store_up_to(y + k, most, c - k);
        store_places(places + k, where, c - k);
    }
}

void KERNEL(maxpool_backward)(float *dx, const float *dy, const uint8_t *places,
                              uint8_t place, size_t c, bool add)
{
    for (size_t k = 0; k < c; k += LANES) {
        const ints here = load_places(places + k, c - k) == splat_int(place);
        const floats v = select(here, load_up_to(dy + k, c - k), splat(0));
        store_up_to(dx + k, add ? load_up_to(dx + k, c - k) + v : v, c - k);
    }
}
