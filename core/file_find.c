/* file_find.c - files by name in the places where mica looks, and by pattern */
#include "core/file.h"
#include "core/text.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A search: where it looked, for the message, and what it found. */
struct search {
    const char *name; /* NULL: nothing is looked for, the places are wanted */
    bool pattern;     /* the name is one: what fits it, not a file of this name */
    struct text looked;
    char *found;
};

/* Every path comes from here: with one slash where several follow each other. */
static char *join(const char *folder, size_t length, const char *name)
{
    struct text path = {0};
    mica_text_append(&path, folder, length);
    if (length > 0 && folder[length - 1] != '/')
        mica_text_append(&path, "/", 1);
    mica_text_append(&path, name, strlen(name));
    char *copy = malloc(path.length + 1);
    size_t kept = 0;
    for (size_t i = 0; copy && i <= path.length; i++)
        if (path.data[i] != '/' || kept == 0 || copy[kept - 1] != '/')
            copy[kept++] = path.data[i];
    mica_text_free(&path);
    return copy;
}

/* Whether a file fits a pattern, in which {words} stand for anything. */
static bool fits(const char *pattern)
{
    struct file_list list = {0};
    struct text plain = {0};
    while (*pattern) {
        size_t length = strcspn(pattern, "{");
        mica_text_append(&plain, pattern, length);
        pattern += length;
        if (!*pattern)
            break;
        mica_text_append(&plain, "*", 1);
        pattern += strcspn(pattern, "}");
        pattern += *pattern == '}';
    }
    bool any = plain.length > 0 && !mica_file_list(&list, plain.data, NULL);
    mica_file_list_free(&list);
    mica_text_free(&plain);
    return any;
}

static bool is_found(const struct search *search, const char *path)
{
    return search->pattern ? fits(path)
                           : mica_file_exists(path) && !mica_file_is_folder(path);
}

static void look(struct search *search, const char *folder, size_t length)
{
    if (search->found)
        return;
    char *path = search->name ? join(folder, length, search->name) : NULL;
    if (path && is_found(search, path)) {
        search->found = path;
        return;
    }
    free(path);
    const char *shown = length > 0 ? folder : ".";
    mica_text_add(&search->looked, "%s%.*s", search->looked.length > 0 ? ", " : "",
                  length > 0 ? (int)length : 1, shown);
}

static void look_in_list(struct search *search, const char *folders)
{
    while (folders && *folders) {
        size_t length = strcspn(folders, ":");
        if (length > 0)
            look(search, folders, length);
        folders += length;
        folders += *folders == ':';
    }
}

/* A folder that came with mica, and its sub-folder `kind`. */
static void look_in_share(struct search *search, const char *share, const char *kind)
{
    look(search, share, strlen(share));
    char *folder = join(share, strlen(share), kind ? kind : "");
    if (kind && folder)
        look(search, folder, strlen(folder));
    free(folder);
}

/* $MICA_DATADIR alone where it is set; else beside the running program, in the tree that
   it was built in or under the prefix that it was moved to, and where it was meant to be
   installed. */
static void look_in_shares(struct search *search, const char *kind)
{
    static const char *const beside[] = {"build/share", "../share/mica"};
    const char *share = getenv("MICA_DATADIR");
    if (share && *share) {
        look_in_share(search, share, kind);
        return;
    }
    char program[4096];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    for (size_t i = 0; slash && i < sizeof beside / sizeof *beside; i++) {
        char *folder = join(program, (size_t)(slash - program), beside[i]);
        if (folder && mica_file_is_folder(folder))
            look_in_share(search, folder, kind);
        free(folder);
    }
    look_in_share(search, MICA_DATADIR, kind);
}

/* How much of the path of a file is its folder, with the slash. */
static size_t folder_length(const char *file)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    return slash ? (size_t)(slash - file) + 1 : 0;
}

/* Beside `from`, here, in $MICA_PATH. */
static void look_around(struct search *search, const char *from)
{
    if (folder_length(from) > 0)
        look(search, from, folder_length(from));
    look(search, "", 0);
    look_in_list(search, getenv("MICA_PATH"));
}

