/* json.h - JSON with // comments, and every complaint with file:line:column and pointer */
#ifndef MICA_CORE_JSON_H
#define MICA_CORE_JSON_H

#include "core/error.h"
#include <cjson/cJSON.h>
#include <stdint.h>

/* A document: cJSON's tree and the texts it came from. Duplicate keys, more than 64 levels
   and anything after the value are refused. */
struct json;
struct json *mica_json_read(const char *path, struct error *err);
struct json *mica_json_parse(const char *text, const char *name, struct error *err);
void mica_json_free(struct json *json);
cJSON *mica_json_root(const struct json *json);
/* The path of the newest file, and of the file that gave `item`: where relative names in it
   are looked for. */
const char *mica_json_name(const struct json *json);
const char *mica_json_origin(const struct json *json, const cJSON *item);

/* Add "file:line:column: #/pointer: message" about `item` (anywhere below the root).
   Returns -1, a misuse. */
int mica_json_fail(const struct json *json, const cJSON *item, struct error *err,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Lay `over` upon `base`: objects merge key by key, null takes a key away, all else is
   replaced (RFC 7396). `over` is swallowed: its tree and text belong to `base` from then
   on. */
void mica_json_lay(struct json *base, struct json *over);
/* Set one value by a dotted path ("train.optimizer.adam.lr"); `value` is JSON, or text that
   is not JSON and becomes a string (but a fault in what begins like an object, an array or a
   string is told). Objects on the way are made; a number names an item of an array; null takes
   a key away, which must be there. */
int mica_json_set(struct json *json, const char *path, const char *value,
                  struct error *err);
/* The whole number `item`; beyond 2^53 it is reread from the text. Negative ones come as
   their two's complement. */
uint64_t mica_json_integer(const struct json *json, const cJSON *item);

#endif
