/* ceiling.c - what this machine can do at most, and the memory that this process took */
#include "apps/ceiling.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernels.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/parallel.h"

enum { ROUNDS = 4000000 };

static void compute(void *context, size_t i)
{
    double *operations = context;
    mica_kernels()->peak(ROUNDS, &operations[i]);
}

double mica_ceiling_measure(void)
{
    size_t threads = mica_parallel_threads();
    double *operations = mica_need(threads, sizeof *operations), sum = 0;
    double begun = mica_log_clock();
    mica_parallel_for(threads, compute, operations);
    double seconds = mica_log_clock() - begun;
    for (size_t i = 0; i < threads; i++)
        sum += operations[i];
    mica_free(operations);
    return sum / seconds;
}

/* --- bandwidth ---------------------------------------------------------------------- */

enum {
    MOVED = 64 << 20, /* bytes of a measurement, about: some 10 ms of slow memory */
    SUMS = 16,        /* independent, so that loads do not wait for each other */
    LEAST_SLICE = 4096
};

/* Each thread has a slice to itself. */
struct stream {
    char *memory;
    size_t slice, times; /* bytes; how often it is read or copied */
    uint64_t *sums;      /* of each slice: what is read must be used */
};

static void read_slice(void *context, size_t i)
{
    const struct stream *s = context;
    const uint64_t *x = (const uint64_t *)(const void *)(s->memory + i * s->slice);
    const size_t count = s->slice / sizeof *x / SUMS * SUMS;
    uint64_t sums[SUMS] = {0};
    for (size_t t = 0; t < s->times; t++)
        for (size_t k = 0; k < count; k += SUMS)
            for (size_t j = 0; j < SUMS; j++)
                sums[j] +=
                    x[k + j] ^ t; /* another sum each time: none can be left out */
    for (size_t j = 0; j < SUMS; j++)
        s->sums[i] += sums[j];
}

static void copy_slice(void *context, size_t i)
{
    const struct stream *s = context;
    char *x = s->memory + i * s->slice;
    const size_t half = s->slice / 2;
    for (size_t t = 0; t < s->times; t++)
        memcpy(t % 2 ? x : x + half, t % 2 ? x + half : x, half);
}

static double seconds_of(mica_work *work, struct stream *stream)
{
    double begun = mica_log_clock();
    mica_parallel_for(mica_parallel_threads(), work, stream);
    return mica_log_clock() - begun;
}

struct bandwidth mica_bandwidth_measure(void *memory, size_t bytes)
{
    const size_t threads = mica_parallel_threads();
    struct stream s = {.memory = memory, .slice = bytes / threads / 4096 * 4096};
    if (s.slice < LEAST_SLICE)
        return (struct bandwidth){(double)NAN, (double)NAN};
    s.sums = mica_need(threads, sizeof *s.sums);
    s.times = 1 + MOVED / bytes;
    const double all = (double)(s.slice * threads * s.times);
    struct bandwidth found = {.read = all / seconds_of(read_slice, &s),
                              .copy = all / 2 / seconds_of(copy_slice, &s)};
    mica_free(s.sums);
    return found;
}

double mica_bandwidth_seconds(const struct bandwidth *bandwidth, double read,
                              double written)
{
    const double to_read = 1 / bandwidth->read, to_copy = 1 / bandwidth->copy;
    return read * to_read + written * fmax(to_copy - to_read, 0);
}

/* "512K" */
size_t mica_cache_size(int level)
{
    char path[64], text[32] = "";
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/size",
             level == 1 ? 0 : level);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (!fgets(text, sizeof text, file))
        text[0] = '\0';
    fclose(file);
    char *unit;
    size_t size = (size_t)strtoull(text, &unit, 10);
    return size << (*unit == 'K' ? 10 : *unit == 'M' ? 20 : 0);
}

/* --- memory ------------------------------------------------------------------------- */

/* "VmHWM:     1234 kB" */
static size_t status_bytes(const char *key)
{
    char line[256];
    size_t bytes = 0, length = strlen(key);
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, key, length) == 0)
            bytes = 1024 * (size_t)strtoull(line + length, NULL, 10);
    if (status)
        fclose(status);
    return bytes;
}

size_t mica_memory_resident(void) { return status_bytes("VmRSS:"); }
size_t mica_memory_peak(void) { return status_bytes("VmHWM:"); }

void mica_memory_peak_forget(void)
{
    FILE *references = fopen("/proc/self/clear_refs", "w");
    if (!references)
        return;
    fputs("5", references);
    fclose(references);
}
