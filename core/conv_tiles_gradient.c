/* conv_tiles_gradient.c - convolution by its weights, by Fourier transforms of tiles

   At each frequency the gradient is a product of matrices over tiles: inputs x tiles times
   tiles x outputs, with the conjugate of dy. A square of some inputs and a block of outputs is
   a piece of work: column by column its sums over the tiles of a shard go back to weights where
   they are made, in the first cache. Where tiles are many and weights few, tiles pass in rounds
   beneath the sums of all weights instead. Tiles of a shard are summed in order; each shard
   goes back to weights by itself, and those are joined by the fixed tree, so that a rank that
   owns half of the shards computes the same bits. */
#include "core/conv_tiles.h"

#include "core/conv_sizes.h"
#include "core/memory.h"
#include "core/parallel.h"

enum {
    DEEPEST = 16, /* inputs of a square: TILE_LANES or a multiple of it */
    SUMS = TILE_LONGEST * 2 * TILE_LANES * TILE_BLOCK * TILE_LANES, /* of a column */
    LINES = 96 << 10,   /* sums down the columns, of a square: in the second cache */
    LEVELS = 128 << 10, /* weights of a square, all levels of the tree: there as well */
    IMAGE = 4 << 20,    /* frequencies of an image that are held, at most */
    FEWEST = 12         /* tiles of a round, at least */
};

struct job {
    const struct conv *conv;
    struct tile_cut cut;
    const struct tensor *x, *dy;
    size_t shards, tiles;   /* of a shard */
    size_t inputs, outputs; /* groups of LANES channels; outputs: whole blocks */
    size_t depth;           /* inputs of a square */
    bool whole;             /* sums of all weights are held */
    size_t runs, held;      /* shards whose frequencies are there, and tiles of one */
    /* [columns][shards][groups][y][held][2][LANES] twice; [columns][blocks][groups][y][LANES]
       [block][2][LANES]; of squares: [levels of the tree][inputs][block][taps][LANES] */
    float *x_planes, *dy_planes, *sums, *weights, *dweights;
    bool add;
    /* under way */
    size_t shard, first, count; /* tiles of the batch that are read */
};

static size_t lanes(void) { return mica_kernels()->lanes; }

static size_t columns_of(const struct job *job) { return job->cut.of.length / 2 + 1; }

/* Numbers of a column, of all tiles that are there of a shard. */
static size_t column_size(const struct job *job)
{
    return job->cut.of.length * job->held * number();
}

/* Sums of a column, of a block of outputs and a group of inputs. */
static size_t column_sums(const struct job *job)
{
    return job->cut.of.length * lanes() * TILE_BLOCK * number();
}

static size_t taps_of(const struct job *job)
{
    return job->conv->kernel_h * job->conv->kernel_w;
}

/* What is left of the columns of a kernel. */
static size_t line_size(const struct job *job)
{
    return columns_of(job) * (2 * (job->conv->kernel_h / 2) + 1) * number();
}

static size_t blocks_of(const struct job *job) { return job->outputs / TILE_BLOCK; }

static size_t rows_of(const struct job *job)
{
    return job->inputs * lanes() / job->depth;
}

static size_t square_size(const struct job *job)
{
    return job->depth * TILE_BLOCK * taps_of(job) * lanes();
}

/* Inputs of a square: whole groups, or a part of one that divides it. */
static void cut_squares(struct job *job, size_t levels)
{
    job->depth = DEEPEST;
    while (job->depth > 1 &&
           (job->depth * TILE_BLOCK * line_size(job) > LINES ||
            levels * square_size(job) > LEVELS || job->inputs * lanes() % job->depth))
        job->depth /= 2;
}

/* Frequencies of tiles of a shard, and of all weights. */
static size_t tiles_size(const struct job *job)
{
    return job->cut.planes * (job->inputs + job->outputs) * job->tiles * number();
}

/* Shards one by one, or all shards square by square, whose weights stay in the cache: what
   takes less memory. */
static void cut_shards(struct job *job)
{
    const size_t levels = levels_of(job->shards);
    job->held = job->tiles;
    cut_squares(job, levels);
    const size_t squares = blocks_of(job) * rows_of(job);
    const bool fits = levels * square_size(job) <= LEVELS;
    job->runs = job->shards;
    if (!fits ||
        (job->shards - 1) * tiles_size(job) > levels * squares * square_size(job))
        job->runs = 1;
}

static struct job job_of(const struct conv *conv, size_t n, size_t shards)
{
    struct job job = {.conv = conv,
                      .cut = mica_tiles_gradient_cut(conv, n / shards),
                      .shards = shards};
    job.inputs = ratio_up(conv->in_c, lanes());
    job.outputs = round_up(ratio_up(conv->out_c, lanes()), TILE_BLOCK);
    const size_t image = job.cut.rows.count * job.cut.columns.count;
    const size_t tile = job.cut.planes * (job.inputs + job.outputs) * number();
    job.tiles = n / shards * image;
    job.whole = image * tile > IMAGE;
    cut_shards(&job);
    if (job.whole) {
        job.runs = 1;
        job.held = least(job.tiles, most(TILE_ROUND / tile, FEWEST));
    }
    return job;
}

