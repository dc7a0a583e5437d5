/* conv_tiles.c - convolution forward and by its data, by Fourier transforms of tiles

   Backward by the data is the forward pass of the turned kernel. In rounds of some tiles:
   tiles to frequencies, products at each frequency, frequencies to outputs; three loops over
   threads. Weights are folded once; their frequencies are made in blocks that stay in a cache,
   anew in each round, and used at once. */
#include "core/conv_tiles.h"

#include "core/conv_sizes.h"
#include "core/numeric.h"
#include "core/parallel.h"
#include <math.h>
#include <string.h>

enum {
    RESULTS = 192 << 10, /* bytes of the results of a piece of products */
    TILE_LEAST = 36      /* tiles of a round, at least */
};

/* ---- how images are cut ---- */

size_t mica_tile_folded(const struct conv *conv)
{
    return (2 * (conv->kernel_h / 2) + 1) * (2 * (conv->kernel_w / 2) + 1);
}

static const size_t lengths[] = {8, 10, 12, 16, 18, 20, 28, 36};

static struct tile_axis axis_of(size_t length, size_t inputs, size_t outputs,
                                size_t kernel, size_t before)
{
    struct tile_axis axis = {0};
    if (length < kernel)
        return axis;
    axis.step = length - kernel + 1;
    if (length >= outputs + most(before, kernel - 1 - before) &&
        length >= least(inputs + before, outputs + kernel - 1))
        axis.step = outputs; /* what lies outside meets itself: both are 0 */
    axis.count = ratio_up(outputs, axis.step);
    return axis;
}

/* Tiles of a round, at most. */
static size_t round_of(const struct conv *conv, const struct tile_cut *cut)
{
    const size_t lanes = mica_kernels()->lanes;
    const size_t groups = ratio_up(conv->in_c, lanes) + ratio_up(conv->out_c, lanes);
    return most(TILE_ROUND / (cut->planes * groups * number()), TILE_LEAST);
}

/* What a pass costs, in multiply-adds of the direct way: factors fitted to what 16 shapes took
   with each length (docs/explanation/kernels.md). */
struct costs {
    double product, transform, filter, weight;
    double images; /* that share the filters of a round */
    double direct; /* the way without tiles: what is hardly faster takes more memory */
};
static const struct costs forward_costs = {1.4, 17, 4.2, 1240, 4, 0.95},
                          gradient_costs = {1.64, 13.4, 1.92, 60, 1, 1.1};

/* Of an image, and its part of the weights. */
static double cost_of(const struct conv *conv, const struct tile_cut *cut,
                      const struct costs *costs)
{
    const double length = (double)cut->of.length;
    const double lines = length + 1; /* pairs of rows, and columns */
    const double tiles = (double)(cut->rows.count * cut->columns.count);
    const double weights = (double)conv->in_c * (double)conv->out_c;
    const double planes = (double)cut->planes;
    const size_t middle = conv->kernel_h / 2;
    const double filter = (length / 2 + 1) * (double)mica_tile_folded(conv) +
                          planes * (double)(2 * middle + 4);
    const double rounds =
        ceil(costs->images * tiles / (double)round_of(conv, cut)) / costs->images;
    return tiles * (costs->product * 3 * planes * weights +
                    costs->transform * (double)(conv->in_c + conv->out_c) * lines *
                        length * mica_log(length)) +
           weights * (costs->filter * filter * (costs->images > 1 ? rounds : 1) +
                      costs->weight / costs->images);
}

static struct tile_cut cheapest(const struct conv *conv, const struct costs *costs)
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
    double least_cost = algorithm == CONV_FFT
                            ? HUGE_VAL
                            : costs->direct *
                                  (double)(conv->out_h * conv->out_w * taps) *
                                  (double)(conv->in_c * conv->out_c);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct tile_cut cut = {.of = {.length = lengths[i]}};
        cut.rows =
            axis_of(lengths[i], conv->in_h, conv->out_h, conv->kernel_h, conv->top);
        cut.columns =
            axis_of(lengths[i], conv->in_w, conv->out_w, conv->kernel_w, conv->left);
        cut.planes = lengths[i] * (lengths[i] / 2 + 1);
        if (!cut.rows.step || !cut.columns.step ||
            cost_of(conv, &cut, costs) >= least_cost)
            continue;
        least_cost = cost_of(conv, &cut, costs);
        best = cut;
    }
    for (size_t k = 0; k < best.of.length; k++) {
        const double angle = 2 * 3.141592653589793 * (double)k / (double)best.of.length;
        best.of.cosines[k] = (float)mica_cos(angle);
        best.of.sines[k] = (float)mica_sin(angle);
    }
    return best;
}

/* A batch, of four images as it were, shares its filters; the choice must not follow from the
   batch. */
struct tile_cut mica_tiles_cut(const struct conv *conv)
{
    return cheapest(conv, &forward_costs);
}

