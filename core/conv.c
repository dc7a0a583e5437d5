/* conv.c - convolution forward and by its data: packed weights, blocks of pixels, threads */
#include "core/conv.h"

#include "core/conv_groups.h"
#include "core/conv_look.h"
#include "core/conv_pack.h"
#include "core/conv_sizes.h"
#include "core/conv_tiles.h"
#include "core/memory.h"
#include "core/parallel.h"
#include <string.h>

enum {
    PIXELS = 384,     /* of a piece of work, at most */
    ADDRESSES = 4096, /* looked up at once: 32 kB */
    REUSE = 96, /* pixels of a piece, at least: each reads all weights of its outputs */
    PIECES = 64,          /* that there should be, for balance */
    PRODUCTS = 1152,      /* summed in registers: depth x taps of a block */
    SHALLOWEST = 32,      /* depth of a block, at least */
    ROOM = 64 * PRODUCTS, /* floats of weights packed on the way */
    UNIT = 16,            /* floats of a cache line */
    KEPT = 1 << 17,       /* weights that stay in the second cache */
    GATHERS = 128         /* outputs for which pixels are copied */
};

/* One product over a batch. */
struct job {
    const struct conv_kernels *kernels;
    struct filter filter;
    struct look x, y, more;
    const struct finish *finish;
    size_t images, targets; /* pixels of all images */
    size_t taps, depth;
    const float *bias_given;
    const float *packed; /* NULL: to be made in `room` */
    float *room, *bias, *zeros, *copy;
    size_t chunk, groups; /* pixels of a piece; parts that the outputs are cut into */
    bool fresh; /* weights are packed where they are used: no other piece reads them */
    bool add;
    bool pairs; /* what is multiplied are pairs of bf16 */
};

static bool thin(const struct job *job)
{
    return job->x.columns.gap == 0 &&
           mica_look_is_thin(job->filter.inputs, job->filter.columns);
}

/* And there are products enough to make up for copying. */
static bool crowded(const struct job *job)
{
    return job->filter.outputs >= GATHERS &&
           mica_look_is_crowded(&job->x, job->filter.inputs);
}

static size_t taps_at_once(size_t taps)
{
    return least(taps, ADDRESSES / PRODUCT_PIXELS);
}

/* Pixels of a piece of work. */
static size_t chunk_of(const struct job *job, size_t taps)
{
    size_t fit = ADDRESSES / most(taps_at_once(taps), 1);
    size_t chunk =
        most(PRODUCT_PIXELS, least(fit, PIXELS) / PRODUCT_PIXELS * PRODUCT_PIXELS);
    size_t fair = round_up(ratio_up(job->targets, PIECES), PRODUCT_PIXELS);
    return least(chunk, most(fair, REUSE));
}

/* Where all pixels are one piece, so that no other reads the weights again. */
static bool packs_on_the_way(const struct job *job)
{
    const size_t taps = job->filter.rows * job->filter.columns;
    const size_t products =
        ratio_up(job->filter.inputs, job->filter.depth_blocks) * taps;
    return !job->packed && !thin(job) && job->targets <= chunk_of(job, taps) &&
           taps == taps_at_once(taps) && products > 0 && products <= PRODUCTS;
}

/* Places the parts of the scratch memory; returns the bytes. */
static size_t place(struct job *job, float *scratch)
{
    const struct filter *f = &job->filter;
    const size_t unit = UNIT;
    job->fresh = packs_on_the_way(job);
    size_t packed = job->fresh || job->packed ? 0 : mica_pack_floats(f);
    size_t bias = round_up(mica_pack_width(f->outputs), unit);
    size_t zeros =
        most(f->inputs * (thin(job) ? f->columns : 1), job->kernels->product_width);
    zeros = round_up(zeros, unit);
    size_t copy = thin(job)      ? mica_look_widened(&job->x, f->inputs, job->images)
                  : crowded(job) ? mica_look_gathered(&job->x, f->inputs, job->images)
                                 : 0;
    if (scratch) {
        job->room = scratch;
        job->bias = job->room + packed;
        job->zeros = job->bias + bias;
        job->copy = job->zeros + zeros;
    }
    return (packed + bias + zeros) * sizeof(float) + copy;
}

