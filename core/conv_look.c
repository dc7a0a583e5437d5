/* conv_look.c - where the pixels of a convolution look: no copy, no padding */
#include "core/conv_look.h"

#include "core/parallel.h"
#include <string.h>

enum { THIN = 4 }; /* channels, found by trial */

bool mica_look_is_thin(size_t channels, size_t kernel_w)
{
    return channels < THIN && kernel_w > 1;
}

struct look mica_look_at(const struct tensor *tensor, struct axis rows,
                         struct axis columns, const float *zeros)
{
    const size_t row = tensor->shape.w * tensor->stride;
    return (struct look){.source = tensor->data,
                         .zeros = zeros,
                         .image = tensor->shape.h * row,
                         .row = row,
                         .pixel = tensor->stride,
                         .rows = rows,
                         .columns = columns};
}

/* May be negative: outside. */
static ptrdiff_t source_of(const struct axis *axis, size_t target, size_t tap)
{
    return (ptrdiff_t)(target * axis->step + tap * (1 + axis->gap)) + axis->offset;
}

/* Input i meets tap u at output (i + before - u (1 + gap)) / stride where that is whole: the
   taps of a phase are `apart` from each other and their outputs evenly spaced, so that each
   phase is a convolution of stride 1 of its own, without a wasted product. */
struct phase mica_look_phase(size_t phase, size_t inputs, size_t outputs, size_t kernel,
                             size_t stride, size_t before, size_t gap)
{
    const size_t dilation = 1 + gap, place = phase + before;
    size_t apart = 1, first = 0;
    while (apart * dilation % stride)
        apart++;
    while (first < apart && (first * dilation) % stride != place % stride)
        first++;
    const size_t taps =
        first < apart && first < kernel ? (kernel - 1 - first) / apart + 1 : 0;
    const size_t last = first + (taps - (taps > 0)) * apart;
    const ptrdiff_t offset = (ptrdiff_t)place - (ptrdiff_t)(last * dilation);
    struct axis axis = {.targets = (inputs - phase + stride - 1) / stride,
                        .taps = taps,
                        .step = 1,
                        .sources = outputs,
                        .offset = offset / (ptrdiff_t)stride,
                        .gap = apart * dilation / stride - 1};
    return (struct phase){axis, last, apart};
}

static const float **repeat(const float **at, const float *address, size_t count)
{
    for (size_t i = 0; i < count; i++)
        at[i] = address;
    return at + count;
}

/* How many of `count` targets look at sources below `limit`, the first one at `source`. */
static size_t below(ptrdiff_t limit, ptrdiff_t source, size_t step, size_t count)
{
    if (source >= limit)
        return 0;
    size_t n = ((size_t)(limit - source) + step - 1) / step;
    return n < count ? n : count;
}

/* `count` targets of one row, from column j on: left of the image, inside, right of it. */
static void look_along(const struct look *look, const float *row, size_t j, size_t v,
                       size_t count, const float **at)
{
    const struct axis *columns = &look->columns;
    const ptrdiff_t first = source_of(columns, j, v);
    const size_t left = below(0, first, columns->step, count);
    const size_t end = below((ptrdiff_t)columns->sources, first, columns->step, count);
    const size_t apart = columns->step * look->pixel;
    at = repeat(at, look->zeros, left);
    if (left < end) {
        const float *p = row + (size_t)source_of(columns, j + left, v) * look->pixel;
        for (size_t i = 0; i < end - left; i++)
            at[i] = p + i * apart;
    }
    repeat(at + (end - left), look->zeros, count - end);
}

void mica_look_up(const struct look *look, size_t first, size_t count, size_t u,
                  size_t v, const float **at)
{
    const size_t width = look->columns.targets, height = look->rows.targets;
    size_t j = first % width, i = first / width % height;
    const float *image = look->source + first / width / height * look->image;
    while (count) {
        size_t run = width - j < count ? width - j : count;
        size_t row = (size_t)source_of(&look->rows, i, u); /* above 0 .. if negative */
        if (row < look->rows.sources)
            look_along(look, image + row * look->row, j, v, run, at);
        else
            repeat(at, look->zeros, run);
        at += run;
        count -= run;
        j = 0;
        if (++i == height) {
            i = 0;
            image += look->image;
        }
    }
}

/* Columns of the padded copy. */
static size_t wide(const struct look *look)
{
    return (look->columns.targets - 1) * look->columns.step + look->columns.taps;
}

size_t mica_look_widened(const struct look *look, size_t channels, size_t images)
{
    return images * look->rows.sources * wide(look) * channels * sizeof(float);
}

struct widening {
    const struct look *look;
    float *copy;
    size_t channels;
};

static void widen_row(void *context, size_t i)
{
    const struct widening *w = context;
    const struct look *look = w->look;
    const size_t columns = wide(look), bytes = w->channels * sizeof(float);
    const float *from = look->source + i / look->rows.sources * look->image +
                        i % look->rows.sources * look->row;
    float *to = w->copy + i * columns * w->channels;
    for (size_t j = 0; j < columns; j++, to += w->channels) {
        size_t column = j + (size_t)look->columns.offset;
        if (column < look->columns.sources)
            memcpy(to, from + column * look->pixel, bytes);
        else
            memset(to, 0, bytes);
    }
}

struct look mica_look_widen(const struct look *look, size_t channels, size_t images,
                            float *scratch)
{
    struct widening widening = {look, scratch, channels};
    mica_parallel_for(images * look->rows.sources, widen_row, &widening);
    struct look copy = *look;
    copy.source = scratch;
    copy.pixel = channels;
    copy.row = wide(look) * channels;
    copy.image = look->rows.sources * copy.row;
    copy.columns.taps = 1;
    copy.columns.offset = 0;
    copy.columns.sources = wide(look);
    return copy;
}

enum { PAGE = 1024, LINE = 16, GATHERED = 24 }; /* floats, floats, pixels at once */

bool mica_look_is_crowded(const struct look *look, size_t channels)
{
    return look->rows.taps * look->columns.taps == 1 &&
           channels * look->columns.step % PAGE == 0;
}

static size_t targets_of(const struct look *look)
{
    return look->rows.targets * look->columns.targets;
}

size_t mica_look_gathered(const struct look *look, size_t channels, size_t images)
{
    return images * targets_of(look) * (channels + LINE) * sizeof(float);
}

struct gathering {
    const struct look *look;
    float *copy;
    size_t channels, targets;
};

static void gather_some(void *context, size_t i)
{
    const struct gathering *g = context;
    const float *at[GATHERED];
    const size_t first = i * GATHERED, left = g->targets - first;
    const size_t count = left < GATHERED ? left : GATHERED;
    float *to = g->copy + first * (g->channels + LINE);
    mica_look_up(g->look, first, count, 0, 0, at);
    for (size_t p = 0; p < count; p++, to += g->channels + LINE)
        memcpy(to, at[p], g->channels * sizeof *to);
}

struct look mica_look_gather(const struct look *look, size_t channels, size_t images,
                             float *scratch)
{
    struct gathering g = {look, scratch, channels, images * targets_of(look)};
    mica_parallel_for((g.targets + GATHERED - 1) / GATHERED, gather_some, &g);
    struct look copy = {.source = scratch, .zeros = look->zeros};
    copy.pixel = channels + LINE;
    copy.row = look->columns.targets * copy.pixel;
    copy.image = look->rows.targets * copy.row;
    copy.rows = (struct axis){look->rows.targets, 1, 1, look->rows.targets, 0, 0};
    copy.columns =
        (struct axis){look->columns.targets, 1, 1, look->columns.targets, 0, 0};
    return copy;
}
