/* safetensors.c - named tensors in a file: 8 bytes of header length, JSON, data */
#include "core/safetensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/text.h"

static const struct {
    const char *name;
    size_t size;
} types[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
             {"I32", 4}, {"I16", 2}, {"I8", 1},  {"U64", 8},  {"U32", 4},
             {"U16", 2}, {"U8", 1},  {"BOOL", 1}};

static size_t type_size(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].size;
    return 0;
}

/* ---- reading ---- */

struct safetensors {
    char *bytes;
    size_t size, count;
    struct json *header;
    struct stored *list;
    const cJSON *meta;
};

static uint64_t little_endian(const unsigned char *b, size_t size)
{
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;)
        value = value << 8 | b[i];
    return value;
}

static int bad(const char *path, struct error *err, const char *name, const char *what)
{
    return mica_fail(err, "%s: the tensor '%s' %s; the file is damaged", path, name,
                     what);
}

static bool whole(const cJSON *item)
{
    return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 9e15 &&
           item->valuedouble == (double)(uint64_t)item->valuedouble;
}

static int read_shape(const cJSON *entry, struct stored *t)
{
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape"), *dim;
    if (!cJSON_IsArray(shape) || cJSON_GetArraySize(shape) > 8)
        return -1;
    t->count = 1;
    cJSON_ArrayForEach(dim, shape)
    {
        if (!whole(dim))
            return -1;
        t->dims[t->rank] = (size_t)dim->valuedouble;
        if (__builtin_mul_overflow(t->count, t->dims[t->rank++], &t->count))
            return -1;
    }
    return 0;
}

static int read_entry(const char *path, const cJSON *entry, const unsigned char *data,
                      size_t size, struct stored *t, struct error *err)
{
    const char *name = entry->string;
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    if (!cJSON_IsString(type) || !type_size(type->valuestring))
        return bad(path, err, name, "has no known type");
    if (read_shape(entry, t))
        return bad(path, err, name, "has no valid shape");
    const cJSON *from = cJSON_GetArrayItem(offsets, 0);
    const cJSON *to = cJSON_GetArrayItem(offsets, 1);
    if (cJSON_GetArraySize(offsets) != 2 || !whole(from) || !whole(to) ||
        from->valuedouble > to->valuedouble)
        return bad(path, err, name, "has no valid place");
    size_t start = (size_t)from->valuedouble, end = (size_t)to->valuedouble;
    if (end > size)
        return mica_fail(
            err,
            "%s: holds %zu of the %zu bytes up to the end of '%s'; the file "
            "is truncated",
            path, size, end, name);
    t->size = end - start;
    if (t->count > t->size || t->count * type_size(type->valuestring) != t->size)
        return bad(path, err, name, "has a size that does not fit its shape");
    t->name = name;
    t->type = type->valuestring;
    t->bytes = data + start;
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct stored *p = *(const struct stored *const *)a;
    const struct stored *q = *(const struct stored *const *)b;
    if (p->bytes != q->bytes)
        return p->bytes < q->bytes ? -1 : 1;
    return (p->size > q->size) - (p->size < q->size);
}

/* The data is covered once: neither holes nor overlaps, nor bytes after the last. */
static int check_cover(const struct safetensors *file, const char *path,
                       const unsigned char *data, size_t size, struct error *err)
{
    const struct stored **order = mica_need(file->count + 1, sizeof *order);
    for (size_t i = 0; i < file->count; i++)
        order[i] = &file->list[i];
    qsort(order, file->count, sizeof *order, by_place);
    const unsigned char *at = data;
    int status = 0;
    for (size_t i = 0; i < file->count && !status; i++) {
        if (order[i]->bytes != at)
            status = bad(path, err, order[i]->name,
                         order[i]->bytes < at ? "overlaps another" : "follows a hole");
        at += order[i]->size;
    }
    if (!status && at != data + size)
        status =
            mica_fail(err, "%s: %zu bytes follow the last tensor; the file is damaged",
                      path, (size_t)(data + size - at));
    mica_free(order);
    return status;
}

/* torch.save writes a zip archive, and before version 1.6 a bare pickle. */
static bool is_pickle(const struct safetensors *file)
{
    return file->size > 4 && (memcmp(file->bytes, "PK\3\4", 4) == 0 ||
                              memcmp(file->bytes, "\x80\2\x8a", 3) == 0);
}

