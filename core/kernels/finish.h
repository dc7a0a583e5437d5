/* finish.h - what is done to numbers before they are stored: core/finish.h */
#ifndef MICA_CORE_KERNELS_FINISH_H
#define MICA_CORE_KERNELS_FINISH_H

#include "core/finish.h"
#include "core/kernels/simd.h"

/* NaN stays NaN, so that a broken network is seen. */
INLINE floats rectified(floats v) { return (floats)((ints)v & ~(v < 0.0f)); }

/* dy where the rectifier let y, or what it is made of, pass. */
INLINE floats where_passed(floats dy, floats y)
{
    return (floats)((ints)dy & (y > 0.0f));
}

/* n <= LANES channels from `channel` on; `more` is the pixel's, or NULL. */
INLINE floats finished(const struct finish *finish, floats v, const float *more,
                       size_t channel, size_t n)
{
    if (finish->scale)
        v = fused(v, load_up_to(finish->scale + channel, n),
                  load_up_to(finish->shift + channel, n));
    if (more)
        v += load_up_to(more + channel, n);
    if (finish->relu)
        v = rectified(v);
    return finish->round ? as_bf16(v) : v;
}

#endif