static void pack_bias(const struct job *job)
{
    const size_t outputs = job->filter.outputs;
    memset(job->bias, 0, mica_pack_width(outputs) * sizeof(float));
    if (job->bias_given)
        memcpy(job->bias, job->bias_given, outputs * sizeof(float));
}

/* --- multiplying --------------------------------------------------------------------- */

/* One block of outputs and one of the depth, taps from `tap` on. */
static void multiply_block(const struct job *job, struct product *product,
                           size_t output, size_t tap)
{
    const bool start = product->first == 0 && tap == 0;
    const bool end = product->first + product->depth == job->depth &&
                     tap + product->taps == job->taps;
    product->channels = least(product->width, job->filter.outputs - output);
    product->to = output;
    product->bias = start ? job->bias + output : job->zeros;
    product->add = job->add || !start;
    product->finish = end ? job->finish : NULL;
    (job->pairs ? job->kernels->multiply_pairs : job->kernels->multiply)(product);
    product->ahead = false;
}

/* The weights of a block of outputs, behind so many of each. */
static const float *packed_at(const struct job *job, size_t output, size_t products)
{
    return job->packed + output * job->depth * job->taps +
           products * width_of(job->filter.outputs - output);
}

/* Outputs from .. end - 1 of one block of the depth. Where weights are more than stay in a
   cache, those of the next product are fetched meanwhile, if pixels enough read these. */
static void multiply_packed(const struct job *job, struct product *product, size_t from,
                            size_t end, size_t tap)
{
    const size_t outputs = job->filter.outputs;
    const size_t start = product->first * job->taps + tap * product->depth;
    const size_t deeper = (product->first + product->depth) * job->taps;
    const bool far =
        outputs * job->depth * job->taps > KEPT && product->pixels >= PRODUCT_PIXELS;
    for (size_t output = from; output < end; output += product->width) {
        const size_t after = output + width_of(outputs - output);
        product->width = after - output;
        product->w = packed_at(job, output, start);
        product->next = NULL;
        if (far && after >= end && deeper < job->depth * job->taps)
            product->next = packed_at(job, from, deeper);
        else if (far && after < outputs)
            product->next = packed_at(job, after, start);
        multiply_block(job, product, output, tap);
    }
}

/* The same with weights that are packed on the way, as many blocks at once as there is room. */
static void multiply_fresh(const struct job *job, struct product *product, size_t from,
                           size_t end)
{
    _Alignas(MICA_ALIGNMENT) float room[ROOM];
    const size_t products = product->depth * job->taps;
    for (size_t output = from; output < end;) {
        const size_t left = job->filter.outputs - output, width = width_of(left);
        const size_t alike = most(least(end - output, left) / width, 1);
        const size_t blocks = least(alike, ROOM / (products * width));
        product->width = width;
        product->w = room;
        mica_pack_blocks(&job->filter, output, width, blocks, product->first,
                         product->depth, room);
        for (size_t i = 0; i < blocks; i++, output += width) {
            multiply_block(job, product, output, 0);
            product->w += products * width;
        }
    }
}

/* The outputs of one group. The depth is outside: its inputs stay in the second cache,
   while weights, read in order, pass by. */
static void multiply_outputs(const struct job *job, struct product *product,
                             size_t group, size_t tap)
{
    const size_t widest = job->kernels->product_width;
    const size_t wide_blocks = ratio_up(job->filter.outputs, widest);
    const size_t from = group * wide_blocks / job->groups * widest;
    const size_t to = (group + 1) * wide_blocks / job->groups * widest;
    const size_t end = least(to, job->filter.outputs);
    for (size_t i = 0; i < job->filter.depth_blocks; i++) {
        product->first = i * job->depth / job->filter.depth_blocks;
        product->depth =
            (i + 1) * job->depth / job->filter.depth_blocks - product->first;
        product->ahead = job->taps == 1;
        if (job->fresh)
            multiply_fresh(job, product, from, end);
        else
            multiply_packed(job, product, from, end, tap);
    }
}

