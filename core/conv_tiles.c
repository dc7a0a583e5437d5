/* conv_tiles.c - convolution forward and by its data, by Fourier transforms of tiles

   Backward by the data is the forward pass of the turned kernel. In rounds of some tiles:
   tiles to frequencies, products at each frequency, frequencies to outputs; three loops over
   threads. Weights become frequencies once, or, where that would be large, in blocks that
   are used at once. */
#include "core/conv_tiles.h"

#include "core/conv_sizes.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include <math.h>
#include <string.h>

enum {
    BLOCK =
        4 << 20, /* numbers of the weights of a block, where all are not held at once */
    DEEPEST = 64, /* inputs of a block */
    SUMMED = 384  /* tiles whose products are made at once */
};

/* ---- how images are cut ---- */

static const size_t lengths[] = {8, 10, 12, 16, 18, 20, 28, 36};

static struct tile_axis axis_of(size_t length, size_t outputs, size_t kernel,
                                size_t before)
{
    struct tile_axis axis = {0};
    if (length < kernel)
        return axis;
    axis.step = length - kernel + 1;
    if (length >= outputs + most(before, kernel - 1 - before))
        axis.step = outputs; /* what lies outside meets itself: both are 0 */
    axis.count = ratio_up(outputs, axis.step);
    return axis;
}

/* Complex transforms of `rows` and columns of a tile, as multiply-adds but for a factor. */
static double transforms(double rows, size_t length)
{
    return (rows + (double)length / 2 + 1) * (double)length * mica_log((double)length);
}

/* Time in multiply-adds of the direct way, of an image and a part of the weights. Factors are fitted to what 13 shapes took with each length, forward
   and by the weights (docs/explanation/kernels.md). */
static double cost_of(const struct conv *conv, const struct tile_cut *cut, double part)
{
    const double tiles = (double)(cut->rows.count * cut->columns.count);
    const double weights = (double)conv->in_c * (double)conv->out_c;
    const double planes = (double)cut->planes;
    const size_t length = cut->of.length;
    const double of_tile =
        1.7 * planes * weights + 13 * (double)(conv->in_c + conv->out_c) *
                                     transforms((double)length / 2, length);
    const double of_weight =
        22 * planes + 29 * transforms((double)conv->kernel_h / 2, length);
    return tiles * of_tile + part * weights * of_weight;
}

static struct tile_cut cheapest(const struct conv *conv, double part)
{
    struct tile_cut best = {0};
    const size_t lanes = mica_kernels()->lanes;
    const size_t taps = conv->kernel_h * conv->kernel_w;
    const enum conv_algorithm algorithm =
        conv->algorithm ? conv->algorithm : mica_conv_pinned();
    if (algorithm == CONV_DIRECT || conv->stride != 1 || conv->gap ||
        conv->groups > 1 || taps < 9 || taps > TILE_TAPS || conv->in_c < lanes ||
        conv->out_c < lanes || conv->top >= conv->kernel_h ||
        conv->left >= conv->kernel_w)
        return best;
    /* what is hardly faster is not worth the memory */
    double least_cost = algorithm == CONV_FFT
                            ? HUGE_VAL
                            : 0.8 * (double)(conv->out_h * conv->out_w * taps) *
                                  (double)(conv->in_c * conv->out_c);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct tile_cut cut = {.of = {.length = lengths[i]}};
        cut.rows = axis_of(lengths[i], conv->out_h, conv->kernel_h, conv->top);
        cut.columns = axis_of(lengths[i], conv->out_w, conv->kernel_w, conv->left);
        cut.planes = 3 * lengths[i] * (lengths[i] / 2 + 1);
        if (!cut.rows.step || !cut.columns.step ||
            cost_of(conv, &cut, part) >= least_cost)
            continue;
        least_cost = cost_of(conv, &cut, part);
        best = cut;
    }
    for (size_t k = 0; k < best.of.length; k++) {
        const double angle = 2 * 3.141592653589793 * (double)k / (double)best.of.length;
        best.of.cosines[k] = (float)mica_cos(angle);
        best.of.sines[k] = (float)mica_sin(angle);
    }
    return best;
}

/* A batch, of four images as it were, transforms weights once; the choice must not follow from
   the batch. */
struct tile_cut mica_tiles_cut(const struct conv *conv) { return cheapest(conv, 0.25); }

