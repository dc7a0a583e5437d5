/* conv_gradient.c - convolution backward by its weights and bias: sums in one order

   Pixels are cut into chunks, each summed in registers from zero (which is more exact than
   one long sum), then added up in order. Where weights are many, a piece of work is a part
   of them, for all shards: its sums stay in the second cache. Where they are too few to
   occupy the threads, a shard is cut into segments, whose sums are kept and joined later.
   Which of the two, and how pixels are cut, depends on the shape of a shard alone. */
#include "core/conv.h"

#include "core/conv_groups.h"
#include "core/conv_look.h"
#include "core/conv_sizes.h"
#include "core/conv_winograd.h"
#include "core/layer.h"
#include "core/memory.h"
#include "core/parallel.h"
#include <string.h>

enum {
    CHUNK = 96,    /* pixels, at most */
    PAIR = 2,      /* blocks of outputs of a part: they share what is looked up */
    MOST = 128,    /* outputs of a part of one tap, and its depth */
    WIDEST = 32,   /* correlation_width, at most */
    PARTS = 16,    /* that there should be, at least: a thread each */
    LOCAL = 36864, /* floats of the sums of a part that stay in the cache */
    LEVELS = 5,    /* of the tree over shards for which a thread's own memory is used */
    LOWEST = 16,   /* rows of a part */
    SHARED = 64,   /* outputs for which a copy of x is worth it */
    SLICE = 8      /* of the depth, that is joined at once */
};

/* Sums are packed [blocks of outputs][taps][depth][width]. */
struct job {
    const struct conv_kernels *kernels;
    const struct conv *conv;
    struct tile_cut cut; /* by Winograd's way: tiles then take the place of pixels */
    struct look x;
    const struct tensor *dy, *from;         /* from: x */
    size_t images, shards, pixels;          /* of a shard */
    size_t width, blocks, together, groups; /* of so many blocks */
    size_t taps, depth; /* inputs of a tap; of all taps of a row where x is widened */
    size_t ranges;      /* that the depth is cut into; 0: weights are few */
    size_t segments;    /* that a shard is cut into, where weights are few */
    float *sums;        /* [shards][segments], or, if they are many, [parts][levels] */
    float *zeros, *copy, *dweights;
    bool add;
};

/* Some blocks of outputs, and first .. first + depth - 1 of the depth. */
struct part {
    size_t block, blocks, first, depth;
};

static bool thin(const struct conv *conv)
{
    return conv->gap == 0 && mica_look_is_thin(conv->in_c, conv->kernel_w);
}

static bool short_tiles(const struct job *job)
{
    return mica_tiles_are_short(&job->cut);
}

/* Parts of so many blocks of outputs and at most so much depth, if those are enough. */
static bool cut_weights(struct job *job, size_t together, size_t depth)
{
    job->together = least(job->blocks, together);
    job->groups = ratio_up(job->blocks, job->together);
    job->ranges = depth < LOWEST ? 0 : ratio_up(job->depth, depth);
    if (job->ranges * job->groups < PARTS)
        job->ranges = 0;
    return job->ranges > 0;
}

/* Sums of a part stay in the cache; where there is one tap, x and dy are read less often the
   more outputs and depth it has. */
static bool weights_are_many(struct job *job)
{
    if (job->taps == 1)
        return cut_weights(job, MOST / job->width, MOST);
    if (short_tiles(job))
        return cut_weights(job, WINOGRAD_WIDE / job->width, WINOGRAD_DEEP);
    const size_t blocks = least(job->blocks, PAIR);
    return cut_weights(job, blocks, LOCAL / (blocks * job->taps * job->width));
}

/* Where weights are few: segments of shards. */
static void cut_pixels(struct job *job)
{
    job->together = PAIR;
    if (job->taps == 1)
        job->together = most(
            PAIR, least(MOST / job->width, MOST * MOST / (job->depth * job->width)));
    job->groups = ratio_up(job->blocks, job->together);
    job->segments =
        least(ratio_up(PARTS, job->groups), most(job->pixels / (2 * CHUNK), 1));
}

