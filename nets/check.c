/* check.c - the form of a network: what it must and may have, before anything is reckoned */
#include "nets/check.h"

#include <string.h>

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

bool mica_check_is_among(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

static size_t count_words(const char *const *words)
{
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    return count;
}

/* A letter, then letters, digits and underscores. */
static bool is_name(const char *word)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
        "0123456789";
    bool digit = *word >= '0' && *word <= '9';
    return *word != '\0' && !digit && strspn(word, letters) == strlen(word) &&
           strlen(word) <= 64 && strcmp(word, "true") != 0 &&
           strcmp(word, "false") != 0 && strcmp(word, "in") != 0;
}

int mica_check_name(const struct net *net, const cJSON *item, const char *word,
                    struct error *err)
{
    if (is_name(word))
        return 0;
    return mica_json_fail(net->json, item, err,
                          "'%s' is no name: letters, digits and _, not beginning with "
                          "a digit, and neither in, true nor false",
                          word);
}

static int unknown_key(const struct net *net, const cJSON *item,
                       const char *const *allowed, struct error *err)
{
    const char *nearest =
        mica_text_nearest(item->string, allowed, count_words(allowed));
    struct text known = {0};
    for (size_t i = 0; allowed[i] != NULL; i++)
        mica_text_add(&known, "%s%s", i == 0 ? "" : ", ", allowed[i]);
    if (nearest != NULL)
        mica_json_fail(net->json, item, err, "unknown key '%s'; did you mean '%s'?",
                       item->string, nearest);
    else
        mica_json_fail(net->json, item, err, "unknown key '%s'; known are: %s",
                       item->string, known.length > 0 ? known.data : "none");
    mica_text_free(&known);
    return -1;
}

int mica_check_keys(const struct net *net, const cJSON *object,
                    const char *const *allowed, const char *type, struct error *err)
{
    const cJSON *item;
    int result = 0;
    cJSON_ArrayForEach(item, object)
    {
        if (mica_check_is_among(item->string, allowed) ||
            (type != NULL && strcmp(type, item->string) == 0))
            continue;
        result = unknown_key(net, item, allowed, err);
    }
    return result;
}

int mica_check_text(const struct net *net, const cJSON *object, const char *key,
                    struct error *err)
{
    const cJSON *item = get(object, key);
    if (item == NULL || (cJSON_IsString(item) && item->valuestring[0] != '\0'))
        return 0;
    return mica_json_fail(net->json, item, err, "must be text");
}

int mica_check_list(const struct net *net, const cJSON *item, const char *what,
                    struct error *err)
{
    if (cJSON_IsArray(item) && item->child != NULL)
        return 0;
    return mica_json_fail(net->json, item, err, "must be a list of %s, and not empty",
                          what);
}

/* --- what stands around the graph ------------------------------------------------ */

static int check_version(const struct net *net, struct error *err)
{
    const cJSON *version = get(net->root, "mica_net");
    if (version == NULL)
        return mica_json_fail(net->json, net->root, err,
                              "a network begins with \"mica_net\": 1, the version of "
                              "its format");
    if (cJSON_IsNumber(version) && version->valuedouble >= 1 &&
        version->valuedouble <= 1)
        return 0;
    return mica_json_fail(net->json, version, err,
                          "this version of mica reads networks of version 1");
}

static int check_needed(const struct net *net, struct error *err)
{
    static const char *const needed[] = {"name", "input", "graph", NULL};
    int result = 0;
    for (size_t i = 0; needed[i] != NULL; i++)
        if (get(net->root, needed[i]) == NULL)
            result =
                mica_json_fail(net->json, net->root, err, "'%s' is missing", needed[i]);
    return result;
}

static int check_params(const struct net *net, struct error *err)
{
    const cJSON *params = get(net->root, "params"), *item;
    struct value value;
    int result = 0;
    if (params != NULL && !cJSON_IsObject(params))
        return mica_json_fail(net->json, params, err,
                              "must be an object: {\"width\": 32}");
    cJSON_ArrayForEach(item, params)
    {
        if (mica_check_name(net, item, item->string, err) != 0)
            result = -1;
        if (mica_net_literal(item, &value) != 0)
            result = mica_json_fail(net->json, item, err,
                                    "must be a number, true, false, text or a list");
    }
    return result;
}

static int check_input(const struct net *net, struct error *err)
{
    static const char *const keys[] = {"shape", "note", NULL};
    const cJSON *input = get(net->root, "input"), *shape = get(input, "shape");
    int count = cJSON_GetArraySize(shape);
    if (cJSON_IsArray(shape) && count >= 1 && count <= 3)
        return mica_check_keys(net, input, keys, NULL, err);
    return mica_json_fail(
        net->json, shape != NULL ? shape : input, err,
        "must be {\"shape\": [\"H\", \"W\", channels]}, or a shape of "
        "two or one entries");
}

