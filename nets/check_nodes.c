/* check_nodes.c - the form of nodes: each is of a known type and has the keys it may have */
#include "nets/check.h"

#include <string.h>

enum { WORDS_MAX = 256 };

/* Keys that every node may have. */
static const char *const common[] = {"id", "in", "when", "note", NULL};
/* Types of nodes that are neither layers nor blocks, and all their keys. */
static const struct structure {
    const char *keys[9]; /* the first is the type */
} structures[] = {{{"for", "do", "index", "reverse", "when", "note"}},
                  {{"seq", "id", "in", "when", "note"}},
                  {{"net", "params", "until", "prefix", "id", "in", "when", "note"}}};
enum { FOR, SEQ, NET, STRUCTURES };

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* --- types ----------------------------------------------------------------------- */

const cJSON *mica_net_block(const struct net *net, const char *name)
{
    return get(net->blocks, name);
}

const struct layer *mica_net_layer(const char *name)
{
    const struct layer *layer = mica_layer_find(name);
    return layer != NULL && layer->activation == NULL ? layer : NULL;
}

static int find_structure(const char *name)
{
    int i = 0;
    while (i < STRUCTURES && strcmp(structures[i].keys[0], name) != 0)
        i++;
    return i;
}

bool mica_check_is_taken(const char *name)
{
    return find_structure(name) < STRUCTURES || mica_net_layer(name) != NULL;
}

static bool is_type(const struct net *net, const char *name)
{
    return mica_net_block(net, name) != NULL || mica_check_is_taken(name);
}

const cJSON *mica_net_type(const struct net *net, const cJSON *node)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, node)
    {
        if (!mica_check_is_among(item->string, common) && is_type(net, item->string))
            return item;
    }
    return NULL;
}

static int unknown_type(const struct net *net, const cJSON *node, const char *name,
                        struct error *err)
{
    const char *words[WORDS_MAX];
    size_t count = 0;
    const cJSON *block;
    if (mica_layer_find(name) != NULL)
        return mica_json_fail(
            net->json, node, err,
            "'%s' is a loss: it is named by a recipe, not by a network", name);
    for (size_t i = 0; mica_layer(i) != NULL && count < WORDS_MAX / 2; i++)
        if (mica_layer(i)->activation == NULL)
            words[count++] = mica_layer(i)->name;
    for (size_t i = 0; i < STRUCTURES; i++)
        words[count++] = structures[i].keys[0];
    cJSON_ArrayForEach(block, net->blocks)
    {
        if (count < WORDS_MAX)
            words[count++] = block->string;
    }
    const char *nearest = mica_text_nearest(name, words, count);
    if (nearest != NULL)
        return mica_json_fail(net->json, node, err,
                              "no layer is called '%s'; did you mean '%s'?", name,
                              nearest);
    return mica_json_fail(net->json, node, err,
                          "no layer is called '%s'; see mica layers", name);
}

static int no_type(const struct net *net, const cJSON *node, struct error *err)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, node)
    {
        if (!mica_check_is_among(item->string, common))
            return unknown_type(net, node, item->string, err);
    }
    return mica_json_fail(net->json, node, err,
                          "a node needs a type: {\"conv2d\": 64, \"kernel\": 3}");
}

/* --- nodes ----------------------------------------------------------------------- */

static int check_reference(const struct net *net, const cJSON *item, struct error *err)
{
    if (cJSON_IsString(item) && item->valuestring[0] != '\0')
        return 0;
    return mica_json_fail(net->json, item, err,
                          "must be the id of a node, \"@prev\" or \"@in\"");
}

static int check_references(const struct net *net, const cJSON *list, struct error *err)
{
    const cJSON *item;
    int count = cJSON_GetArraySize(list), result = 0;
    if (count < 1 || count > MICA_INPUTS_MAX)
        return mica_json_fail(net->json, list, err, "must have 1 to %d entries",
                              (int)MICA_INPUTS_MAX);
    cJSON_ArrayForEach(item, list) { result |= check_reference(net, item, err); }
    return result;
}

static int check_common(const struct net *net, const cJSON *node, struct error *err)
{
    const cJSON *in = get(node, "in"), *when = get(node, "when");
    int result = mica_check_text(net, node, "id", err);
    result |= mica_check_text(net, node, "note", err);
    if (cJSON_IsArray(in))
        result |= check_references(net, in, err);
    else if (in != NULL)
        result |= check_reference(net, in, err);
    bool condition = cJSON_IsString(when) && when->valuestring[0] == '=';
    if (when != NULL && !condition && !cJSON_IsBool(when))
        result = mica_json_fail(net->json, when, err,
                                "must be a condition: \"=depth > 3\", true or false");
    return result;
}

const char *mica_net_range(const char *text)
{
    const char *dots = strstr(text, "..");
    return dots != NULL && dots > text && dots[2] != '\0' ? dots + 2 : NULL;
}

static int check_variable(const struct net *net, const cJSON *item, struct error *err)
{
    int result = mica_check_name(net, item, item->string, err);
    bool listed = cJSON_IsArray(item) ||
                  (cJSON_IsString(item) && (item->valuestring[0] == '=' ||
                                            mica_net_range(item->valuestring) != NULL));
    if (!listed)
        result = mica_json_fail(net->json, item, err,
                                "must be a list, or a range such as \"0..4\" (0 to 3)");
    return result;
}

