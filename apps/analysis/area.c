/* area.c - leaves out an image's border, vacuum and what a mask names */
#include "apps/analysis/area.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

/* sums[y][x]: of the pixels above row y and left of column x. */
static void integrate(const struct frame *f, double *sums)
{
    size_t row = f->width + 1;
    memset(sums, 0, row * sizeof *sums);
    for (size_t y = 0; y < f->height; y++) {
        double sum = 0;
        sums[(y + 1) * row] = 0;
        for (size_t x = 0; x < f->width; x++) {
            sum += (double)f->data[(y * f->width + x) * f->channels];
            sums[(y + 1) * row + x + 1] = sums[y * row + x + 1] + sum;
        }
    }
}

/* Pixels from .. to-1 within `reach` of pixel i. */
struct span {
    size_t from, to;
};
static struct span around(size_t i, size_t reach, size_t count)
{
    return (struct span){i > reach ? i - reach : 0,
                         i + reach + 1 < count ? i + reach + 1 : count};
}

static double mean_of(const double *sums, size_t row, struct span y, struct span x)
{
    double sum = sums[y.to * row + x.to] - sums[y.from * row + x.to] -
                 sums[y.to * row + x.from] + sums[y.from * row + x.from];
    return sum / (double)((y.to - y.from) * (x.to - x.from));
}

static int leave_out_vacuum(const struct exclusion *e, const struct frame *f,
                            uint8_t *analysed, struct error *err)
{
    size_t row = f->width + 1;
    double *sums = mica_allocate((f->height + 1) * row, sizeof *sums);
    if (!sums)
        return mica_fail(err, "no memory to look for vacuum in %zu x %zu pixels",
                         f->height, f->width);
    integrate(f, sums);
    size_t rows = (size_t)(e->window / 2 / f->pixel[0]);
    size_t columns = (size_t)(e->window / 2 / f->pixel[1]);
    for (size_t y = 0; y < f->height; y++)
        for (size_t x = 0; x < f->width; x++)
            if (mean_of(sums, row, around(y, rows, f->height),
                        around(x, columns, f->width)) < e->level)
                analysed[y * f->width + x] = 0;
    mica_free(sums);
    return 0;
}

/* A pixel whose centre is nearer to an edge than the border is left out; the edge is half
   a pixel beyond the last centre. */
static bool inside(size_t i, size_t count, double pixel, double border)
{
    double to_first = ((double)i + 0.5) * pixel;
    double to_last = ((double)(count - i) - 0.5) * pixel;
    return to_first >= border && to_last >= border;
}

static void leave_out_border(const struct exclusion *e, const struct frame *f,
                             uint8_t *analysed)
{
    for (size_t y = 0; y < f->height; y++)
        for (size_t x = 0; x < f->width; x++)
            if (!inside(y, f->height, f->pixel[0], e->border) ||
                !inside(x, f->width, f->pixel[1], e->border))
                analysed[y * f->width + x] = 0;
}

size_t mica_area_find(const struct exclusion *exclusion, const struct frame *frame,
                      uint8_t *analysed, struct error *err)
{
    size_t pixels = frame->height * frame->width, count = 0;
    bool calibrated = mica_frame_calibrated(frame);
    memset(analysed, 1, pixels);
    if (calibrated && exclusion->border > 0)
        leave_out_border(exclusion, frame, analysed);
    if (calibrated && exclusion->vacuum &&
        leave_out_vacuum(exclusion, frame, analysed, err))
        return SIZE_MAX;
    for (size_t i = 0; i < pixels; i++) {
        if (exclusion->mask && fabsf(exclusion->mask[i]) > 0)
            analysed[i] = 0;
        count += analysed[i];
    }
    return count;
}
