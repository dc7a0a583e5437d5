/* fuzz_json.c - no bytes make the reader of JSON crash, and all that it reads has a place */
#include "core/json.h"
#include "core/json_scan.h"
#include "core/param.h"
#include "core/text.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct values {
    struct spread spread;
    struct numbers numbers;
    const char *text;
    double length;
    int whole;
};

static const struct param table[] = {
    {"spread", PARAM_RANDOM, offsetof(struct values, spread), 1, PARAM_ANY, "",
     .dimension = DIMENSION_LENGTH},
    {"numbers", PARAM_NUMBERS, offsetof(struct values, numbers), 0, 0, 1, ""},
    {"text", PARAM_TEXT, offsetof(struct values, text), .help = ""},
    {"length", PARAM_QUANTITY, offsetof(struct values, length), 1, PARAM_ANY, "",
     .dimension = DIMENSION_LENGTH},
    {"whole", PARAM_INT, offsetof(struct values, whole), PARAM_NEEDED, 0, 9, ""},
    {0}};

/* Complain of the item and of all below it. */
static void visit(const struct json *json, const cJSON *item)
{
    struct error err = {0};
    mica_json_fail(json, item, &err, "here");
    if (strncmp(err.text, "f:", 2) != 0)
        abort();
    if (cJSON_IsNumber(item))
        (void)mica_json_integer(json, item);
    for (const cJSON *child = item->child; child; child = child->next)
        visit(json, child);
}

static void read_params(const struct json *json)
{
    struct error err = {0};
    struct values values;
    struct reader reader = {.json = json, .arena = mica_arena_new(), .pixel = 0.1};
    int status = mica_param_read(table, &values, NULL, mica_json_root(json), NULL,
                                 &reader, &err);
    if ((status != 0) != (err.lines > 0))
        abort();
    mica_arena_free(reader.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct fault fault;
    char *text = calloc(size + 1, 1);
    if (!text || size > 1 << 12) {
        free(text);
        return 0;
    }
    memcpy(text, data, size);
    struct json *json = mica_json_parse(text, "f", &err);
    if (!json == !err.lines)
        abort();
    if (json) {
        visit(json, mica_json_root(json));
        read_params(json);
        mica_json_set(json, "a.0.b", text, NULL);
    }
    mica_json_free(json);
    mica_scan_blank(text);
    (void)mica_scan_check(text, size, &fault);
    free(text);
    return 0;
}