static void look_up_taps(const struct job *job, size_t first, size_t count,
                         struct product *product, size_t tap, const float **x)
{
    const size_t columns = job->x.columns.taps;
    for (size_t t = 0; t < product->taps; t++, x += product->x_row) {
        mica_look_up(&job->x, first, count, (tap + t) / columns, (tap + t) % columns,
                     x);
        for (size_t i = count; i < product->x_row; i++)
            x[i] = job->zeros;
    }
}

static void multiply_piece(void *context, size_t i)
{
    const struct job *job = context;
    const float *x[ADDRESSES], *y[PIXELS], *more[PIXELS];
    const size_t first = i / job->groups * job->chunk;
    const size_t count = least(job->chunk, job->targets - first);
    struct product product = {.x = x,
                              .x_row = round_up(count, PRODUCT_PIXELS),
                              .zeros = job->zeros,
                              .y = y,
                              .more = more,
                              .pixels = count};
    size_t tap = 0;
    mica_look_up(&job->y, first, count, 0, 0, y);
    if (job->finish && job->finish->more)
        mica_look_up(&job->more, first, count, 0, 0, more);
    do { /* once even where there is no tap: the bias is written */
        product.taps = least(taps_at_once(job->taps), job->taps - tap);
        look_up_taps(job, first, count, &product, tap, x);
        multiply_outputs(job, &product, i % job->groups, tap);
        tap += product.taps;
    } while (tap < job->taps);
}

/* Results do not depend on how the pixels and outputs are cut: only speed does. */
static void cut(struct job *job)
{
    job->chunk = chunk_of(job, job->taps);
    size_t chunks = ratio_up(job->targets, job->chunk);
    size_t blocks = ratio_up(job->filter.outputs, job->kernels->product_width);
    job->groups = least(blocks, ratio_up(PIECES, chunks));
}

static void multiply(struct job *job, void *scratch)
{
    place(job, scratch);
    memset(job->zeros, 0, (size_t)((char *)job->copy - (char *)job->zeros));
    job->x.zeros = job->y.zeros = job->zeros;
    pack_bias(job);
    job->taps = job->x.rows.taps * job->x.columns.taps;
    if (thin(job)) {
        job->x = mica_look_widen(&job->x, job->filter.inputs, job->images, job->copy);
        job->depth *= job->filter.columns;
        job->taps = job->x.rows.taps;
    } else if (crowded(job))
        job->x = mica_look_gather(&job->x, job->filter.inputs, job->images, job->copy);
    cut(job);
    if (!job->fresh && !job->packed) {
        mica_pack(&job->filter, job->room);
        job->packed = job->room;
    }
    mica_parallel_for(ratio_up(job->targets, job->chunk) * job->groups, multiply_piece,
                      job);
}

/* --- passes -------------------------------------------------------------------------- */

static struct job job_of(const struct filter *filter, struct axis rows,
                         struct axis columns, size_t images, bool pairs)
{
    struct job job = {.kernels = mica_kernels()->conv,
                      .pairs = pairs,
                      .filter = *filter,
                      .x = {.rows = rows, .columns = columns},
                      .images = images,
                      .targets = images * rows.targets * columns.targets,
                      .depth = filter->inputs};
    size_t taps = most(filter->rows * filter->columns, 1);
    size_t depth = most(PRODUCTS / taps, SHALLOWEST);
    job.filter.depth_blocks = ratio_up(filter->inputs, depth);
    return job;
}

static struct job forward_job(const struct conv *conv, const float *weights,
                              size_t images)
{
    const size_t taps = conv->kernel_h * conv->kernel_w;
    struct filter filter = {.w = weights,
                            .outputs = conv->out_c,
                            .inputs = conv->in_c,
                            .rows = conv->kernel_h,
                            .columns = conv->kernel_w,
                            .outputs_apart = (ptrdiff_t)(conv->in_c * taps),
                            .inputs_apart = (ptrdiff_t)taps,
                            .rows_apart = (ptrdiff_t)conv->kernel_w,
                            .columns_apart = 1};
    struct axis rows = {conv->out_h, conv->kernel_h,        conv->stride,
                        conv->in_h,  -(ptrdiff_t)conv->top, conv->gap};
    struct axis columns = {conv->out_w, conv->kernel_w,         conv->stride,
                           conv->in_w,  -(ptrdiff_t)conv->left, conv->gap};
    return job_of(&filter, rows, columns, images, conv->pairs);
}

