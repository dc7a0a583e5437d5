/* conv_tiles_gradient.c - convolution by its weights, by Fourier transforms of tiles

   At each frequency the gradient is a product of matrices over tiles: inputs x tiles times
   tiles x outputs, with the conjugate of dy. Where there are few weights, tiles pass in
   rounds beneath the sums of all; where there are many, the frequencies of all tiles stay, and
   weights are done block by block, column by column of the frequencies. Tiles of a
   shard are summed in order; each shard goes back to weights by itself, and those are joined
   by the fixed tree, so that a rank that owns half of the shards computes the same bits. */
#include "core/conv_tiles.h"

#include "core/conv_sizes.h"
#include "core/memory.h"
#include "core/parallel.h"

enum {
    WEIGHTS = 1 << 20, /* of a part of all, where they are not done at once */
    DEEPEST = 16,      /* inputs of a block: TILE_LANES or a multiple of it */
    FEWEST = 12,       /* tiles of a round, at least */
    SLICE = 16384,     /* weights that are joined at once */
    IMAGES = 4         /* of a batch, as it were: nothing may follow from its size */
};

struct job {
    const struct conv *conv;
    struct tile_cut cut;
    const struct tensor *x, *dy;
    size_t shards, tiles;   /* of a shard */
    size_t inputs, outputs; /* groups of LANES channels; outputs: whole blocks */
    size_t held;            /* tiles whose frequencies are there */
    size_t part_inputs, part_outputs; /* groups of the weights of a part */
    bool whole;                       /* sums of all weights are held */
    /* [planes][groups][held][2][LANES] twice; [blocks][columns][y][inputs][block][2][LANES];
       of a part: [groups of outputs][inputs][folded][LANES] and, a level of the tree each,
       [groups of outputs][inputs][taps][LANES] */
    float *x_planes, *dy_planes, *sums, *folded, *weights, *dweights;
    bool add;
    /* under way */
    size_t shard, first, count; /* tiles of the batch that are read or summed */
    size_t input, depth, output, height; /* groups: the part */
    size_t level;                        /* of the tree over shards */
};

static size_t lanes(void) { return mica_kernels()->lanes; }
/* Groups of inputs of a block. */
static size_t deepest(void) { return DEEPEST / lanes(); }

static size_t columns_of(const struct job *job) { return job->cut.of.length / 2 + 1; }

/* Sums of a block of outputs at a column, for so many inputs. */
static size_t column_sums(const struct job *job, size_t inputs)
{
    return job->cut.of.length * inputs * TILE_BLOCK * number();
}

static size_t taps_of(const struct job *job)
{
    return job->conv->kernel_h * job->conv->kernel_w;
}

/* How weights are cut into parts: all outputs and some inputs, or some of both. */
static void cut_weights(struct job *job)
{
    const size_t square = taps_of(job) * lanes() * lanes();
    const size_t all = most(WEIGHTS / square, 1);
    job->part_outputs = job->outputs;
    job->part_inputs = job->inputs;
    if (job->whole || job->outputs * job->inputs <= all)
        return;
    job->part_outputs =
        least(job->outputs, most(all / deepest() / TILE_BLOCK, 1) * TILE_BLOCK);
    job->part_inputs =
        least(job->inputs, most(all / job->part_outputs / deepest(), 1) * deepest());
}

static struct job job_of(const struct conv *conv, size_t n, size_t shards)
{
    struct job job = {
        .conv = conv, .cut = mica_tiles_gradient_cut(conv), .shards = shards};
    job.inputs = ratio_up(conv->in_c, lanes());
    job.outputs = round_up(ratio_up(conv->out_c, lanes()), TILE_BLOCK);
    const size_t image = job.cut.rows.count * job.cut.columns.count;
    job.tiles = n / shards * image;
    const size_t sums = columns_of(&job) * job.outputs / TILE_BLOCK *
                        column_sums(&job, job.inputs * lanes());
    const size_t tile = job.cut.planes * (job.inputs + job.outputs) * number();
    job.whole = sums <= TILE_WHOLE || sums < IMAGES * image * tile;
    job.held = job.whole ? least(job.tiles, most(TILE_ROUND / tile, FEWEST))
                         : shards * job.tiles;
    cut_weights(&job);
    return job;
}

/* Weights of a part. */
static size_t level_size(const struct job *job)
{
    return job->part_inputs * job->part_outputs * lanes() * lanes() * taps_of(job);
}