/* Every shard, of one image as it were, transforms them back. */
struct tile_cut mica_tiles_gradient_cut(const struct conv *conv)
{
    return cheapest(conv, 1);
}

struct tile_place mica_tile_place(const struct tile_cut *cut, size_t tile)
{
    const size_t in_image = tile % (cut->rows.count * cut->columns.count);
    return (struct tile_place){tile / (cut->rows.count * cut->columns.count),
                               in_image / cut->columns.count * cut->rows.step,
                               in_image % cut->columns.count * cut->columns.step};
}

/* The part of an axis of `size` pixels that `length` of them from `first` - `before` on
   have: from there on. */
static void part_of(size_t size, size_t length, size_t first, size_t before,
                    size_t part[2])
{
    part[0] = least(before > first ? before - first : 0, length);
    part[1] = least(size + before > first ? size + before - first : 0, length);
    part[1] = most(part[0], part[1]);
}

void mica_tile_read(const struct tile_cut *cut, const struct conv *conv,
                    const struct tensor *x, size_t tile, size_t channel, float *to,
                    size_t apart)
{
    const struct tile_place place = mica_tile_place(cut, tile);
    const struct shape shape = x->shape;
    struct tile_reading reading = {
        .of = &cut->of,
        .row = (ptrdiff_t)(shape.w * x->stride),
        .pixel = (ptrdiff_t)x->stride,
        .channels = least(mica_kernels()->lanes, conv->in_c - channel),
        .to = to,
        .apart = apart};
    part_of(shape.h, cut->of.length, place.row, conv->top, reading.rows);
    part_of(shape.w, cut->of.length, place.column, conv->left, reading.columns);
    const size_t row = place.row + reading.rows[0] - conv->top;
    const size_t column = place.column + reading.columns[0] - conv->left;
    const bool there =
        reading.rows[0] < reading.rows[1] && reading.columns[0] < reading.columns[1];
    reading.from =
        mica_tensor_at(x, place.image, there ? row * shape.w + column : 0) + channel;
    mica_kernels()->tile->read(&reading);
}

/* ---- a pass ---- */

struct pass {
    const struct conv *conv; /* of this pass: its inputs are what is read */
    struct tile_cut cut;
    /* the weight of (output, input, row, column) */
    const float *weights;
    ptrdiff_t outputs_apart, inputs_apart, rows_apart, columns_apart;
    size_t tiles, inputs, outputs; /* channels, padded to lanes */
    size_t round;                  /* tiles */
    size_t block_inputs, block_outputs;
    const struct tensor *x;
    struct tensor *y;
    const float *bias_given;
    bool add;
    /* [planes][round][inputs], [planes][round][outputs], [planes][blocks][depth][width] */
    float *frequencies, *products, *packed, *bias, *zeros;
    /* under way */
    size_t first, count;             /* tiles */
    size_t input, depth, output, to; /* inputs from `input` on; outputs .. to - 1 */
};

static struct pass pass_of(const struct conv *conv, size_t n)
{
    struct pass pass = {.conv = conv, .cut = mica_tiles_cut(conv)};
    const size_t lanes = mica_kernels()->lanes, planes = pass.cut.planes;
    const size_t widest = mica_kernels()->conv->product_width;
    pass.inputs = round_up(conv->in_c, lanes);
    pass.outputs = round_up(conv->out_c, lanes);
    pass.tiles = n * pass.cut.rows.count * pass.cut.columns.count;
    pass.round =
        least(pass.tiles, most(TILE_ROUND / (planes * (pass.inputs + pass.outputs)),
                               PRODUCT_PIXELS));
    pass.block_inputs = conv->in_c;
    pass.block_outputs = pass.outputs;
    if (planes * pass.inputs * pass.outputs > TILE_WHOLE) {
        pass.block_inputs = least(conv->in_c, DEEPEST);
        size_t fit = BLOCK / (planes * pass.block_inputs) / widest * widest;
        pass.block_outputs = least(pass.outputs, most(fit, widest));
    }
    return pass;
}

static size_t place(struct pass *p, float *scratch)
{
    const size_t planes = p->cut.planes, unit = 16;
    const size_t frequencies = planes * planes_apart(p->round * p->inputs);
    const size_t products = planes * planes_apart(p->round * p->outputs);
    const size_t packed = planes * planes_apart(p->block_inputs * p->block_outputs);
    const size_t zeros = round_up(most(p->outputs, p->inputs), unit);
    if (scratch) {
        p->frequencies = scratch;
        p->products = p->frequencies + round_up(frequencies, unit);
        p->packed = p->products + round_up(products, unit);
        p->bias = p->packed + round_up(packed, unit);
        p->zeros = p->bias + zeros;
    }
    return (round_up(frequencies, unit) + round_up(products, unit) +
            round_up(packed, unit) + 2 * zeros) *
           sizeof(float);
}

