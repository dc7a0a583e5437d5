/* conv_cut.c - how images are cut into tiles, and how these are read and written

   The way of a convolution follows from the shape of an image, of a gradient by the weights also from
   the images of a shard, by a cost in multiply-adds of the direct way. */
#include "core/conv_sizes.h"
#include "core/conv_winograd.h"
#include "core/numeric.h"
#include <math.h>

enum {
    TILE_LEAST = 36, /* tiles of a round, at least */
    FUSED = 8        /* lanes of sets with fused multiply-adds, at least */
};

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

size_t mica_tiles_round(const struct conv *conv, const struct tile_cut *cut)
{
    const size_t lanes = mica_kernels()->lanes;
    const size_t groups = ratio_up(conv->in_c, lanes) + ratio_up(conv->out_c, lanes);
    return most(TILE_ROUND / (cut->planes * groups * number()), TILE_LEAST);
}

/* What a pass over an image costs, in multiply-adds of the direct way: factors fitted to what 16
   shapes took with each length, and 36 shapes by Winograd's way (docs/explanation/kernels.md). */
struct costs {
    double product, transform, filter, weight;
    double direct; /* the way without tiles: what is hardly faster takes more memory */
    double short_product, short_transform, short_weight;
    bool back;     /* weights are what comes out */
    double images; /* that share the weights */
};

static double fourier_cost(const struct conv *conv, const struct tile_cut *cut,
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
        costs->back ? 1
                    : ceil(costs->images * tiles / (double)mica_tiles_round(conv, cut));
    return tiles * (costs->product * 3 * planes * weights +
                    costs->transform * (double)(conv->in_c + conv->out_c) * lines *
                        length * mica_log(length)) +
           weights * (costs->filter * filter * rounds + costs->weight) / costs->images;
}

static double winograd_cost(const struct conv *conv, const struct tile_cut *cut,
                            const struct costs *costs)
{
    const double weights = (double)conv->in_c * (double)conv->out_c;
    return (double)(cut->rows.count * cut->columns.count) *
               (costs->short_product * WINOGRAD_POINTS * weights +
                costs->short_transform * (double)(conv->in_c + conv->out_c)) +
           costs->short_weight / costs->images * weights;
}

/* Whether there is anything but the direct way. */
static bool may_be_cut(const struct conv *conv)
{
    const size_t lanes = mica_kernels()->lanes;
    const size_t taps = conv->kernel_h * conv->kernel_w;
    return conv->stride == 1 && !conv->gap && conv->groups <= 1 && taps >= 9 &&
           taps <= TILE_TAPS && conv->in_c >= lanes && conv->out_c >= lanes &&
           conv->top < conv->kernel_h && conv->left < conv->kernel_w;
}

static double direct_cost(const struct conv *conv)
{
    return (double)(conv->out_h * conv->out_w * conv->kernel_h * conv->kernel_w) *
           (double)(conv->in_c * conv->out_c);
}

/* The cheaper one of `best`, where there is one, and tiles of this length. */
static struct tile_cut cheaper(const struct conv *conv, size_t length,
                               const struct costs *costs, struct tile_cut best)
{
    struct tile_cut cut = {.of = {.length = length}};
    cut.rows = axis_of(length, conv->in_h, conv->out_h, conv->kernel_h, conv->top);
    cut.columns = axis_of(length, conv->in_w, conv->out_w, conv->kernel_w, conv->left);
    cut.planes = length * (length / 2 + 1);
    if (!cut.rows.step || !cut.columns.step)
        return best;
    cut.cost = fourier_cost(conv, &cut, costs) / direct_cost(conv);
    return best.of.length && best.cost <= cut.cost ? best : cut;
}

static struct tile_cut winograd_cut(const struct conv *conv, const struct costs *costs)
{
    struct tile_cut cut = {.of = {.length = WINOGRAD_LENGTH},
                           .planes = WINOGRAD_POINTS};
    cut.rows = (struct tile_axis){WINOGRAD_STEP, ratio_up(conv->out_h, WINOGRAD_STEP)};
    cut.columns =
        (struct tile_axis){WINOGRAD_STEP, ratio_up(conv->out_w, WINOGRAD_STEP)};
    cut.cost = winograd_cost(conv, &cut, costs) / direct_cost(conv);
    return cut;
}

static struct tile_cut fourier_cut(const struct conv *conv, const struct costs *costs)
{
    struct tile_cut best = {0};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        best = cheaper(conv, lengths[i], costs, best);
    return best;
}

/* With the angles of its transforms. */
static struct tile_cut prepared(struct tile_cut cut)
{
    for (size_t k = 0; k < cut.of.length; k++) {
        const double angle = 2 * 3.141592653589793 * (double)k / (double)cut.of.length;
        cut.of.cosines[k] = (float)mica_cos(angle);
        cut.of.sines[k] = (float)mica_sin(angle);
    }
    return cut;
}

