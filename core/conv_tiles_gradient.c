/* conv_tiles_gradient.c - convolution by its weights, by Fourier transforms of tiles

   At each frequency the gradient is a product of matrices over tiles: inputs x tiles times
   tiles x outputs, with the conjugate of dy. Where there are few weights, tiles pass in
   rounds beneath the sums of all; where there are many, the frequencies of all tiles stay,
   and weights are done block by block. Tiles of a shard are summed in order; each shard goes
   back to weights by itself, and those are joined by the fixed tree, so that a rank that
   owns half of the shards computes the same bits. */
#include "core/conv_tiles.h"

#include "core/conv_sizes.h"
#include "core/memory.h"
#include "core/parallel.h"

enum {
    BLOCK =
        1 << 20,  /* numbers of the sums of a block, where all are not held at once */
    DEEPEST = 32, /* inputs of a block */
    CHUNK = 96,   /* tiles that are summed at once */
    SLICE = 16384 /* weights that are joined at once */
};

struct job {
    const struct conv *conv;
    struct tile_cut cut;
    const struct tensor *x, *dy;
    size_t shards, tiles;   /* of a shard */
    size_t inputs, outputs; /* padded: to lanes, to blocks of a correlation */
    size_t width;           /* of such a block */
    size_t held;            /* tiles whose frequencies are there */
    size_t block_inputs, block_outputs;
    bool keep; /* the frequencies of all tiles */
    /* [planes][held][inputs], [planes][blocks][held][width], [planes][blocks][rows][width],
       [levels][outputs][inputs][taps] */
    float *x_planes, *dy_planes, *sums, *weights, *dweights;
    bool add;
    /* under way */
    size_t first, count;             /* tiles of the batch that are read or summed */
    size_t input, depth, output, to; /* the block of weights */
    size_t level;                    /* of the tree over shards */
    bool start;                      /* of a sum */
};

static struct job job_of(const struct conv *conv, size_t n, size_t shards)
{
    struct job job = {
        .conv = conv, .cut = mica_tiles_gradient_cut(conv), .shards = shards};
    const size_t planes = job.cut.planes;
    job.width = mica_kernels()->conv->correlation_width;
    job.inputs = round_up(conv->in_c, mica_kernels()->lanes);
    job.outputs = round_up(conv->out_c, job.width);
    job.tiles = n / shards * job.cut.rows.count * job.cut.columns.count;
    job.keep = planes * job.inputs * job.outputs > TILE_WHOLE;
    job.block_inputs = job.keep ? least(job.inputs, DEEPEST) : job.inputs;
    size_t fit = BLOCK / (planes * job.block_inputs) / job.width * job.width;
    job.block_outputs =
        job.keep ? least(job.outputs, most(fit, job.width)) : job.outputs;
    size_t round = most(TILE_ROUND / (planes * (job.inputs + job.outputs)), 1);
    job.held = job.keep ? shards * job.tiles : least(job.tiles, round);
    return job;
}

/* Weights of a block. */
static size_t level_size(const struct job *job)
{
    return job->block_inputs * job->block_outputs * job->conv->kernel_h *
           job->conv->kernel_w;
}

static size_t place(struct job *job, float *scratch)
{
    const size_t planes = job->cut.planes;
    const size_t x = planes * planes_apart(job->held * job->inputs);
    const size_t dy = planes * planes_apart(job->held * job->outputs);
    const size_t sums = planes * planes_apart(job->block_inputs * job->block_outputs);
    if (scratch) {
        job->x_planes = scratch;
        job->dy_planes = job->x_planes + x;
        job->sums = job->dy_planes + dy;
        job->weights = job->sums + sums;
    }
    return (x + dy + sums + levels_of(job->shards) * level_size(job)) * sizeof(float);
}

size_t mica_tiles_backward_weights_scratch(const struct conv *conv, size_t n,
                                           size_t shards)
{
    struct job job = job_of(conv, n, shards);
    return place(&job, NULL);
}

/* ---- to frequencies ---- */

/* Where tile `first` + i of the batch lies in the planes. */
static size_t slot(const struct job *job, size_t i)
{
    return job->keep ? job->first + i : i;
}

static void read_x(void *context, size_t i)
{
    const struct job *job = context;
    const size_t lanes = mica_kernels()->lanes, groups = job->inputs / lanes;
    const size_t tile = i / groups, channel = i % groups * lanes;
    mica_tile_read(&job->cut, job->conv, job->x, job->first + tile, channel,
                   job->x_planes + slot(job, tile) * job->inputs + channel,
                   planes_apart(job->held * job->inputs));
}

/* The outputs of a tile alone: those of its neighbours count as 0. */
static void read_dy(void *context, size_t i)
{
    const struct job *job = context;
    const struct conv *conv = job->conv;
    const size_t lanes = mica_kernels()->lanes, groups = job->outputs / lanes;
    const size_t tile = i / groups, channel = i % groups * lanes;
    const struct tile_place place = mica_tile_place(&job->cut, job->first + tile);
    const size_t block = channel / job->width;
    const struct tile_reading reading = {
        .of = &job->cut.of,
        .from = mica_tensor_at(job->dy, place.image,
                               place.row * conv->out_w + place.column) +
                channel,
        .row = (ptrdiff_t)(conv->out_w * job->dy->stride),
        .pixel = (ptrdiff_t)job->dy->stride,
        .rows = {0, least(job->cut.rows.step, conv->out_h - place.row)},
        .columns = {0, least(job->cut.columns.step, conv->out_w - place.column)},
        .channels = channel < conv->out_c ? least(lanes, conv->out_c - channel) : 0,
        .to = job->dy_planes + (block * job->held + slot(job, tile)) * job->width +
              channel % job->width,
        .apart = planes_apart(job->held * job->outputs),
        .filter = true};
    mica_kernels()->tile->read(&reading);
}

