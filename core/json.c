/* json.c - JSON with // comments, and every complaint with file:line:column and pointer */
#include "core/json.h"
#include "core/file.h"
#include "core/json_scan.h"
#include "core/memory.h"
#include "core/text.h"
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A text that a part of the tree came from: a file, or one value of --set. */
struct source {
    char *name; /* the file's path, or "--set path" */
    char *text; /* its comments blanked; NULL where the value was no JSON */
    char *at;   /* the pointer in the tree where the text belongs; "" for a file */
    struct source *older;
};

struct json {
    cJSON *root;
    struct source *sources; /* the newest first */
};

static char *copy(const char *text)
{
    char *out = mica_need(strlen(text) + 1, 1);
    return strcpy(out, text);
}

static void push_source(struct json *json, const char *name, const char *text,
                        const char *at)
{
    struct source *source = mica_need(1, sizeof *source);
    source->name = copy(name);
    source->text = text ? copy(text) : NULL;
    source->at = copy(at);
    source->older = json->sources;
    json->sources = source;
}

static void free_sources(struct source *source)
{
    while (source) {
        struct source *older = source->older;
        mica_free(source->name);
        mica_free(source->text);
        mica_free(source->at);
        mica_free(source);
        source = older;
    }
}

void mica_json_free(struct json *json)
{
    if (!json)
        return;
    cJSON_Delete(json->root);
    free_sources(json->sources);
    mica_free(json);
}

cJSON *mica_json_root(const struct json *json) { return json->root; }

/* The newest file: what --set gave has no file. */
const char *mica_json_name(const struct json *json)
{
    const struct source *source = json->sources;
    while (source->at[0] && source->older)
        source = source->older;
    return source->name;
}

/* --- where an item is --- */

static void add_token(struct text *pointer, const char *key, size_t index)
{
    if (!key) {
        mica_text_add(pointer, "/%zu", index);
        return;
    }
    mica_text_append(pointer, "/", 1);
    for (; *key; key++)
        if (*key == '~' || *key == '/')
            mica_text_append(pointer, *key == '~' ? "~0" : "~1", 2);
        else
            mica_text_append(pointer, key, 1);
}

/* Lengthen the pointer of `from` to that of `item`, somewhere below. */
static bool find_item(const cJSON *from, const cJSON *item, struct text *pointer)
{
    size_t length = pointer->length, index = 0;
    if (from == item)
        return true;
    for (const cJSON *child = from->child; child; child = child->next, index++) {
        add_token(pointer, cJSON_IsObject(from) ? child->string : NULL, index);
        if (find_item(child, item, pointer))
            return true;
        pointer->length = length;
        pointer->data[length] = '\0';
    }
    return false;
}

static void find_pointer(const struct json *json, const cJSON *item,
                         struct text *pointer)
{
    mica_text_append(pointer, "", 0);
    if (item)
        find_item(json->root, item, pointer);
}

/* The newest source whose text has that pointer, and the offset in it (SIZE_MAX where a
   source has no text). */
static const struct source *find_source(const struct json *json, const char *pointer,
                                        size_t *offset)
{
    for (const struct source *s = json->sources; s; s = s->older) {
        size_t length = strlen(s->at);
        bool below = strncmp(pointer, s->at, length) == 0 &&
                     (pointer[length] == '/' || pointer[length] == '\0');
        *offset = SIZE_MAX;
        if (below && s->text)
            *offset = mica_scan_find(s->text, pointer + length);
        if (below && (*offset != SIZE_MAX || !s->text))
            return s;
    }
    return NULL;
}

/* "file:line:column: "; a value of --set has neither line nor column. */
static void add_place(struct text *line, const struct source *source, size_t offset)
{
    size_t row, column;
    mica_text_add(line, "%s:", source->name);
    if (offset != SIZE_MAX && !source->at[0]) {
        mica_scan_place(source->text, offset, &row, &column);
        mica_text_add(line, "%zu:%zu:", row, column);
    }
    mica_text_append(line, " ", 1);
}

int mica_json_fail(const struct json *json, const cJSON *item, struct error *err,
                   const char *format, ...)
{
    char message[1024];
    struct text pointer = {0}, line = {0};
    size_t offset = SIZE_MAX;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    find_pointer(json, item, &pointer);
    const struct source *source = find_source(json, pointer.data, &offset);
    if (source)
        add_place(&line, source, offset);
    mica_text_add(&line, "#%s: %s", pointer.data, message);
    mica_misuse(err, "%s", line.data);
    mica_text_free(&pointer);
    mica_text_free(&line);
    return -1;
}