static struct tile_cut cheapest(const struct conv *conv, const struct costs *costs)
{
    const enum conv_algorithm algorithm =
        conv->algorithm ? conv->algorithm : mica_conv_pinned();
    const size_t lanes = mica_kernels()->lanes;
    const bool is_3x3 =
        conv->kernel_h == 3 && conv->kernel_w == 3 && conv->in_c <= WINOGRAD_DEEPEST;
    struct tile_cut best = {0};
    if (!may_be_cut(conv) || algorithm == CONV_DIRECT ||
        (algorithm == CONV_WINOGRAD && !is_3x3))
        return best;
    if (algorithm != CONV_WINOGRAD)
        best = fourier_cut(conv, costs);
    /* other sets round more often: more than three times PyTorch's error */
    if (is_3x3 &&
        (algorithm == CONV_WINOGRAD || (algorithm == CONV_AUTO && lanes >= FUSED))) {
        const struct tile_cut cut = winograd_cut(conv, costs);
        best = best.of.length && best.cost <= cut.cost ? best : cut;
    }
    if (algorithm == CONV_AUTO && best.cost >= costs->direct)
        best.of.length = 0;
    return mica_tiles_are_short(&best) ? best : prepared(best);
}

/* A batch, of four images as it were, shares its weights. The choice must not follow from the batch:
   an image has the same bits in any. By Winograd's way a weight took 630; it counts twice, as
   predictions are often of one image. */
struct tile_cut mica_tiles_cut(const struct conv *conv)
{
    static const struct costs costs = {1.55, 12.1, 2.67, 833,   0.95,
                                       1.4,  230,  1260, false, 4};
    return cheapest(conv, &costs);
}

/* Every shard goes back to weights by itself; how many images it has is the same for any number
   of ranks. */
struct tile_cut mica_tiles_gradient_cut(const struct conv *conv, size_t images)
{
    const double planned = (double)(conv->images ? conv->images : images);
    const struct costs costs = {1.64, 13.4, 1.92, 60,   1.1,
                                1.7,  190,  590,  true, planned};
    return cheapest(conv, &costs);
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

struct tile_reading mica_tile_reading(const struct tile_cut *cut,
                                      const struct conv *conv, const struct tensor *x,
                                      size_t tile)
{
    const struct tile_place place = mica_tile_place(cut, tile);
    const struct shape shape = x->shape;
    struct tile_reading reading = {.of = &cut->of,
                                   .row = (ptrdiff_t)(shape.w * x->stride),
                                   .pixel = (ptrdiff_t)x->stride};
    part_of(shape.h, cut->of.length, place.row, conv->top, reading.rows);
    part_of(shape.w, cut->of.length, place.column, conv->left, reading.columns);
    const size_t row = place.row + reading.rows[0] - conv->top;
    const size_t column = place.column + reading.columns[0] - conv->left;
    const bool there =
        reading.rows[0] < reading.rows[1] && reading.columns[0] < reading.columns[1];
    reading.from = mica_tensor_at(x, place.image, there ? row * shape.w + column : 0);
    return reading;
}

struct tile_reading mica_tile_reading_back(const struct tile_cut *cut,
                                           const struct conv *conv,
                                           const struct tensor *dy, size_t tile)
{
    const struct tile_place place = mica_tile_place(cut, tile);
    return (struct tile_reading){
        .of = &cut->of,
        .from = mica_tensor_at(dy, place.image, place.row * conv->out_w + place.column),
        .row = (ptrdiff_t)(conv->out_w * dy->stride),
        .pixel = (ptrdiff_t)dy->stride,
        .rows = {0, least(cut->rows.step, conv->out_h - place.row)},
        .columns = {0, least(cut->columns.step, conv->out_w - place.column)}};
}

struct tile_writing mica_tile_writing(const struct tile_cut *cut,
                                      const struct conv *conv,
                                      const struct tile_outputs *outputs, size_t tile)
{
    const struct tile_place place = mica_tile_place(cut, tile);
    const struct tensor *y = outputs->y;
    const struct finish *finish = outputs->finish;
    const size_t pixel = place.row * conv->out_w + place.column;
    const size_t all = place.image * conv->out_h * conv->out_w + pixel;
    return (struct tile_writing){
        .of = &cut->of,
        .to = mica_tensor_at(y, place.image, pixel),
        .row = (ptrdiff_t)(conv->out_w * y->stride),
        .pixel = (ptrdiff_t)y->stride,
        .top = conv->kernel_h / 2,
        .left = conv->kernel_w / 2,
        .rows = least(cut->rows.step, conv->out_h - place.row),
        .columns = least(cut->columns.step, conv->out_w - place.column),
        .bias = outputs->bias,
        .add = outputs->add,
        .finish = finish,
        .more =
            finish && finish->more ? finish->more + all * finish->more_stride : NULL,
        .more_row = (ptrdiff_t)(finish ? conv->out_w * finish->more_stride : 0)};
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
