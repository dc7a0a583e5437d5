/* golden.h - reads the golden values of tests/golden (see its README.md) */
#ifndef MICA_TESTS_GOLDEN_H
#define MICA_TESTS_GOLDEN_H

#include "core/json.h"
#include "core/safetensors.h"
#include "core/tensor.h"

/* A file of cases. Whatever is wrong with it fails the running test. */
struct golden {
    char name[64];
    struct safetensors *file;
    struct json *cases; /* metadata "cases": an array */
    size_t count;
};
/* `name` is relative to tests/golden: "layers/conv2d.safetensors". */
struct golden mica_golden_open(const char *name);
void mica_golden_close(struct golden *golden);

/* Case k as JSON: "json" holds the arguments, "inputs" the shapes, "training". */
const cJSON *mica_golden_case(const struct golden *golden, size_t k);
struct shape mica_golden_shape(const struct golden *golden, size_t k, size_t input);
/* A document of metadata other than "cases": freed by the caller. */
struct json *mica_golden_meta(const struct golden *golden, const char *key);
/* A .json of tests/golden. */
struct json *mica_golden_json(const char *name);

/* The tensor whose name is printed by `format` ("%zu.d.weight"); NULL where there is none,
   or the test fails. */
const struct stored *mica_golden_find(const struct golden *golden, const char *format,
                                      ...) __attribute__((format(printf, 2, 3)));
const struct stored *mica_golden_need(const struct golden *golden, const char *format,
                                      ...) __attribute__((format(printf, 2, 3)));
/* Its numbers, to be freed with mica_free, or copied into `out` of exactly `count`. */
float *mica_golden_floats(const struct stored *stored);
void mica_golden_copy(const struct stored *stored, float *out, size_t count);

/* The numbers in (low, high) that make/philox.py gives to a name. */
void mica_golden_uniform(const char *name, double low, double high, float *out,
                         size_t count);

/* |found - wanted| / |wanted| over all numbers; |found - wanted| where wanted is 0. */
double mica_golden_distance(const float *found, const float *wanted, size_t count);

/* A line "NAME found peer" in the file that $MICA_EXACTNESS names, if it does: mica's error
   and PyTorch's own in float32, for tests/golden/exactness.sh. */
void mica_golden_note(const struct golden *golden, double found, double peer);

/* Fails unless the `count` numbers found are as near to tensor "k.name" as three times
   PyTorch's own error in fp32, "k.error.name" (half a unit in the last place where luck
   made it less), and the rounding of what is stored. */
#define assert_golden(golden, k, name, found, count)                                   \
    mica_golden_check(__FILE__, __LINE__, golden, k, name, found, count)
void mica_golden_check(const char *file, int line, const struct golden *golden,
                       size_t k, const char *name, const float *found, size_t count);

#endif
