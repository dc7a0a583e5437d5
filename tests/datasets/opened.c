/* opened.c - a dataset opened from JSON, as tests need it */
#include "tests/datasets/opened.h"

#include "core/text.h"
#include "tests/test.h"

struct opened opened_with(const char *members, enum part part, size_t crop,
                          struct error *err)
{
    struct opened o = {.arena = mica_arena_new()};
    struct error why = {0};
    struct text name = {0}, text = {0};
    mica_text_add(&name, "%s/d.json", mica_test_folder());
    mica_text_add(&text, members[0] == '{' ? "%s" : "{%s}", members);
    o.json = mica_json_parse(text.data, name.data, &why);
    mica_text_free(&name);
    mica_text_free(&text);
    if (!o.json)
        fail_msg("%s", why.text);
    struct reader reader = {.json = o.json, .arena = o.arena};
    o.data = mica_dataset_open(mica_json_root(o.json), part, crop, &reader, err);
    return o;
}

struct opened opened_good(const char *members, enum part part, size_t crop)
{
    struct error err = {0};
    struct opened o = opened_with(members, part, crop, &err);
    if (!o.data)
        fail_msg("%s", err.text);
    return o;
}

void opened_close(struct opened *opened)
{
    mica_dataset_free(opened->data);
    mica_arena_free(opened->arena);
    mica_json_free(opened->json);
}

struct sample opened_take(const struct opened *opened, uint64_t number)
{
    struct sample sample = {0};
    struct error err = {0};
    if (mica_dataset_get(opened->data, number, &sample, &err))
        fail_msg("%s", err.text);
    return sample;
}
