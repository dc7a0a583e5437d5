/* info.c - mica info: what is in a file: an image, a model, weights, a recipe, a run */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/command.h"
#include "apps/info.h"
#include "core/file.h"

struct choice {
    struct words files;
    bool tensors;
};

static const struct option options[] = {
    {"FILE", 0, ARGUMENTS, offsetof(struct choice, files), NULL,
     "images, models, weights, JSON files, tables, folders of runs"},
    {"tensors", 0, OPTION_FLAG, offsetof(struct choice, tensors), NULL,
     "list the tensors of models too"},
    {0}};

void mica_info_line(const char *name, const char *format, ...)
{
    va_list arguments;
    printf("  %-13s ", name);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

static void add_value(struct text *text, const cJSON *item, int depth);

/* The members one after another; those of the whole stand without brackets. */
static void add_members(struct text *text, const cJSON *item, int depth)
{
    const cJSON *each;
    size_t count = 0;
    mica_text_add(text, "%s", depth == 0 ? "" : cJSON_IsArray(item) ? "[" : "{");
    cJSON_ArrayForEach(each, item)
    {
        mica_text_add(text, "%s%s%s", count++ > 0 ? ", " : "",
                      each->string != NULL ? each->string : "",
                      each->string != NULL ? " " : "");
        add_value(text, each, depth + 1);
    }
    mica_text_add(text, "%s", depth == 0 ? "" : cJSON_IsArray(item) ? "]" : "}");
}

static void add_value(struct text *text, const cJSON *item, int depth)
{
    enum { SHORT = 8, DEEP = 4 }; /* what is longer or deeper is counted */
    char digits[40];
    int size = cJSON_GetArraySize(item);
    if (cJSON_IsNumber(item))
        mica_text_add(text, "%s", mica_text_digits(digits, item->valuedouble, 6));
    else if (cJSON_IsString(item))
        mica_text_add(text, "%s", item->valuestring);
    else if (cJSON_IsBool(item))
        mica_text_add(text, "%s", cJSON_IsTrue(item) ? "yes" : "no");
    else if (size == 0)
        mica_text_add(text, "none");
    else if (depth < DEEP && (size <= SHORT || cJSON_IsObject(item)))
        add_members(text, item, depth);
    else
        mica_text_add(text, "(%d values)", size);
}

void mica_info_words(struct text *text, const cJSON *item) { add_value(text, item, 0); }

/* --- which kind ------------------------------------------------------------------------ */

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), tail = strlen(ending);
    return length >= tail && strcmp(path + length - tail, ending) == 0;
}

/* A header's length in eight bytes, then JSON: no other known file begins so. */
static bool is_tensors(const char *path)
{
    unsigned char head[9] = {0};
    FILE *stream = fopen(path, "rb");
    size_t size = stream != NULL ? fread(head, 1, sizeof head, stream) : 0;
    if (stream != NULL)
        fclose(stream);
    return ends_with(path, ".safetensors") ||
           (size == sizeof head && head[5] == 0 && head[6] == 0 && head[7] == 0 &&
            head[8] == '{');
}

static int tell(const char *path, bool tensors, struct error *err)
{
    printf("%s\n", path);
    if (mica_file_is_folder(path))
        return mica_info_folder(path, err);
    if (ends_with(path, ".json"))
        return mica_info_json(path, err);
    if (ends_with(path, ".csv"))
        return mica_info_table(path, err);
    if (is_tensors(path))
        return mica_info_tensors(path, tensors, err);
    return mica_info_image(path, err);
}

/* The names of files that come with mica are understood too. */
static char *find_file(const char *name, struct error *err)
{
    if (mica_file_exists(name)) {
        struct text copy = {0};
        mica_text_add(&copy, "%s", name);
        return copy.data;
    }
    char *path = mica_file_find(name, NULL, "recipes", NULL);
    return path != NULL ? path : mica_file_find(name, NULL, "nets", err);
}

static int info(const struct choice *choice, struct error *err)
{
    int result = 0;
    for (size_t i = 0; i < choice->files.count; i++) {
        char *path = find_file(choice->files.items[i], err);
        if (i > 0 && path != NULL)
            printf("\n");
        if (path == NULL || tell(path, choice->tensors, err) != 0)
            result = -1;
        free(path);
    }
    return result;
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = info(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_info = {
    .name = "info",
    .summary = "what is in a file: an image, a model, weights, a recipe, a run",
    .options = options,
    .details = "Of an image: format, size, type, values, calibration and where it came "
               "from. Of a model:\nnetwork, classes, pixel sizes, normalisation, "
               "training. Of other weights: their tensors.\n",
    .examples = "mica info scan.tif best.safetensors\n"
                "mica info runs/mos2_vacancy_small\n",
    .run = run};
