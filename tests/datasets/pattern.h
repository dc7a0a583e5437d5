/* pattern.h - images whose every value is known, and what every format's tests ask */
#ifndef MICA_TESTS_DATASETS_PATTERN_H
#define MICA_TESTS_DATASETS_PATTERN_H

#include "datasets/image.h"

/* A whole number from 0 to 250 that tells frames, rows, columns and channels apart; the
   files in tests/golden/formats hold the same. */
int pattern_value(size_t frame, size_t y, size_t x, size_t channel);

/* A new image of value = scale pattern + offset, of `bits` bits. */
struct image pattern_image(size_t frames, size_t height, size_t width, size_t channels,
                           int bits, bool whole, double scale, double offset);
/* Fails unless the image is that pattern of that size. */
void assert_pattern(const struct image *image, size_t frames, size_t height,
                    size_t width, size_t channels, double scale, double offset);

/* Read a file that must be readable; `path` is below the tree's top where it does not
   begin with '/'. */
struct image read_image(const char *path);
/* Write, read again, compare size and values bit for bit, and return what was read. */
struct image write_and_read(const struct image *image, const char *name);
/* Fails unless reading fails with one line that begins with the path and holds `words`. */
void assert_unreadable(const char *path, const char *words);
/* The path of `name` in the test's folder, which holds these bytes. Freed with free. */
char *write_bytes(const char *name, const void *bytes, size_t size);
/* Every file that is cut off somewhere gives one line with its name. */
void assert_every_cut_is_noticed(const char *path);

#endif
