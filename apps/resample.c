/* resample.c - an image on a finer or coarser grid of pixels: rows, then columns */
#include "apps/resample.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/parallel.h"

double mica_resampled(double i, size_t count, size_t to)
{
    return (i + 0.5) * (double)to / (double)count - 0.5;
}

/* Along one axis: `count` pixels become `to`. */
struct axis {
    size_t count, to;
};

/* Pixels first .. first+count-1 of the source, of which pixel `i` is the mean; the weights
   follow from their distance to `centre`. */
struct taps {
    size_t first, count;
    double centre, reach, sum;
};

static double weight(const struct taps *t, size_t k)
{
    return fmax(0, 1 - fabs((double)(t->first + k) - t->centre) / t->reach);
}

static struct taps taps_of(struct axis axis, size_t i)
{
    struct taps t = {.centre = mica_resampled((double)i, axis.to, axis.count)};
    double last = (double)(axis.count - 1);
    t.reach = fmax(1, (double)axis.count / (double)axis.to);
    t.centre = fmin(fmax(t.centre, 0), last);
    t.first = (size_t)ceil(fmax(0, t.centre - t.reach));
    t.count = (size_t)floor(fmin(last, t.centre + t.reach)) - t.first + 1;
    for (size_t k = 0; k < t.count; k++)
        t.sum += weight(&t, k);
    return t;
}

/* One direction: `line` floats are mixed alike for each pixel of the axis. */
struct job {
    struct axis axis;
    const float *from;
    float *to;
    size_t line;
};

static void mix(const struct job *job, const float *from, size_t i, float *to)
{
    struct taps t = taps_of(job->axis, i);
    memset(to, 0, job->line * sizeof *to);
    for (size_t k = 0; k < t.count; k++) {
        float share = (float)(weight(&t, k) / t.sum);
        const float *line = from + (t.first + k) * job->line;
        for (size_t c = 0; c < job->line; c++)
            to[c] += share * line[c];
    }
}

static void mix_rows(void *context, size_t y)
{
    const struct job *job = context;
    mix(job, job->from, y, job->to + y * job->line);
}

static void mix_columns(void *context, size_t y)
{
    const struct job *job = context;
    const float *from = job->from + y * job->axis.count * job->line;
    float *to = job->to + y * job->axis.to * job->line;
    for (size_t x = 0; x < job->axis.to; x++)
        mix(job, from, x, to + x * job->line);
}

int mica_resample(const float *from, size_t height, size_t width, size_t channels,
                  float *to, size_t to_height, size_t to_width)
{
    float *between = mica_allocate(to_height * width, channels * sizeof *between);
    if (!between)
        return -1;
    struct job rows = {{height, to_height}, from, between, width * channels};
    struct job columns = {{width, to_width}, between, to, channels};
    mica_parallel_for(to_height, mix_rows, &rows);
    mica_parallel_for(to_height, mix_columns, &columns);
    mica_free(between);
    return 0;
}