static int check_output(const struct net *net, struct error *err)
{
    const cJSON *output = get(net->root, "output"), *item;
    int count = cJSON_GetArraySize(output), result = 0;
    if (output == NULL)
        return 0;
    if (!cJSON_IsObject(output) || count < 1 || count > MICA_OUTPUTS_MAX)
        return mica_json_fail(net->json, output, err,
                              "must name 1 to %d outputs: {\"logits\": \"fc\"}",
                              (int)MICA_OUTPUTS_MAX);
    cJSON_ArrayForEach(item, output)
    {
        if (mica_check_text(net, output, item->string, err) != 0)
            result = -1;
    }
    return result;
}

int mica_net_check_head(const struct net *net, struct error *err)
{
    static const char *const keys[] = {"mica_net", "name",   "note",  "params",
                                       "input",    "blocks", "graph", "output",
                                       "$schema",  NULL};
    if (!cJSON_IsObject(net->root))
        return mica_json_fail(net->json, net->root, err,
                              "a network is an object: {\"mica_net\": 1, ...}");
    int result = check_version(net, err);
    if (result != 0)
        return result;
    result |= mica_check_keys(net, net->root, keys, NULL, err);
    if (check_needed(net, err) != 0)
        return -1;
    result |= mica_check_text(net, net->root, "name", err);
    result |= mica_check_text(net, net->root, "note", err);
    result |= check_params(net, err);
    result |= check_input(net, err);
    result |= check_output(net, err);
    return result;
}

/* --- blocks ---------------------------------------------------------------------- */

static int check_ports(const struct net *net, const cJSON *ports, struct error *err)
{
    const cJSON *port;
    int result = mica_check_list(net, ports, "names", err);
    if (result != 0)
        return result;
    if (cJSON_GetArraySize(ports) > MICA_INPUTS_MAX)
        return mica_json_fail(net->json, ports, err, "a block has at most %d inputs",
                              (int)MICA_INPUTS_MAX);
    cJSON_ArrayForEach(port, ports)
    {
        bool plain = cJSON_IsString(port) && strcmp(port->valuestring, "in") == 0;
        if (!cJSON_IsString(port))
            result = mica_json_fail(net->json, port, err, "must be a name");
        else if (!plain)
            result |= mica_check_name(net, port, port->valuestring, err);
    }
    return result;
}

static int check_args(const struct net *net, const cJSON *args, struct error *err)
{
    const cJSON *item;
    struct value value;
    int result = 0;
    if (!cJSON_IsObject(args))
        return mica_json_fail(net->json, args, err,
                              "must be an object: {\"c\": \"int\", \"stride\": 1}");
    cJSON_ArrayForEach(item, args)
    {
        result |= mica_check_name(net, item, item->string, err);
        if (mica_net_literal(item, &value) != 0)
            result = mica_json_fail(net->json, item, err,
                                    "must be \"int\", \"num\" or what it is when it is "
                                    "not given");
    }
    return result;
}

static int check_block(const struct net *net, const cJSON *block, struct error *err)
{
    static const char *const keys[] = {"inputs", "args", "layers", "note", NULL};
    const cJSON *ports = get(block, "inputs"), *args = get(block, "args");
    const cJSON *layers = get(block, "layers");
    if (!cJSON_IsObject(block))
        return mica_json_fail(net->json, block, err,
                              "must be an object: {\"layers\": [...]}");
    int result = mica_check_keys(net, block, keys, NULL, err);
    result |= mica_check_name(net, block, block->string, err);
    if (mica_check_is_taken(block->string))
        result =
            mica_json_fail(net->json, block, err,
                           "'%s' is what a layer is called; give the block another "
                           "name",
                           block->string);
    if (ports != NULL)
        result |= check_ports(net, ports, err);
    if (args != NULL)
        result |= check_args(net, args, err);
    if (layers == NULL)
        return mica_json_fail(net->json, block, err, "'layers' is missing");
    return mica_check_list_of_nodes(net, layers, err) | result;
}

int mica_net_check_nodes(const struct net *net, struct error *err)
{
    const cJSON *block;
    int result = 0;
    if (net->blocks != NULL && !cJSON_IsObject(net->blocks))
        return mica_json_fail(net->json, net->blocks, err,
                              "must be an object: {\"NAME\": {\"layers\": [...]}}");
    cJSON_ArrayForEach(block, net->blocks) { result |= check_block(net, block, err); }
    return mica_check_list_of_nodes(net, net->graph, err) | result;
}