static struct job backward_job(const struct conv *conv, const float *weights,
                               size_t images, size_t phase_row, size_t phase_column)
{
    const size_t taps = conv->kernel_h * conv->kernel_w;
    struct phase rows =
        mica_look_phase(phase_row, conv->in_h, conv->out_h, conv->kernel_h,
                        conv->stride, conv->top, conv->gap);
    struct phase columns =
        mica_look_phase(phase_column, conv->in_w, conv->out_w, conv->kernel_w,
                        conv->stride, conv->left, conv->gap);
    if (!rows.axis.taps || !columns.axis.taps)
        rows.axis.taps = columns.axis.taps = 0;
    struct filter filter = {.w = weights,
                            .outputs = conv->in_c,
                            .inputs = conv->out_c,
                            .rows = rows.axis.taps,
                            .columns = columns.axis.taps,
                            .outputs_apart = (ptrdiff_t)taps,
                            .inputs_apart = (ptrdiff_t)(conv->in_c * taps),
                            .rows_apart = -(ptrdiff_t)(rows.apart * conv->kernel_w),
                            .columns_apart = -(ptrdiff_t)columns.apart,
                            .turned = true};
    if (weights && filter.rows)
        filter.w += rows.last * conv->kernel_w + columns.last;
    return job_of(&filter, rows.axis, columns.axis, images, conv->pairs);
}

static bool by_tiles(const struct conv *conv)
{
    return mica_tiles_cut(conv).of.length > 0;
}

static bool backward_by_tiles(const struct conv *conv)
{
    const struct conv back = mica_tiles_turn(conv);
    return by_tiles(&back);
}

struct conv_way mica_conv_way(const struct conv *conv, enum conv_pass pass,
                              size_t images)
{
    const struct conv one = mica_conv_groups_one(conv), back = mica_tiles_turn(&one);
    const struct tile_cut cut =
        pass == CONV_BACKWARD_WEIGHTS
            ? mica_tiles_gradient_cut(&one, images)
            : mica_tiles_cut(pass == CONV_FORWARD ? &one : &back);
    const bool is_short = mica_tiles_are_short(&cut);
    return cut.of.length ? (struct conv_way){is_short ? CONV_WINOGRAD : CONV_FFT,
                                             cut.of.length, cut.cost}
                         : (struct conv_way){CONV_DIRECT, 0, 1};
}

/* ---- prepared weights ---- */

/* Phases one after another. */
static size_t pack_phases(const struct conv *conv, const float *weights, float *to)
{
    size_t floats = 0;
    for (size_t i = 0; i < least(conv->stride, conv->in_h); i++)
        for (size_t j = 0; j < least(conv->stride, conv->in_w); j++) {
            const struct job job = backward_job(conv, weights, 1, i, j);
            if (to)
                mica_pack(&job.filter, to + floats);
            floats += mica_pack_floats(&job.filter);
        }
    return floats;
}

size_t mica_conv_prepared(const struct conv *conv, bool backward)
{
    const struct conv back = mica_tiles_turn(conv);
    if (conv->groups > 1)
        return mica_conv_groups_prepared(conv, backward);
    if (backward ? backward_by_tiles(conv) : by_tiles(conv))
        return mica_tiles_prepared(backward ? &back : conv);
    if (backward)
        return pack_phases(conv, NULL, NULL) * sizeof(float);
    const struct job job = forward_job(conv, NULL, 1);
    return mica_pack_floats(&job.filter) * sizeof(float);
}

void mica_conv_prepare(const struct conv *conv, const float *weights, bool backward,
                       float *prepared)
{
    const struct conv back = mica_tiles_turn(conv);
    if (conv->groups > 1)
        mica_conv_groups_prepare(conv, weights, backward, prepared);
    else if (backward ? backward_by_tiles(conv) : by_tiles(conv))
        mica_tiles_prepare(backward ? &back : conv, weights, backward, prepared);
    else if (backward)
        pack_phases(conv, weights, prepared);
    else {
        const struct job job = forward_job(conv, weights, 1);
        mica_pack(&job.filter, prepared);
    }
}

