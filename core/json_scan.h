/* json_scan.h - JSON's grammar, strictly, and where in a text things are */
#ifndef MICA_CORE_JSON_SCAN_H
#define MICA_CORE_JSON_SCAN_H

#include <stddef.h>

enum { JSON_LEVELS = 64 };

/* What is wrong with a text, and the offset of it. */
struct fault {
    size_t at;
    char what[160];
};

/* Turn // comments (and a byte order mark) into spaces; all else keeps its offset. */
void mica_scan_blank(char *text);
/* Whether `text` of `size` bytes, with a '\0' behind, is one JSON value (RFC 8259), UTF-8,
   of at most JSON_LEVELS levels, without "\u0000" and numbers beyond double. 0, or -1 and
   the first fault. */
int mica_scan_check(const char *text, size_t size, struct fault *fault);

/* In a text that was checked: the offset of the value that a JSON pointer (RFC 6901) names,
   and of the i-th key of the object it names; SIZE_MAX where there is none. */
size_t mica_scan_find(const char *text, const char *pointer);
size_t mica_scan_key(const char *text, const char *pointer, size_t i);

/* The value of four hexadecimal digits, -1 where they are not. */
long mica_scan_hexadecimal(const char *digits);

/* Line and column (in characters) of an offset, from 1. */
void mica_scan_place(const char *text, size_t at, size_t *line, size_t *column);

#endif
