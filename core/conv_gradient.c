/* conv_gradient.c - convolution backward by its weights and bias: sums in one order

   A shard's pixels are cut into chunks, each summed in registers from zero (which is more
   exact than one long sum), then added up in order. Where the weights alone are too few to
   occupy the threads, a shard is cut into segments, whose sums are added in order. */
#include "core/conv.h"

#include "core/conv_look.h"
#include "core/kernels.h"
#include "core/kernels/conv.h"
#include "core/memory.h"
#include "core/parallel.h"
#include <string.h>

enum {
    CHUNK = 128, /* pixels */
    WIDTH = 32,  /* correlation_width, at most */
    PARTS = 16,  /* that a shard's work should be cut into */
    THIN = 8,    /* images of fewer channels are widened */
    SLICE = 64   /* rows of the packed gradient that are joined at once */
};

/* Sums are packed [shards][segments][blocks of outputs][taps][depth][width]. */
struct job {
    const struct conv_kernels *kernels;
    const struct conv *conv;
    struct look x;
    const struct tensor *dy;
    size_t images, shards, pixels;        /* of a shard */
    size_t width, blocks, segments, rows; /* taps x depth */
    float *sums, *zeros, *copy, *dweights;
    bool add;
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static size_t ratio_up(size_t a, size_t b) { return (a + b - 1) / b; }
static size_t round_up(size_t a, size_t unit) { return ratio_up(a, unit) * unit; }

static bool thin(const struct conv *conv)
{
    return conv->in_c < THIN && conv->kernel_w > 1;
}

static struct job job_of(const struct conv *conv, size_t n, size_t shards)
{
    struct job job = {.kernels = mica_kernels()->conv,
                      .conv = conv,
                      .images = n,
                      .shards = shards,
                      .pixels = n / shards * conv->out_h * conv->out_w};
    job.x.rows = (struct axis){conv->out_h, conv->kernel_h, conv->stride, conv->in_h,
                               -(ptrdiff_t)conv->top};
    job.x.columns = (struct axis){conv->out_w, conv->kernel_w, conv->stride, conv->in_w,
                                  -(ptrdiff_t)conv->left};
    job.width = job.kernels->correlation_width;
    job.blocks = ratio_up(conv->out_c, job.width);
    job.rows = conv->in_c * conv->kernel_h * conv->kernel_w;
    job.segments = least(ratio_up(PARTS, job.blocks), ratio_up(job.pixels, CHUNK));
    return job;
}

static size_t place(struct job *job, float *scratch)
{
    const struct conv *conv = job->conv;
    size_t sums = job->shards * job->segments * job->blocks * job->rows * job->width;
    size_t zeros = round_up(conv->in_c * (thin(conv) ? conv->kernel_w : 1), 16);
    size_t copy = thin(conv) ? mica_look_widened(&job->x, conv->in_c, job->images) : 0;
    if (scratch) {
        job->sums = scratch;
        job->zeros = job->sums + sums;
        job->copy = job->zeros + zeros;
    }
    return (sums + zeros) * sizeof(float) + copy;
}

size_t mica_conv_backward_weights_scratch(const struct conv *conv, size_t n,
                                          size_t shards)
{
    struct job job = job_of(conv, n, shards);
    return place(&job, NULL);
}

/* The sums of one shard, segment and block of outputs. */
static float *sums_of(const struct job *job, size_t shard, size_t segment, size_t block)
{
    size_t i = (shard * job->segments + segment) * job->blocks + block;
    return job->sums + i * job->rows * job->width;
}

/* Pixels first .. first + count - 1 of the batch. */
static void correlate_chunk(const struct job *job, size_t block, size_t first,
                            size_t count, bool add, float *sums)
{
    const float *x[CHUNK];
    _Alignas(MICA_ALIGNMENT) float d[CHUNK * WIDTH];
    const size_t output = block * job->width, outputs = job->conv->out_c - output;
    const size_t u_taps = job->x.rows.taps, v_taps = job->x.columns.taps;
    const size_t depth = job->rows / (u_taps * v_taps);
    job->kernels->gather(d, mica_tensor_at(job->dy, 0, first) + output, job->dy->stride,
                         count, least(job->width, outputs));
    struct correlation c = {.x = x,
                            .rows = depth,
                            .d = d,
                            .pixels = count,
                            .width = job->width,
                            .g = sums,
                            .add = add};
    for (size_t tap = 0; tap < u_taps * v_taps; tap++, c.g += depth * job->width) {
        mica_look_up(&job->x, first, count, tap / v_taps, tap % v_taps, x);
        job->kernels->correlate(&c);
    }
}

static void correlate_piece(void *context, size_t i)
{
    const struct job *job = context;
    const size_t block = i % job->blocks, segment = i / job->blocks % job->segments;
    const size_t shard = i / job->blocks / job->segments;
    const size_t chunks = ratio_up(job->pixels, CHUNK);
    const size_t start = segment * chunks / job->segments;
    const size_t end = (segment + 1) * chunks / job->segments;
    float *sums = sums_of(job, shard, segment, block);
    for (size_t chunk = start; chunk < end; chunk++) {
        size_t first = chunk * CHUNK, count = least(CHUNK, job->pixels - first);
        correlate_chunk(job, block, shard * job->pixels + first, count, chunk > start,
                        sums);
    }
}

/* Rows are (tap, input), columns outputs. */
static void unpack(const struct job *job, const float *sums, size_t block, size_t row,
                   size_t rows)
{
    const size_t inputs = job->conv->in_c, taps = job->rows / inputs;
    const size_t output = block * job->width;
    const size_t outputs = least(job->width, job->conv->out_c - output);
    for (size_t j = 0; j < outputs; j++)
        for (size_t r = 0; r < rows; r++) {
            size_t tap = (row + r) / inputs, input = (row + r) % inputs;
            float *to = job->dweights + (output + j) * job->rows + input * taps + tap;
            float sum = sums[r * job->width + j];
            *to = job->add ? *to + sum : sum;
        }
}

/* Segments in order, then shards by the fixed tree (core/layer.h). */
static void join_slice(void *context, size_t i)
{
    const struct job *job = context;
    const struct kernels *kernels = mica_kernels();
    const size_t slices = ratio_up(job->rows, SLICE), block = i / slices;
    const size_t row = i % slices * SLICE, rows = least(SLICE, job->rows - row);
    const size_t from = row * job->width, count = rows * job->width;
    for (size_t shard = 0; shard < job->shards; shard++)
        for (size_t segment = 1; segment < job->segments; segment++)
            kernels->accumulate(sums_of(job, shard, 0, block) + from,
                                sums_of(job, shard, segment, block) + from, count);
    for (size_t step = 1; step < job->shards; step *= 2)
        for (size_t shard = 0; shard + step < job->shards; shard += 2 * step)
            kernels->accumulate(sums_of(job, shard, 0, block) + from,
                                sums_of(job, shard + step, 0, block) + from, count);
    unpack(job, sums_of(job, 0, 0, block) + from, block, row, rows);
}

void mica_conv_backward_weights(const struct conv *conv, const struct tensor *x,
                                const struct tensor *dy, size_t shards, float *dweights,
                                bool add, void *scratch)
{
    struct job job = job_of(conv, x->shape.n, shards);
    place(&job, scratch);
    job.x = mica_look_at(x, job.x.rows, job.x.columns, job.zeros);
    job.dy = dy;
    job.dweights = dweights;
    job.add = add;
    memset(job.zeros, 0, (size_t)((char *)job.copy - (char *)job.zeros));
    if (thin(conv))
        job.x = mica_look_widen(&job.x, conv->in_c, job.images, job.copy);
    mica_parallel_for(shards * job.segments * job.blocks, correlate_piece, &job);
    mica_parallel_for(job.blocks * ratio_up(job.rows, SLICE), join_slice, &job);
}

/* --- bias ---------------------------------------------------------------------------- */

struct bias_job {
    const struct tensor *dy;
    double *sums; /* [pieces][channels] */
};

size_t mica_conv_backward_bias_scratch(const struct tensor *dy, size_t shards)
{
    (void)shards;
    return dy->shape.n * mica_pieces_per_sample(dy->shape) * dy->shape.c *
           sizeof(double);
}

static void sum_piece(void *context, size_t i)
{
    const struct bias_job *job = context;
    const struct tensor *dy = job->dy;
    struct piece piece = mica_piece(dy->shape, i);
    mica_kernels()->column_sums(mica_tensor_at(dy, piece.sample, piece.from),
                                dy->stride, piece.to - piece.from, dy->shape.c,
                                job->sums + i * dy->shape.c);
}

static void accumulate(double *into, const double *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        into[i] += from[i];
}

void mica_conv_backward_bias(const struct tensor *dy, size_t shards, float *dbias,
                             bool add, void *scratch)
{
    const size_t channels = dy->shape.c;
    const size_t pieces = dy->shape.n / shards * mica_pieces_per_sample(dy->shape);
    struct bias_job job = {dy, scratch};
    mica_parallel_for(shards * pieces, sum_piece, &job);
    for (size_t shard = 0; shard < shards; shard++)
        for (size_t i = 1; i < pieces; i++)
            accumulate(job.sums + shard * pieces * channels,
                       job.sums + (shard * pieces + i) * channels, channels);
    for (size_t step = 1; step < shards; step *= 2)
        for (size_t shard = 0; shard + step < shards; shard += 2 * step)
            accumulate(job.sums + shard * pieces * channels,
                       job.sums + (shard + step) * pieces * channels, channels);
    for (size_t k = 0; k < channels; k++)
        dbias[k] = (add ? dbias[k] : 0) + (float)job.sums[k];
}