/* ---- passes ---- */

size_t mica_conv_forward_scratch(const struct conv *conv, size_t n)
{
    if (by_tiles(conv))
        return mica_tiles_forward_scratch(conv, n);
    if (conv->groups > 1)
        return mica_conv_groups_scratch(conv, n, 0, GROUPS_FORWARD);
    struct job job = forward_job(conv, NULL, n);
    return place(&job, NULL);
}

size_t mica_conv_backward_data_scratch(const struct conv *conv, size_t n)
{
    size_t bytes = 0;
    if (backward_by_tiles(conv))
        return mica_tiles_backward_data_scratch(conv, n);
    if (conv->groups > 1)
        return mica_conv_groups_scratch(conv, n, 0, GROUPS_BACKWARD_DATA);
    for (size_t i = 0; i < least(conv->stride, conv->in_h); i++)
        for (size_t j = 0; j < least(conv->stride, conv->in_w); j++) {
            struct job job = backward_job(conv, NULL, n, i, j);
            bytes = most(bytes, place(&job, NULL));
        }
    return bytes;
}

/* Sums are finished before they are stored in y. */
static void finish_with(struct job *job, const struct finish *finish,
                        const struct tensor *y)
{
    struct tensor more = *y;
    job->finish = finish;
    if (!finish || !finish->more)
        return;
    more.data = (void *)(uintptr_t)finish->more;
    more.stride = finish->more_stride;
    job->more = mica_look_at(&more, job->y.rows, job->y.columns, NULL);
}

void mica_conv_forward(const struct conv *conv, const struct tensor *x,
                       struct conv_weights weights, const float *bias,
                       const struct finish *finish, struct tensor *y, bool add,
                       void *scratch)
{
    if (by_tiles(conv)) {
        mica_tiles_forward(conv, x, weights, bias, finish, y, add, scratch);
        return;
    }
    if (conv->groups > 1) {
        mica_conv_groups_forward(conv, x, weights, bias, y, add, scratch);
        if (finish)
            mica_finish(y, y, finish);
        return;
    }
    struct job job = forward_job(conv, weights.given, x->shape.n);
    job.packed = weights.prepared;
    struct axis rows = {conv->out_h, 1, 1, conv->out_h, 0, 0};
    struct axis columns = {conv->out_w, 1, 1, conv->out_w, 0, 0};
    job.x = mica_look_at(x, job.x.rows, job.x.columns, NULL);
    job.y = mica_look_at(y, rows, columns, NULL);
    finish_with(&job, finish, y);
    job.bias_given = bias;
    job.add = add;
    multiply(&job, scratch);
}

void mica_conv_backward_data(const struct conv *conv, const struct tensor *dy,
                             struct conv_weights weights, const float *bias,
                             const struct finish *finish, struct tensor *dx, bool add,
                             void *scratch)
{
    const size_t stride = conv->stride;
    const float *prepared = weights.prepared;
    if (backward_by_tiles(conv)) {
        mica_tiles_backward_data(conv, dy, weights, bias, finish, dx, add, scratch);
        return;
    }
    if (conv->groups > 1) {
        mica_conv_groups_backward_data(conv, dy, weights, bias, dx, add, scratch);
        if (finish)
            mica_finish(dx, dx, finish);
        return;
    }
    for (size_t i = 0; i < least(stride, conv->in_h); i++)
        for (size_t j = 0; j < least(stride, conv->in_w); j++) {
            struct job job = backward_job(conv, weights.given, dy->shape.n, i, j);
            job.packed = prepared;
            if (prepared)
                prepared += mica_pack_floats(&job.filter);
            struct axis rows = {job.x.rows.targets, 1, stride, conv->in_h,
                                (ptrdiff_t)i,       0};
            struct axis columns = {job.x.columns.targets, 1, stride, conv->in_w,
                                   (ptrdiff_t)j,          0};
            job.x = mica_look_at(dy, job.x.rows, job.x.columns, NULL);
            job.y = mica_look_at(dx, rows, columns, NULL);
            finish_with(&job, finish, dx);
            job.bias_given = bias;
            job.add = add;
            multiply(&job, scratch);
        }
}