static int refuse_pickle(const char *path, struct error *err)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    int stem =
        (int)(dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path));
    mica_fail(err,
              "%s: is an archive, as torch.save writes it, and not a safetensors file; "
              "these three lines of Python make one:",
              path);
    mica_fail(err, "    import torch, safetensors.torch");
    mica_fail(err,
              "    weights = torch.load(\"%s\", map_location=\"cpu\", "
              "weights_only=True)",
              path);
    return mica_fail(
        err,
        "    safetensors.torch.save_file({name: w.contiguous() for name, w "
        "in weights.items()}, \"%.*s.safetensors\")",
        stem, path);
}

static int read_header(struct safetensors *file, const char *path, struct error *err)
{
    unsigned char *bytes = (unsigned char *)file->bytes;
    if (is_pickle(file))
        return refuse_pickle(path, err);
    if (file->size < 8)
        return mica_fail(err, "%s: %zu bytes are too few for a safetensors file", path,
                         file->size);
    uint64_t length = little_endian(bytes, 8);
    if (length > (uint64_t)100 << 20)
        return mica_fail(err, "%s: not a safetensors file", path);
    if (length > file->size - 8)
        return mica_fail(
            err,
            "%s: ends after %zu bytes, inside a header of %zu; the file is "
            "truncated",
            path, file->size, (size_t)length);
    char *text = malloc((size_t)length + 1);
    MICA_CHECK(text);
    memcpy(text, bytes + 8, (size_t)length);
    text[length] = '\0';
    bool whole = strlen(text) == length;
    file->header = whole ? mica_json_parse(text, path, err) : NULL;
    free(text);
    if (!file->header)
        return whole ? -1 : mica_fail(err, "%s: not a safetensors file", path);
    return cJSON_IsObject(mica_json_root(file->header))
               ? 0
               : mica_fail(err, "%s: not a safetensors file", path);
}

static int read_meta(struct safetensors *file, const char *path, const cJSON *meta,
                     struct error *err)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, meta)
    {
        if (!cJSON_IsString(item))
            return mica_fail(err, "%s: the metadata '%s' is not text", path,
                             item->string ? item->string : "");
    }
    file->meta = meta;
    return 0;
}

static int read_list(struct safetensors *file, const char *path, struct error *err)
{
    const cJSON *root = mica_json_root(file->header), *entry;
    uint64_t length = little_endian((unsigned char *)file->bytes, 8);
    const unsigned char *data = (unsigned char *)file->bytes + 8 + length;
    size_t size = file->size - 8 - (size_t)length;
    file->list = mica_need((size_t)cJSON_GetArraySize(root) + 1, sizeof *file->list);
    cJSON_ArrayForEach(entry, root)
    {
        if (strcmp(entry->string, "__metadata__") == 0) {
            if (read_meta(file, path, entry, err))
                return -1;
        } else if (read_entry(path, entry, data, size, &file->list[file->count++],
                              err)) {
            return -1;
        }
    }
    return check_cover(file, path, data, size, err);
}

struct safetensors *mica_safetensors_read(const char *path, struct error *err)
{
    struct safetensors *file = mica_need(1, sizeof *file);
    file->bytes = mica_file_read(path, &file->size, err);
    if (file->bytes && !read_header(file, path, err) && !read_list(file, path, err))
        return file;
    mica_safetensors_free(file);
    return NULL;
}

void mica_safetensors_free(struct safetensors *file)
{
    if (!file)
        return;
    mica_json_free(file->header);
    mica_free(file->list);
    free(file->bytes);
    mica_free(file);
}

size_t mica_safetensors_count(const struct safetensors *file) { return file->count; }

const struct stored *mica_safetensors_at(const struct safetensors *file, size_t i)
{
    return &file->list[i];
}

const struct stored *mica_safetensors_find(const struct safetensors *file,
                                           const char *name)
{
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->list[i].name, name) == 0)
            return &file->list[i];
    return NULL;
}

const char *mica_safetensors_meta(const struct safetensors *file, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(file->meta, key);
    return item ? item->valuestring : NULL;
}

size_t mica_safetensors_meta_count(const struct safetensors *file)
{
    return (size_t)cJSON_GetArraySize(file->meta);
}

const char *mica_safetensors_meta_key(const struct safetensors *file, size_t i)
{
    const cJSON *item = cJSON_GetArrayItem(file->meta, (int)i);
    return item ? item->string : NULL;
}

/* ---- values ---- */

static double half_to_double(uint64_t bits)
{
    double sign = bits & 0x8000 ? -1 : 1, mantissa = (double)(bits & 0x3ff);
    int exponent = (int)(bits >> 10 & 0x1f);
    if (exponent == 0x1f)
        return mantissa > 0 ? (double)NAN : sign * (double)INFINITY;
    return exponent ? sign * ldexp(1024 + mantissa, exponent - 25)
                    : sign * ldexp(mantissa, -24);
}

