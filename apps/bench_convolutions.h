/* bench_convolutions.h - the speed of convolutions by themselves, beside the roofline */
#ifndef MICA_APPS_BENCH_CONVOLUTIONS_H
#define MICA_APPS_BENCH_CONVOLUTIONS_H

#include "core/error.h"
#include "core/tensor.h"

/* A line of JSON for the machine, then one for each shape, pass and algorithm: of those whose
   description has `match` in it (NULL: of all). TYPE_BF16: those that read bf16. */
int mica_bench_convolutions(size_t rounds, const char *match, enum type precision,
                            struct error *err);
/* A round for each line read of the only one that has `match`, answered by a line. */
int mica_bench_convolution_serve(const char *match, enum type precision,
                                 struct error *err);

#endif
