/* ceiling.c - what this machine can do at most, and the memory that this process took */
#include "apps/ceiling.h"

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
