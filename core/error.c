/* error.c - how a user's mistake travels back: lines of text and an exit code */
#include "core/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_KEPT = 20, TAIL = 40 }; /* TAIL: room for the line that counts the rest */

/* A file's name may hold anything: what would break the line or the terminal becomes '?'. */
static void tidy(char *line)
{
    for (; *line; line++) {
        unsigned char c = (unsigned char)*line;
        if (c < 0x20 || c == 0x7f)
            *line = '?';
    }
}

/* Cut before a UTF-8 character of which only the beginning found room. */
static void trim(char *line)
{
    size_t end = strlen(line);
    while (end > 0 && ((unsigned char)line[end - 1] & 0xc0) == 0x80)
        end--;
    if (end > 0 && (unsigned char)line[end - 1] >= 0xc0)
        line[end - 1] = '\0';
}

static void keep(struct error *err, const char *format, va_list arguments)
{
    size_t used = strlen(err->text);
    if (used + TAIL >= sizeof err->text)
        return;
    if (used > 0)
        err->text[used++] = '\n';
    size_t room = sizeof err->text - TAIL - used;
    char *line = err->text + used;
    int wanted = vsnprintf(line, room, format, arguments);
    if (wanted < 0)
        line[0] = '\0';
    else if ((size_t)wanted >= room)
        trim(line);
    tidy(line);
}

/* The last line counts what was not kept. */
static void count(struct error *err)
{
    size_t more = err->lines - LINES_KEPT;
    char *end = err->text + strlen(err->text);
    char *last = strrchr(err->text, '\n');
    if (more > 1 && last)
        end = last;
    size_t room = sizeof err->text - (size_t)(end - err->text);
    snprintf(end, room, "\nand %zu more", more);
}

static void add(struct error *err, int code, const char *format, va_list arguments)
{
    if (!err)
        return;
    if (err->code == 0)
        err->code = code;
    err->lines++;
    if (err->lines <= LINES_KEPT)
        keep(err, format, arguments);
    else
        count(err);
}

struct error *mica_error_or(struct error *err, struct error *own)
{
    return err ? err : own;
}

int mica_fail(struct error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(err, MICA_FAILURE, format, arguments);
    va_end(arguments);
    return -1;
}

int mica_misuse(struct error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(err, MICA_MISUSE, format, arguments);
    va_end(arguments);
    return -1;
}

void mica_check_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: mica's own mistake: '%s' does not hold\n", file, line,
            condition);
    abort();
}