const char *mica_json_origin(const struct json *json, const cJSON *item)
{
    struct text pointer = {0};
    size_t offset;
    find_pointer(json, item, &pointer);
    const struct source *source = find_source(json, pointer.data, &offset);
    mica_text_free(&pointer);
    return source && !source->at[0] ? source->name : mica_json_name(json);
}

/* --- reading --- */

static int fail_at(const char *name, const char *text, size_t at, const char *what,
                   struct error *err)
{
    size_t line, column;
    mica_scan_place(text, at, &line, &column);
    return mica_misuse(err, "%s:%zu:%zu: %s", name, line, column, what);
}

struct key {
    const char *name;
    size_t place;
};

static int compare(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int refuse_twin(const struct json *json, const cJSON *object, struct key twin,
                       struct error *err)
{
    struct text pointer = {0}, message = {0};
    const struct source *source = json->sources;
    find_pointer(json, object, &pointer);
    size_t at = mica_scan_key(source->text, pointer.data, twin.place);
    mica_text_add(&message, "#%s: key '%s' is given twice", pointer.data, twin.name);
    fail_at(source->name, source->text, at, message.data, err);
    mica_text_free(&pointer);
    mica_text_free(&message);
    return -1;
}

/* Twins of this object alone. */
static int refuse_twins_here(const struct json *json, const cJSON *object,
                             struct error *err)
{
    size_t count = 0, n = 0;
    int status = 0;
    for (const cJSON *child = object->child; child; child = child->next)
        count++;
    if (!cJSON_IsObject(object) || count < 2)
        return 0;
    struct key *keys = mica_need(count, sizeof *keys);
    for (const cJSON *child = object->child; child; child = child->next, n++)
        keys[n] = (struct key){child->string, n};
    qsort(keys, count, sizeof *keys, compare);
    for (size_t i = 1; i < count; i++)
        if (strcmp(keys[i - 1].name, keys[i].name) == 0)
            status = refuse_twin(json, object, keys[i], err);
    mica_free(keys);
    return status;
}

/* From the outside in, and not into twins: a pointer finds only one of them. */
static int refuse_twins(const struct json *json, const cJSON *item, struct error *err)
{
    if (refuse_twins_here(json, item, err))
        return -1;
    int status = 0;
    for (const cJSON *child = item->child; child; child = child->next)
        status |= refuse_twins(json, child, err);
    return status;
}

/* The tree of `text`, which is changed: its comments are blanked. */
static struct json *read_text(char *text, size_t size, const char *name,
                              struct error *err)
{
    struct fault fault;
    mica_scan_blank(text);
    if (mica_scan_check(text, size, &fault)) {
        fail_at(name, text, fault.at, fault.what, err);
        return NULL;
    }
    struct json *json = mica_need(1, sizeof *json);
    push_source(json, name, text, "");
    const char *end = text;
    json->root = cJSON_ParseWithLengthOpts(text, size + 1, &end, 0);
    if (!json->root)
        fail_at(name, text, (size_t)(end - text), "cannot be read as JSON", err);
    if (!json->root || refuse_twins(json, json->root, err)) {
        mica_json_free(json);
        return NULL;
    }
    return json;
}

struct json *mica_json_read(const char *path, struct error *err)
{
    size_t size;
    char *text = mica_file_read(path, &size, err);
    struct json *json = text ? read_text(text, size, path, err) : NULL;
    free(text);
    return json;
}

struct json *mica_json_parse(const char *text, const char *name, struct error *err)
{
    char *own = copy(text);
    struct json *json = read_text(own, strlen(own), name, err);
    mica_free(own);
    return json;
}

/* --- laying over and setting --- */

static void merge(cJSON *base, cJSON *over)
{
    for (cJSON *child = over->child, *next; child; child = next) {
        next = child->next;
        cJSON *same = cJSON_GetObjectItemCaseSensitive(base, child->string);
        if (cJSON_IsObject(same) && cJSON_IsObject(child)) {
            merge(same, child);
            continue;
        }
        cJSON_DetachItemViaPointer(over, child);
        if (cJSON_IsNull(child)) {
            cJSON_Delete(child);
            cJSON_Delete(cJSON_DetachItemViaPointer(base, same));
        } else if (same)
            cJSON_ReplaceItemViaPointer(base, same, child);
        else
            cJSON_AddItemToObject(base, child->string, child);
    }
}

void mica_json_lay(struct json *base, struct json *over)
{
    if (cJSON_IsObject(base->root) && cJSON_IsObject(over->root))
        merge(base->root, over->root);
    else {
        cJSON *former = base->root;
        base->root = over->root;
        over->root = former;
    }
    struct source *oldest = over->sources;
    while (oldest->older)
        oldest = oldest->older;
    oldest->older = base->sources;
    base->sources = over->sources;
    over->sources = NULL;
    mica_json_free(over);
}

/* A number where the parent is an array: the place of one of its items, else SIZE_MAX. */
static size_t array_place(const cJSON *array, const char *token)
{
    char *end;
    size_t place = isdigit((unsigned char)*token) ? strtoul(token, &end, 10) : SIZE_MAX;
    bool inside = place < (size_t)cJSON_GetArraySize(array) && *end == '\0';
    return inside ? place : SIZE_MAX;
}

/* The child of that name, made where an object has none. */
static cJSON *descend(cJSON *parent, const char *token, bool make)
{
    if (cJSON_IsArray(parent)) {
        size_t place = array_place(parent, token);
        return place == SIZE_MAX ? NULL : cJSON_GetArrayItem(parent, (int)place);
    }
    if (!cJSON_IsObject(parent))
        return NULL;
    cJSON *child = cJSON_GetObjectItemCaseSensitive(parent, token);
    return child || !make ? child : cJSON_AddObjectToObject(parent, token);
}

/* What the text on a command line means: JSON, or the text itself. NULL for JSON that was
   surely meant as such and is not. */
static cJSON *read_value(const char *value, bool *is_json, struct fault *fault)
{
    *is_json = mica_scan_check(value, strlen(value), fault) == 0;
    if (*is_json)
        return cJSON_Parse(value);
    return strchr("{[\"", value[0]) && value[0] ? NULL : cJSON_CreateString(value);
}

int mica_json_set(struct json *json, const char *path, const char *value,
                  struct error *err)
{
    bool is_json;
    struct fault fault;
    cJSON *item = read_value(value, &is_json, &fault);
    if (!item)
        return mica_misuse(err, "--set %s: %s (in %s)", path, fault.what, value);
    bool takes = cJSON_IsNull(item);
    struct text pointer = {0}, name = {0};
    char *tokens = copy(path), *token = tokens;
    cJSON *parent = json->root;
    mica_text_add(&name, "--set %s", path);
    for (char *dot = strchr(token, '.'); dot && parent; dot = strchr(token, '.')) {
        *dot = '\0';
        parent = descend(parent, token, !takes);
        add_token(&pointer, token, 0);
        token = dot + 1;
    }
    cJSON *former = parent ? descend(parent, token, !takes) : NULL;
    int status = 0;
    if (former && takes && cJSON_IsObject(parent)) {
        cJSON_Delete(cJSON_DetachItemViaPointer(parent, former));
        cJSON_Delete(item);
    } else if (takes) {
        cJSON_Delete(item);
        status = mica_misuse(err, "--set %s=null: %s", path,
                             former ? "an item of a list cannot be taken away; give "
                                      "the whole list"
                                    : "there is no such key to take away");
    } else if (former) {
        add_token(&pointer, token, 0);
        if (cJSON_IsObject(parent))
            cJSON_ReplaceItemInObjectCaseSensitive(parent, token, item);
        else
            cJSON_ReplaceItemViaPointer(parent, former, item);
        push_source(json, name.data, is_json ? value : NULL, pointer.data);
    } else {
        cJSON_Delete(item);
        status = mica_misuse(err,
                             "--set %s: there is no such place: what is above '%s' is "
                             "no object, or an array without that item",
                             path, token);
    }
    mica_free(tokens);
    mica_text_free(&pointer);
    mica_text_free(&name);
    return status;
}

uint64_t mica_json_integer(const struct json *json, const cJSON *item)
{
    const double exact = 0x1p53;
    if (!(fabs(item->valuedouble) >= exact))
        return (uint64_t)(int64_t)item->valuedouble;
    struct text pointer = {0};
    size_t offset = SIZE_MAX;
    find_pointer(json, item, &pointer);
    const struct source *source = find_source(json, pointer.data, &offset);
    mica_text_free(&pointer);
    if (source && offset != SIZE_MAX) {
        const char *digits = source->text + offset;
        const char *end = digits + strspn(digits, "-0123456789");
        if (*end != '.' && *end != 'e' && *end != 'E')
            return *digits == '-' ? (uint64_t)strtoll(digits, NULL, 10)
                                  : strtoull(digits, NULL, 10);
    }
    if (item->valuedouble >= 0x1p64)
        return UINT64_MAX;
    return item->valuedouble < 0 ? 0 : (uint64_t)item->valuedouble;
}
