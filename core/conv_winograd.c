/* conv_winograd.c - convolution with a kernel of 3x3 forward and by its data, by Winograd's way

   A piece of work is some tiles and some outputs: tiles to points, a product at each point and back,
   all of it in the piece's own memory, which the second cache holds. Weights at their
   points are four times the weights: they are made for so many outputs at once as the third
   cache holds, one round after another. */
#include "core/conv_winograd.h"

#include "core/conv_sizes.h"
#include "core/kernels/winograd.h"
#include "core/memory.h"
#include "core/parallel.h"
#include <string.h>

enum {
    POINTS = WINOGRAD_POINTS,
    TAPS = 9,
    TILES = 24, /* of a piece, at most... */
    FEWEST = 6, /* ...and at least */
    GAP = 16,   /* floats between tiles, which would meet in the caches */
    ROOM = FEWEST * (POINTS * WINOGRAD_DEEPEST + GAP), /* of its tiles, on the stack */
    WIDEST = 64,                                       /* product_width, at most */
    OUTPUTS = 64,    /* of a piece, at least: each makes its tiles' points anew */
    PIECES = 4,      /* that there should be for each thread */
    KEPT = 4 << 20,  /* floats of prepared weights, at most */
    NEAR = 1 << 17,  /* floats of weights that stay in the second cache */
    ROUND = 4 << 20, /* floats of the weights of a round, at their points */
    SUMMED = 64,     /* inputs, at most, in one sum */
    DEPTH = 16       /* inputs whose weights are made at once */
};

struct pass {
    const struct conv *conv; /* of this pass: its inputs are what is read */
    struct tile_cut cut;
    const struct tensor *x;
    struct conv_weights weights;
    bool turned; /* the pass backward by the data */
    struct tile_outputs to;
    size_t tiles, held; /* all, and of a piece */
    size_t depth;       /* inputs, in whole vectors */
    size_t outputs;     /* of a round */
    size_t groups;      /* parts of the outputs of a round */
    /* [blocks of outputs][POINTS][in_c][width of the block]; room for it in scratch */
    const float *filters;
    float *room, *bias;
    size_t first, count; /* outputs under way */
};

static size_t widest(void) { return mica_kernels()->conv->product_width; }

/* Floats from tile to tile: points lie side by side. */
static size_t tile_apart(size_t channels) { return POINTS * channels + GAP; }

static size_t tiles_of_piece(size_t depth)
{
    return least(TILES, ROOM / tile_apart(depth) / FEWEST * FEWEST);
}

static struct pass pass_of(const struct conv *conv, size_t n)
{
    const size_t lanes = mica_kernels()->lanes;
    struct pass pass = {.conv = conv, .cut = mica_tiles_cut(conv)};
    pass.depth = round_up(conv->in_c, lanes);
    pass.tiles = n * pass.cut.rows.count * pass.cut.columns.count;
    pass.held = tiles_of_piece(pass.depth);
    const size_t fit = ROUND / (POINTS * conv->in_c) / widest() * widest();
    pass.outputs = least(most(fit, widest()), round_up(conv->out_c, lanes));
    pass.groups = least(
        ratio_up(PIECES * mica_parallel_threads(), ratio_up(pass.tiles, pass.held)),
        most(pass.outputs / most(OUTPUTS, widest()), 1));
    return pass;
}

static size_t place(struct pass *p, float *scratch)
{
    const size_t filters = round_up(POINTS * p->conv->in_c * p->outputs, 16);
    const size_t bias = round_up(p->conv->out_c, mica_kernels()->lanes);
    p->room = scratch;
    p->bias = scratch ? scratch + filters : NULL;
    return (filters + bias) * sizeof(float);
}

size_t mica_winograd_scratch(const struct conv *conv, size_t n)
{
    struct pass pass = pass_of(conv, n);
    return place(&pass, NULL);
}

/* ---- weights ---- */

/* Of outputs first .. first + count - 1. */
struct filtering {
    const struct conv *conv;
    const float *weights;
    bool turned;
    size_t first, count;
    float *to;
};

