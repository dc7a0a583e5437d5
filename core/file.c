/* file.c - whole files in, whole files out: written beside, synced, renamed */
#define _XOPEN_SOURCE 700 /* realpath */
#include "core/file.h"
#include "core/memory.h"
#include "core/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_TRIED = 100 }; /* for a temporary file */

/* The words for what the system said, short enough for the end of a line. */
static const char *reason(int number)
{
    switch (number) {
    case ENOENT:
        return "there is no such file or folder";
    case EISDIR:
        return "is a folder, not a file";
    case ENOTDIR:
        return "a part of its path is a file, not a folder";
    case EACCES:
    case EPERM:
        return "permission denied";
    case EROFS:
        return "lies on a file system that is read-only";
    case ENOSPC:
        return "no space left on its file system";
    case EDQUOT:
        return "the quota of disk space is used up";
    case EFBIG:
        return "is larger than its file system or limit allows";
    case EIO:
        return "the disk or its connection failed (input/output error)";
    case EMFILE:
    case ENFILE:
        return "too many files are open";
    case ENAMETOOLONG:
        return "its name is too long";
    default:
        return strerror(number);
    }
}

static int fail_path(const char *path, int number, struct error *err)
{
    return mica_fail(err, "%s: %s", path, reason(number));
}

static char *copy(const char *text)
{
    char *out = mica_need(strlen(text) + 1, 1);
    return strcpy(out, text);
}

bool mica_file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0;
}