void mica_file_places(const char *from, struct text *places)
{
    struct search search = {0};
    look_around(&search, from);
    mica_text_append(places, search.looked.data, search.looked.length);
    mica_text_free(&search.looked);
}

char *mica_file_find_pattern(const char *pattern, const char *from)
{
    struct search search = {.name = pattern, .pattern = true};
    if (pattern[0] == '/')
        return join("", 0, pattern);
    look_around(&search, from);
    mica_text_free(&search.looked);
    return search.found ? search.found : join(from, folder_length(from), pattern);
}

char *mica_file_find(const char *name, const char *from, const char *kind,
                     struct error *err)
{
    struct search search = {.name = name};
    if (name[0] == '/') {
        look(&search, "", 0);
    } else {
        look_around(&search, from);
        look_in_shares(&search, kind);
    }
    if (!search.found && mica_file_is_folder(name))
        mica_fail(err, "%s: is a folder", name);
    else if (!search.found && name[0] == '/')
        mica_fail(err, "%s: there is no such file", name);
    else if (!search.found)
        mica_fail(err, "%s: there is no such file; looked in %s", name,
                  search.looked.data);
    mica_text_free(&search.looked);
    return search.found;
}

static int add(struct file_list *list, char *path)
{
    if ((list->count & (list->count + 1)) == 0) { /* full at 0, 1, 3, 7, ... */
        char **larger = realloc(list->paths, 2 * (list->count + 1) * sizeof *larger);
        if (!larger) {
            free(path);
            return -1;
        }
        list->paths = larger;
    }
    list->paths[list->count++] = path;
    return path ? 0 : -1;
}

static bool hidden(const char *name, const char *pattern)
{
    return name[0] == '.' && pattern[0] != '.';
}

/* Add what fits `pattern` (of one part of a path) in the folder `prefix`. */
static int expand(struct file_list *out, const char *prefix, const char *pattern,
                  bool folders)
{
    DIR *entries = opendir(*prefix ? prefix : ".");
    int status = 0;
    for (struct dirent *entry; entries && status == 0 && (entry = readdir(entries));) {
        if (hidden(entry->d_name, pattern) ||
            !mica_text_matches(entry->d_name, pattern))
            continue;
        char *path = join(prefix, strlen(prefix), entry->d_name);
        if (path && mica_file_is_folder(path) == folders)
            status = add(out, path);
        else
            free(path);
    }
    if (entries)
        closedir(entries);
    return status;
}

/* One part without wildcards: nothing is listed, so folders need not be readable. */
static int follow(struct file_list *out, const char *prefix, const char *name,
                  bool folders)
{
    char *path = join(prefix, strlen(prefix), name);
    if (path && mica_file_exists(path) && mica_file_is_folder(path) == folders)
        return add(out, path);
    free(path);
    return path ? 0 : -1;
}

/* From the paths of `from` to those one part deeper. */
static int descend(struct file_list *from, const char *part, bool folders)
{
    struct file_list next = {0};
    int status = 0;
    for (size_t i = 0; i < from->count && status == 0; i++)
        status = strpbrk(part, "*?") ? expand(&next, from->paths[i], part, folders)
                                     : follow(&next, from->paths[i], part, folders);
    mica_file_list_free(from);
    *from = next;
    return status;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int mica_file_list(struct file_list *list, const char *pattern, struct error *err)
{
    char *parts = join("", 0, pattern), *part = parts;
    *list = (struct file_list){0};
    int status = parts ? add(list, join("", 0, *pattern == '/' ? "/" : "")) : -1;
    while (status == 0 && part) {
        part += strspn(part, "/");
        char *slash = strchr(part, '/');
        if (slash)
            *slash = '\0';
        status = descend(list, part, slash != NULL);
        part = slash ? slash + 1 : NULL;
    }
    free(parts);
    if (status) {
        mica_file_list_free(list);
        return mica_fail(err, "%s: there is not enough memory to list it", pattern);
    }
    if (list->count == 0) {
        mica_file_list_free(list);
        return mica_fail(err, "%s: no file fits this pattern", pattern);
    }
    qsort(list->paths, list->count, sizeof *list->paths, compare);
    return 0;
}

void mica_file_list_free(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (struct file_list){0};
}