/* Of some inputs and as many outputs as a vector has lanes: [input][tap]. Of the turned kernel,
   inputs and outputs are exchanged in the file. */
static void collect(const struct filtering *f, size_t output, size_t first,
                    size_t depth, float *taps)
{
    const struct conv *conv = f->conv;
    const size_t lanes = mica_kernels()->lanes;
    struct packing packing = {.to = taps,
                              .width = lanes,
                              .taps = 1,
                              .from = f->weights + (output * conv->in_c + first) * TAPS,
                              .apart = conv->in_c * TAPS,
                              .rows = least(lanes, conv->out_c - output),
                              .columns = depth * TAPS};
    if (!f->turned) {
        mica_kernels()->conv->pack(&packing);
        return;
    }
    packing.apart = packing.columns = TAPS;
    for (size_t i = 0; i < depth; i++, packing.to += TAPS * lanes) {
        packing.from = f->weights + ((first + i) * conv->out_c + output) * TAPS;
        mica_kernels()->conv->pack(&packing);
    }
}

/* Some inputs and a vector of outputs, to their points. */
static void filter_piece(void *context, size_t i)
{
    const struct filtering *f = context;
    const size_t lanes = mica_kernels()->lanes, in_c = f->conv->in_c;
    const size_t ranges = ratio_up(in_c, DEPTH);
    const size_t first = i % ranges * DEPTH, depth = least(DEPTH, in_c - first);
    const size_t output = i / ranges * lanes; /* from the first on */
    float taps[DEPTH * TAPS * TILE_LANES];
    size_t block = 0, width = width_of(f->count);
    for (; block + width <= output; width = width_of(f->count - block))
        block += width;
    float *to = f->to + block * POINTS * in_c + first * width + (output - block);
    collect(f, f->first + output, first, depth, taps);
    for (size_t k = 0; k < depth; k++, to += width)
        mica_kernels()->winograd->filter(taps + k * TAPS * lanes, f->turned, to,
                                         in_c * width);
}

static void filter(const struct filtering *f)
{
    const size_t vectors = ratio_up(f->count, mica_kernels()->lanes);
    mica_parallel_for(vectors * ratio_up(f->conv->in_c, DEPTH), filter_piece,
                      (void *)(uintptr_t)f);
}

static size_t filter_numbers(const struct conv *conv)
{
    return POINTS * conv->in_c * round_up(conv->out_c, mica_kernels()->lanes);
}

size_t mica_winograd_prepared(const struct conv *conv)
{
    const size_t numbers = filter_numbers(conv);
    return numbers <= KEPT ? numbers * sizeof(float) : 0;
}

void mica_winograd_prepare(const struct conv *conv, const float *weights, bool turned,
                           float *prepared)
{
    const struct filtering all = {conv, weights, turned, 0, conv->out_c, prepared};
    filter(&all);
}

/* ---- products ---- */

/* A tile at its points, [point][input]. */
static void read_tile(const struct pass *p, size_t tile, float *points)
{
    const size_t lanes = mica_kernels()->lanes, in_c = p->conv->in_c;
    struct tile_reading reading = mica_tile_reading(&p->cut, p->conv, p->x, tile);
    reading.to = points;
    reading.apart = p->depth;
    for (size_t c = 0; c < in_c;
         c += lanes, reading.from += lanes, reading.to += lanes) {
        reading.channels = least(lanes, in_c - c);
        mica_kernels()->winograd->read(&reading);
    }
}

/* Outputs of a block, so many from `output` of the round on. */
static void write_tile(const struct pass *p, size_t tile, size_t output, size_t outputs,
                       const float *results, size_t apart)
{
    const size_t lanes = mica_kernels()->lanes;
    struct tile_writing writing = mica_tile_writing(&p->cut, p->conv, &p->to, tile);
    writing.from = results;
    writing.apart = apart;
    writing.to += p->first + output;
    writing.bias += p->first + output;
    writing.channel = p->first + output;
    for (size_t c = 0; c < outputs; c += lanes, writing.from += lanes) {
        writing.channels = least(lanes, outputs - c);
        mica_kernels()->winograd->write(&writing);
        writing.to += lanes;
        writing.bias += lanes;
        writing.channel += lanes;
    }
}

