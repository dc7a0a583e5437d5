/* conv_tiles.c - convolution forward and by its data, by Fourier transforms of tiles

   Backward by the data is the forward pass of the turned kernel. In rounds of some tiles:
   tiles to frequencies, products at each frequency, frequencies to outputs; three loops over
   threads. Weights are folded once; their frequencies are made in blocks that stay in a cache,
   anew in each round, and used at once. */
#include "core/conv_tiles.h"

#include "core/conv_sizes.h"
#include "core/conv_winograd.h"
#include "core/memory.h"
#include "core/parallel.h"
#include <string.h>

enum {
    RESULTS = 192 << 10 /* bytes of the results of a piece of products */
};

size_t mica_tile_folded(const struct conv *conv)
{
    return (2 * (conv->kernel_h / 2) + 1) * (2 * (conv->kernel_w / 2) + 1);
}

/* ---- a pass ---- */

struct pass {
    const struct conv *conv; /* of this pass: its inputs are what is read */
    struct tile_cut cut;
    struct conv_weights weights;
    bool turned;                   /* the pass backward by the data */
    size_t tiles, inputs, outputs; /* groups of LANES channels */
    size_t round;                  /* tiles */
    size_t columns, depth; /* of frequencies and inputs that are multiplied at once */
    const struct tensor *x;
    const float *bias_given;
    struct tile_outputs to;
    /* [column][y][groups][tiles][2][LANES], before and behind the products */
    float *frequencies, *products;
    /* [groups of outputs][in_c][weights of a kernel, folded][LANES]; room for it in scratch */
    const float *folded;
    float *room;
    float *bias;
    size_t first, count; /* tiles under way */
};

/* Floats of an input's packed weights of a block of outputs, at a frequency. */
static size_t weight_size(void)
{
    return mica_kernels()->tile->numbers * TILE_BLOCK * mica_kernels()->lanes;
}

/* Floats from frequency to frequency of a column of packed weights of a block: an odd number of
   cache lines, as those of an input would meet in few places of the first cache. */
static size_t packed_apart(size_t depth)
{
    return (ratio_up(depth * weight_size(), 16) | 1) * 16;
}

static size_t blocks_of(const struct pass *p)
{
    return ratio_up(p->outputs, TILE_BLOCK);
}

static struct pass pass_of(const struct conv *conv, size_t n)
{
    struct pass pass = {.conv = conv, .cut = mica_tiles_cut(conv)};
    const size_t lanes = mica_kernels()->lanes;
    pass.inputs = ratio_up(conv->in_c, lanes);
    pass.outputs = ratio_up(conv->out_c, lanes);
    pass.tiles = n * pass.cut.rows.count * pass.cut.columns.count;
    pass.round = least(pass.tiles, mica_tiles_round(conv, &pass.cut));
    const size_t column =
        pass.cut.of.length * pass.round * TILE_BLOCK * number() * sizeof(float);
    pass.columns = least(most(RESULTS / column, 1), pass.cut.of.length / 2 + 1);
    pass.depth = lanes;
    while (pass.cut.of.length * packed_apart(pass.depth + lanes) <= TILE_PACKED)
        pass.depth += lanes;
    return pass;
}

static size_t folded_numbers(const struct conv *conv)
{
    const size_t unit = 16, lanes = mica_kernels()->lanes;
    const size_t outputs = ratio_up(conv->out_c, lanes) * lanes;
    return round_up(outputs * conv->in_c * mica_tile_folded(conv), unit);
}

static size_t place(struct pass *p, float *scratch)
{
    const size_t planes = p->cut.planes, unit = 16, lanes = mica_kernels()->lanes;
    const size_t frequencies = planes * planes_apart(p->round, p->inputs);
    const size_t products = planes * planes_apart(p->round, p->outputs);
    const size_t folded = p->weights.prepared ? 0 : folded_numbers(p->conv);
    const size_t bias = round_up(p->outputs * lanes, unit);
    if (scratch) {
        p->frequencies = scratch;
        p->products = p->frequencies + frequencies;
        p->room = p->products + products;
        p->bias = p->room + folded;
    }
    return (frequencies + products + folded + bias) * sizeof(float);
}

/* ---- weights ---- */

struct folding {
    const struct conv *conv;
    const float *weights;
    bool turned;
    float *to;
};

/* One input and a group of outputs. Of the turned kernel, inputs and outputs are exchanged in
   the file. */
