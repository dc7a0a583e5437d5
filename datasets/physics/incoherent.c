/* incoherent.c - linear images: every atom adds the probe's intensity around it */
#include "datasets/physics/incoherent.h"
#include "core/memory.h"
#include "core/parallel.h"

#include <math.h>

enum { GRID_MOST = 1 << 18 }; /* points along a side of a grid */
enum { BAND = 32 }; /* rows of one piece of work; bits do not depend on threads */

/* The least and the largest of `count` displacements added to 0 or to `end`. */
static void widen(const float *shift, size_t count, double *least, double *most)
{
    float low = 0, high = 0;
    for (size_t i = 0; shift && i < count; i++) {
        low = shift[i] < low ? shift[i] : low;
        high = shift[i] > high ? shift[i] : high;
    }
    *least += (double)low;
    *most += (double)high;
}

int mica_grid_new(struct grid *grid, const struct scan *scan, size_t channels,
                  double step, double margin, struct error *err)
{
    double left = -margin, right = margin + (double)(scan->width - 1) * scan->pixel[1];
    double top = -margin, bottom = margin + (double)(scan->height - 1) * scan->pixel[0];
    widen(scan->dx, scan->height * scan->width, &left, &right);
    widen(scan->dy, scan->height * scan->width, &top, &bottom);
    if (!((right - left) / step < GRID_MOST && (bottom - top) / step < GRID_MOST))
        return mica_fail(err,
                         "the scan reaches over %.0f x %.0f A, more than %d steps of "
                         "%g A",
                         bottom - top, right - left, GRID_MOST, step);
    *grid = (struct grid){.step = step,
                          .left = left - 2 * step,
                          .top = top - 2 * step,
                          .rows = (size_t)ceil((bottom - top) / step) + 6,
                          .columns = (size_t)ceil((right - left) / step) + 6,
                          .channels = channels};
    grid->values = mica_allocate(channels * grid->rows, grid->columns * sizeof(float));
    return grid->values ? 0
                        : mica_fail(err, "no memory for a grid of %zu x %zu points",
                                    grid->rows, grid->columns);
}

void mica_grid_free(struct grid *grid)
{
    mica_free(grid->values);
    grid->values = NULL;
}

/* out[i] = sum_n weights[n] in[i + n stride] */
static void blend(float *restrict out, const float *restrict in, size_t stride,
                  const float weights[4], size_t count)
{
    const float *b = in + stride, *c = in + 2 * stride, *d = in + 3 * stride;
    for (size_t i = 0; i < count; i++)
        out[i] = weights[0] * in[i] + weights[1] * b[i] + weights[2] * c[i] +
                 weights[3] * d[i];
}

/* out[i] += the same */
static void blend_add(float *restrict out, const float *restrict in, size_t stride,
                      const float weights[4], size_t count)
{
    const float *b = in + stride, *c = in + 2 * stride, *d = in + 3 * stride;
    for (size_t i = 0; i < count; i++)
        out[i] += weights[0] * in[i] + weights[1] * b[i] + weights[2] * c[i] +
                  weights[3] * d[i];
}

struct adding {
    struct grid *grid;
    const struct kernel *kernels;
    const struct scatterer *scatterers;
    size_t count;
    float *scratch; /* one kernel a thread */
    size_t scratch_size;
};

/* Whole numbers from .. to-1 within `half` of `middle`, and within 0 .. count-1. */
static void within(double middle, double half, size_t least, size_t most, size_t *from,
                   size_t *to)
{
    double low = ceil(middle - half), high = floor(middle + half) + 1;
    *from = low > (double)least ? (size_t)fmin(low, (double)most) : least;
    *to = high < (double)most ? (size_t)fmax(high, (double)*from) : most;
}

/* Where a point lies between samples: the kernel's sample for grid sample i is
   i - whole + reach - t, between its samples `first + i` + 1 and + 2. */
struct place {
    double at;
    ptrdiff_t first;
    float weights[4];
};

static struct place find_place(double at, size_t reach)
{
    struct place place = {.at = at};
    double whole = floor(at);
    place.first = (ptrdiff_t)reach - 2 - (ptrdiff_t)whole;
    mica_spline_weights(1 - (at - whole), place.weights);
    return place;
}

/* Add a scatterer to rows from .. to-1: shift the kernel's rows along x by a part of a
   step, then along y while adding. */
