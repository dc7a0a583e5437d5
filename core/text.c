/* text.c - strings that grow, words that are near each other, numbers for people */
#include "core/text.h"
#include "core/memory.h"
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_WORD = 63 }; /* longer ones are no slips of the pen */

static void reserve(struct text *text, size_t more)
{
    if (text->length + more < text->capacity)
        return;
    size_t capacity = 2 * (text->length + more) + 64;
    char *data = mica_need(capacity, 1);
    if (text->data)
        memcpy(data, text->data, text->length);
    mica_free(text->data);
    text->data = data;
    text->capacity = capacity;
}

void mica_text_append(struct text *text, const char *data, size_t length)
{
    reserve(text, length);
    if (length > 0)
        memcpy(text->data + text->length, data, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void mica_text_add(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    MICA_CHECK(length >= 0);
    reserve(text, (size_t)length);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    va_end(again);
    text->length += (size_t)length;
}

void mica_text_free(struct text *text)
{
    mica_free(text->data);
    *text = (struct text){0};
}

/* Case and the choice of '-' or '_' are no difference. */
static int fold(char c) { return c == '-' ? '_' : tolower((unsigned char)c); }

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b (the
   optimal string alignment distance). */
static size_t edits(const char *a, size_t na, const char *b, size_t nb)
{
    size_t rows[3][LONGEST_WORD + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= nb; j++)
        last[j] = j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t same = fold(a[i - 1]) == fold(b[j - 1]) ? 0 : 1;
            now[j] = least(last[j - 1] + same, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[nb];
}

const char *mica_text_nearest(const char *word, const char *const *words, size_t count)
{
    size_t length = strlen(word), best = LONGEST_WORD;
    const char *nearest = NULL;
    if (length > LONGEST_WORD)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(words[i]);
        if (other > LONGEST_WORD)
            continue;
        size_t distance = edits(word, length, words[i], other);
        size_t longer = length > other ? length : other;
        if (distance < best && distance * 3 <= longer) {
            best = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

char *mica_text_count(char out[32], uint64_t number)
{
    char reversed[32];
    size_t n = 0;
    for (size_t digits = 0; digits == 0 || number > 0; digits++, number /= 10) {
        if (digits > 0 && digits % 3 == 0)
            reversed[n++] = ',';
        reversed[n++] = (char)('0' + number % 10);
    }
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
    return out;
}

char *mica_text_duration(char out[32], double seconds)
{
    if (!(seconds >= 0 && seconds < 1e15))
        snprintf(out, 32, "?");
    else if (seconds < 9.95)
        snprintf(out, 32, "%.1f s", seconds);
    else if (seconds < 99.5)
        snprintf(out, 32, "%.0f s", seconds);
    else if (seconds < 59.5 * 60)
        snprintf(out, 32, "%.0f min", seconds / 60);
    else if (seconds < 47.5 * 3600) {
        unsigned minutes = (unsigned)(seconds / 60 + 0.5);
        snprintf(out, 32, "%u h %u min", minutes / 60, minutes % 60);
    } else
        snprintf(out, 32, "%.1f days", seconds / 86400);
    return out;
}

char *mica_text_bytes(char out[32], double bytes)
{
    static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
    const size_t last = sizeof units / sizeof *units - 1;
    size_t unit = 0;
    for (; bytes >= 999.5 && unit < last; unit++)
        bytes /= 1000;
    int digits = unit > 0 && bytes < 99.95 ? 1 : 0;
    snprintf(out, 32, "%.*f %s", digits, bytes < 1e9 ? bytes : 1e9, units[unit]);
    return out;
}

/* Where a '*' led nowhere, it swallows one more character and the rest is tried again; only
   the last '*' need be tried, so the cost is at most the product of the lengths. */
bool mica_text_matches(const char *text, const char *pattern)
{
    const char *star = NULL, *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++resume;
        } else
            return false;
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

double mica_text_number(const char *text, char **end)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t former = uselocale(plain);
    double number = strtod(text, end);
    uselocale(former);
    freelocale(plain);
    return number;
}

char *mica_text_digits(char out[40], double number, int digits)
{
    if (digits < 1 || digits > 17)
        digits = 17;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t former = uselocale(plain);
    snprintf(out, 40, "%.*g", digits, number);
    uselocale(former);
    freelocale(plain);
    return out;
}

uint64_t mica_text_hash(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}