static struct job job_of(const struct conv *conv, size_t n, size_t shards)
{
    const struct conv_kernels *kernels = mica_kernels()->conv;
    const size_t gathered = thin(conv) ? conv->kernel_w : 1;
    struct job job = {.kernels = kernels,
                      .conv = conv,
                      .images = n,
                      .shards = shards,
                      .pixels = n / shards * conv->out_h * conv->out_w,
                      .width = kernels->correlation_width,
                      .blocks = ratio_up(conv->out_c, kernels->correlation_width),
                      .taps = conv->kernel_h * conv->kernel_w / gathered,
                      .depth = conv->in_c * gathered,
                      .cut = mica_tiles_gradient_cut(conv, n / shards)};
    if (short_tiles(&job))
        job.pixels = n / shards * job.cut.rows.count * job.cut.columns.count;
    job.x.rows = (struct axis){conv->out_h, conv->kernel_h,        conv->stride,
                               conv->in_h,  -(ptrdiff_t)conv->top, conv->gap};
    job.x.columns = (struct axis){conv->out_w, conv->kernel_w,         conv->stride,
                                  conv->in_w,  -(ptrdiff_t)conv->left, conv->gap};
    if (!weights_are_many(&job))
        cut_pixels(&job);
    return job;
}

/* Floats of the sums of one block of outputs. */
static size_t block_size(const struct job *job)
{
    return job->taps * job->depth * job->width;
}

static size_t place(struct job *job, float *scratch)
{
    size_t sums = job->shards * job->segments * job->blocks * block_size(job);
    if (levels_of(job->shards) > LEVELS)
        sums += job->groups * job->ranges * levels_of(job->shards) * LOCAL;
    size_t zeros = round_up(job->depth, MICA_ALIGNMENT / sizeof(float));
    size_t copy =
        thin(job->conv) ? mica_look_widened(&job->x, job->conv->in_c, job->images) : 0;
    if (scratch) {
        job->sums = scratch;
        job->zeros = job->sums + sums;
        job->copy = job->zeros + zeros;
    }
    return (sums + zeros) * sizeof(float) + copy;
}

static bool by_fourier(const struct conv *conv, size_t images)
{
    const struct tile_cut cut = mica_tiles_gradient_cut(conv, images);
    return cut.of.length && !mica_tiles_are_short(&cut);
}

size_t mica_conv_backward_weights_scratch(const struct conv *conv, size_t n,
                                          size_t shards)
{
    if (by_fourier(conv, n / shards))
        return mica_tiles_backward_weights_scratch(conv, n, shards);
    if (conv->groups > 1)
        return mica_conv_groups_scratch(conv, n, shards, GROUPS_BACKWARD_WEIGHTS);
    struct job job = job_of(conv, n, shards);
    return place(&job, NULL);
}

static void gather(const struct job *job, const struct part *part, size_t first,
                   size_t count, float *d)
{
    for (size_t i = 0; i < part->blocks; i++) {
        size_t output = (part->block + i) * job->width;
        job->kernels->gather(
            d + i * count * job->width, mica_tensor_at(job->dy, 0, first) + output,
            job->dy->stride, count, least(job->width, job->conv->out_c - output));
    }
}

/* The pixels after those of a chunk, where each is read once and they lie one after another:
   x with the first block of outputs, dy with the others; from row `row` of the depth on. */
static void look_ahead(const struct job *job, const struct part *part, size_t next,
                       size_t block, size_t row, struct correlation *c)
{
    const size_t output = part->block * job->width;
    const size_t outputs = least(part->blocks * job->width, job->conv->out_c - output);
    const size_t from = block ? (block - 1) * part->depth + row : row;
    const size_t end = block ? outputs : part->depth;
    c->ahead_rows = 0;
    if (job->conv->kernel_h * job->conv->kernel_w > 1 || job->conv->stride > 1 ||
        from >= end ||
        next + c->pixels > job->images * job->conv->out_h * job->conv->out_w)
        return;
    c->ahead = block ? mica_tensor_at(job->dy, 0, next) + output + from
                     : job->x.source + next * job->x.pixel + part->first + from;
    c->ahead_apart = block ? job->dy->stride : job->x.pixel;
    c->ahead_rows = end - from;
}