bool mica_file_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool mica_file_folder_is_empty(const char *path)
{
    DIR *stream = opendir(path);
    bool empty = true;
    for (const struct dirent *entry; stream && (entry = readdir(stream)) != NULL;)
        empty = empty &&
                (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    if (stream)
        closedir(stream);
    return empty;
}

/* Read to the end, whatever the size was said to be: pipes and /proc say 0. */
static char *slurp(FILE *stream, size_t expected, size_t *size)
{
    size_t capacity = expected + 2, used = 0;
    char *data = malloc(capacity);
    while (data) {
        used += fread(data + used, 1, capacity - 1 - used, stream);
        if (used < capacity - 1)
            break;
        char *larger = capacity < SIZE_MAX / 2 ? realloc(data, 2 * capacity) : NULL;
        if (!larger)
            free(data);
        data = larger;
        capacity *= 2;
    }
    if (data)
        data[used] = '\0';
    *size = used;
    return data;
}

/* The file and what the system knows of it. */
static FILE *open_known(const char *path, struct stat *status, struct error *err)
{
    FILE *stream = fopen(path, "rb");
    int number = errno;
    if (stream && (fstat(fileno(stream), status) || S_ISDIR(status->st_mode))) {
        fclose(stream);
        stream = NULL;
        number = EISDIR;
    }
    if (!stream)
        fail_path(path, number, err);
    return stream;
}

FILE *mica_file_open(const char *path, struct error *err)
{
    struct stat status;
    return open_known(path, &status, err);
}

char *mica_file_read(const char *path, size_t *size, struct error *err)
{
    struct stat status;
    FILE *stream = open_known(path, &status, err);
    if (!stream)
        return NULL;
    errno = 0;
    char *data = slurp(stream, (size_t)status.st_size, size);
    if (!data)
        mica_fail(err, "%s: there is not enough memory to read it", path);
    else if (ferror(stream)) {
        fail_path(path, errno, err);
        free(data);
        data = NULL;
    }
    fclose(stream);
    return data;
}

/* Through a link the file that it names is replaced, not the link; what is neither a file
   nor missing (a terminal, a pipe, /dev/null) is written straight. */
static char *destination(const char *path, bool *straight)
{
    struct stat status;
    *straight = stat(path, &status) == 0 && !S_ISREG(status.st_mode);
    char *real = *straight ? NULL : realpath(path, NULL);
    char *result = copy(real ? real : path);
    free(real);
    return result;
}

static int open_beside(struct file_out *out)
{
    struct text name = {0};
    int file = -1;
    for (unsigned i = 0; file < 0 && i < NAMES_TRIED; i++) {
        mica_text_free(&name);
        mica_text_add(&name, "%s.new-%ld-%u", out->path, (long)getpid(), i);
        file = open(name.data, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (file < 0 && errno != EEXIST)
            break;
    }
    out->temporary = file < 0 ? NULL : copy(name.data);
    int number = errno;
    mica_text_free(&name);
    errno = number;
    return file;
}

int mica_file_begin(struct file_out *out, const char *path, struct error *err)
{
    bool straight;
    *out = (struct file_out){0};
    if (mica_file_is_folder(path))
        return fail_path(path, EISDIR, err);
    out->path = destination(path, &straight);
    int file = straight ? open(path, O_WRONLY) : open_beside(out);
    out->stream = file < 0 ? NULL : fdopen(file, "wb");
    if (!out->stream) {
        mica_fail(err, "%s: cannot be written: %s", path, reason(errno));
        if (file >= 0)
            close(file);
        mica_file_abandon(out);
        return -1;
    }
    return 0;
}

/* A rename lasts through a power cut once the folder is synced; some file systems cannot. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = copy(slash ? path : ".");
    if (slash)
        folder[slash == path ? 1 : slash - path] = '\0';
    int file = open(folder, O_RDONLY);
    if (file >= 0) {
        (void)fsync(file);
        close(file);
    }
    mica_free(folder);
}

/* Why a stream failed earlier on: errno is long lost, but what stopped it stops one more
   byte as well. */
static int ask_again(FILE *stream)
{
    return write(fileno(stream), "", 1) < 0 ? errno : EIO;
}

/* Everything to the disk and closed: 0, or what went wrong. */
static int finish(struct file_out *out)
{
    int number = 0;
    if (ferror(out->stream))
        number = ask_again(out->stream);
    else if (fflush(out->stream))
        number = errno;
    else if (fsync(fileno(out->stream)) && errno != EINVAL && errno != ENOTSUP)
        number = errno;
    if (fclose(out->stream) && number == 0)
        number = errno;
    out->stream = NULL;
    return number;
}

int mica_file_commit(struct file_out *out, struct error *err)
{
    int number = finish(out);
    if (number == 0 && out->temporary && rename(out->temporary, out->path))
        number = errno;
    if (number) {
        mica_fail(err, "%s: cannot be written: %s", out->path, reason(number));
        mica_file_abandon(out);
        return -1;
    }
    if (out->temporary)
        sync_folder(out->path);
    mica_free(out->temporary);
    mica_free(out->path);
    *out = (struct file_out){0};
    return 0;
}

void mica_file_abandon(struct file_out *out)
{
    if (out->stream)
        fclose(out->stream);
    if (out->temporary)
        unlink(out->temporary);
    mica_free(out->temporary);
    mica_free(out->path);
    *out = (struct file_out){0};
}

int mica_file_write(const char *path, const void *data, size_t size, struct error *err)
{
    struct file_out out;
    if (mica_file_begin(&out, path, err))
        return -1;
    if (size > 0)
        (void)fwrite(data, 1, size, out.stream); /* the commit looks for errors */
    return mica_file_commit(&out, err);
}

int mica_file_folder(const char *path, struct error *err)
{
    char *part = copy(path);
    int number = 0;
    for (char *end = part; *end && number == 0;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char kept = *end;
        *end = '\0';
        if (mkdir(part, 0777))
            number = mica_file_is_folder(part) ? 0 : errno;
        if (number)
            mica_fail(err, "%s: cannot be made: %s", part,
                      number == EEXIST ? "there is a file of that name"
                                       : reason(number));
        *end = kept;
    }
    mica_free(part);
    return number ? -1 : 0;
}

/* The length of a path without its last name. */
static size_t parent_of(const char *path, size_t length)
{
    while (length > 0 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    while (length > 0 && path[length - 1] == '/')
        length--;
    return length;
}

int mica_folder_begin(struct folder_out *out, const char *path, struct error *err)
{
    char *part = copy(path);
    size_t there = strlen(path);
    while (there > 0 && !mica_file_exists(part)) {
        there = parent_of(path, there);
        part[there] = '\0';
    }
    mica_free(part);
    *out = (struct folder_out){copy(path), there};
    if (!mica_file_folder(path, err))
        return 0;
    mica_folder_end(out);
    return -1;
}

void mica_folder_end(struct folder_out *out)
{
    size_t length = out->path ? strlen(out->path) : 0;
    while (length > out->before) {
        out->path[length] = '\0';
        if (rmdir(out->path) && errno != ENOENT)
            break;
        length = parent_of(out->path, length);
    }
    mica_free(out->path);
    *out = (struct folder_out){0};
}
