/* cgroup.c - limits that Linux sets for groups of processes */
#include "core/cgroup.h"
#include "core/file.h"
#include "core/text.h"
#include <stdlib.h>
#include <string.h>

static size_t lesser(size_t a, size_t b) { return b > 0 && (a == 0 || b < a) ? b : a; }

char *mica_cgroup_file(const char *folder, const char *name)
{
    struct text path = {0};
    size_t size;
    mica_text_add(&path, "%s/%s", folder, name);
    char *text = mica_file_read(path.data, &size, NULL);
    mica_text_free(&path);
    return text;
}

/* A group is bound by the limits of those above it as well. In a container the path may be
   that of the host: what does not exist is passed over on the way up. */
static size_t least_above(const char *mount, const char *path, size_t length,
                          bool second, mica_cgroup_reader *reader)
{
    size_t least = 0;
    for (;;) {
        struct text folder = {0};
        mica_text_add(&folder, "%s%.*s", mount, (int)length, path);
        least = lesser(least, reader(folder.data, second));
        mica_text_free(&folder);
        if (length == 0)
            return least;
        while (length > 0 && path[--length] != '/')
            ;
    }
}

/* Whether "cpu" is among the controllers "cpu,cpuacct". */
static bool has(const char *controllers, size_t length, const char *name)
{
    size_t wanted = strlen(name);
    for (size_t i = 0; i + wanted <= length; i++)
        if ((i == 0 || controllers[i - 1] == ',') &&
            strncmp(controllers + i, name, wanted) == 0 &&
            (length - i == wanted || controllers[i + wanted] == ','))
            return true;
    return false;
}

/* A line is "number:controllers:path"; version 2 has no controllers. */
size_t mica_cgroup_least(const char *memberships, const char *mount,
                         const char *controller, mica_cgroup_reader *reader)
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
        if (names == 0)
            least = lesser(least, least_above(mount, second + 1, rest, true, reader));
        else if (has(first + 1, names, controller))
            least = lesser(least,
                           least_above(folder.data, second + 1, rest, false, reader));
        mica_text_free(&folder);
    }
    return least;
}

size_t mica_cgroup_own(const char *controller, mica_cgroup_reader *reader)
{
    size_t size;
    char *memberships = mica_file_read("/proc/self/cgroup", &size, NULL);
    size_t least = memberships ? mica_cgroup_least(memberships, "/sys/fs/cgroup",
                                                   controller, reader)
                               : 0;
    free(memberships);
    return least;
}