static size_t place(struct job *job, float *scratch)
{
    const size_t column = columns_of(job) * job->runs * column_size(job);
    const size_t x = column * job->inputs, dy = column * job->outputs;
    const size_t sums =
        job->whole ? columns_of(job) * blocks_of(job) * job->inputs * column_sums(job)
                   : 0;
    const size_t weights =
        job->runs < job->shards || job->whole
            ? blocks_of(job) * rows_of(job) * levels_of(job->shards) * square_size(job)
            : 0;
    if (scratch) {
        job->x_planes = scratch;
        job->dy_planes = job->x_planes + x;
        job->sums = job->dy_planes + dy;
        job->weights = weights ? job->sums + sums : NULL;
    }
    return (x + dy + sums + weights) * sizeof(float);
}

size_t mica_tiles_backward_weights_scratch(const struct conv *conv, size_t n,
                                           size_t shards)
{
    struct job job = job_of(conv, n, shards);
    return place(&job, NULL);
}

/* ---- to frequencies ---- */

/* Where column k of a group's tiles is, of a shard of those that are there. */
static size_t plane_at(const struct job *job, size_t groups, size_t k, size_t run,
                       size_t group)
{
    return ((k * job->runs + run) * groups + group) * column_size(job);
}

/* And a tile of those that are there, at the first column. */
static size_t tile_at(const struct job *job, size_t groups, size_t tile, size_t group)
{
    return plane_at(job, groups, 0, tile / job->held, group) +
           tile % job->held * number();
}

static void read_x(void *context, size_t i)
{
    const struct job *job = context;
    const size_t tile = i / job->inputs, group = i % job->inputs;
    struct tile_reading reading =
        mica_tile_reading(&job->cut, job->conv, job->x, job->first + tile);
    reading.from += group * lanes();
    reading.channels = least(lanes(), job->conv->in_c - group * lanes());
    reading.to = job->x_planes + tile_at(job, job->inputs, tile, group);
    reading.apart = job->held * number();
    reading.column = plane_at(job, job->inputs, 1, 0, 0);
    mica_kernels()->tile->read(&reading);
}

/* Outputs lie as far from the corner of their tile as the middle of a kernel does. */
static void read_dy(void *context, size_t i)
{
    const struct job *job = context;
    const struct conv *conv = job->conv;
    const size_t tile = i / job->outputs, group = i % job->outputs;
    const size_t channel = group * lanes();
    const size_t top = conv->kernel_h / 2, left = conv->kernel_w / 2;
    struct tile_reading reading =
        mica_tile_reading_back(&job->cut, conv, job->dy, job->first + tile);
    reading.from += channel;
    for (size_t end = 0; end < 2; end++) {
        reading.rows[end] += top;
        reading.columns[end] += left;
    }
    reading.channels =
        channel < conv->out_c ? least(lanes(), conv->out_c - channel) : 0;
    reading.to = job->dy_planes + tile_at(job, job->outputs, tile, group);
    reading.apart = job->held * number();
    reading.column = plane_at(job, job->outputs, 1, 0, 0);
    mica_kernels()->tile->read(&reading);
}

static void read_tiles(struct job *job)
{
    mica_parallel_for(job->count * job->inputs, read_x, job);
    mica_parallel_for(job->count * job->outputs, read_dy, job);
}

/* ---- sums over tiles ---- */

/* The tiles that are there of a shard, a block of outputs and some inputs of a group, at
   column k. */
static void sum_column(const struct job *job, size_t run, size_t block, size_t k,
                       size_t input, size_t inputs, bool add, float *sums)
{
    const struct tile_correlation correlation = {
        .x = job->x_planes + plane_at(job, job->inputs, k, run, input / lanes()) +
             input % lanes(),
        .d = job->dy_planes + plane_at(job, job->outputs, k, run, block * TILE_BLOCK),
        .g = sums,
        .apart = job->held * number(),
        .d_group = column_size(job),
        .frequencies = job->cut.of.length,
        .tiles = job->whole ? job->count : job->tiles,
        .inputs = inputs,
        .add = add};
    mica_kernels()->tile->correlate(&correlation);
}

static float *sums_at(const struct job *job, size_t block, size_t k, size_t group)
{
    return job->sums +
           ((k * blocks_of(job) + block) * job->inputs + group) * column_sums(job);
}

/* Of all weights: a block of outputs at a column. Blocks follow each other at the same
   column, whose inputs stay in the cache. */
static void sum_piece(void *context, size_t i)
{
    const struct job *job = context;
    const size_t k = i / blocks_of(job), block = i % blocks_of(job);
    for (size_t group = 0; group < job->inputs; group++)
        sum_column(job, 0, block, k, group * lanes(), lanes(),
                   job->first > job->shard * job->tiles, sums_at(job, block, k, group));
}