static void add_rows(const struct adding *adding, const struct scatterer *scatterer,
                     size_t from, size_t to, float *shifted)
{
    struct grid *grid = adding->grid;
    const struct kernel *kernel = &adding->kernels[scatterer->kernel];
    double radius = kernel->radius / grid->step;
    size_t side = 2 * kernel->reach + 1, first, last;
    struct place x =
        find_place((scatterer->x - grid->left) / grid->step, kernel->reach);
    struct place y = find_place((scatterer->y - grid->top) / grid->step, kernel->reach);
    within(y.at, radius, from, to, &from, &to);
    within(x.at, radius, 0, grid->columns, &first, &last);
    if (from >= to || first >= last)
        return;
    size_t row0 = (size_t)((ptrdiff_t)from + y.first);
    size_t column0 = (size_t)((ptrdiff_t)first + x.first);
    for (size_t row = 0; row < to - from + 3; row++)
        blend(shifted + row * side, kernel->values + (row0 + row) * side + column0, 1,
              x.weights, last - first);
    for (size_t row = from; row < to; row++) {
        double height = (double)row - y.at;
        size_t left, right;
        within(x.at, sqrt(radius * radius - height * height), first, last, &left,
               &right);
        for (size_t c = 0; c < grid->channels; c++) {
            float weights[4];
            for (size_t n = 0; n < 4; n++)
                weights[n] = (float)scatterer->weights[c] * y.weights[n];
            float *out = grid->values + (c * grid->rows + row) * grid->columns;
            blend_add(out + left, shifted + (row - from) * side + (left - first), side,
                      weights, right - left);
        }
    }
}

static void add_band(void *context, size_t band)
{
    const struct adding *adding = context;
    size_t from = band * BAND, to = from + BAND;
    float *shifted = adding->scratch + mica_parallel_worker() * adding->scratch_size;
    to = to < adding->grid->rows ? to : adding->grid->rows;
    for (size_t i = 0; i < adding->count; i++)
        add_rows(adding, &adding->scatterers[i], from, to, shifted);
}

/* The constant that the tails beyond the kernels' radius add up to. */
static void add_tails(struct grid *grid, const struct kernel *kernels,
                      const struct scatterer *scatterers, size_t count)
{
    double radius = kernels[0].radius;
    double width = (double)(grid->columns - 1) * grid->step + 2 * radius;
    double height = (double)(grid->rows - 1) * grid->step + 2 * radius;
    for (size_t c = 0; c < grid->channels; c++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++) {
            double x = scatterers[i].x - grid->left + radius;
            double y = scatterers[i].y - grid->top + radius;
            if (x >= 0 && x <= width && y >= 0 && y <= height)
                sum += scatterers[i].weights[c] *
                       (1 - kernels[scatterers[i].kernel].inside);
        }
        float tail = (float)(sum / (width * height));
        float *plane = grid->values + c * grid->rows * grid->columns;
        for (size_t i = 0; i < grid->rows * grid->columns; i++)
            plane[i] += tail;
    }
}

int mica_grid_add(struct grid *grid, const struct kernel *kernels,
                  const struct scatterer *scatterers, size_t count, struct error *err)
{
    if (count == 0)
        return 0;
    struct adding adding = {grid, kernels, scatterers, count, NULL, 0};
    size_t side = 2 * kernels[0].reach + 1;
    adding.scratch_size = side * side;
    adding.scratch =
        mica_allocate(mica_parallel_threads() * side * side, sizeof(float));
    if (!adding.scratch)
        return mica_fail(err, "no memory to render %zu atoms", count);
    mica_parallel_for((grid->rows + BAND - 1) / BAND, add_band, &adding);
    mica_free(adding.scratch);
    add_tails(grid, kernels, scatterers, count);
    return 0;
}

struct sampling {
    const struct grid *grid;
    const struct scan *scan;
    float *image;
};

static void sample_row(void *context, size_t row)
{
    const struct sampling *sampling = context;
    const struct grid *grid = sampling->grid;
    const struct scan *scan = sampling->scan;
    double inverse = 1 / grid->step;
    for (size_t column = 0; column < scan->width; column++) {
        size_t i = row * scan->width + column;
        double dx = scan->dx ? (double)scan->dx[i] : 0;
        double dy = scan->dy ? (double)scan->dy[i] : 0;
        double x = ((double)column * scan->pixel[1] + dx - grid->left) * inverse;
        double y = ((double)row * scan->pixel[0] + dy - grid->top) * inverse;
        size_t x0 = (size_t)x, y0 = (size_t)y;
        float wx[4], wy[4];
        mica_spline_weights(x - (double)x0, wx);
        mica_spline_weights(y - (double)y0, wy);
        for (size_t c = 0; c < grid->channels; c++) {
            const float *at =
                grid->values + (c * grid->rows + y0 - 1) * grid->columns + x0 - 1;
            float sum = 0;
            for (size_t n = 0; n < 4; n++, at += grid->columns)
                sum += wy[n] *
                       (wx[0] * at[0] + wx[1] * at[1] + wx[2] * at[2] + wx[3] * at[3]);
            sampling->image[i * grid->channels + c] = sum;
        }
    }
}

void mica_grid_sample(const struct grid *grid, const struct scan *scan, float *image)
{
    struct sampling sampling = {grid, scan, image};
    mica_parallel_for(scan->height, sample_row, &sampling);
}
