/* processors.c - how many threads the machine and the job allow */
#include "core/cgroup.h"
#include "core/parallel.h"
#include "core/text.h"
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The bits of "Cpus_allowed: ff,ffffffff". */
static size_t affinity(void)
{
    char *status = mica_cgroup_file("/proc/thread-self", "status");
    const char *mask = status ? strstr(status, "\nCpus_allowed:") : NULL;
    size_t bits = 0;
    if (mask)
        for (mask = strchr(mask, ':') + 1; *mask && *mask != '\n'; mask++) {
            char digit[2] = {*mask, '\0'};
            if (isxdigit((unsigned char)*mask))
                for (long value = strtol(digit, NULL, 16); value; value >>= 1)
                    bits += value & 1;
        }
    free(status);
    long online = bits > 0 ? (long)bits : sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (size_t)online : 1;
}

static size_t lesser(size_t a, size_t b) { return b > 0 && (a == 0 || b < a) ? b : a; }

/* quota / period microseconds as whole processors, rounded up; 0 where there is no quota. */
static size_t processors(const char *quota, const char *period)
{
    double time = quota ? mica_text_number(quota, NULL) : 0;
    double of = period ? mica_text_number(period, NULL) : 0;
    double share = time > 0 && of > 0 ? time / of : 0;
    return share > 0 && share < INT_MAX
               ? (size_t)share + (share > (double)(size_t)share)
               : 0;
}

/* Version 2 has "quota period" or "max period" in cpu.max; version 1 has two files. */
static size_t folder_quota(const char *folder, bool second)
{
    char *quota = mica_cgroup_file(folder, second ? "cpu.max" : "cpu.cfs_quota_us");
    char *period = second ? NULL : mica_cgroup_file(folder, "cpu.cfs_period_us");
    const char *space = second && quota ? strchr(quota, ' ') : NULL;
    size_t result = processors(quota, second ? space : period);
    free(quota);
    free(period);
    return result;
}

size_t mica_parallel_quota(const char *memberships, const char *mount)
{
    return mica_cgroup_least(memberships, mount, "cpu", folder_quota);
}

/* The first number of a variable as "4" or "4,2"; 0 where it says nothing of use. */
static size_t variable(const char *name)
{
    const char *text = getenv(name);
    long number = text ? strtol(text, NULL, 10) : 0;
    return number > 0 && number < INT_MAX ? (size_t)number : 0;
}

size_t mica_parallel_allowed(void)
{
    size_t least = lesser(affinity(), mica_cgroup_own("cpu", folder_quota));
    least = lesser(least, variable("SLURM_CPUS_PER_TASK"));
    return lesser(least, variable("OMP_NUM_THREADS"));
}