/* Some channels of a tile. */
static void read_piece(void *context, size_t i)
{
    const struct pass *p = context;
    const size_t lanes = mica_kernels()->lanes, groups = p->inputs / lanes;
    const size_t tile = i / groups, channel = i % groups * lanes;
    mica_tile_read(&p->cut, p->conv, p->x, p->first + tile, channel,
                   p->frequencies + tile * p->inputs + channel,
                   planes_apart(p->count * p->inputs));
}

static void write_piece(void *context, size_t i)
{
    const struct pass *p = context;
    const struct conv *conv = p->conv;
    const size_t lanes = mica_kernels()->lanes, groups = p->outputs / lanes;
    const size_t tile = i / groups, channel = i % groups * lanes;
    const struct tile_place place = mica_tile_place(&p->cut, p->first + tile);
    const struct tile_writing writing = {
        .of = &p->cut.of,
        .from = p->products + tile * p->outputs + channel,
        .apart = planes_apart(p->count * p->outputs),
        .to =
            mica_tensor_at(p->y, place.image, place.row * conv->out_w + place.column) +
            channel,
        .row = (ptrdiff_t)(conv->out_w * p->y->stride),
        .pixel = (ptrdiff_t)p->y->stride,
        .rows = least(p->cut.rows.step, conv->out_h - place.row),
        .columns = least(p->cut.columns.step, conv->out_w - place.column),
        .channels = least(lanes, conv->out_c - channel),
        .bias = p->bias + channel,
        .add = p->add};
    mica_kernels()->tile->write(&writing);
}

/* One input and some outputs of the block of weights. */
static void pack_piece(void *context, size_t i)
{
    const struct pass *p = context;
    const struct conv *conv = p->conv;
    const size_t lanes = mica_kernels()->lanes, input = i % p->depth;
    const size_t output = p->output + i / p->depth * lanes;
    const size_t there = least(lanes, conv->out_c - output);
    float kernel[TILE_TAPS * TILE_LANES], *to = kernel;
    for (size_t row = 0; row < conv->kernel_h; row++)
        for (size_t column = 0; column < conv->kernel_w; column++, to += lanes) {
            const float *w = p->weights + (ptrdiff_t)output * p->outputs_apart +
                             (ptrdiff_t)(p->input + input) * p->inputs_apart +
                             (ptrdiff_t)row * p->rows_apart +
                             (ptrdiff_t)column * p->columns_apart;
            for (size_t j = 0; j < there; j++, w += p->outputs_apart)
                to[j] = *w;
        }
    size_t block = p->output, width = width_of(p->to - block);
    while (block + width <= output) {
        block += width;
        width = width_of(p->to - block);
    }
    const struct tile_reading reading = {
        .of = &p->cut.of,
        .from = kernel,
        .row = (ptrdiff_t)(conv->kernel_w * lanes),
        .pixel = (ptrdiff_t)lanes,
        .rows = {0, conv->kernel_h},
        .columns = {0, conv->kernel_w},
        .channels = there,
        .to =
            p->packed + (block - p->output) * p->depth + input * width + output - block,
        .apart = planes_apart(p->depth * (p->to - p->output)),
        .filter = true};
    mica_kernels()->tile->read(&reading);
}

/* All tiles of the round at one frequency. */
static void multiply_plane(void *context, size_t plane)
{
    const struct pass *p = context;
    const float *x[SUMMED], *y[SUMMED];
    const float *from = p->frequencies + plane * planes_apart(p->count * p->inputs);
    float *to = p->products + plane * planes_apart(p->count * p->outputs);
    struct product product = {.x = x,
                              .taps = 1,
                              .first = p->input,
                              .depth = p->depth,
                              .bias = p->zeros,
                              .y = y,
                              .add = p->input > 0};
    for (size_t tile = 0; tile < p->count; tile += product.pixels) {
        product.pixels = least(SUMMED, p->count - tile);
        product.x_row = round_up(product.pixels, PRODUCT_PIXELS);
        for (size_t i = 0; i < product.x_row; i++) {
            x[i] = i < product.pixels ? from + (tile + i) * p->inputs : p->zeros;
            y[i] = to + (tile + i) * p->outputs;
        }
        product.w = p->packed + plane * planes_apart(p->depth * (p->to - p->output));
        for (product.to = p->output; product.to < p->to; product.to += product.width) {
            product.width = product.channels = width_of(p->to - product.to);
            mica_kernels()->conv->multiply(&product);
            product.w += p->depth * product.width;
        }
    }
}

