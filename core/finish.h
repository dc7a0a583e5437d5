/* finish.h - what is done to numbers before they are stored: the ends of fused passes */
#ifndef MICA_CORE_FINISH_H
#define MICA_CORE_FINISH_H

#include "core/tensor.h"
#include <stdbool.h>

/* y = max(scale x + shift + more, 0), rounded; as much of it as is there. */
struct finish {
    const float *scale, *shift; /* of each channel; NULL: none */
    const float *more;          /* the first pixel of a tensor like y; NULL: none */
    size_t more_stride;
    bool relu;
    bool round; /* to bf16 */
};

/* y = the finish of x, which may be y, or of type bf16. */
void mica_finish(const struct tensor *y, const struct tensor *x,
                 const struct finish *finish);

#endif