static void fold_piece(void *context, size_t i)
{
    const struct folding *f = context;
    const struct conv *conv = f->conv;
    const size_t lanes = mica_kernels()->lanes, taps = conv->kernel_h * conv->kernel_w;
    const size_t input = i % conv->in_c, output = i / conv->in_c * lanes;
    const struct tile_kernel kernel = {NULL, conv->kernel_h, conv->kernel_w};
    float kernels[TILE_TAPS * TILE_LANES];
    const size_t first =
        f->turned ? input * conv->out_c + output : output * conv->in_c + input;
    const struct packing packing = {.to = kernels,
                                    .width = lanes,
                                    .taps = 1,
                                    .from = f->weights + first * taps,
                                    .apart = (f->turned ? 1 : conv->in_c) * taps,
                                    .rows = least(lanes, conv->out_c - output),
                                    .columns = taps};
    mica_kernels()->conv->pack(&packing);
    mica_kernels()->tile->fold(&kernel, kernels, f->turned,
                               f->to + i * mica_tile_folded(conv) * lanes);
}

static bool by_winograd(const struct conv *conv)
{
    const struct tile_cut cut = mica_tiles_cut(conv);
    return mica_tiles_are_short(&cut);
}

size_t mica_tiles_prepared(const struct conv *conv)
{
    if (by_winograd(conv))
        return mica_winograd_prepared(conv);
    return folded_numbers(conv) * sizeof(float);
}

void mica_tiles_prepare(const struct conv *conv, const float *weights, bool turned,
                        float *prepared)
{
    if (by_winograd(conv)) {
        mica_winograd_prepare(conv, weights, turned, prepared);
        return;
    }
    struct folding folding = {conv, weights, turned, prepared};
    const size_t groups = ratio_up(conv->out_c, mica_kernels()->lanes);
    mica_parallel_for(groups * conv->in_c, fold_piece, &folding);
}

/* Inputs first .. first + depth - 1 of a block of outputs, at column k. */
static void filter_block(const struct pass *p, size_t block, size_t k, size_t first,
                         size_t depth, float *to)
{
    const size_t lanes = mica_kernels()->lanes, width = mica_kernels()->tile->width;
    const size_t groups = least(TILE_BLOCK, p->outputs - block * TILE_BLOCK);
    const size_t numbers = mica_kernels()->tile->numbers;
    const size_t folded = mica_tile_folded(p->conv) * lanes;
    const struct tile_kernel kernel = {&p->cut.of, p->conv->kernel_h,
                                       p->conv->kernel_w};
    for (size_t group = 0; group < groups; group++) {
        const size_t wide = group / width * width + width <= groups ? width : 1;
        const float *from =
            p->folded + ((block * TILE_BLOCK + group) * p->conv->in_c + first) * folded;
        float *at = to + (group / wide * wide * depth * numbers + group % wide) * lanes;
        mica_kernels()->tile->filter(&kernel, from, k, depth, at, wide * lanes,
                                     packed_apart(depth));
    }
}

/* ---- tiles ---- */

/* Some channels of a tile. */
static void read_piece(void *context, size_t i)
{
    const struct pass *p = context;
    const size_t tile = i / p->inputs, group = i % p->inputs;
    const size_t channel = group * mica_kernels()->lanes;
    struct tile_reading reading =
        mica_tile_reading(&p->cut, p->conv, p->x, p->first + tile);
    reading.from += channel;
    reading.channels = least(mica_kernels()->lanes, p->conv->in_c - channel);
    reading.to = p->frequencies + (group * p->count + tile) * number();
    reading.apart = planes_apart(p->count, p->inputs);
    reading.column = p->cut.of.length * reading.apart;
    mica_kernels()->tile->read(&reading);
}

static void write_piece(void *context, size_t i)
{
    const struct pass *p = context;
    const size_t tile = i / p->outputs, group = i % p->outputs;
    const size_t channel = group * mica_kernels()->lanes;
    struct tile_writing writing =
        mica_tile_writing(&p->cut, p->conv, &p->to, p->first + tile);
    writing.from = p->products + (group * p->count + tile) * number();
    writing.apart = planes_apart(p->count, p->outputs);
    writing.to += channel;
    writing.bias += channel;
    writing.channel = channel;
    writing.channels = least(mica_kernels()->lanes, p->conv->out_c - channel);
    mica_kernels()->tile->write(&writing);
}

/* ---- products ---- */

