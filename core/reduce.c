/* reduce.c - sums in one order: arrays of shards are joined by a fixed binary tree */
#include "core/layer.h"

#include "core/kernels.h"
#include "core/parallel.h"

struct join {
    float *arrays;
    size_t shards, count;
};

enum { JOIN_BLOCK = 16384 };

static void join_block(void *context, size_t block)
{
    const struct join *join = context;
    size_t from = block * JOIN_BLOCK;
    size_t n = join->count - from < JOIN_BLOCK ? join->count - from : JOIN_BLOCK;
    for (size_t step = 1; step < join->shards; step *= 2)
        for (size_t i = 0; i + step < join->shards; i += 2 * step)
            mica_kernels()->accumulate(join->arrays + i * join->count + from,
                                       join->arrays + (i + step) * join->count + from,
                                       n);
}

void mica_join_shards(float *arrays, size_t shards, size_t count)
{
    struct join join = {arrays, shards, count};
    if (shards > 1)
        mica_parallel_for((count + JOIN_BLOCK - 1) / JOIN_BLOCK, join_block, &join);
}
