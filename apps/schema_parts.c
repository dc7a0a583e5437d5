/* schema_parts.c - the pieces that JSON Schemas of mica's files are made of */
#include "apps/schema_parts.h"

#include <stdio.h>
#include <string.h>

/* The members of `from` but those that `to` has. */
static void move_members(cJSON *to, cJSON *from)
{
    for (cJSON *item = from->child, *next; item != NULL; item = next) {
        next = item->next;
        if (cJSON_GetObjectItemCaseSensitive(to, item->string) == NULL)
            cJSON_AddItemToObject(to, item->string,
                                  cJSON_DetachItemViaPointer(from, item));
    }
    cJSON_Delete(from);
}

static bool is_expression(const cJSON *item)
{
    const cJSON *pattern = cJSON_GetObjectItemCaseSensitive(item, "pattern");
    return cJSON_IsString(pattern) && strcmp(pattern->valuestring, "^=") == 0;
}

/* Tables allow "=2*width" for numbers, which only networks know. */
static void drop_expressions(cJSON *schema)
{
    cJSON *item, *any = cJSON_GetObjectItemCaseSensitive(schema, "anyOf");
    for (int i = cJSON_GetArraySize(any) - 1; i >= 0; i--)
        if (is_expression(cJSON_GetArrayItem(any, i)))
            cJSON_DeleteItemFromArray(any, i);
    if (cJSON_GetArraySize(any) == 1) {
        cJSON *only = cJSON_DetachItemFromArray(any, 0);
        cJSON_DeleteItemFromObjectCaseSensitive(schema, "anyOf");
        move_members(schema, only);
    }
    cJSON_ArrayForEach(item, schema) drop_expressions(item);
}

cJSON *mica_schema_object(const struct param *table)
{
    cJSON *schema = mica_schema_described("object", NULL);
    if (table != NULL)
        mica_param_schema(table, schema);
    drop_expressions(schema);
    cJSON_AddBoolToObject(schema, "additionalProperties", false);
    return schema;
}

cJSON *mica_schema_document(const char *title, const struct param *table)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "$schema",
                            "https://json-schema.org/draft/2020-12/schema");
    cJSON_AddStringToObject(schema, "title", title);
    move_members(schema, mica_schema_object(table));
    mica_schema_put(schema, "$schema",
                    mica_schema_described("string", "the schema that editors use"));
    return schema;
}

cJSON *mica_schema_described(const char *type, const char *description)
{
    cJSON *schema = cJSON_CreateObject();
    if (type != NULL)
        cJSON_AddStringToObject(schema, "type", type);
    if (description != NULL)
        cJSON_AddStringToObject(schema, "description", description);
    return schema;
}

cJSON *mica_schema_list_of(cJSON *items)
{
    cJSON *schema = mica_schema_described("array", NULL);
    cJSON_AddItemToObject(schema, "items", items);
    return schema;
}

cJSON *mica_schema_either(void)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddArrayToObject(schema, "anyOf");
    return schema;
}

void mica_schema_allow(cJSON *either, cJSON *one)
{
    cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(either, "anyOf"), one);
}

cJSON *mica_schema_allow_member(cJSON *either, const char *name, const char *summary,
                                const struct param *table)
{
    cJSON *word = mica_schema_described(NULL, summary);
    cJSON_AddStringToObject(word, "const", name);
    mica_schema_allow(either, word);

    cJSON *inner = mica_schema_object(table), *value = mica_schema_either();
    if (table != NULL && table->name != NULL) {
        const cJSON *all = cJSON_GetObjectItemCaseSensitive(inner, "properties");
        const cJSON *first = cJSON_GetObjectItemCaseSensitive(all, table->name);
        mica_schema_allow(value, cJSON_Duplicate(first, true));
    }
    mica_schema_allow(value, inner);
    cJSON *outer = mica_schema_object(NULL);
    cJSON_AddStringToObject(outer, "description", summary);
    cJSON *required = cJSON_AddArrayToObject(outer, "required");
    cJSON_AddItemToArray(required, cJSON_CreateString(name));
    mica_schema_put(outer, name, value);
    mica_schema_allow(either, outer);
    return inner;
}

void mica_schema_put(cJSON *object, const char *name, cJSON *schema)
{
    cJSON *properties = cJSON_GetObjectItemCaseSensitive(object, "properties");
    if (properties == NULL)
        properties = cJSON_AddObjectToObject(object, "properties");
    cJSON *property = cJSON_GetObjectItemCaseSensitive(properties, name);
    if (property != NULL)
        move_members(property, schema);
    else
        cJSON_AddItemToObject(properties, name, schema);
}

void mica_schema_join(cJSON *object, const struct param *table)
{
    cJSON *other = mica_schema_object(table), *item;
    cJSON *needed = cJSON_GetObjectItemCaseSensitive(object, "required");
    cJSON *properties = cJSON_DetachItemFromObjectCaseSensitive(other, "properties");
    move_members(cJSON_GetObjectItemCaseSensitive(object, "properties"), properties);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(other, "required"))
        cJSON_AddItemToArray(needed, cJSON_CreateString(item->valuestring));
    cJSON_Delete(other);
}

/* --- what repeats -------------------------------------------------------------------- */

static bool is_spread(const cJSON *item)
{
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(item, "properties");
    return cJSON_HasObjectItem(properties, "uniform") &&
           cJSON_HasObjectItem(properties, "log_uniform");
}

/* Where `definitions` has this one, or has it from now on; `item` is swallowed. */
static cJSON *share(cJSON *definitions, cJSON *item)
{
    cJSON *same = definitions->child, *reference = cJSON_CreateObject();
    char name[32], path[48];
    while (same != NULL && !cJSON_Compare(same, item, true))
        same = same->next;
    if (same == NULL) {
        snprintf(name, sizeof name, "drawn%d", cJSON_GetArraySize(definitions) + 1);
        cJSON_AddItemToObject(definitions, name, item);
    } else {
        snprintf(name, sizeof name, "%s", same->string);
        cJSON_Delete(item);
    }
    snprintf(path, sizeof path, "#/$defs/%s", name);
    cJSON_AddStringToObject(reference, "$ref", path);
    return reference;
}

static void share_below(cJSON *definitions, cJSON *item)
{
    for (cJSON *child = item->child, *next; child != NULL; child = next) {
        next = child->next;
        if (!is_spread(child)) {
            share_below(definitions, child);
            continue;
        }
        int place = 0; /* spreads stand in lists "anyOf" */
        for (const cJSON *before = item->child; before != child; before = before->next)
            place++;
        cJSON_DetachItemViaPointer(item, child);
        cJSON_InsertItemInArray(item, place, share(definitions, child));
    }
}

void mica_schema_share_spreads(cJSON *schema)
{
    cJSON *definitions = cJSON_CreateObject();
    share_below(definitions, schema);
    cJSON_AddItemToObject(schema, "$defs", definitions);
}