static double float_bits(uint64_t bits)
{
    uint32_t word = (uint32_t)bits;
    float value;
    memcpy(&value, &word, sizeof value);
    return (double)value;
}

static double signed_value(uint64_t bits, size_t size)
{
    int shift = (int)(64 - 8 * size);
    return (double)((int64_t)(bits << shift) >> shift);
}

static double value_at(const struct stored *t, size_t i)
{
    size_t size = type_size(t->type);
    uint64_t bits = little_endian(t->bytes + i * size, size);
    double number;
    if (strcmp(t->type, "F64") == 0)
        return memcpy(&number, &bits, sizeof number), number;
    if (strcmp(t->type, "F32") == 0)
        return float_bits(bits);
    if (strcmp(t->type, "BF16") == 0)
        return float_bits(bits << 16);
    if (strcmp(t->type, "F16") == 0)
        return half_to_double(bits);
    return t->type[0] == 'I' ? signed_value(bits, size) : (double)bits;
}

int mica_stored_doubles(const struct stored *t, double *out)
{
    for (size_t i = 0; i < t->count; i++)
        out[i] = value_at(t, i);
    return 0;
}

int mica_stored_floats(const struct stored *t, float *out)
{
    const union {
        uint32_t word;
        unsigned char first;
    } order = {1};
    if (strcmp(t->type, "F32") == 0 && order.first == 1) {
        memcpy(out, t->bytes, t->size);
        return 0;
    }
    for (size_t i = 0; i < t->count; i++)
        out[i] = (float)value_at(t, i);
    return 0;
}

/* ---- writing ---- */

struct outgoing {
    const void *data;
    size_t size;
};

struct safetensors_out {
    cJSON *header, *meta;
    struct outgoing *list;
    size_t count, offset;
};

struct safetensors_out *mica_safetensors_begin(void)
{
    struct safetensors_out *out = mica_need(1, sizeof *out);
    out->header = cJSON_CreateObject();
    out->meta = cJSON_CreateObject();
    MICA_CHECK(out->header && out->meta);
    return out;
}

void mica_safetensors_tensor(struct safetensors_out *out, const char *name,
                             const char *type, size_t rank, const size_t *dims,
                             const void *data)
{
    size_t size = type_size(type);
    MICA_CHECK(size && rank <= 8);
    cJSON *entry = cJSON_AddObjectToObject(out->header, name);
    cJSON_AddStringToObject(entry, "dtype", type);
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape");
    for (size_t i = 0; i < rank; i++) {
        cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)dims[i]));
        size *= dims[i];
    }
    cJSON *offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)out->offset));
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)(out->offset + size)));
    out->list = realloc(out->list, (out->count + 1) * sizeof *out->list);
    MICA_CHECK(out->list);
    out->list[out->count++] = (struct outgoing){data, size};
    out->offset += size;
}

void mica_safetensors_put(struct safetensors_out *out, const char *key,
                          const char *text)
{
    cJSON_DeleteItemFromObjectCaseSensitive(out->meta, key);
    cJSON_AddStringToObject(out->meta, key, text);
}

static void free_out(struct safetensors_out *out)
{
    cJSON_Delete(out->header);
    cJSON_Delete(out->meta);
    free(out->list);
    mica_free(out);
}

/* The header is padded with spaces so that data starts at a multiple of 64 bytes. */
static void write_all(struct safetensors_out *out, FILE *stream)
{
    if (out->meta->child)
        cJSON_AddItemReferenceToObject(out->header, "__metadata__", out->meta);
    char *text = cJSON_PrintUnformatted(out->header);
    MICA_CHECK(text);
    size_t length = strlen(text), padded = (length + 8 + 63) / 64 * 64 - 8;
    for (size_t i = 0; i < 8; i++)
        fputc((int)((uint64_t)padded >> (8 * i) & 0xff), stream);
    fprintf(stream, "%s%*s", text, (int)(padded - length), "");
    free(text);
    for (size_t i = 0; i < out->count; i++)
        if (out->list[i].size)
            fwrite(out->list[i].data, 1, out->list[i].size, stream);
}

void mica_safetensors_put_json(struct safetensors_out *out, const char *key,
                               cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);
    MICA_CHECK(text);
    mica_safetensors_put(out, key, text);
    free(text);
    cJSON_Delete(json);
}

int mica_safetensors_write(struct safetensors_out *out, const char *path,
                           struct error *err)
{
    struct file_out file;
    int status = mica_file_begin(&file, path, err);
    if (!status) {
        write_all(out, file.stream);
        status = mica_file_commit(&file, err);
    }
    free_out(out);
    return status;
}