/* All outputs of a part by rows `from` .. of its depth, of which c knows where they are;
   `sums` is where those of the first output begin. */
static void correlate_outputs(const struct job *job, const struct part *part,
                              struct correlation *c, const float *d, size_t next,
                              size_t from, float *sums)
{
    for (size_t i = 0; i < part->blocks; i++) {
        c->d = d + i * c->pixels * job->width;
        c->g = sums + (i * job->taps * part->depth + from) * job->width;
        look_ahead(job, part, next, i, from, c);
        job->kernels->correlate(c);
    }
}

/* By way of a dense copy: lines of pixels that are multiples of 1 kB apart would meet in few
   places of the first cache. */
static void correlate_crowded(const struct job *job, const struct part *part,
                              const struct correlation *sparse, const float *d,
                              size_t next, float *sums)
{
    _Alignas(MICA_ALIGNMENT) float copy[CHUNK * COLLECTED];
    const float *x[CHUNK];
    struct correlation c = *sparse;
    c.x = x;
    c.first = 0;
    for (size_t p = 0; p < c.pixels; p++)
        x[p] = copy + p * COLLECTED;
    for (size_t from = 0; from < part->depth; from += COLLECTED) {
        c.rows = least(COLLECTED, part->depth - from);
        job->kernels->collect(copy, sparse->x, part->first + from, c.rows, c.pixels);
        correlate_outputs(job, part, &c, d, next, from, sums);
    }
}

/* Pixels first .. first + count - 1 of the batch; sums are [blocks][taps][depth][width] of
   the part. */
static void correlate_chunk(const struct job *job, const struct part *part,
                            size_t first, size_t count, bool add, float *sums)
{
    const float *x[CHUNK];
    _Alignas(MICA_ALIGNMENT) float d[CHUNK * MOST];
    const size_t columns = job->x.columns.taps;
    const bool crowded =
        job->x.pixel * sizeof(float) % 1024 == 0 && part->blocks * job->width >= SHARED;
    struct correlation c = {
        .x = x, .first = part->first, .rows = part->depth, .pixels = count, .add = add};
    gather(job, part, first, count, d);
    for (size_t tap = 0; tap < job->taps; tap++, sums += part->depth * job->width) {
        mica_look_up(&job->x, first, count, tap / columns, tap % columns, x);
        if (crowded)
            correlate_crowded(job, part, &c, d, first + count, sums);
        else
            correlate_outputs(job, part, &c, d, first + count, 0, sums);
    }
}

static void correlate_tiles(const struct job *job, const struct part *part,
                            size_t first, size_t end, float *sums)
{
    const struct winograd_gradient of = {.conv = job->conv,
                                         .cut = &job->cut,
                                         .x = job->from,
                                         .dy = job->dy,
                                         .first = part->first,
                                         .depth = part->depth,
                                         .output = part->block * job->width,
                                         .blocks = part->blocks};
    mica_winograd_correlate(&of, first, end, sums);
}

/* Pixels first .. end - 1, in chunks of nearly equal size. */
static void correlate(const struct job *job, const struct part *part, size_t first,
                      size_t end, float *sums)
{
    if (short_tiles(job)) {
        correlate_tiles(job, part, first, end, sums);
        return;
    }
    const size_t pixels = end - first, chunks = ratio_up(pixels, CHUNK);
    for (size_t i = 0; i < chunks; i++) {
        size_t from = i * pixels / chunks, to = (i + 1) * pixels / chunks;
        correlate_chunk(job, part, first + from, to - from, i > 0, sums);
    }
}

/* Where the sum of a tap and place in the depth of a thin image goes in the weights of one
   output. */
static size_t thin_weight_of(const struct job *job, size_t tap, size_t k)
{
    const size_t inputs = job->conv->in_c, columns = job->conv->kernel_w;
    return (k % inputs * job->taps + tap) * columns + k / inputs;
}