static void sum_shard(struct job *job)
{
    const size_t end = (job->shard + 1) * job->tiles;
    for (job->first = job->shard * job->tiles; job->first < end;
         job->first += job->count) {
        job->count = least(job->held, end - job->first);
        read_tiles(job);
        mica_parallel_for(blocks_of(job) * columns_of(job), sum_piece, job);
    }
}

/* ---- back to weights ---- */

static struct tile_kernel kernel_of(const struct job *job)
{
    return (struct tile_kernel){&job->cut.of, job->conv->kernel_h, job->conv->kernel_w};
}

/* Weights of inputs `first` .. of a block of outputs, from the tiles of a shard. */
static void write_square(const struct job *job, size_t run, size_t block, size_t first,
                         float *weights)
{
    _Alignas(MICA_ALIGNMENT) float own[SUMS], lines[LINES];
    const struct tile_kernel kernel = kernel_of(job);
    const size_t length = job->cut.of.length, part = least(job->depth, lanes());
    /* both factors were read twice as large */
    const float scale = 0.25f / (float)(length * length);
    for (size_t k = 0; k < columns_of(job); k++)
        for (size_t i = 0; i < job->depth; i += part) {
            const size_t input = first + i, inputs = job->whole ? lanes() : part;
            const float *from = own;
            if (job->whole)
                from = sums_at(job, block, k, input / lanes()) +
                       input % lanes() * TILE_BLOCK * number();
            else
                sum_column(job, run, block, k, input, part, false, own);
            mica_kernels()->tile->unfilter(
                &kernel, from, inputs * TILE_BLOCK * number(), k, part * TILE_BLOCK,
                lines + i * TILE_BLOCK * line_size(job));
        }
    mica_kernels()->tile->unfold(&kernel, lines, scale, job->depth * TILE_BLOCK,
                                 weights);
}

/* Kernels of a group of outputs and an input: lanes become rows. */
static void unpack(const struct job *job, size_t output, size_t input,
                   const float *weights)
{
    const struct conv *conv = job->conv;
    const size_t taps = taps_of(job), wide = round_up(taps, lanes());
    float rows[TILE_LANES * (TILE_TAPS + TILE_LANES)];
    const struct packing packing = {.to = rows,
                                    .width = wide,
                                    .taps = 1,
                                    .from = weights,
                                    .apart = lanes(),
                                    .rows = taps,
                                    .columns = lanes()};
    mica_kernels()->conv->pack(&packing);
    for (size_t j = 0; j < lanes() && output + j < conv->out_c; j++) {
        float *to = job->dweights + ((output + j) * conv->in_c + input) * taps;
        (job->add ? mica_kernels()->accumulate
                  : mica_kernels()->copy)(to, rows + j * wide, taps);
    }
}

/* Subtrees that are open when so many shards are done: one for each bit. */
static size_t open_after(size_t shards)
{
    size_t open = 0;
    for (; shards; shards &= shards - 1)
        open++;
    return open;
}

/* The fixed tree, as core/conv_gradient.c has it: subtrees are joined when they are complete.
   The last `open` of them. */
static void join(float *weights, size_t open, size_t size)
{
    mica_kernels()->accumulate(weights + (open - 2) * size, weights + (open - 1) * size,
                               size);
}

/* Some inputs of a block of outputs, of the shards whose frequencies are there. */
static void do_square(void *context, size_t i)
{
    const struct job *job = context;
    _Alignas(MICA_ALIGNMENT) float own[LEVELS];
    const size_t block = i / rows_of(job), first = i % rows_of(job) * job->depth;
    const size_t size = square_size(job), end = job->shard + job->runs;
    float *weights =
        job->weights ? job->weights + i * levels_of(job->shards) * size : own;
    size_t open = open_after(job->shard);
    for (size_t shard = job->shard; shard < end; shard++) {
        write_square(job, shard - job->shard, block, first, weights + open++ * size);
        for (size_t done = shard + 1; done % 2 == 0; done /= 2, open--)
            join(weights, open, size);
    }
    if (end < job->shards)
        return;
    for (; open > 1; open--)
        join(weights, open, size);
    for (size_t k = 0; k < job->depth && first + k < job->conv->in_c; k++)
        for (size_t j = 0; j < TILE_BLOCK; j++)
            unpack(job, (block * TILE_BLOCK + j) * lanes(), first + k,
                   weights + (k * TILE_BLOCK + j) * taps_of(job) * lanes());
}

void mica_tiles_backward_weights(const struct conv *conv, const struct tensor *x,
                                 const struct tensor *dy, size_t shards,
                                 float *dweights, bool add, void *scratch)
{
    struct job job = job_of(conv, x->shape.n, shards);
    place(&job, scratch);
    job.x = x;
    job.dy = dy;
    job.dweights = dweights;
    job.add = add;
    for (; job.shard < shards; job.shard += job.runs) {
        job.first = job.shard * job.tiles;
        job.count = job.runs * job.tiles;
        if (job.whole)
            sum_shard(&job);
        else
            read_tiles(&job);
        mica_parallel_for(blocks_of(&job) * rows_of(&job), do_square, &job);
    }
}
