/* json_find.c - where in a text the things are that a JSON pointer names */
#include "core/json_scan.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t space(const char *text, size_t at)
{
    return at + strspn(text + at, " \t\r\n");
}

static size_t behind_text(const char *text, size_t at)
{
    for (at++; text[at] != '"'; at++)
        at += text[at] == '\\';
    return at + 1;
}

static size_t behind_value(const char *text, size_t at)
{
    size_t levels = 0;
    do {
        if (text[at] == '"')
            at = behind_text(text, at);
        else if (strchr("{[", text[at]))
            levels++, at++;
        else if (strchr("}]", text[at]))
            levels--, at++;
        else
            at += levels > 0 ? 1 : strcspn(text + at, ",]} \t\r\n");
    } while (levels > 0);
    return at;
}

/* A walk over the members of an object or array; it begins at the bracket. */
struct walk {
    const char *text;
    size_t at;
    bool object;
};

/* The next member: *key is where its key is (in an array, its value); returns where its
   value is, SIZE_MAX behind the last. */
static size_t step(struct walk *w, size_t *key)
{
    if (strchr("}]", w->text[w->at]))
        return SIZE_MAX;
    w->at = space(w->text, w->at + 1); /* behind a bracket or comma */
    if (strchr("}]", w->text[w->at]))
        return SIZE_MAX;
    *key = w->at;
    if (w->object) {
        w->at = space(w->text, behind_text(w->text, w->at));
        w->at = space(w->text, w->at + 1); /* behind the colon */
    }
    size_t value = w->at;
    w->at = space(w->text, behind_value(w->text, w->at));
    return value;
}

/* One character of a key as UTF-8, from \u escapes as well; returns behind it. */
static const char *decode(const char *c, char out[5])
{
    static const char names[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    memset(out, 0, 5);
    out[0] = *c;
    if (*c != '\\')
        return c + 1;
    const char *name = strchr(names, c[1]);
    out[0] = name ? meanings[name - names] : c[1];
    if (c[1] != 'u')
        return c + 2;
    unsigned long code = (unsigned long)mica_scan_hexadecimal(c + 2);
    bool pair = code >= 0xd800 && code <= 0xdbff;
    if (pair)
        code = 0x10000 + ((code - 0xd800) << 10) +
               ((unsigned long)mica_scan_hexadecimal(c + 8) - 0xdc00);
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    for (int i = more; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(leads[more] | code);
    return c + (pair ? 12 : 6);
}

/* Whether the key at `key` (at its quote) is the pointer's token, in which ~1 is '/' and ~0
   is '~'. */
static bool is_token(const char *key, const char *token, size_t length)
{
    const char *end = token + length;
    for (key++; *key != '"';) {
        char bytes[5];
        key = decode(key, bytes);
        for (const char *b = bytes; *b; b++) {
            if (token == end)
                return false;
            char wanted = *token++;
            if (wanted == '~' && token < end)
                wanted = *token++ == '1' ? '/' : '~';
            if (wanted != *b)
                return false;
        }
    }
    return token == end;
}

static size_t find_child(const char *text, size_t at, const char *token, size_t length)
{
    struct walk w = {text, at, text[at] == '{'};
    size_t wanted = strtoul(token, NULL, 10);
    if (!strchr("{[", text[at]))
        return SIZE_MAX;
    for (size_t i = 0;; i++) {
        size_t key = 0, value = step(&w, &key);
        if (value == SIZE_MAX ||
            (w.object ? is_token(text + key, token, length) : i == wanted))
            return value;
    }
}

size_t mica_scan_find(const char *text, const char *pointer)
{
    size_t at = space(text, 0);
    while (*pointer == '/' && at != SIZE_MAX) {
        size_t length = strcspn(++pointer, "/");
        at = find_child(text, at, pointer, length);
        pointer += length;
    }
    return at;
}

size_t mica_scan_key(const char *text, const char *pointer, size_t i)
{
    size_t at = mica_scan_find(text, pointer), key = 0;
    if (at == SIZE_MAX || text[at] != '{')
        return SIZE_MAX;
    struct walk w = {text, at, true};
    for (size_t member = 0; member <= i; member++)
        if (step(&w, &key) == SIZE_MAX)
            return SIZE_MAX;
    return key;
}

void mica_scan_place(const char *text, size_t at, size_t *line, size_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80)
            ++*column;
    }
}