static void unpack_thin(const struct job *job, const struct part *part,
                        const struct unpacking *u)
{
    for (size_t k = 0; k < part->depth; k++)
        for (size_t tap = 0; tap < job->taps; tap++) {
            const float *from = u->from + tap * u->taps_apart + k * u->width;
            float *to = u->to + thin_weight_of(job, tap, part->first + k);
            for (size_t j = 0; j < u->rows; j++)
                to[j * u->apart] = (u->add ? to[j * u->apart] : 0) + from[j];
        }
}

/* Sums of one block of outputs to O I H W: `depth` of each tap, taps so many rows apart. */
static void unpack(const struct job *job, const struct part *part, size_t block,
                   const float *sums, size_t tap_rows)
{
    const size_t output = block * job->width, all = job->taps * job->depth;
    struct unpacking u = {.to = job->dweights + output * all,
                          .apart = all,
                          .rows = least(job->width, job->conv->out_c - output),
                          .columns = part->depth * job->taps,
                          .from = sums,
                          .width = job->width,
                          .taps = job->taps,
                          .taps_apart = tap_rows * job->width,
                          .add = job->add};
    if (thin(job->conv)) {
        unpack_thin(job, part, &u);
        return;
    }
    u.to += part->first * job->taps;
    job->kernels->unpack(&u);
}

/* --- many weights -------------------------------------------------------------------- */

/* Joins the sums of shards by the fixed tree (core/layer.h) as they come: when shard s is
   done, so many pairs of subtrees are complete as s + 1 can be halved. */
static void correlate_shards(const struct job *job, const struct part *part,
                             float *sums)
{
    const struct kernels *kernels = mica_kernels();
    const size_t size = part->blocks * job->taps * part->depth * job->width;
    size_t open = 0; /* subtrees */
    for (size_t shard = 0; shard < job->shards; shard++) {
        size_t first = shard * job->pixels;
        correlate(job, part, first, first + job->pixels, sums + open++ * LOCAL);
        for (size_t i = shard + 1; i % 2 == 0; i /= 2, open--)
            kernels->accumulate(sums + (open - 2) * LOCAL, sums + (open - 1) * LOCAL,
                                size);
    }
    for (; open > 1; open--)
        kernels->accumulate(sums + (open - 2) * LOCAL, sums + (open - 1) * LOCAL, size);
}

static void correlate_part(void *context, size_t i)
{
    const struct job *job = context;
    _Alignas(MICA_ALIGNMENT) float own[LEVELS * LOCAL];
    const size_t levels = levels_of(job->shards);
    float *sums = levels > LEVELS ? job->sums + i * levels * LOCAL : own;
    const size_t block = i / job->ranges * job->together, range = i % job->ranges;
    const size_t first = range * job->depth / job->ranges;
    const size_t end = (range + 1) * job->depth / job->ranges;
    struct part part = {block, least(job->together, job->blocks - block), first,
                        end - first};
    correlate_shards(job, &part, sums);
    for (size_t b = 0; b < part.blocks; b++)
        unpack(job, &part, block + b, sums + b * job->taps * part.depth * job->width,
               part.depth);
}

/* --- few weights --------------------------------------------------------------------- */

static float *sums_of(const struct job *job, size_t shard, size_t segment, size_t block)
{
    size_t i = (shard * job->segments + segment) * job->blocks + block;
    return job->sums + i * block_size(job);
}

static void correlate_segment(void *context, size_t i)
{
    const struct job *job = context;
    const size_t block = i % job->groups * job->together,
                 segment = i / job->groups % job->segments;
    const size_t shard = i / job->groups / job->segments;
    const size_t first = segment * job->pixels / job->segments;
    const size_t end = (segment + 1) * job->pixels / job->segments;
    struct part part = {block, least(job->together, job->blocks - block), 0,
                        job->depth};
    correlate(job, &part, shard * job->pixels + first, shard * job->pixels + end,
              sums_of(job, shard, segment, block));
}