/* All tiles, a block of outputs, inputs first .. first + depth - 1, at column k. */
static void multiply_column(const struct pass *p, size_t block, size_t k, size_t first,
                            size_t depth, const float *w)
{
    const size_t lanes = mica_kernels()->lanes, length = p->cut.of.length;
    const size_t from = planes_apart(p->count, p->inputs),
                 to = planes_apart(p->count, p->outputs);
    const size_t group = p->count * number();
    struct tile_product product = {
        .x = p->frequencies + k * length * from + first / lanes * group,
        .w = w,
        .y = p->products + k * length * to + block * TILE_BLOCK * group,
        .x_group = group,
        .y_group = group,
        .tiles = p->count,
        .inputs = depth,
        .vectors = least(TILE_BLOCK, p->outputs - block * TILE_BLOCK),
        .ahead = from,
        .add = first > 0};
    for (size_t y = 0; y < length; y++) {
        mica_kernels()->tile->multiply(&product);
        product.x += from;
        product.y += to;
        product.w += packed_apart(depth);
    }
}

/* Some columns of a block of outputs: weights become frequencies where they are used. Blocks
   follow each other at the same columns, whose inputs stay in the cache. */
static void multiply_piece(void *context, size_t i)
{
    const struct pass *p = context;
    const size_t block = i % blocks_of(p), start = i / blocks_of(p) * p->columns;
    const size_t end = least(start + p->columns, p->cut.of.length / 2 + 1);
    const size_t in_c = p->conv->in_c;
    _Alignas(MICA_ALIGNMENT) float packed[TILE_PACKED];
    for (size_t first = 0, depth; first < in_c; first += depth) {
        depth = least(p->depth, in_c - first);
        for (size_t k = start; k < end; k++) {
            filter_block(p, block, k, first, depth, packed);
            multiply_column(p, block, k, first, depth, packed);
        }
    }
}

static void run(struct pass *p, void *scratch)
{
    const size_t lanes = mica_kernels()->lanes, columns = p->cut.of.length / 2 + 1;
    place(p, scratch);
    memset(p->bias, 0, p->outputs * lanes * sizeof(float));
    if (p->bias_given)
        memcpy(p->bias, p->bias_given, p->conv->out_c * sizeof(float));
    p->to.bias = p->bias;
    p->folded = p->weights.prepared ? p->weights.prepared : p->room;
    if (!p->weights.prepared)
        mica_tiles_prepare(p->conv, p->weights.given, p->turned, p->room);
    for (p->first = 0; p->first < p->tiles; p->first += p->count) {
        p->count = least(p->round, p->tiles - p->first);
        mica_parallel_for(p->count * p->inputs, read_piece, p);
        mica_parallel_for(blocks_of(p) * ratio_up(columns, p->columns), multiply_piece,
                          p);
        mica_parallel_for(p->count * p->outputs, write_piece, p);
    }
}

/* ---- forward, and backward by the data ---- */

size_t mica_tiles_forward_scratch(const struct conv *conv, size_t n)
{
    if (by_winograd(conv))
        return mica_winograd_scratch(conv, n);
    struct pass pass = pass_of(conv, n);
    return place(&pass, NULL);
}

void mica_tiles_forward(const struct conv *conv, const struct tensor *x,
                        struct conv_weights weights, const float *bias,
                        const struct finish *finish, struct tensor *y, bool add,
                        void *scratch)
{
    if (by_winograd(conv)) {
        mica_winograd_forward(conv, x, weights, false, bias, finish, y, add, scratch);
        return;
    }
    struct pass pass = pass_of(conv, x->shape.n);
    pass.weights = weights;
    pass.x = x;
    pass.bias_given = bias;
    pass.to = (struct tile_outputs){y, NULL, finish, add};
    run(&pass, scratch);
}

size_t mica_tiles_backward_data_scratch(const struct conv *conv, size_t n)
{
    const struct conv back = mica_tiles_turn(conv);
    return mica_tiles_forward_scratch(&back, n);
}

void mica_tiles_backward_data(const struct conv *conv, const struct tensor *dy,
                              struct conv_weights weights, const float *bias,
                              const struct finish *finish, struct tensor *dx, bool add,
                              void *scratch)
{
    const struct conv back = mica_tiles_turn(conv);
    if (by_winograd(&back)) {
        mica_winograd_forward(&back, dy, weights, true, bias, finish, dx, add, scratch);
        return;
    }
    struct pass pass = pass_of(&back, dy->shape.n);
    pass.weights = weights;
    pass.turned = true;
    pass.x = dy;
    pass.bias_given = bias;
    pass.to = (struct tile_outputs){dx, NULL, finish, add};
    run(&pass, scratch);
}
