/* conv_depthwise.c - convolution whose channels see themselves alone

   Pixels are cut into pieces whose addresses under all taps are looked up, as in conv.c. A
   gradient of weights is summed over chunks of pixels from zero, chunks of a segment in
   order, then segments of a shard in order, then shards by the fixed tree; all of it depends
   on the shape of a shard alone. */
#include "core/conv_groups.h"
#include "core/conv_look.h"
#include "core/kernels.h"
#include "core/kernels/depthwise.h"
#include "core/layer.h"
#include "core/parallel.h"
#include <string.h>

enum {
    PIXELS = 64,  /* of a piece */
    TAPS = 64,    /* looked up at once, at most */
    PIECES = 8,   /* of a segment, at least */
    SEGMENTS = 16 /* of a shard, at most */
};

struct job {
    const struct conv *conv;
    struct look x, y;
    const struct tensor *dy;
    size_t taps, targets;            /* pixels of all images */
    size_t shards, segments, pixels; /* of a shard */
    float *packed, *bias, *zeros;    /* [taps][channels], [channels], [channels] */
    float *sums;                     /* [shards][segments][taps][channels] */
    bool add;
};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static size_t round_up(size_t a, size_t unit) { return (a + unit - 1) / unit * unit; }

static size_t segments_of(const struct conv *conv, size_t n, size_t shards)
{
    size_t pixels = n / shards * conv->out_h * conv->out_w;
    size_t segments = pixels / (PIECES * PIXELS);
    return segments ? least(segments, SEGMENTS) : 1;
}

size_t mica_depthwise_scratch(const struct conv *conv, size_t shards)
{
    const size_t taps = conv->kernel_h * conv->kernel_w;
    const size_t rows = shards ? shards * SEGMENTS * taps + 1 : taps + 2;
    return rows * conv->in_c * sizeof(float);
}

static void look_up_taps(const struct job *job, size_t first, size_t count, size_t tap,
                         size_t taps, size_t x_row, const float **x)
{
    const size_t columns = job->x.columns.taps;
    for (size_t t = tap; t < tap + taps; t++, x += x_row) {
        mica_look_up(&job->x, first, count, t / columns, t % columns, x);
        for (size_t i = count; i < x_row; i++)
            x[i] = job->zeros;
    }
}

/* --- forward and by its data --------------------------------------------------------- */

static void multiply_piece(void *context, size_t i)
{
    const struct job *job = context;
    const float *x[TAPS * PIXELS], *y[PIXELS];
    const size_t first = i * PIXELS, count = least(PIXELS, job->targets - first);
    const size_t channels = job->conv->in_c;
    struct depthwise d = {.x = x,
                          .x_row = round_up(count, DEPTHWISE_PIXELS),
                          .channels = channels,
                          .y = y,
                          .pixels = count};
    size_t tap = 0;
    mica_look_up(&job->y, first, count, 0, 0, y);
    do { /* once even where there is no tap: the bias is written */
        d.taps = least(TAPS, job->taps - tap);
        d.w = job->packed + tap * channels;
        d.bias = tap ? job->zeros : job->bias;
        d.add = job->add || tap;
        look_up_taps(job, first, count, tap, d.taps, d.x_row, x);
        mica_kernels()->depthwise->multiply(&d);
        tap += d.taps;
    } while (tap < job->taps);
}

/* Tap t of a walk is tap first + t apart of the kernel, along one axis. */
struct order {
    ptrdiff_t first, apart;
};

/* Weights of a tap side by side. */
static void pack(struct job *job, const float *weights, struct order rows,
                 struct order columns)
{
    const struct conv *c = job->conv;
    const size_t across = job->x.columns.taps, all = c->kernel_h * c->kernel_w;
    for (size_t t = 0; t < job->taps; t++) {
        ptrdiff_t u = rows.first + (ptrdiff_t)(t / across) * rows.apart;
        ptrdiff_t v = columns.first + (ptrdiff_t)(t % across) * columns.apart;
        const float *from = weights + u * (ptrdiff_t)c->kernel_w + v;
        for (size_t k = 0; k < c->in_c; k++)
            job->packed[t * c->in_c + k] = from[k * all];
    }
}

static void multiply(struct job *job, const float *weights, struct order rows,
                     struct order columns, const float *bias, float *scratch)
{
    const size_t channels = job->conv->in_c;
    job->zeros = scratch;
    job->bias = job->zeros + channels;
    job->packed = job->bias + channels;
    job->taps = job->x.rows.taps * job->x.columns.taps;
    job->x.zeros = job->y.zeros = job->zeros;
    memset(job->zeros, 0, 2 * channels * sizeof(float));
    if (bias)
        memcpy(job->bias, bias, channels * sizeof(float));
    pack(job, weights, rows, columns);
    mica_parallel_for((job->targets + PIXELS - 1) / PIXELS, multiply_piece, job);
}

static struct axis windows_of(size_t outputs, size_t kernel, size_t inputs,
                              size_t before, const struct conv *conv)
{
    return (struct axis){outputs,  kernel, conv->stride, inputs, -(ptrdiff_t)before,
                         conv->gap};
}

static struct look look_at_windows(const struct conv *c, const struct tensor *x,
                                   const float *zeros)
{
    return mica_look_at(x, windows_of(c->out_h, c->kernel_h, c->in_h, c->top, c),
                        windows_of(c->out_w, c->kernel_w, c->in_w, c->left, c), zeros);
}

