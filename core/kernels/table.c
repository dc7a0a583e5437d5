/* table.c - the table of an instruction set */
#include "core/kernels/set.h"

const struct kernels KERNEL(table) = {
    .name = KERNEL_SET,
    .lanes = LANES,
    .copy = KERNEL(copy),
    .add = KERNEL(add),
    .accumulate = KERNEL(accumulate),
    .scale = KERNEL(scale),
    .relu = KERNEL(relu),
    .relu_backward = KERNEL(relu_backward),
    .sigmoid = KERNEL(sigmoid),
    .sigmoid_backward = KERNEL(sigmoid_backward),
    .exponential = KERNEL(exponential),
    .logarithm = KERNEL(logarithm),
    .dropout = KERNEL(dropout),
    .dot = KERNEL(dot),
    .moments = KERNEL(moments),
    .column_sums = KERNEL(column_sums),
    .affine = KERNEL(affine),
    .norm_sums = KERNEL(norm_sums),
    .norm_backward = KERNEL(norm_backward),
    .softmax = KERNEL(softmax),
    .peak = KERNEL(peak),
    .conv = &KERNEL(conv),
};
