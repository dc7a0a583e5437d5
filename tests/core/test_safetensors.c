/* test_safetensors.c - named tensors in a file, good and bad */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/checkpoint.h"
#include "core/file.h"
#include "core/text.h"
#include "tests/test.h"

static char *path_of(const char *name)
{
    struct text path = {0};
    mica_text_add(&path, "%s/%s", mica_test_folder(), name);
    return path.data;
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    fclose(stream);
}

/* A file of the given header and so many bytes of data behind it. */
static void write_file(const char *path, const char *header, size_t data)
{
    size_t length = strlen(header);
    char *bytes = calloc(8 + length + data, 1);
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (char)(length >> (8 * i) & 0xff);
    memcpy(bytes + 8, header, length);
    write_bytes(path, bytes, 8 + length + data);
    free(bytes);
}

static void write_two(const char *path)
{
    struct error err = {0};
    float a[6] = {1, 2, 3, 4, 5, 6}, b = -0.5f;
    struct safetensors_out *out = mica_safetensors_begin();
    mica_safetensors_tensor(out, "layer.weight", "F32", 2, (size_t[]){2, 3}, a);
    mica_safetensors_tensor(out, "scalar", "F32", 0, NULL, &b);
    mica_safetensors_put(out, "mica.note", "first");
    mica_safetensors_put(out, "mica.note", "a \"quoted\" note");
    assert_int_equal(mica_safetensors_write(out, path, &err), 0);
}

TEST(what_is_written_is_read)
{
    struct error err = {0};
    char *path = path_of("two.safetensors");
    write_two(path);
    struct safetensors *file = mica_safetensors_read(path, &err);
    assert_non_null(file);
    assert_int_equal(mica_safetensors_count(file), 2);
    assert_int_equal(mica_safetensors_meta_count(file), 1);
    assert_string_equal(mica_safetensors_meta(file, "mica.note"), "a \"quoted\" note");
    assert_null(mica_safetensors_meta(file, "other"));
    const struct stored *a = mica_safetensors_find(file, "layer.weight");
    assert_non_null(a);
    assert_int_equal(a->rank, 2);
    assert_int_equal(a->dims[1], 3);
    float values[6];
    mica_stored_floats(a, values);
    assert_true(values[0] == 1 && values[5] == 6);
    assert_null(mica_safetensors_find(file, "nobody"));
    mica_safetensors_free(file);
    free(path);
}

TEST(every_truncation_of_a_file_gives_one_line)
{
    struct error err = {0};
    char *path = path_of("two.safetensors"), *cut = path_of("cut.safetensors");
    size_t size;
    write_two(path);
    char *bytes = mica_file_read(path, &size, &err);
    assert_non_null(bytes);
    for (size_t length = 0; length < size; length++) {
        struct error why = {0};
        write_bytes(cut, bytes, length);
        assert_null(mica_safetensors_read(cut, &why));
        assert_int_equal(why.lines, 1);
    }
    free(bytes);
    free(path);
    free(cut);
}

TEST(hostile_headers_are_refused_with_one_line)
{
    static const struct {
        const char *header, *message;
        size_t data;
    } cases[] = {
        {"[]", "not a safetensors file", 0},
        {"{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}",
         "known type", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
         "does not fit", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "shape",
         4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4e9,4e9,4e9],\"data_offsets\":[0,4]}}",
         "shape", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "place",
         4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "hole", 8},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
         "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
         "overlaps", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
         "truncated", 2},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "follow",
         5},
        {"{\"__metadata__\":{\"a\":1}}", "not text", 0},
    };
    char *path = path_of("hostile.safetensors");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};
        write_file(path, cases[i].header, cases[i].data);
        assert_null(mica_safetensors_read(path, &err));
        assert_null(mica_safetensors_read(path, NULL));
        assert_int_equal(err.lines, 1);
        if (!strstr(err.text, cases[i].message))
            fail_msg("'%s' does not speak of '%s'", err.text, cases[i].message);
    }
    free(path);
}

