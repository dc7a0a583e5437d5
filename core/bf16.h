/* bf16.h - values kept as bf16: the upper half of an fp32, 8 bits of precision */
#ifndef MICA_CORE_BF16_H
#define MICA_CORE_BF16_H

#include "core/tensor.h"

/* Round the numbers of y, an fp32 tensor without gaps, to the nearest bf16, of two as near to
   the even one; `kept` (may be NULL) gets them as such, in the same order. */
void mica_bf16_round(const struct tensor *y, uint16_t *kept);
/* The same, but y stays as it is. */
void mica_bf16_narrow(const struct tensor *y, uint16_t *kept);
/* y = what was kept */
void mica_bf16_widen(const struct tensor *y, const uint16_t *kept);

#endif