static void read_tiles(struct job *job)
{
    const size_t lanes = mica_kernels()->lanes;
    mica_parallel_for(job->count * job->inputs / lanes, read_x, job);
    mica_parallel_for(job->count * job->outputs / lanes, read_dy, job);
}

/* ---- sums over tiles ---- */

/* The tiles that are under way, at one frequency, for the block of weights. */
static void sum_plane(void *context, size_t plane)
{
    const struct job *job = context;
    const float *x[CHUNK];
    const float *from = job->x_planes + plane * planes_apart(job->held * job->inputs);
    const float *dy = job->dy_planes + plane * planes_apart(job->held * job->outputs);
    struct correlation c = {.x = x, .first = job->input, .rows = job->depth};
    for (size_t tile = 0; tile < job->count; tile += c.pixels) {
        c.pixels = least(CHUNK, job->count - tile);
        c.add = !job->start || tile > 0;
        c.g = job->sums + plane * planes_apart(job->block_inputs * job->block_outputs);
        for (size_t i = 0; i < c.pixels; i++)
            x[i] = from + slot(job, tile + i) * job->inputs;
        for (size_t o = job->output; o < job->to; o += job->width) {
            c.d = dy + (o / job->width * job->held + slot(job, tile)) * job->width;
            mica_kernels()->conv->correlate(&c);
            c.g += job->depth * job->width;
        }
    }
}

static void sum_shard(struct job *job, size_t shard)
{
    const size_t begin = shard * job->tiles, end = begin + job->tiles;
    job->start = true;
    for (size_t tile = begin; tile < end; tile += job->count) {
        job->first = tile;
        job->count = job->keep ? job->tiles : least(job->held, end - tile);
        if (!job->keep)
            read_tiles(job);
        mica_parallel_for(job->cut.planes, sum_plane, job);
        job->start = false;
    }
}

/* ---- back to weights ---- */

/* Of output and input, counted in the block. */
static float *weights_of(const struct job *job, size_t level, size_t output,
                         size_t input)
{
    return job->weights + level * level_size(job) +
           (output * job->depth + input) * job->conv->kernel_h * job->conv->kernel_w;
}

/* One input and some outputs of the block. */
static void write_piece(void *context, size_t i)
{
    const struct job *job = context;
    const struct conv *conv = job->conv;
    const size_t lanes = mica_kernels()->lanes, input = i % job->depth;
    const size_t output = i / job->depth * lanes, block = output / job->width;
    const size_t taps = conv->kernel_h * conv->kernel_w;
    float kernel[TILE_TAPS * TILE_LANES];
    const struct tile_writing writing = {
        .of = &job->cut.of,
        .from =
            job->sums + (block * job->depth + input) * job->width + output % job->width,
        .apart = planes_apart(job->block_inputs * job->block_outputs),
        .to = kernel,
        .row = (ptrdiff_t)(conv->kernel_w * lanes),
        .pixel = (ptrdiff_t)lanes,
        .rows = conv->kernel_h,
        .columns = conv->kernel_w,
        .channels = lanes};
    mica_kernels()->tile->write(&writing);
    for (size_t j = 0; j < lanes; j++) {
        float *to = weights_of(job, job->level, output + j, input);
        for (size_t tap = 0; tap < taps; tap++)
            to[tap] = kernel[tap * lanes + j];
    }
}

/* The level behind `level` joins it. */
static void join_slice(void *context, size_t i)
{
    const struct job *job = context;
    const size_t from = i * SLICE, all = level_size(job);
    float *into = job->weights + job->level * all + from;
    mica_kernels()->accumulate(into, into + all, least(SLICE, all - from));
}

static void join(struct job *job, size_t level)
{
    job->level = level;
    mica_parallel_for(ratio_up(level_size(job), SLICE), join_slice, job);
}

/* As core/conv_gradient.c joins them: subtrees when they are complete. */
static void sum_shards(struct job *job)
{
    size_t open = 0;
    const size_t pieces = job->depth * (job->to - job->output) / mica_kernels()->lanes;
    for (size_t shard = 0; shard < job->shards; shard++) {
        sum_shard(job, shard);
        job->level = open++;
        mica_parallel_for(pieces, write_piece, job);
        for (size_t i = shard + 1; i % 2 == 0; i /= 2, open--)
            join(job, open - 2);
    }
    for (; open > 1; open--)
        join(job, open - 2);
}

/* An output of the block. */
static void unpack(void *context, size_t i)
{
    const struct job *job = context;
    const struct conv *conv = job->conv;
    const size_t output = job->output + i, taps = conv->kernel_h * conv->kernel_w;
    if (output >= conv->out_c)
        return;
    const float *from = weights_of(job, 0, i, 0);
    float *to = job->dweights + (output * conv->in_c + job->input) * taps;
    const size_t count = least(job->depth, conv->in_c - job->input) * taps;
    if (job->add)
        mica_kernels()->accumulate(to, from, count);
    else
        mica_kernels()->copy(to, from, count);
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
    job.count = job.held;
    if (job.keep)
        read_tiles(&job);
    for (job.output = 0; job.output < job.outputs; job.output = job.to) {
        job.to = least(job.output + job.block_outputs, job.outputs);
        for (job.input = 0; job.input < job.inputs; job.input += job.depth) {
            job.depth = least(job.block_inputs, job.inputs - job.input);
            sum_shards(&job);
            mica_parallel_for(job.to - job.output, unpack, &job);
        }
    }
}