TEST(files_of_pytorch_get_the_lines_of_python_that_convert_them)
{
    static const char *const begins[] = {"PK\003\004archive", "\x80\002\x8a\nl\xfc"};
    char *path = path_of("net.v1.pth");
    for (size_t i = 0; i < 2; i++) {
        struct error err = {0};
        write_bytes(path, begins[i], strlen(begins[i]));
        assert_null(mica_safetensors_read(path, &err));
        assert_int_equal(err.lines, 4);
        assert_non_null(strstr(err.text, "net.v1.pth: is an archive"));
        assert_non_null(strstr(err.text, "net.v1.safetensors\")"));
    }
    free(path);
}

TEST(every_type_is_widened)
{
    static const struct {
        const char *type;
        unsigned char bytes[8];
        size_t size;
        double value;
    } cases[] = {{"F64", {0, 0, 0, 0, 0, 0, 0xf8, 0x3f}, 8, 1.5},
                 {"F32", {0, 0, 0x20, 0xc0}, 4, -2.5},
                 {"F16", {0, 0x3e}, 2, 1.5},
                 {"F16", {1, 0}, 2, 1.0 / 16777216},
                 {"BF16", {0xc0, 0x3f}, 2, 1.5},
                 {"I64", {0xfe, 255, 255, 255, 255, 255, 255, 255}, 8, -2},
                 {"I16", {0xff, 0xff}, 2, -1},
                 {"I8", {0x80}, 1, -128},
                 {"U16", {0xff, 0xff}, 2, 65535},
                 {"BOOL", {1}, 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stored stored = {.type = cases[i].type,
                                .count = 1,
                                .bytes = cases[i].bytes,
                                .size = cases[i].size};
        float f;
        double d;
        mica_stored_floats(&stored, &f);
        mica_stored_doubles(&stored, &d);
        assert_true(d == cases[i].value);
        assert_true((double)f == cases[i].value);
    }
}

static struct weights *two_weights(void)
{
    struct error err = {0};
    struct weights *weights = mica_weights_new(NULL, 1);
    mica_weights_book(weights, "layer.weight", WEIGHT_KERNEL, 2, (size_t[]){2, 3}, 3, 2,
                      &err);
    mica_weights_book(weights, "layer.bias", WEIGHT_BIAS, 1, (size_t[]){2}, 3, 2, &err);
    assert_int_equal(err.lines, 0);
    return weights;
}

TEST(weights_are_saved_and_loaded_by_name)
{
    struct error err = {0};
    char *path = path_of("weights.safetensors");
    struct weights *a = two_weights(), *b = two_weights();
    for (size_t i = 0; i < 6; i++)
        mica_weights_find(a, "layer.weight")->value[i] = (float)i;
    struct safetensors_out *out = mica_safetensors_begin();
    mica_weights_save(a, out);
    assert_int_equal(mica_safetensors_write(out, path, &err), 0);
    struct safetensors *file = mica_safetensors_read(path, &err);
    const uint64_t before = mica_weights_state(b);
    assert_int_equal(mica_weights_load(b, file, path, NULL, &err), 0);
    assert_true(mica_weights_state(b) != before);
    assert_true(mica_weights_find(b, "layer.weight")->value[5] == 5);
    assert_int_equal(mica_weights_parameters(b), 8);
    mica_safetensors_free(file);
    mica_weights_free(a);
    mica_weights_free(b);
    free(path);
}

TEST(missing_misshapen_and_foreign_tensors_are_named)
{
    struct error err = {0};
    char *path = path_of("two.safetensors");
    write_two(path);
    struct weights *weights = two_weights();
    struct safetensors *file = mica_safetensors_read(path, &err);
    assert_int_equal(mica_weights_load(weights, file, path, NULL, &err), -1);
    assert_int_equal(err.lines, 2);
    assert_non_null(strstr(err.text, "has no tensor 'layer.bias' (2)"));
    assert_non_null(strstr(err.text, "no place for the tensor 'scalar'"));
    static const char *const skip[] = {"*bias", "scal?r", NULL};
    struct error none = {0};
    assert_int_equal(mica_weights_load(weights, file, path, skip, &none), 0);
    mica_safetensors_free(file);
    mica_weights_free(weights);
    free(path);
}
