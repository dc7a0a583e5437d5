/* conv_look.c - where the pixels of a convolution look: no copy, no padding */
#include "core/conv_look.h"

#include "core/parallel.h"
#include <string.h>

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

/* May be negative, then a very large number: outside. */
static size_t source_of(const struct axis *axis, size_t target, size_t tap)
{
    return target * axis->step + tap + (size_t)axis->offset;
}

/* `count` targets of one row, from column j on. */
static void look_along(const struct look *look, const float *row, size_t j, size_t v,
                       size_t count, const float **at)
{
    const size_t step = look->columns.step, sources = look->columns.sources;
    size_t column = source_of(&look->columns, j, v);
    for (size_t i = 0; i < count; i++, column += step)
        at[i] = column < sources ? row + column * look->pixel : look->zeros;
}

void mica_look_up(const struct look *look, size_t first, size_t count, size_t u,
                  size_t v, const float **at)
{
    const size_t width = look->columns.targets, height = look->rows.targets;
    size_t j = first % width, i = first / width % height;
    const float *image = look->source + first / width / height * look->image;
    while (count) {
        size_t run = width - j < count ? width - j : count;
        size_t row = source_of(&look->rows, i, u);
        if (row < look->rows.sources)
            look_along(look, image + row * look->row, j, v, run, at);
        else
            for (size_t k = 0; k < run; k++)
                at[k] = look->zeros;
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