static size_t place(struct job *job, float *scratch)
{
    const size_t planes = job->cut.planes;
    const size_t x = planes * planes_apart(job->held, job->inputs);
    const size_t dy = planes * planes_apart(job->held, job->outputs);
    const size_t sums = job->whole ? columns_of(job) * job->outputs / TILE_BLOCK *
                                         column_sums(job, job->inputs * lanes())
                                   : 0;
    const size_t folded = round_up(job->part_outputs * job->part_inputs * lanes() *
                                       mica_tile_folded(job->conv) * lanes(),
                                   16);
    if (scratch) {
        job->x_planes = scratch;
        job->dy_planes = job->x_planes + x;
        job->sums = job->dy_planes + dy;
        job->folded = job->sums + sums;
        job->weights = job->folded + folded;
    }
    return (x + dy + sums + folded + levels_of(job->shards) * level_size(job)) *
           sizeof(float);
}

size_t mica_tiles_backward_weights_scratch(const struct conv *conv, size_t n,
                                           size_t shards)
{
    struct job job = job_of(conv, n, shards);
    return place(&job, NULL);
}

/* ---- to frequencies ---- */

static void read_x(void *context, size_t i)
{
    const struct job *job = context;
    const size_t tile = i / job->inputs, group = i % job->inputs;
    mica_tile_read(&job->cut, job->conv, job->x, job->first + tile, group * lanes(),
                   job->x_planes + (group * job->held + tile) * number(),
                   planes_apart(job->held, job->inputs));
}

/* The outputs of a tile alone: those of its neighbours count as 0. They lie as far from its
   corner as the middle of a kernel does. */
static void read_dy(void *context, size_t i)
{
    const struct job *job = context;
    const struct conv *conv = job->conv;
    const size_t tile = i / job->outputs, group = i % job->outputs;
    const size_t channel = group * lanes();
    const struct tile_place place = mica_tile_place(&job->cut, job->first + tile);
    const size_t top = conv->kernel_h / 2, left = conv->kernel_w / 2;
    const struct tile_reading reading = {
        .of = &job->cut.of,
        .from = mica_tensor_at(job->dy, place.image,
                               place.row * conv->out_w + place.column) +
                channel,
        .row = (ptrdiff_t)(conv->out_w * job->dy->stride),
        .pixel = (ptrdiff_t)job->dy->stride,
        .rows = {top, top + least(job->cut.rows.step, conv->out_h - place.row)},
        .columns = {left,
                    left + least(job->cut.columns.step, conv->out_w - place.column)},
        .channels = channel < conv->out_c ? least(lanes(), conv->out_c - channel) : 0,
        .to = job->dy_planes + (group * job->held + tile) * number(),
        .apart = planes_apart(job->held, job->outputs)};
    mica_kernels()->tile->read(&reading);
}

static void read_tiles(struct job *job)
{
    mica_parallel_for(job->count * job->inputs, read_x, job);
    mica_parallel_for(job->count * job->outputs, read_dy, job);
}

/* ---- sums over tiles ---- */

/* The tiles that are there, a block of outputs, some groups of inputs, at column k. */
static void sum_column(const struct job *job, size_t block, size_t k, size_t group,
                       size_t groups, bool add, float *sums)
{
    const size_t length = job->cut.of.length;
    const size_t x = planes_apart(job->held, job->inputs);
    const size_t d = planes_apart(job->held, job->outputs);
    const size_t all = job->held * number();
    const size_t tile = job->whole ? 0 : job->shard * job->tiles * number();
    struct tile_correlation correlation = {
        .x = job->x_planes + k * length * x + group * all + tile,
        .d = job->dy_planes + k * length * d + block * TILE_BLOCK * all + tile,
        .g = sums,
        .x_group = all,
        .d_group = all,
        .tiles = job->whole ? job->count : job->tiles,
        .inputs = groups * lanes(),
        .add = add};
    for (size_t y = 0; y < length; y++) {
        mica_kernels()->tile->correlate(&correlation);
        correlation.x += x;
        correlation.d += d;
        correlation.g += correlation.inputs * TILE_BLOCK * number();
    }
}

/* Of all weights: a block of outputs at a column. */
static void sum_piece(void *context, size_t i)
{
    const struct job *job = context;
    sum_column(job, i / columns_of(job), i % columns_of(job), 0, job->inputs,
               job->first > job->shard * job->tiles,
               job->sums + i * column_sums(job, job->inputs * lanes()));
}

static void sum_shard(struct job *job)
{
    const size_t end = (job->shard + 1) * job->tiles;
    for (job->first = job->shard * job->tiles; job->first < end;
         job->first += job->count) {
        job->count = least(job->held, end - job->first);
        read_tiles(job);
        mica_parallel_for(job->outputs / TILE_BLOCK * columns_of(job), sum_piece, job);
    }
}

/* ---- back to weights ---- */

/* Some inputs of a block of outputs, counted in the part. */
struct square {
    size_t input, inputs, output; /* groups; from there on are TILE_BLOCK of them */
};

static struct tile_kernel kernel_of(const struct job *job)
{
    return (struct tile_kernel){&job->cut.of, job->conv->kernel_h, job->conv->kernel_w};
}

