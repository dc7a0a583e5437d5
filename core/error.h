/* error.h - how a user's mistake travels back: lines of text and an exit code */
#ifndef MICA_CORE_ERROR_H
#define MICA_CORE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

enum {
    MICA_FAILURE = 1,
    MICA_MISUSE = 2
}; /* exit codes: it failed; wrong usage or config */

/* Lines that say where, what was found, what is allowed, what to do. Starts as {0}; at
   most 20 lines are kept, joined by newlines; a last one then says "and N more". Functions
   that can fail take it as their last parameter (NULL where the text is not wanted) and
   return -1 or NULL after adding to it. */
struct error {
    int code;     /* of the first: 0, MICA_FAILURE or MICA_MISUSE */
    size_t lines; /* how many problems were met, kept or not */
    char text[8192];
};

/* `err`, or `own`, which starts as {0}, where it is NULL: for those who look into it. */
struct error *mica_error_or(struct error *err, struct error *own);

/* Add one line (no newline at its end). Both return -1. */
int mica_fail(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int mica_misuse(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A programmer's mistake: prints file, line and condition, and stops. */
#define MICA_CHECK(condition)                                                          \
    ((condition) ? (void)0 : mica_check_failed(__FILE__, __LINE__, #condition))
void mica_check_failed(const char *file, int line, const char *condition)
    __attribute__((noreturn));

#endif
