/* cgroup.h - limits that Linux sets for groups of processes */
#ifndef MICA_CORE_CGROUP_H
#define MICA_CORE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

/* What a group's folder says, 0 where it says nothing. `second`: the files of version 2 of
   the interface. */
typedef size_t mica_cgroup_reader(const char *folder, bool second);
/* The least that the groups in `memberships`, the text of /proc/self/cgroup, and those
   above them say about a controller ("cpu"); 0: nothing. `mount` is the folder of the
   cgroup file systems. */
size_t mica_cgroup_least(const char *memberships, const char *mount,
                         const char *controller, mica_cgroup_reader *reader);
/* The same for this process, where Linux has such files. */
size_t mica_cgroup_own(const char *controller, mica_cgroup_reader *reader);
/* A file of a group's folder as text, freed with free(); NULL where there is none. */
char *mica_cgroup_file(const char *folder, const char *name);

#endif
