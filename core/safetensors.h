/* safetensors.h - named tensors in a file, in and out */
#ifndef MICA_CORE_SAFETENSORS_H
#define MICA_CORE_SAFETENSORS_H

#include "core/json.h"
#include <stdint.h>

/* One tensor of a file. Types: F64 F32 F16 BF16 I64 I32 I16 I8 U64 U32 U16 U8 BOOL. */
struct stored {
    const char *name, *type;
    size_t rank, dims[8], count;
    const unsigned char *bytes; /* little-endian, C order */
    size_t size;
};
struct safetensors;
/* The whole file, checked: header size, JSON, types, shapes, offsets without overlap or
   hole, nothing missing at the end. */
struct safetensors *mica_safetensors_read(const char *path, struct error *err);
void mica_safetensors_free(struct safetensors *file);
size_t mica_safetensors_count(const struct safetensors *file);
const struct stored *mica_safetensors_at(const struct safetensors *file, size_t i);
const struct stored *mica_safetensors_find(const struct safetensors *file,
                                           const char *name);
const char *mica_safetensors_meta(const struct safetensors *file, const char *key);
size_t mica_safetensors_meta_count(const struct safetensors *file);
const char *mica_safetensors_meta_key(const struct safetensors *file, size_t i);
/* Widen or convert into floats or doubles; -1 where the type has no such values. */
int mica_stored_floats(const struct stored *stored, float *out);
int mica_stored_doubles(const struct stored *stored, double *out);

/* Writing: collect, then write at once (temporary name, sync, rename). Data is read when
   the file is written, not before. */
struct safetensors_out;
struct safetensors_out *mica_safetensors_begin(void);
void mica_safetensors_tensor(struct safetensors_out *out, const char *name,
                             const char *type, size_t rank, const size_t *dims,
                             const void *data);
void mica_safetensors_put(struct safetensors_out *out, const char *key,
                          const char *text);
void mica_safetensors_put_json(struct safetensors_out *out, const char *key,
                               cJSON *json); /* frees `json` */
int mica_safetensors_write(struct safetensors_out *out, const char *path,
                           struct error *err); /* frees `out` in any case */

#endif
