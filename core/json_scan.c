/* json_scan.c - JSON's grammar, strictly: every mistake has a place and a remedy */
#include "core/json_scan.h"
#include "core/text.h"
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan {
    const char *text;
    size_t at;
    int levels;
    struct fault *fault;
};

void mica_scan_blank(char *text)
{
    bool quoted = false;
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        memset(text, ' ', 3);
    for (char *c = text; *c; c++) {
        if (*c == '"')
            quoted = !quoted;
        else if (quoted && *c == '\\' && c[1])
            c++;
        else if (*c == '\n')
            quoted =
                false; /* text ends with its line: a lost quote stays a local fault */
        else if (!quoted && c[0] == '/' && c[1] == '/')
            while (*c && *c != '\n')
                *c++ = ' ';
        if (!*c)
            break;
    }
}

static int complain(struct scan *s, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int complain(struct scan *s, size_t at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    s->fault->at = at;
    vsnprintf(s->fault->what, sizeof s->fault->what, format, arguments);
    va_end(arguments);
    return -1;
}

static void skip_space(struct scan *s) { s->at += strspn(s->text + s->at, " \t\r\n"); }

/* "'x'" or "the end of the text": what stands at a place. */
static int expected(struct scan *s, const char *what)
{
    const char *here = s->text + s->at;
    if (*here == '\0')
        return complain(s, s->at, "the text ends where %s is expected", what);
    if (here[0] == '/' && here[1] == '*')
        return complain(s, s->at, "comments begin with //, not with /*");
    if (*here == '\'')
        return complain(s, s->at,
                        "text is written in double quotes, not in single ones");
    size_t length = 1;
    while (isalnum((unsigned char)here[0]) && isalnum((unsigned char)here[length]) &&
           length < 24)
        length++;
    while (((unsigned char)here[length] & 0xc0) == 0x80)
        length++;
    return complain(s, s->at, "expected %s, not '%.*s'", what, (int)length, here);
}

long mica_scan_hexadecimal(const char *digits)
{
    char copy[5] = {0};
    for (int i = 0; i < 4; i++) {
        if (!isxdigit((unsigned char)digits[i]))
            return -1;
        copy[i] = digits[i];
    }
    return strtol(copy, NULL, 16);
}

/* s->at is at the 'u' of \uXXXX; characters beyond 16 bits come as a pair. */
static int check_unicode(struct scan *s)
{
    const char *digits = s->text + s->at + 1;
    long code = mica_scan_hexadecimal(digits);
    size_t begin = s->at - 1;
    s->at += 5;
    if (code < 0)
        return complain(s, begin, "\\u needs four hexadecimal digits");
    if (code == 0)
        return complain(s, begin, "\\u0000 is not allowed in text");
    if (code < 0xd800 || code > 0xdfff)
        return 0;
    long low =
        digits[4] == '\\' && digits[5] == 'u' ? mica_scan_hexadecimal(digits + 6) : -1;
    s->at += 6;
    if (code > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return complain(s, begin, "half a character: \\u%.4s needs its other half",
                        digits);
    return 0;
}

static int check_text(struct scan *s)
{
    size_t begin = s->at++;
    for (;;) {
        unsigned char c = (unsigned char)s->text[s->at];
        if (c == '"') {
            s->at++;
            return 0;
        }
        if (c == '\0' || c == '\n' || c == '\r')
            return complain(s, begin, "this text has no closing quote on its line");
        if (c < 0x20)
            return complain(s, s->at,
                            "a control character in text is written as \\u%04x",
                            (unsigned)c);
        s->at++;
        if (c != '\\')
            continue;
        char escaped = s->text[s->at];
        if (escaped == 'u') {
            if (check_unicode(s))
                return -1;
        } else if (escaped && strchr("\"\\/bfnrt", escaped))
            s->at++;
        else
            return complain(s, s->at - 1, "a backslash is written twice: \\\\");
    }
}

static size_t digits(const char *text)
{
    size_t n = 0;
    while (isdigit((unsigned char)text[n]))
        n++;
    return n;
}

static int check_number(struct scan *s)
{
    const char *begin = s->text + s->at, *c = begin + (*begin == '-');
    size_t whole = digits(c);
    bool good = whole > 0 && (whole == 1 || *c != '0');
    c += whole;
    if (*c == '.') {
        size_t fraction = digits(c + 1);
        good = good && fraction > 0;
        c += 1 + fraction;
    }
    if (*c == 'e' || *c == 'E') {
        c += 1 + (c[1] == '-' || c[1] == '+');
        good = good && digits(c) > 0;
        c += digits(c);
    }
    if (!good || isalnum((unsigned char)*c) || *c == '.')
        return complain(s, s->at, "numbers are written like 12, 0.5 or -1e-3");
    if (!isfinite(mica_text_number(begin, NULL)))
        return complain(s, s->at, "this number is too large");
    s->at += (size_t)(c - begin);
    return 0;
}

static int check_word(struct scan *s)
{
    static const char *const words[] = {"true", "false", "null"};
    char found[24] = "";
    size_t length = 0;
    const char *here = s->text + s->at;
    while (isalnum((unsigned char)here[length]) && length + 1 < sizeof found) {
        found[length] = here[length];
        length++;
    }
    for (size_t i = 0; i < 3; i++)
        if (strcmp(found, words[i]) == 0) {
            s->at += length;
            return 0;
        }
    const char *near = mica_text_nearest(found, words, 3);
    if (near && length > 0)
        return complain(s, s->at, "expected a value, not '%s'; did you mean '%s'?",
                        found, near);
    if (isalpha((unsigned char)*here))
        return complain(s, s->at,
                        "expected a value, not '%s'; text needs double quotes", found);
    return expected(s, "a value");
}

static int check_value(struct scan *s);

static int check_member(struct scan *s)
{
    if (s->text[s->at] != '"')
        return expected(s, "a key in double quotes");
    if (check_text(s))
        return -1;
    skip_space(s);
    if (s->text[s->at] != ':')
        return expected(s, "':' after the key");
    s->at++;
    skip_space(s);
    return check_value(s);
}

/* The members of an object or array, from its bracket to behind the other. */
static int check_members(struct scan *s, char close, int (*member)(struct scan *),
                         const char *separator)
{
    if (++s->levels > JSON_LEVELS)
        return complain(s, s->at, "more than %d levels of brackets", JSON_LEVELS);
    s->at++;
    skip_space(s);
    while (s->text[s->at] != close) {
        if (member(s))
            return -1;
        skip_space(s);
        if (s->text[s->at] == close)
            break;
        if (s->text[s->at] != ',')
            return expected(s, separator);
        size_t comma = s->at++;
        skip_space(s);
        if (s->text[s->at] == close)
            return complain(s, comma, "a comma too many before '%c'", close);
    }
    s->at++;
    s->levels--;
    return 0;
}

static int check_value(struct scan *s)
{
    switch (s->text[s->at]) {
    case '{':
        return check_members(s, '}', check_member, "',' or '}'");
    case '[':
        return check_members(s, ']', check_value, "',' or ']'");
    case '"':
        return check_text(s);
    case '-':
    case '+':
    case '.':
        return check_number(s);
    default:
        return isdigit((unsigned char)s->text[s->at]) ? check_number(s) : check_word(s);
    }
}

/* The length of the UTF-8 character at `c` (RFC 3629), 0 where there is none. */
static size_t character(const unsigned char *c)
{
    static const struct {
        unsigned char least, most, second_least, second_most, length;
    } forms[] = {{0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
                 {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
                 {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
                 {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
                 {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (c[0] < forms[i].least || c[0] > forms[i].most)
            continue;
        if (forms[i].length > 1 &&
            (c[1] < forms[i].second_least || c[1] > forms[i].second_most))
            return 0;
        for (size_t j = 2; j < forms[i].length; j++)
            if ((c[j] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static int check_characters(struct scan *s, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t length = character((const unsigned char *)s->text + at);
        if (length == 0 && s->text[at] == '\0')
            return complain(s, at, "a zero byte: this is not a text file");
        if (length == 0)
            return complain(s, at, "this is not UTF-8 text");
        at += length;
    }
    return 0;
}

int mica_scan_check(const char *text, size_t size, struct fault *fault)
{
    struct scan s = {.text = text, .fault = fault};
    if (check_characters(&s, size))
        return -1;
    skip_space(&s);
    if (s.text[s.at] == '\0')
        return complain(&s, 0, "there is nothing in it");
    if (check_value(&s))
        return -1;
    skip_space(&s);
    return s.at < size ? expected(&s, "the end of the text") : 0;
}