static int check_for(const struct net *net, const cJSON *node, struct error *err)
{
    const cJSON *loop = get(node, "for"), *list = get(node, "do"), *item;
    const cJSON *index = get(node, "index"), *reverse = get(node, "reverse");
    int count = cJSON_GetArraySize(loop), result = 0;
    if (!cJSON_IsObject(loop) || count < 1 || count > MICA_INPUTS_MAX)
        return mica_json_fail(net->json, loop, err,
                              "must name what changes: {\"i\": \"0..4\"}");
    cJSON_ArrayForEach(item, loop) { result |= check_variable(net, item, err); }
    if (cJSON_IsString(index))
        result |= mica_check_name(net, index, index->valuestring, err);
    else if (index != NULL)
        result = mica_json_fail(net->json, index, err, "must be a name");
    if (reverse != NULL && !cJSON_IsBool(reverse))
        result = mica_json_fail(net->json, reverse, err, "must be true or false");
    if (list == NULL)
        return mica_json_fail(net->json, node, err, "'do' is missing");
    return mica_check_list_of_nodes(net, list, err) | result;
}

static int check_net(const struct net *net, const cJSON *node, struct error *err)
{
    const cJSON *params = get(node, "params"), *prefix = get(node, "prefix");
    int result = mica_check_text(net, node, "until", err);
    if (params != NULL && !cJSON_IsObject(params))
        result = mica_json_fail(net->json, params, err,
                                "must be an object: {\"width\": 32}");
    if (prefix == NULL)
        return result;
    size_t length = cJSON_IsString(prefix) ? strlen(prefix->valuestring) : 1;
    if (length > 0 &&
        (!cJSON_IsString(prefix) || prefix->valuestring[length - 1] != '.'))
        result = mica_json_fail(net->json, prefix, err,
                                "must be text that ends with a dot: \"backbone.\"");
    return result;
}

static int check_structure(const struct net *net, const cJSON *node, int structure,
                           struct error *err)
{
    int result = mica_check_keys(net, node, structures[structure].keys, NULL, err);
    if (structure == FOR)
        return check_for(net, node, err) | result;
    if (structure == SEQ)
        return mica_check_list_of_nodes(net, get(node, "seq"), err) | result;
    return check_net(net, node, err) | result;
}

static int check_block_use(const struct net *net, const cJSON *node, const cJSON *use,
                           struct error *err)
{
    const cJSON *args = get(mica_net_block(net, use->string), "args"), *item;
    const char *words[WORDS_MAX + 1];
    size_t count = 0;
    cJSON_ArrayForEach(item, args)
    {
        if (count < WORDS_MAX)
            words[count++] = item->string;
    }
    words[count] = NULL;
    int result = mica_check_keys(net, node, common, use->string, err);
    if (cJSON_IsObject(use))
        result |= mica_check_keys(net, use, words, NULL, err);
    else if (args == NULL || args->child == NULL)
        result =
            mica_json_fail(net->json, use, err,
                           "the block '%s' has no arguments: write {}", use->string);
    return result;
}

static bool has_param(const struct layer *layer, const char *name)
{
    for (const struct param *p = layer->params; p && p->type != PARAM_END; p++)
        if (strcmp(p->name, name) == 0)
            return true;
    return false;
}

/* A layer's arguments are read when it is recorded; here only what could hide others. */
static int check_layer_use(const struct net *net, const cJSON *node, const cJSON *use,
                           struct error *err)
{
    const struct layer *layer = mica_net_layer(use->string);
    const cJSON *item;
    if (layer->inputs == 0) {
        if (!cJSON_IsArray(use) || get(node, "in") != NULL)
            return mica_json_fail(net->json, node, err,
                                  "'%s' takes its inputs as a list: {\"%s\": "
                                  "[\"@prev\", \"skip\"]}",
                                  use->string, use->string);
        return check_references(net, use, err);
    }
    if (cJSON_IsObject(use))
        return mica_check_keys(net, node, common, use->string, err);
    cJSON_ArrayForEach(item, node)
    {
        if (item != use && !mica_check_is_among(item->string, common) &&
            !has_param(layer, item->string) && is_type(net, item->string))
            return mica_json_fail(net->json, node, err,
                                  "a node has one type, not both '%s' and '%s'",
                                  use->string, item->string);
    }
    return 0;
}

static int check_node(const struct net *net, const cJSON *node, struct error *err)
{
    if (cJSON_IsString(node)) {
        const char *name = node->valuestring;
        bool known = mica_net_block(net, name) != NULL || mica_net_layer(name) != NULL;
        return known ? 0 : unknown_type(net, node, name, err);
    }
    if (!cJSON_IsObject(node))
        return mica_json_fail(net->json, node, err,
                              "a node is a word or an object: \"relu\", {\"conv2d\": "
                              "64, \"kernel\": 3}");
    const cJSON *type = mica_net_type(net, node);
    if (type == NULL)
        return no_type(net, node, err);
    int structure = find_structure(type->string);
    int result = check_common(net, node, err);
    if (structure < STRUCTURES)
        return check_structure(net, node, structure, err) | result;
    if (mica_net_block(net, type->string) != NULL)
        return check_block_use(net, node, type, err) | result;
    return check_layer_use(net, node, type, err) | result;
}

int mica_check_list_of_nodes(const struct net *net, const cJSON *list,
                             struct error *err)
{
    const cJSON *node;
    int result = mica_check_list(net, list, "nodes", err);
    if (result != 0)
        return result;
    cJSON_ArrayForEach(node, list) { result |= check_node(net, node, err); }
    return result;
}
