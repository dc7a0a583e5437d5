/* processors.c - how many threads the machine and the job allow */
#include "core/file.h"
#include "core/parallel.h"
#include "core/text.h"
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The file's text, NULL where it cannot be read; freed with free(). */
static char *read_text(const char *path)
{
    size_t size;
    return mica_file_read(path, &size, NULL);
}

/* The bits of "Cpus_allowed: ff,ffffffff". */
static size_t affinity(void)
{
    char *status = read_text("/proc/thread-self/status");
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
    struct text path = {0};
    mica_text_add(&path, "%s/%s", folder, second ? "cpu.max" : "cpu.cfs_quota_us");
    char *quota = read_text(path.data), *period = NULL;
    if (!second) {
        mica_text_free(&path);
        mica_text_add(&path, "%s/cpu.cfs_period_us", folder);
        period = read_text(path.data);
    }
    const char *space = second && quota ? strchr(quota, ' ') : NULL;
    size_t result = processors(quota, second ? space : period);
    free(quota);
    free(period);
    mica_text_free(&path);
    return result;
}

/* A group is bound by the quotas of those above it as well. In a container the path may be
   that of the host: what does not exist is passed over on the way up. */
static size_t least_quota(const char *mount, const char *path, size_t length,
                          bool second)
{
    size_t least = 0;
    for (;;) {
        struct text folder = {0};
        mica_text_add(&folder, "%s%.*s", mount, (int)length, path);
        least = lesser(least, folder_quota(folder.data, second));
        mica_text_free(&folder);
        if (length == 0)
            return least;
        while (length > 0 && path[--length] != '/')
            ;
    }
}

/* Whether "cpu" is among the controllers "cpu,cpuacct". */
static bool has_cpu(const char *controllers, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((i == 0 || controllers[i - 1] == ',') && length - i >= 3 &&
            strncmp(controllers + i, "cpu", 3) == 0 &&
            (length - i == 3 || controllers[i + 3] == ','))
            return true;
    return false;
}

/* A line is "number:controllers:path"; version 2 has no controllers. */
size_t mica_parallel_quota(const char *memberships, const char *mount)
{
    size_t least = 0;
    for (const char *line = memberships; *line; line += *line == '\n') {
        size_t length = strcspn(line, "\n");
        const char *end = line + length;
        const char *first = memchr(line, ':', length);
        const char *second =
            first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
        line = end;
        if (!second)
            continue;
        size_t names = (size_t)(second - first - 1), rest = (size_t)(end - second - 1);
        struct text folder = {0};
        mica_text_add(&folder, "%s/%.*s", mount, (int)names, first + 1);
        if (names == 0) {
            least = lesser(least, least_quota(mount, second + 1, rest, true));
        } else if (has_cpu(first + 1, names)) {
            least = lesser(least, least_quota(folder.data, second + 1, rest, false));
        }
        mica_text_free(&folder);
    }
    return least;
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
    char *memberships = read_text("/proc/self/cgroup");
    size_t least = affinity();
    if (memberships)
        least = lesser(least, mica_parallel_quota(memberships, "/sys/fs/cgroup"));
    free(memberships);
    least = lesser(least, variable("SLURM_CPUS_PER_TASK"));
    return lesser(least, variable("OMP_NUM_THREADS"));
}
