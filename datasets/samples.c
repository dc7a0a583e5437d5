/* samples.c - the numbers of files as floats, and back */
#include "datasets/samples.h"
#include "core/error.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 4096 }; /* bytes that are turned at a time */

/* --- from bytes in this machine's order ------------------------------------ */

static void from_bool(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = bytes[i] != 0 ? 1.0f : 0.0f;
}

static void from_u8(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (float)bytes[i];
}

static void from_i8(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(bytes[i] < 128 ? bytes[i] : bytes[i] - 256);
}

static void from_u16(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t number;
        memcpy(&number, bytes + i * sizeof number, sizeof number);
        values[i] = (float)number;
    }
}

static void from_i16(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        int16_t number;
        memcpy(&number, bytes + i * sizeof number, sizeof number);
        values[i] = (float)number;
    }
}

static void from_u32(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t number;
        memcpy(&number, bytes + i * sizeof number, sizeof number);
        values[i] = (float)number;
    }
}

static void from_i32(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        int32_t number;
        memcpy(&number, bytes + i * sizeof number, sizeof number);
        values[i] = (float)number;
    }
}

static void from_u64(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number;
        memcpy(&number, bytes + i * sizeof number, sizeof number);
        values[i] = (float)number;
    }
}

static void from_i64(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        int64_t number;
        memcpy(&number, bytes + i * sizeof number, sizeof number);
        values[i] = (float)number;
    }
}

/* binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits */
static void from_f16(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t half;
        memcpy(&half, bytes + i * sizeof half, sizeof half);
        int exponent = half >> 10 & 31, fraction = half & 1023;
        float value;
        if (exponent == 31)
            value = fraction ? NAN : HUGE_VALF;
        else if (exponent == 0)
            value = ldexpf((float)fraction, -24);
        else
            value = ldexpf((float)(1024 + fraction), exponent - 25);
        values[i] = half >> 15 ? -value : value;
    }
}

static void from_f32(const unsigned char *bytes, size_t count, float *values)
{
    memcpy(values, bytes, count * sizeof *values);
}

static void from_f64(const unsigned char *bytes, size_t count, float *values)
{
    for (size_t i = 0; i < count; i++) {
        double number;
        memcpy(&number, bytes + i * sizeof number, sizeof number);
        values[i] = (float)number;
    }
}

static const struct {
    char kind;
    size_t size;
    void (*decode)(const unsigned char *bytes, size_t count, float *values);
} types[] = {
    {'b', 1, from_bool}, {'u', 1, from_u8},  {'u', 2, from_u16}, {'u', 4, from_u32},
    {'u', 8, from_u64},  {'i', 1, from_i8},  {'i', 2, from_i16}, {'i', 4, from_i32},
    {'i', 8, from_i64},  {'f', 2, from_f16}, {'f', 4, from_f32}, {'f', 8, from_f64},
};
enum { TYPES = sizeof types / sizeof *types };

static size_t find(struct sample_type type)
{
    size_t i = 0;
    while (i < TYPES && (types[i].kind != type.kind || types[i].size != type.size))
        i++;
    return i;
}

bool mica_sample_type_known(struct sample_type type) { return find(type) < TYPES; }

bool mica_sample_big_here(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 0;
}

/* The bytes of each number in the other order. */
static void turn(const unsigned char *bytes, size_t size, size_t count,
                 unsigned char *turned)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < size; k++)
            turned[i * size + k] = bytes[i * size + size - 1 - k];
}

void mica_samples_decode(struct sample_type type, const void *bytes, size_t count,
                         float *values)
{
    size_t known = find(type);
    MICA_CHECK(known < TYPES);
    if (type.size == 1 || type.big == mica_sample_big_here()) {
        types[known].decode(bytes, count, values);
        return;
    }
    const unsigned char *from = bytes;
    unsigned char turned[BLOCK];
    while (count > 0) {
        size_t some = count < BLOCK / type.size ? count : BLOCK / type.size;
        turn(from, type.size, some, turned);
        types[known].decode(turned, some, values);
        from += some * type.size;
        values += some;
        count -= some;
    }
}

/* --- to bytes, the lowest first -------------------------------------------- */

void mica_samples_encode(struct sample_type type, const float *values, size_t count,
                         void *bytes)
{
    MICA_CHECK(mica_sample_type_known(type) && type.size <= 4);
    MICA_CHECK((type.kind == 'f') == (type.size == 4));
    unsigned char *out = bytes;
    for (size_t i = 0; i < count; i++) {
        uint32_t number;
        if (type.kind == 'f')
            memcpy(&number, values + i, sizeof number);
        else
            number = (uint32_t)(int32_t)values[i];
        for (size_t k = 0; k < type.size; k++)
            out[i * type.size + (type.big ? type.size - 1 - k : k)] =
                (unsigned char)(number >> 8 * k);
    }
}
