/* conv_bf16.h - convolution of tensors kept as bf16: pairs of channels and of weights, sums in fp32 */
#ifndef MICA_CORE_CONV_BF16_H
#define MICA_CORE_CONV_BF16_H

#include "core/conv.h"

/* Done directly, with weights rounded to bf16. What is read, x or dy, is of type bf16, and has an
   even number of channels and an even stride; there are no groups. */
bool mica_conv_bf16_fits(const struct conv *conv, bool backward);
size_t mica_conv_bf16_scratch(const struct conv *conv, size_t n, bool backward);
/* As mica_conv_forward and mica_conv_backward_data (core/conv.h); y and dx are fp32. */
void mica_conv_bf16_forward(const struct conv *conv, const struct tensor *x,
                            const float *weights, const float *bias,
                            const struct finish *finish, struct tensor *y, bool add,
                            void *scratch);
void mica_conv_bf16_backward_data(const struct conv *conv, const struct tensor *dy,
                                  const float *weights, struct tensor *dx, bool add,
                                  void *scratch);

#endif
