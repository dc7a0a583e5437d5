/* convolution_truth.h - single numbers of convolutions, summed in double precision */
#ifndef MICA_APPS_CONVOLUTION_TRUTH_H
#define MICA_APPS_CONVOLUTION_TRUTH_H

#include "core/conv.h"

/* What the passes of core/conv.h should give for element `i` of y, dx or dweights, counted as
   it lies in memory, of a convolution without groups, gap and bias. Tensors have no gaps
   between pixels. */
double mica_convolution_output(const struct conv *conv, const struct tensor *x,
                               const float *weights, size_t i);
double mica_convolution_input_gradient(const struct conv *conv, const struct tensor *dy,
                                       const float *weights, size_t i);
double mica_convolution_weight_gradient(const struct conv *conv, const struct tensor *x,
                                        const struct tensor *dy, size_t i);

#endif