/* Every shard, of one image as it were, goes back to weights. */
struct tile_cut mica_tiles_gradient_cut(const struct conv *conv)
{
    return cheapest(conv, &gradient_costs);
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
                    size_t apart, size_t column_apart)
{
    const struct tile_place place = mica_tile_place(cut, tile);
    const struct shape shape = x->shape;
    struct tile_reading reading = {
        .of = &cut->of,
        .row = (ptrdiff_t)(shape.w * x->stride),
        .pixel = (ptrdiff_t)x->stride,
        .channels = least(mica_kernels()->lanes, conv->in_c - channel),
        .to = to,
        .apart = apart,
        .column = column_apart};
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
    struct conv_weights weights;
    bool turned;                   /* the pass backward by the data */
    size_t tiles, inputs, outputs; /* groups of LANES channels */
    size_t round;                  /* tiles */
    size_t columns, depth; /* of frequencies and inputs that are multiplied at once */
    const struct tensor *x;
    struct tensor *y;
    const float *bias_given;
    const struct finish *finish;
    bool add;
    /* [column][y][groups][tiles][2][LANES], before and behind the products */
    float *frequencies, *products;
    /* [groups of outputs][in_c][weights of a kernel, folded][LANES]; room for it in scratch */
    const float *folded;
    float *room;
    float *bias;
    size_t first, count; /* tiles under way */
};

/* Floats from frequency to frequency of a column of packed weights of a block: an odd number of
   cache lines, as those of an input would meet in few places of the first cache. */
static size_t packed_apart(size_t depth)
{
    return (ratio_up(depth * 3 * TILE_BLOCK * mica_kernels()->lanes, 16) | 1) * 16;
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
    pass.round = least(pass.tiles, round_of(conv, &pass.cut));
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

size_t mica_tiles_prepared(const struct conv *conv)
{
    return folded_numbers(conv) * sizeof(float);
}

void mica_tiles_prepare(const struct conv *conv, const float *weights, bool turned,
                        float *prepared)
{
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
    const size_t folded = mica_tile_folded(p->conv) * lanes;
    const struct tile_kernel kernel = {&p->cut.of, p->conv->kernel_h,
                                       p->conv->kernel_w};
    for (size_t group = 0; group < groups; group++) {
        const size_t wide = group / width * width + width <= groups ? width : 1;
        const float *from =
            p->folded + ((block * TILE_BLOCK + group) * p->conv->in_c + first) * folded;
        float *at = to + (group / wide * wide * depth * 3 + group % wide) * lanes;
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
    const size_t apart = planes_apart(p->count, p->inputs);
    mica_tile_read(&p->cut, p->conv, p->x, p->first + tile,
                   group * mica_kernels()->lanes,
                   p->frequencies + (group * p->count + tile) * number(), apart,
                   p->cut.of.length * apart);
}

static void write_piece(void *context, size_t i)
{
    const struct pass *p = context;
    const struct conv *conv = p->conv;
    const size_t lanes = mica_kernels()->lanes;
    const size_t tile = i / p->outputs, group = i % p->outputs;
    const size_t channel = group * lanes;
    const struct tile_place place = mica_tile_place(&p->cut, p->first + tile);
    const struct finish *finish = p->finish;
    const size_t pixel = place.row * conv->out_w + place.column;
    const size_t all = place.image * conv->out_h * conv->out_w + pixel;
    const struct tile_writing writing = {
        .of = &p->cut.of,
        .from = p->products + (group * p->count + tile) * number(),
        .apart = planes_apart(p->count, p->outputs),
        .to = mica_tensor_at(p->y, place.image, pixel) + channel,
        .row = (ptrdiff_t)(conv->out_w * p->y->stride),
        .pixel = (ptrdiff_t)p->y->stride,
        .top = conv->kernel_h / 2,
        .left = conv->kernel_w / 2,
        .rows = least(p->cut.rows.step, conv->out_h - place.row),
        .columns = least(p->cut.columns.step, conv->out_w - place.column),
        .channels = least(lanes, conv->out_c - channel),
        .bias = p->bias + channel,
        .add = p->add,
        .finish = finish,
        .more =
            finish && finish->more ? finish->more + all * finish->more_stride : NULL,
        .more_row = (ptrdiff_t)(finish ? conv->out_w * finish->more_stride : 0),
        .channel = channel};
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
    float packed[TILE_PACKED];
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
    struct pass pass = pass_of(conv, n);
    return place(&pass, NULL);
}

void mica_tiles_forward(const struct conv *conv, const struct tensor *x,
                        struct conv_weights weights, const float *bias,
                        const struct finish *finish, struct tensor *y, bool add,
                        void *scratch)
{
    struct pass pass = pass_of(conv, x->shape.n);
    pass.weights = weights;
    pass.x = x;
    pass.y = y;
    pass.bias_given = bias;
    pass.finish = finish;
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
                              struct conv_weights weights, const float *bias,
                              const struct finish *finish, struct tensor *dx, bool add,
                              void *scratch)
{
    const struct conv back = mica_tiles_turn(conv);
    struct pass pass = pass_of(&back, dy->shape.n);
    pass.weights = weights;
    pass.turned = true;
    pass.x = dy;
    pass.y = dx;
    pass.bias_given = bias;
    pass.finish = finish;
    pass.add = add;
    run(&pass, scratch);
}
