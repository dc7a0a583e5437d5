/* text.h - strings that grow, words that are near each other, numbers for people */
#ifndef MICA_CORE_TEXT_H
#define MICA_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that grows; starts as {0}; `data` is NULL or ends with '\0'. */
struct text {
    char *data;
    size_t length, capacity;
};
void mica_text_add(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void mica_text_append(struct text *text, const char *data, size_t length);
void mica_text_free(struct text *text);

/* The word nearest to `word` by edits, or NULL where none is near enough to be meant. */
const char *mica_text_nearest(const char *word, const char *const *words, size_t count);
/* A number with separators of thousands: 10,249,955. Returns `out`. */
char *mica_text_count(char out[32], uint64_t number);
/* A duration for people: "35 s", "6 min", "1 h 12 min", "3.4 days". Returns `out`. */
char *mica_text_duration(char out[32], double seconds);
/* A number of bytes for people: "812 kB", "2.6 GB" (powers of 1000). Returns `out`. */
char *mica_text_bytes(char out[32], double bytes);
/* Whether `text` fits a shell pattern with * and ?. */
bool mica_text_matches(const char *text, const char *pattern);
/* strtod and printf("%.*g") with '.' decimals in every locale. */
double mica_text_number(const char *text, char **end);
char *mica_text_digits(char out[40], double number, int digits);
/* 64-bit FNV-1a: names of scopes become keys of random numbers. */
uint64_t mica_text_hash(const char *text);

#endif