/* In parts of the depth, each summed from zero, which is more exact than one long sum. The next
   part's weights lie behind this one's, and are fetched ahead where they come from afar. */
static void multiply_point(const struct pass *p, struct product *product, size_t from)
{
    const size_t in_c = p->conv->in_c, parts = ratio_up(in_c, SUMMED);
    const bool far = POINTS * in_c * p->count > NEAR;
    for (size_t i = 0; i < parts; i++) {
        const size_t first = i * in_c / parts;
        product->first = from + first;
        product->depth = (i + 1) * in_c / parts - first;
        product->add = i > 0;
        product->next = far ? product->w + product->depth * product->width : NULL;
        mica_kernels()->conv->multiply(product);
        product->w += product->depth * product->width;
    }
}

/* A block of outputs of tiles: products at all points, and back. */
static void multiply_block(const struct pass *p, struct product *product, size_t first,
                           size_t output, float *results)
{
    product->w = p->filters + output * POINTS * p->conv->in_c;
    for (size_t point = 0; point < POINTS; point++) {
        product->to = point * product->width;
        multiply_point(p, product, point * p->depth);
    }
    const size_t outputs = least(product->width, p->count - output);
    for (size_t t = 0; t < product->pixels; t++)
        write_tile(p, first + t, output, outputs,
                   results + t * tile_apart(product->width), product->width);
}

static void multiply_piece(void *context, size_t i)
{
    static const float nothing[WIDEST] = {0};
    const struct pass *p = context;
    const float *x[TILES], *y[TILES];
    _Alignas(MICA_ALIGNMENT) float points[ROOM],
        results[TILES * (POINTS * WIDEST + GAP)];
    const size_t first = i / p->groups * p->held, group = i % p->groups;
    const size_t blocks = ratio_up(p->count, widest());
    const size_t from = group * blocks / p->groups * widest();
    const size_t end = least((group + 1) * blocks / p->groups * widest(), p->count);
    struct product product = {.x = x,
                              .x_row = TILES,
                              .taps = 1,
                              .bias = nothing,
                              .y = y,
                              .pixels = least(p->held, p->tiles - first)};
    for (size_t t = 0; t < product.pixels; t++)
        read_tile(p, first + t, points + t * tile_apart(p->depth));
    for (size_t output = from; output < end; output += product.width) {
        product.width = product.channels = width_of(p->count - output);
        for (size_t t = 0; t < TILES; t++) {
            const bool there = t < product.pixels;
            x[t] = points + (there ? t * tile_apart(p->depth) : 0);
            y[t] = results + (there ? t * tile_apart(product.width) : 0);
        }
        multiply_block(p, &product, first, output, results);
    }
}

/* Rounds are whole blocks of outputs, so that prepared weights of all are those of each. */
static void run_round(struct pass *p)
{
    const struct filtering filtering = {p->conv,  p->weights.given, p->turned,
                                        p->first, p->count,         p->room};
    if (p->weights.prepared) {
        p->filters = p->weights.prepared + p->first * POINTS * p->conv->in_c;
    } else {
        filter(&filtering);
        p->filters = p->room;
    }
    mica_parallel_for(ratio_up(p->tiles, p->held) * p->groups, multiply_piece, p);
}

void mica_winograd_forward(const struct conv *conv, const struct tensor *x,
                           struct conv_weights weights, bool turned, const float *bias,
                           const struct finish *finish, struct tensor *y, bool add,
                           void *scratch)
{
    struct pass pass = pass_of(conv, x->shape.n);
    place(&pass, scratch);
    memset(pass.bias, 0, round_up(conv->out_c, mica_kernels()->lanes) * sizeof(float));
    if (bias)
        memcpy(pass.bias, bias, conv->out_c * sizeof(float));
    pass.x = x;
    pass.weights = weights;
    pass.turned = turned;
    pass.to = (struct tile_outputs){y, pass.bias, finish, add};
    for (; pass.first < conv->out_c; pass.first += pass.count) {
        pass.count = least(pass.outputs, conv->out_c - pass.first);
        run_round(&pass);
    }
}