static void pack_block(struct pass *p, size_t output, size_t input)
{
    p->output = output;
    p->to = least(output + p->block_outputs, p->outputs);
    p->input = input;
    p->depth = least(p->block_inputs, p->conv->in_c - input);
    mica_parallel_for(p->depth * (p->to - p->output) / mica_kernels()->lanes,
                      pack_piece, p);
}

static void multiply_blocks(struct pass *p)
{
    const bool whole =
        p->block_inputs == p->conv->in_c && p->block_outputs == p->outputs;
    for (size_t output = 0; output < p->outputs; output += p->block_outputs)
        for (size_t input = 0; input < p->conv->in_c; input += p->block_inputs) {
            if (!whole || p->first == 0)
                pack_block(p, output, input);
            mica_parallel_for(p->cut.planes, multiply_plane, p);
        }
}

static void run(struct pass *p, void *scratch)
{
    const size_t lanes = mica_kernels()->lanes;
    place(p, scratch);
    memset(p->bias, 0, (size_t)((char *)p->zeros - (char *)p->bias) * 2);
    if (p->bias_given)
        memcpy(p->bias, p->bias_given, p->conv->out_c * sizeof(float));
    for (p->first = 0; p->first < p->tiles; p->first += p->count) {
        p->count = least(p->round, p->tiles - p->first);
        mica_parallel_for(p->count * p->inputs / lanes, read_piece, p);
        multiply_blocks(p);
        mica_parallel_for(p->count * p->outputs / lanes, write_piece, p);
    }
}

/* ---- forward, and backward by the data ---- */

size_t mica_tiles_forward_scratch(const struct conv *conv, size_t n)
{
    struct pass pass = pass_of(conv, n);
    return place(&pass, NULL);
}

void mica_tiles_forward(const struct conv *conv, const struct tensor *x,
                        const float *weights, const float *bias, struct tensor *y,
                        bool add, void *scratch)
{
    struct pass pass = pass_of(conv, x->shape.n);
    const size_t taps = conv->kernel_h * conv->kernel_w;
    pass.weights = weights;
    pass.outputs_apart = (ptrdiff_t)(conv->in_c * taps);
    pass.inputs_apart = (ptrdiff_t)taps;
    pass.rows_apart = (ptrdiff_t)conv->kernel_w;
    pass.columns_apart = 1;
    pass.x = x;
    pass.y = y;
    pass.bias_given = bias;
    pass.add = add;
    run(&pass, scratch);
}

struct conv mica_tiles_turn(const struct conv *conv)
{
    struct conv back = *conv;
    back.in_h = conv->out_h;
    back.in_w = conv->out_w;
    back.in_c = conv->out_c;
    back.out_h = conv->in_h;
    back.out_w = conv->in_w;
    back.out_c = conv->in_c;
    back.top = conv->kernel_h - 1 - conv->top;
    back.left = conv->kernel_w - 1 - conv->left;
    return back;
}

size_t mica_tiles_backward_data_scratch(const struct conv *conv, size_t n)
{
    const struct conv back = mica_tiles_turn(conv);
    return mica_tiles_forward_scratch(&back, n);
}

void mica_tiles_backward_data(const struct conv *conv, const struct tensor *dy,
                              const float *weights, const float *bias,
                              struct tensor *dx, bool add, void *scratch)
{
    const struct conv back = mica_tiles_turn(conv);
    const size_t taps = conv->kernel_h * conv->kernel_w;
    struct pass pass = pass_of(&back, dy->shape.n);
    pass.weights = weights + taps - 1;
    pass.outputs_apart = (ptrdiff_t)taps;
    pass.inputs_apart = (ptrdiff_t)(conv->in_c * taps);
    pass.rows_apart = -(ptrdiff_t)conv->kernel_w;
    pass.columns_apart = -1;
    pass.x = dy;
    pass.y = dx;
    pass.bias_given = bias;
    pass.add = add;
    run(&pass, scratch);
}