void mica_depthwise_forward(const struct conv *conv, const struct tensor *x,
                            const float *weights, const float *bias, struct tensor *y,
                            bool add, void *scratch)
{
    const struct axis rows = {conv->out_h, 1, 1, conv->out_h, 0, 0};
    const struct axis columns = {conv->out_w, 1, 1, conv->out_w, 0, 0};
    const struct order upward = {0, 1};
    struct job job = {.conv = conv,
                      .x = look_at_windows(conv, x, NULL),
                      .y = mica_look_at(y, rows, columns, NULL),
                      .targets = x->shape.n * conv->out_h * conv->out_w,
                      .add = add};
    multiply(&job, weights, upward, upward, bias, scratch);
}

static void backward_phase(const struct conv *conv, const struct tensor *dy,
                           const float *weights, const float *bias, struct tensor *dx,
                           bool add, struct phase rows, struct phase columns,
                           const size_t phase[2], float *scratch)
{
    const struct axis row_targets = {rows.axis.targets,   1, conv->stride, conv->in_h,
                                     (ptrdiff_t)phase[0], 0};
    const struct axis column_targets = {
        columns.axis.targets, 1, conv->stride, conv->in_w, (ptrdiff_t)phase[1], 0};
    const struct order down = {(ptrdiff_t)rows.last, -(ptrdiff_t)rows.apart};
    const struct order left = {(ptrdiff_t)columns.last, -(ptrdiff_t)columns.apart};
    struct job job = {.conv = conv,
                      .x = mica_look_at(dy, rows.axis, columns.axis, NULL),
                      .y = mica_look_at(dx, row_targets, column_targets, NULL),
                      .targets = dy->shape.n * rows.axis.targets * columns.axis.targets,
                      .add = add};
    multiply(&job, weights, down, left, bias, scratch);
}

void mica_depthwise_backward_data(const struct conv *conv, const struct tensor *dy,
                                  const float *weights, const float *bias,
                                  struct tensor *dx, bool add, void *scratch)
{
    const struct conv *c = conv;
    for (size_t i = 0; i < least(c->stride, c->in_h); i++)
        for (size_t j = 0; j < least(c->stride, c->in_w); j++) {
            struct phase rows = mica_look_phase(i, c->in_h, c->out_h, c->kernel_h,
                                                c->stride, c->top, c->gap);
            struct phase columns = mica_look_phase(j, c->in_w, c->out_w, c->kernel_w,
                                                   c->stride, c->left, c->gap);
            backward_phase(conv, dy, weights, bias, dx, add, rows, columns,
                           (const size_t[]){i, j}, scratch);
        }
}

/* --- by its weights ------------------------------------------------------------------ */

static void correlate_piece(const struct job *job, size_t first, size_t count,
                            float *sums)
{
    const float *x[TAPS * PIXELS];
    const size_t channels = job->conv->in_c;
    struct depthwise_gradient g = {.x = x,
                                   .x_row = count,
                                   .channels = channels,
                                   .dy = mica_tensor_at(job->dy, 0, first),
                                   .stride = job->dy->stride,
                                   .pixels = count};
    for (size_t tap = 0; tap < job->taps; tap += g.taps) {
        g.taps = least(TAPS, job->taps - tap);
        g.g = sums + tap * channels;
        look_up_taps(job, first, count, tap, g.taps, count, x);
        mica_kernels()->depthwise->correlate(&g);
    }
}

static void correlate_segment(void *context, size_t i)
{
    const struct job *job = context;
    const size_t shard = i / job->segments, segment = i % job->segments;
    const size_t size = job->taps * job->conv->in_c;
    const size_t from = shard * job->pixels + segment * job->pixels / job->segments;
    const size_t to = shard * job->pixels + (segment + 1) * job->pixels / job->segments;
    float *sums = job->sums + i * size;
    memset(sums, 0, size * sizeof *sums);
    for (size_t first = from; first < to; first += PIXELS)
        correlate_piece(job, first, least(PIXELS, to - first), sums);
}

void mica_depthwise_backward_weights(const struct conv *conv, const struct tensor *x,
                                     const struct tensor *dy, size_t shards,
                                     float *dweights, bool add, void *scratch)
{
    const size_t channels = conv->in_c, taps = conv->kernel_h * conv->kernel_w;
    const size_t size = taps * channels;
    struct job job = {.conv = conv,
                      .x = look_at_windows(conv, x, scratch),
                      .dy = dy,
                      .taps = taps,
                      .shards = shards,
                      .segments = segments_of(conv, x->shape.n, shards),
                      .pixels = x->shape.n / shards * conv->out_h * conv->out_w,
                      .zeros = scratch};
    job.sums = job.zeros + channels;
    memset(job.zeros, 0, channels * sizeof(float));
    mica_parallel_for(shards * job.segments, correlate_segment, &job);
    for (size_t shard = 0; shard < shards; shard++) {
        float *sums = job.sums + shard * job.segments * size;
        for (size_t i = 1; i < job.segments; i++)
            mica_kernels()->accumulate(sums, sums + i * size, size);
        memmove(job.sums + shard * size, sums, size * sizeof *sums);
    }
    mica_join_shards(job.sums, shards, size);
    for (size_t i = 0; i < size; i++) {
        float *to = &dweights[i % channels * taps + i / channels];
        *to = (add ? *to : 0) + job.sums[i];
    }
}
