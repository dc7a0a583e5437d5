/* info_tensors.c - what mica info tells of a model, and of any file of named tensors */
#include <string.h>

#include "apps/info.h"
#include "core/safetensors.h"

/* Metadata that is JSON, in words; what is not JSON stands as it is. */
static void tell_meta(const struct safetensors *file, const char *key)
{
    const char *value = mica_safetensors_meta(file, key);
    const char *name = strncmp(key, "mica.", 5) == 0 ? key + 5 : key;
    struct text words = {0};
    struct json *json = mica_json_parse(value, key, NULL);
    if (json != NULL)
        mica_info_words(&words, mica_json_root(json));
    else
        mica_text_add(&words, "%s", value);
    mica_info_line(name, "%s", words.data);
    mica_text_free(&words);
    mica_json_free(json);
}

static void tell_classes(const struct safetensors *file)
{
    struct json *json =
        mica_json_parse(mica_safetensors_meta(file, "mica.classes"), "classes", NULL);
    const cJSON *item, *list = json != NULL ? mica_json_root(json) : NULL;
    struct text words = {0};
    size_t count = 0;
    cJSON_ArrayForEach(item, list)
    {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");
        const cJSON *colour = cJSON_GetObjectItemCaseSensitive(item, "colour");
        mica_text_add(&words, "%s%zu %s (%s)", count > 0 ? ", " : "", count,
                      cJSON_IsString(name) ? name->valuestring : "?",
                      cJSON_IsString(colour) ? colour->valuestring : "?");
        count++;
    }
    mica_info_line("classes", "%s", count > 0 ? words.data : "none are named");
    mica_text_free(&words);
    mica_json_free(json);
}

static void tell_range(const struct safetensors *file, const char *key,
                       const char *name, const char *unit)
{
    struct json *json = mica_json_parse(mica_safetensors_meta(file, key), key, NULL);
    const cJSON *root = json != NULL ? mica_json_root(json) : NULL;
    const cJSON *least = cJSON_GetArrayItem(root, 0),
                *most = cJSON_GetArrayItem(root, 1);
    char from[40], to[40];
    if (cJSON_IsNumber(least) && cJSON_IsNumber(most))
        mica_info_line(name, "%s to %s %s",
                       mica_text_digits(from, least->valuedouble, 6),
                       mica_text_digits(to, most->valuedouble, 6), unit);
    mica_json_free(json);
}

/* The network with the values of its parameters. */
static int tell_net(const struct safetensors *file, const char *path, struct error *err)
{
    const char *text = mica_safetensors_meta(file, "mica.net");
    struct net *net = mica_net_parse(text, path, err);
    struct json *json = mica_json_parse(text, path, NULL);
    struct text words = {0};
    if (net == NULL) {
        mica_json_free(json);
        return -1;
    }
    const cJSON *params =
        cJSON_GetObjectItemCaseSensitive(mica_json_root(json), "params");
    if (params != NULL)
        mica_info_words(&words, params);
    mica_info_line("network", "%s%s%s%s", mica_net_name(net),
                   words.data != NULL ? " (" : "", words.data != NULL ? words.data : "",
                   words.data != NULL ? ")" : "");
    int result = mica_info_net(net, err);
    mica_text_free(&words);
    mica_json_free(json);
    mica_net_free(net);
    return result;
}

/* Those with a way of their own are told there. */
static bool is_told(const char *key)
{
    static const char *const told[] = {"mica.version", "mica.net", "mica.classes",
                                       "mica.pixel_range", "mica.dose_range"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (strcmp(key, told[i]) == 0)
            return true;
    return false;
}

static void list_tensors(const struct safetensors *file)
{
    int width = 0;
    for (size_t i = 0; i < mica_safetensors_count(file); i++) {
        int length = (int)strlen(mica_safetensors_at(file, i)->name);
        width = length > width ? length : width;
    }
    for (size_t i = 0; i < mica_safetensors_count(file); i++) {
        const struct stored *tensor = mica_safetensors_at(file, i);
        printf("    %-*s  %-4s ", width, tensor->name, tensor->type);
        for (size_t k = 0; k < tensor->rank; k++)
            printf("%s%zu", k > 0 ? " x " : " ", tensor->dims[k]);
        printf("%s\n", tensor->rank == 0 ? " a number" : "");
    }
}

static void tell_tensors(const struct safetensors *file, bool list)
{
    double bytes = 0;
    uint64_t numbers = 0;
    char size[32], count[32];
    for (size_t i = 0; i < mica_safetensors_count(file); i++) {
        bytes += (double)mica_safetensors_at(file, i)->size;
        numbers += mica_safetensors_at(file, i)->count;
    }
    mica_info_line("tensors", "%zu of %s numbers, %s", mica_safetensors_count(file),
                   mica_text_count(count, numbers), mica_text_bytes(size, bytes));
    if (list)
        list_tensors(file);
}

int mica_info_tensors(const char *path, bool list, struct error *err)
{
    struct safetensors *file = mica_safetensors_read(path, err);
    if (file == NULL)
        return -1;
    const char *version = mica_safetensors_meta(file, "mica.version");
    bool model = mica_safetensors_meta(file, "mica.net") != NULL;
    int result = 0;
    if (model)
        mica_info_line("kind", "a model of mica%s%s%s",
                       version != NULL && *version ? " " : "",
                       version != NULL ? version : "",
                       mica_safetensors_meta(file, "mica.state") != NULL
                           ? ", a checkpoint to go on from"
                           : "");
    else
        mica_info_line("kind", "tensors without a network; used as NET.json:%s", path);
    if (model)
        result = tell_net(file, path, err);
    if (mica_safetensors_meta(file, "mica.classes") != NULL)
        tell_classes(file);
    if (mica_safetensors_meta(file, "mica.pixel_range") != NULL)
        tell_range(file, "mica.pixel_range", "pixel size", "A");
    if (mica_safetensors_meta(file, "mica.dose_range") != NULL)
        tell_range(file, "mica.dose_range", "dose", "electrons a pixel");
    for (size_t i = 0; i < mica_safetensors_meta_count(file); i++)
        if (!is_told(mica_safetensors_meta_key(file, i)))
            tell_meta(file, mica_safetensors_meta_key(file, i));
    tell_tensors(file, list || !model);
    mica_safetensors_free(file);
    return result;
}
