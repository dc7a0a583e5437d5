/* schema.c - mica schema: JSON Schemas of mica's files, for editors */
#include <string.h>

#include "apps/command.h"
#include "apps/schema.h"
#include "core/text.h"
#include "nets/nets.h"

#define SCHEMA(name) extern const struct schema mica_schema_##name;
#include "schemas.inc"
#undef SCHEMA

static const struct schema *const schemas[] = {
#define SCHEMA(name) &mica_schema_##name,
#include "schemas.inc"
#undef SCHEMA
    NULL};
enum { SCHEMAS = sizeof schemas / sizeof *schemas };

const struct schema mica_schema_net = {
    .name = "net", .summary = "a network", .make = mica_net_schema};

struct choice {
    const char *name;
};

static const struct option options[] = {
    {"NAME", 0, ARGUMENT_MAYBE, offsetof(struct choice, name), NULL,
     "a kind of file; a list of them where it is left out"},
    {0}};

static int unknown(const char *name, struct error *err)
{
    const char *names[SCHEMAS] = {NULL};
    struct text known = {0};
    size_t count = 0;
    for (const struct schema *const *s = schemas; *s != NULL; s++) {
        mica_text_add(&known, "%s%s", count == 0 ? "" : ", ", (*s)->name);
        names[count++] = (*s)->name;
    }
    const char *nearest = mica_text_nearest(name, names, count);
    if (nearest != NULL)
        mica_misuse(err, "mica schema: there is no '%s'; did you mean '%s'?", name,
                    nearest);
    else
        mica_misuse(err, "mica schema: there is no '%s'; there is: %s", name,
                    known.data);
    mica_text_free(&known);
    return -1;
}

static int print(const struct schema *schema)
{
    cJSON *made = schema->make();
    char *text = cJSON_Print(made);
    MICA_CHECK(text != NULL);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(made);
    return 0;
}

static int show(const struct choice *choice, struct error *err)
{
    if (choice->name == NULL) {
        for (const struct schema *const *s = schemas; *s != NULL; s++)
            printf("%-12s %s\n", (*s)->name, (*s)->summary);
        return 0;
    }
    for (const struct schema *const *s = schemas; *s != NULL; s++)
        if (strcmp((*s)->name, choice->name) == 0)
            return print(*s);
    return unknown(choice->name, err);
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = show(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_schema = {
    .name = "schema",
    .summary = "JSON Schemas of mica's files, with which editors complete and check",
    .options = options,
    .details = "An editor uses a schema that is named in the file:\n"
               "    { \"$schema\": \"net.schema.json\", \"mica_net\": 1, ... }\n",
    .examples = "mica schema\nmica schema net > net.schema.json\n",
    .run = run};