static struct square square_of(const struct job *job, size_t i)
{
    const size_t rows = ratio_up(job->depth, deepest());
    struct square s = {.input = i % rows * deepest(), .output = i / rows * TILE_BLOCK};
    s.inputs = least(deepest(), job->depth - s.input);
    return s;
}

static float *folded_at(const struct job *job, size_t output, size_t input)
{
    return job->folded + (output * job->depth * lanes() + input) *
                             mica_tile_folded(job->conv) * lanes();
}

/* What columns first .. first + count - 1 add to the weights of a square. */
static void add_columns(const struct job *job, const struct square *s, size_t first,
                        size_t count)
{
    const struct tile_kernel kernel = kernel_of(job);
    const size_t block = (job->output + s->output) / TILE_BLOCK;
    const size_t all = (job->whole ? job->inputs : s->inputs) * lanes();
    float own[TILE_PACKED];
    const float *from = own;
    if (job->whole)
        from = job->sums + (block * columns_of(job) + first) * column_sums(job, all) +
               s->input * lanes() * TILE_BLOCK * number();
    for (size_t k = 0; k < count && !job->whole; k++)
        sum_column(job, block, first + k, job->input + s->input, s->inputs, false,
                   own + k * column_sums(job, all));
    for (size_t i = 0; i < s->inputs * lanes(); i++)
        for (size_t group = 0; group < TILE_BLOCK; group++)
            mica_kernels()->tile->unfilter(
                &kernel, from + (i * TILE_BLOCK + group) * number(),
                all * TILE_BLOCK * number(), first, count,
                folded_at(job, s->output + group, s->input * lanes() + i));
}

/* Of a group of outputs and an input, counted in the part. */
static float *weights_of(const struct job *job, size_t level, size_t group,
                         size_t input)
{
    return job->weights + level * level_size(job) +
           (group * job->depth * lanes() + input) * taps_of(job) * lanes();
}

static void write_square(void *context, size_t i)
{
    const struct job *job = context;
    const struct square s = square_of(job, i);
    const struct tile_kernel kernel = kernel_of(job);
    const size_t length = job->cut.of.length, columns = columns_of(job);
    /* both factors were read twice as large */
    const float scale = 0.25f / (float)(length * length);
    const size_t fit = TILE_PACKED / column_sums(job, s.inputs * lanes());
    for (size_t k = 0; k < columns; k += fit)
        add_columns(job, &s, k, least(fit, columns - k));
    for (size_t j = 0; j < TILE_BLOCK; j++)
        for (size_t k = 0; k < s.inputs * lanes(); k++) {
            const size_t group = s.output + j, input = s.input * lanes() + k;
            mica_kernels()->tile->unfold(&kernel, folded_at(job, group, input), scale,
                                         weights_of(job, job->level, group, input));
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
    const size_t squares = ratio_up(job->depth, deepest()) * job->height / TILE_BLOCK;
    for (job->shard = 0; job->shard < job->shards; job->shard++) {
        if (job->whole)
            sum_shard(job);
        job->level = open++;
        mica_parallel_for(squares, write_square, job);
        for (size_t i = job->shard + 1; i % 2 == 0; i /= 2, open--)
            join(job, open - 2);
    }
    for (; open > 1; open--)
        join(job, open - 2);
}

/* A group of outputs and an input of the part: lanes become rows. */
static void unpack(void *context, size_t i)
{
    const struct job *job = context;
    const struct conv *conv = job->conv;
    const size_t taps = taps_of(job), wide = round_up(taps, lanes());
    const size_t group = i / (job->depth * lanes()), first = i % (job->depth * lanes());
    const size_t output = (job->output + group) * lanes();
    const size_t input = job->input * lanes() + first;
    float rows[TILE_LANES * (TILE_TAPS + TILE_LANES)];
    const struct packing packing = {.to = rows,
                                    .width = wide,
                                    .taps = 1,
                                    .from = weights_of(job, 0, group, first),
                                    .apart = lanes(),
                                    .rows = taps,
                                    .columns = lanes()};
    if (input >= conv->in_c)
        return;
    mica_kernels()->conv->pack(&packing);
    for (size_t j = 0; j < lanes() && output + j < conv->out_c; j++) {
        float *to = job->dweights + ((output + j) * conv->in_c + input) * taps;
        (job->add ? mica_kernels()->accumulate
                  : mica_kernels()->copy)(to, rows + j * wide, taps);
    }
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
    if (!job.whole)
        read_tiles(&job);
    for (job.output = 0; job.output < job.outputs; job.output += job.height) {
        job.height = least(job.part_outputs, job.outputs - job.output);
        for (job.input = 0; job.input < job.inputs; job.input += job.depth) {
            job.depth = least(job.part_inputs, job.inputs - job.input);
            sum_shards(&job);
            mica_parallel_for(job.height * job.depth * lanes(), unpack, &job);
        }
    }
}
