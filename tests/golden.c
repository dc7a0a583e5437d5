/* golden.c - reads the golden values of tests/golden */
#include "tests/golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/random.h"
#include "tests/test.h"

/* Results are stored as floats: each is off by up to 6e-8 of itself, and so is ours. */
static const double stored_rounding = 1e-7;

static void path_of(char path[512], const char *name)
{
    snprintf(path, 512, "%s/tests/golden/%s", MICA_TOP, name);
}

struct golden mica_golden_open(const char *name)
{
    char path[512];
    struct error err = {0};
    struct golden golden = {0};
    snprintf(golden.name, sizeof golden.name, "%s", name);
    path_of(path, name);
    golden.file = mica_safetensors_read(path, &err);
    if (!golden.file)
        fail_msg("%s", err.text);
    if (mica_safetensors_meta(golden.file, "cases")) {
        golden.cases = mica_golden_meta(&golden, "cases");
        golden.count = (size_t)cJSON_GetArraySize(mica_json_root(golden.cases));
    }
    return golden;
}

void mica_golden_close(struct golden *golden)
{
    mica_safetensors_free(golden->file);
    mica_json_free(golden->cases);
    *golden = (struct golden){0};
}

struct json *mica_golden_meta(const struct golden *golden, const char *key)
{
    struct error err = {0};
    const char *text = mica_safetensors_meta(golden->file, key);
    if (!text)
        fail_msg("the golden file has no '%s'", key);
    struct json *json = mica_json_parse(text, key, &err);
    if (!json)
        fail_msg("%s", err.text);
    return json;
}

struct json *mica_golden_json(const char *name)
{
    char path[512];
    struct error err = {0};
    path_of(path, name);
    struct json *json = mica_json_read(path, &err);
    if (!json)
        fail_msg("%s", err.text);
    return json;
}

const cJSON *mica_golden_case(const struct golden *golden, size_t k)
{
    const cJSON *item = cJSON_GetArrayItem(mica_json_root(golden->cases), (int)k);
    assert_non_null(item);
    return item;
}

struct shape mica_golden_shape(const struct golden *golden, size_t k, size_t input)
{
    size_t dims[4];
    const cJSON *all = cJSON_GetObjectItem(mica_golden_case(golden, k), "inputs");
    const cJSON *one = cJSON_GetArrayItem(all, (int)input);
    assert_int_equal(cJSON_GetArraySize(one), 4);
    for (int i = 0; i < 4; i++)
        dims[i] = (size_t)cJSON_GetArrayItem(one, i)->valuedouble;
    return (struct shape){dims[0], dims[1], dims[2], dims[3]};
}

static const struct stored *find(const struct golden *golden, const char *format,
                                 va_list arguments, bool needed)
{
    char name[256];
    vsnprintf(name, sizeof name, format, arguments);
    const struct stored *stored = mica_safetensors_find(golden->file, name);
    if (!stored && needed)
        fail_msg("the golden file has no tensor '%s'", name);
    return stored;
}

const struct stored *mica_golden_find(const struct golden *golden, const char *format,
                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct stored *stored = find(golden, format, arguments, false);
    va_end(arguments);
    return stored;
}

const struct stored *mica_golden_need(const struct golden *golden, const char *format,
                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct stored *stored = find(golden, format, arguments, true);
    va_end(arguments);
    return stored;
}

float *mica_golden_floats(const struct stored *stored)
{
    float *out = mica_need(stored->count + 1, sizeof *out);
    mica_golden_copy(stored, out, stored->count);
    return out;
}

void mica_golden_copy(const struct stored *stored, float *out, size_t count)
{
    assert_int_equal(stored->count, count);
    assert_int_equal(mica_stored_floats(stored, out), 0);
}

void mica_golden_uniform(const char *name, double low, double high, float *out,
                         size_t count)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x100000001b3u;
    uint32_t key[2] = {(uint32_t)hash, (uint32_t)(hash >> 32)}, block[4];
    for (size_t i = 0; i < count; i++) {
        uint32_t counter[4] = {(uint32_t)(i / 4)};
        if (i % 4 == 0)
            mica_philox(counter, key, block);
        out[i] = (float)(low + (high - low) * (((double)block[i % 4] + 0.5) * 0x1p-32));
    }
}

double mica_golden_distance(const float *found, const float *wanted, size_t count)
{
    double gap = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)found[i] - (double)wanted[i];
        gap += difference * difference;
        size += (double)wanted[i] * (double)wanted[i];
    }
    return size > 0 ? sqrt(gap / size) : sqrt(gap);
}

void mica_golden_note(const struct golden *golden, double found, double peer)
{
    const char *path = getenv("MICA_EXACTNESS");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file)
        return;
    fprintf(file, "%s %.3g %.3g\n", golden->name, found, peer);
    fclose(file);
}

void mica_golden_check(const char *file, int line, const struct golden *golden,
                       size_t k, const char *name, const float *found, size_t count)
{
    float error;
    float *wanted = mica_golden_floats(mica_golden_need(golden, "%zu.%s", k, name));
    mica_golden_copy(mica_golden_need(golden, "%zu.error.%s", k, name), &error, 1);
    assert_int_equal(mica_golden_need(golden, "%zu.%s", k, name)->count, count);
    double distance = mica_golden_distance(found, wanted, count);
    double allowed = 3 * fmax((double)error, stored_rounding) + stored_rounding;
    mica_free(wanted);
    mica_golden_note(golden, distance, (double)error);
    if (distance <= allowed)
        return;
    char *text = cJSON_PrintUnformatted(mica_golden_case(golden, k));
    print_error("case %zu, %s: differs by %.3g, allowed %.3g: %s\n", k, name, distance,
                allowed, text);
    cJSON_free(text);
    _fail(file, line);
}
