/* memory_left.c - how much memory the machine and the job still have */
#include "core/memory.h"

#include "core/cgroup.h"
#include "core/text.h"
#include <stdlib.h>
#include <string.h>

/* The number behind a word at the beginning of a line, 0 where there is none. */
static double number_of(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, word, length) == 0)
            return mica_text_number(line + length, NULL);
    }
    return 0;
}

static double file_number(const char *folder, const char *name, const char *word)
{
    char *text = mica_cgroup_file(folder, name);
    double number = text ? number_of(text, word) : 0;
    free(text);
    return number;
}

/* Pages of files that were not touched lately are given back when they are needed. "max"
   is no number, and version 1 has a huge one where there is no limit. */
static size_t left_in(const char *folder, bool second)
{
    static const char *const files[2][2] = {
        {"memory.limit_in_bytes", "memory.usage_in_bytes"},
        {"memory.max", "memory.current"}};
    double limit = file_number(folder, files[second][0], "");
    double used = file_number(folder, files[second][1], "");
    double cached = file_number(folder, "memory.stat",
                                second ? "inactive_file " : "total_inactive_file ");
    if (limit <= 0 || limit > 1e18)
        return 0;
    double left = limit - used + cached;
    return left > 1 ? (size_t)left : 1;
}

size_t mica_memory_left_of(const char *memberships, const char *mount)
{
    return mica_cgroup_least(memberships, mount, "memory", left_in);
}

size_t mica_memory_left(void)
{
    size_t machine = (size_t)(1024 * file_number("/proc", "meminfo", "MemAvailable:"));
    size_t groups = mica_cgroup_own("memory", left_in);
    return machine == 0 || (groups > 0 && groups < machine) ? groups : machine;
}