/* Segments in order, then shards by the fixed tree: `count` floats from `from` on. */
static void join(const struct job *job, size_t block, size_t from, size_t count)
{
    const struct kernels *kernels = mica_kernels();
    for (size_t shard = 0; shard < job->shards; shard++)
        for (size_t segment = 1; segment < job->segments; segment++)
            kernels->accumulate(sums_of(job, shard, 0, block) + from,
                                sums_of(job, shard, segment, block) + from, count);
    for (size_t step = 1; step < job->shards; step *= 2)
        for (size_t shard = 0; shard + step < job->shards; shard += 2 * step)
            kernels->accumulate(sums_of(job, shard, 0, block) + from,
                                sums_of(job, shard + step, 0, block) + from, count);
}

/* A slice of the depth, under all taps, of one block. */
static void join_slice(void *context, size_t i)
{
    const struct job *job = context;
    const size_t slices = ratio_up(job->depth, SLICE), block = i / slices;
    const size_t first = i % slices * SLICE, depth = least(SLICE, job->depth - first);
    struct part part = {block, 1, first, depth};
    for (size_t tap = 0; tap < job->taps; tap++)
        join(job, block, (tap * job->depth + first) * job->width, depth * job->width);
    unpack(job, &part, block, sums_of(job, 0, 0, block) + first * job->width,
           job->depth);
}

void mica_conv_backward_weights(const struct conv *conv, const struct tensor *x,
                                const struct tensor *dy, size_t shards, float *dweights,
                                bool add, void *scratch)
{
    if (by_fourier(conv, x->shape.n / shards)) {
        mica_tiles_backward_weights(conv, x, dy, shards, dweights, add, scratch);
        return;
    }
    if (conv->groups > 1) {
        mica_conv_groups_backward_weights(conv, x, dy, shards, dweights, add, scratch);
        return;
    }
    struct job job = job_of(conv, x->shape.n, shards);
    place(&job, scratch);
    job.x = mica_look_at(x, job.x.rows, job.x.columns, job.zeros);
    job.from = x;
    job.dy = dy;
    job.dweights = dweights;
    job.add = add;
    memset(job.zeros, 0, (size_t)((char *)job.copy - (char *)job.zeros));
    if (thin(conv))
        job.x = mica_look_widen(&job.x, conv->in_c, job.images, job.copy);
    if (job.ranges) {
        mica_parallel_for(job.groups * job.ranges, correlate_part, &job);
        return;
    }
    mica_parallel_for(shards * job.segments * job.groups, correlate_segment, &job);
    mica_parallel_for(job.blocks * ratio_up(job.depth, SLICE), join_slice, &job);
}

/* --- bias ---------------------------------------------------------------------------- */

struct bias_job {
    const struct tensor *dy;
    double *sums; /* [pieces][channels], then floats [shards][channels] */
};

size_t mica_conv_backward_bias_scratch(const struct tensor *dy, size_t shards)
{
    const size_t pieces = dy->shape.n * mica_pieces_per_sample(dy->shape);
    return dy->shape.c * (pieces * sizeof(double) + shards * sizeof(float));
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

/* The sums of a shard's pieces in order. */
static void join_pieces(double *sums, size_t pieces, size_t channels)
{
    for (size_t i = 1; i < pieces; i++)
        for (size_t k = 0; k < channels; k++)
            sums[k] += sums[i * channels + k];
}

void mica_conv_backward_bias(const struct tensor *dy, size_t shards, float *dbias,
                             bool add, void *scratch)
{
    const size_t channels = dy->shape.c;
    const size_t pieces = dy->shape.n / shards * mica_pieces_per_sample(dy->shape);
    struct bias_job job = {dy, scratch};
    float *sums = (float *)(job.sums + shards * pieces * channels);
    mica_parallel_for(shards * pieces, sum_piece, &job);
    for (size_t shard = 0; shard < shards; shard++) {
        double *of_shard = job.sums + shard * pieces * channels;
        join_pieces(of_shard, pieces, channels);
        for (size_t k = 0; k < channels; k++)
            sums[shard * channels + k] = (float)of_shard[k];
    }
    mica_join_shards(sums, shards, channels);
    for (size_t k = 0; k < channels; k++)
        dbias[k] = (add ? dbias[k] : 0) + sums[k];
}
