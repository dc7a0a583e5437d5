/* schema_parts.h - the pieces that JSON Schemas of mica's files are made of */
#ifndef MICA_APPS_SCHEMA_PARTS_H
#define MICA_APPS_SCHEMA_PARTS_H

#include "core/param.h"

/* The outermost object, with the version key first: {"$schema": ..., "title": ...}. */
cJSON *mica_schema_document(const char *title, const struct param *table);
/* An object with the keys of a table and no others; NULL: without any key. */
cJSON *mica_schema_object(const struct param *table);
/* {"description": ...} and, where `type` is not NULL, {"type": ...}. */
cJSON *mica_schema_described(const char *type, const char *description);
cJSON *mica_schema_list_of(cJSON *items);
/* {"anyOf": [...]}, which grows by mica_schema_allow. */
cJSON *mica_schema_either(void);
void mica_schema_allow(cJSON *either, cJSON *one);
/* What is written as "adam", {"adam": 0.01} or {"adam": {"lr": 0.01}}: allowed in `either`.
   Returns the inner object, for keys that are in no table. */
cJSON *mica_schema_allow_member(cJSON *either, const char *name, const char *summary,
                                const struct param *table);
/* Add a property, or say more of one: its description and default stay. */
void mica_schema_put(cJSON *object, const char *name, cJSON *schema);
/* Add the keys of another table to an object. */
void mica_schema_join(cJSON *object, const struct param *table);
/* Move the forms of random values, which repeat in every property that may be drawn, to
   "$defs". */
void mica_schema_share_spreads(cJSON *schema);

#endif
