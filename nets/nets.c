/* nets.c - networks as JSON: reading a file, its parameters and the networks inside */
#include "nets/parts.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"

enum { PARAMS_MAX = 64, SIZE_MOST = 1 << 20, TRIAL_SIZE = 80640 /* 2^8 3^2 5 7 */ };

/* Whoever asks for a network: the values it gives to parameters, and their document. */
struct asker {
    const struct json *json; /* may be NULL */
    const cJSON *params;     /* may be NULL */
    int deep;
};

static struct net *read_file(const char *name, const struct asker *asker,
                             struct error *err);

int mica_net_pass_on(const struct net *net, const cJSON *item, const struct error *from,
                     struct error *err)
{
    for (const char *line = from->text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        mica_json_fail(net->json, item, err, "%.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
    return -1;
}

int mica_net_literal(const cJSON *item, struct value *value)
{
    *value = (struct value){.kind = VALUE_NUMBER, .number = item->valuedouble};
    if (cJSON_IsNumber(item))
        return 0;
    if (cJSON_IsBool(item))
        *value = (struct value){.kind = VALUE_BOOL, .number = cJSON_IsTrue(item)};
    else if (cJSON_IsString(item))
        *value = (struct value){.kind = VALUE_TEXT, .text = item->valuestring};
    else if (cJSON_IsArray(item))
        *value = (struct value){.kind = VALUE_LIST, .list = item};
    else
        return -1;
    return 0;
}

/* --- parameters ---------------------------------------------------------------- */

static const char *const kinds[] = {"a number", "true or false", "text", "a list"};

static int unknown_param(const struct net *net, const struct asker *asker,
                         const cJSON *given, struct error *err)
{
    const char *words[PARAMS_MAX];
    size_t count = 0;
    for (const struct binding *b = net->params; b && count < PARAMS_MAX; b = b->next)
        words[count++] = b->name;
    const char *nearest = mica_text_nearest(given->string, words, count);
    if (nearest != NULL)
        return mica_json_fail(asker->json, given, err,
                              "%s has no parameter '%s'; did you mean '%s'?",
                              mica_net_name(net), given->string, nearest);
    struct text known = {0};
    for (size_t i = count; i > 0; i--)
        mica_text_add(&known, "%s%s", i == count ? "" : ", ", words[i - 1]);
    mica_json_fail(asker->json, given, err, "%s has no parameter '%s' (it has: %s)",
                   mica_net_name(net), given->string, count == 0 ? "none" : known.data);
    mica_text_free(&known);
    return -1;
}

/* Put the asker's value into the tree, so that writing the network writes it too. */
static int override(struct net *net, const struct asker *asker, const cJSON *given,
                    struct error *err)
{
    cJSON *params = cJSON_GetObjectItemCaseSensitive(net->root, "params");
    cJSON *old = cJSON_GetObjectItemCaseSensitive(params, given->string);
    struct value was, is = {0};
    if (old == NULL)
        return unknown_param(net, asker, given, err);
    bool literal = mica_net_literal(given, &is) == 0;
    if (mica_net_literal(old, &was) == 0 && (!literal || was.kind != is.kind))
        return mica_json_fail(asker->json, given, err, "'%s' of %s must be %s",
                              given->string, mica_net_name(net), kinds[was.kind]);
    cJSON *copy = cJSON_Duplicate(given, true);
    MICA_CHECK(copy != NULL);
    MICA_CHECK(cJSON_ReplaceItemInObjectCaseSensitive(params, given->string, copy));
    return 0;
}

static void bind_params(struct net *net)
{
    const cJSON *item;
    net->params = NULL;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(net->root, "params"))
    {
        struct binding *binding = mica_arena_take(net->arena, 1, sizeof *binding);
        /* a copy: an asker's value replaces the item and its name */
        binding->name = mica_arena_text(net->arena, item->string);
        mica_net_literal(item, &binding->value);
        binding->next = net->params;
        net->params = binding;
    }
}

static int override_all(struct net *net, const struct asker *asker, struct error *err)
{
    const cJSON *given;
    int result = 0;
    if (asker->params == NULL)
        return 0;
    if (!cJSON_IsObject(asker->params))
        return mica_json_fail(asker->json, asker->params, err,
                              "must be an object: {\"width\": 16}");
    cJSON_ArrayForEach(given, asker->params)
    {
        if (override(net, asker, given, err) != 0)
            result = -1;
    }
    bind_params(net);
    return result;
}

/* --- the input ----------------------------------------------------------------- */

/* One entry of the shape: a size, an expression of one, or a word for an open one. */
static int read_size(const struct net *net, const cJSON *item,
                     const struct binding *params, bool channels, size_t *size,
                     struct error *err)
{
    struct value value = {.kind = VALUE_LIST};
    bool word = cJSON_IsString(item) && item->valuestring[0] != '=';
    *size = 0;
    if (word && !channels)
        return 0;
    if (word)
        return mica_json_fail(net->json, item, err,
                              "the last entry is the number of channels and cannot be "
                              "open: write 1 or \"=channels\"");
    if (cJSON_IsString(item)) {
        struct error problem = {0};
        if (mica_expression(item->valuestring + 1, params, net->arena, &value,
                            &problem) != 0)
            return mica_net_pass_on(net, item, &problem, err);
    } else {
        mica_net_literal(item, &value);
    }
    if (!mica_value_is_whole(&value) || value.number < 1 || value.number > SIZE_MOST)
        return mica_json_fail(net->json, item, err,
                              "must be a whole number from 1 to %d%s", (int)SIZE_MOST,
                              channels ? "" : ", or a word such as \"H\" for any");
    *size = (size_t)value.number;
    return 0;
}

int mica_net_sizes(const struct net *net, const struct binding *params,
                   struct shape *sizes, struct error *err)
{
    const cJSON *input = cJSON_GetObjectItemCaseSensitive(net->root, "input");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(input, "shape"), *item;
    /* a vector has neither rows nor columns, a spectrum no rows */
    size_t found[3] = {1, 1, 1}, place = 3 - (size_t)cJSON_GetArraySize(shape);
    int result = 0;
    cJSON_ArrayForEach(item, shape)
    {
        result |= read_size(net, item, params, place == 2, &found[place], err);
        place++;
    }
    *sizes = (struct shape){0, found[0], found[1], found[2]};
    return result;
}

struct shape mica_net_fit(struct shape sizes, struct shape open)
{
    return (struct shape){open.n, sizes.h != 0 ? sizes.h : open.h,
                          sizes.w != 0 ? sizes.w : open.w, sizes.c};
}

struct shape mica_net_input(const struct net *net, size_t samples, size_t height,
                            size_t width)
{
    return mica_net_fit(net->sizes, (struct shape){samples, height, width, 0});
}

/* --- networks inside ----------------------------------------------------------- */

static int read_document(struct net *net, const struct asker *asker, struct error *err);

static struct net *new_net(struct json *json, cJSON *root, bool owns)
{
    struct net *net = mica_need(1, sizeof *net);
    net->json = json;
    net->root = root;
    net->owns_json = owns;
    net->arena = mica_arena_new();
    return net;
}

static struct net *finish(struct net *net, const struct asker *asker, struct error *err)
{
    if (read_document(net, asker, err) == 0)
        return net;
    mica_net_free(net);
    return NULL;
}

/* A node with the key "net": a file's name, or the network itself. */
static int load_inner(struct net *net, const cJSON *node, int deep, struct error *err)
{
    cJSON *what = cJSON_GetObjectItemCaseSensitive(node, "net");
    struct asker asker = {net->json, NULL, deep + 1};
    struct error problem = {0};
    struct net *read = NULL;
    if (deep >= MICA_NETS_DEEP)
        return mica_json_fail(net->json, what, err,
                              "networks are inside each other more than %d deep; does "
                              "one contain itself?",
                              (int)MICA_NETS_DEEP);
    if (cJSON_IsString(what)) {
        char *path = mica_file_find(what->valuestring, mica_json_name(net->json),
                                    "nets", &problem);
        if (path == NULL)
            return mica_net_pass_on(net, what, &problem, err);
        read = read_file(path, &asker, err);
        free(path);
    } else if (cJSON_IsObject(what)) {
        read = finish(new_net(net->json, what, false), &asker, err);
    } else {
        return mica_json_fail(net->json, what, err,
                              "must be the name of a file, or a network");
    }
    if (read == NULL)
        return -1;
    struct inner *inner = mica_arena_take(net->arena, 1, sizeof *inner);
    *inner = (struct inner){node, read, net->inner};
    net->inner = inner;
    return 0;
}

static int load_all(struct net *net, const cJSON *nodes, int deep, struct error *err)
{
    const cJSON *node;
    int result = 0;
    cJSON_ArrayForEach(node, nodes)
    {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(node, "do");
        if (list == NULL)
            list = cJSON_GetObjectItemCaseSensitive(node, "seq");
        if (list != NULL && load_all(net, list, deep, err) != 0)
            result = -1;
        if (cJSON_GetObjectItemCaseSensitive(node, "net") != NULL &&
            load_inner(net, node, deep, err) != 0)
            result = -1;
    }
    return result;
}

static int load_everywhere(struct net *net, int deep, struct error *err)
{
    const cJSON *block;
    int result = load_all(net, net->graph, deep, err);
    cJSON_ArrayForEach(block, net->blocks)
    {
        const cJSON *layers = cJSON_GetObjectItemCaseSensitive(block, "layers");
        if (load_all(net, layers, deep, err) != 0)
            result = -1;
    }
    return result;
}

/* --- reading ------------------------------------------------------------------- */

static int read_document(struct net *net, const struct asker *asker, struct error *err)
{
    if (mica_net_check_head(net, err) != 0)
        return -1;
    bind_params(net);
    net->blocks = cJSON_GetObjectItemCaseSensitive(net->root, "blocks");
    net->graph = cJSON_GetObjectItemCaseSensitive(net->root, "graph");
    net->output = cJSON_GetObjectItemCaseSensitive(net->root, "output");
    int result = mica_net_check_nodes(net, err);
    if (override_all(net, asker, err) != 0 ||
        mica_net_sizes(net, net->params, &net->sizes, err) != 0)
        result = -1;
    if (result == 0)
        result = load_everywhere(net, asker->deep, err);
    return result;
}

static struct net *read_file(const char *path, const struct asker *asker,
                             struct error *err)
{
    struct json *json = mica_json_read(path, err);
    if (json == NULL)
        return NULL;
    return finish(new_net(json, mica_json_root(json), true), asker, err);
}

struct net *mica_net_read(const char *path, const cJSON *params,
                          const struct json *where, struct error *err)
{
    struct asker asker = {where, params, 0};
    const char *from = where != NULL ? mica_json_name(where) : NULL;
    char *found = mica_file_find(path, from, "nets", err);
    if (found == NULL)
        return NULL;
    struct net *net = read_file(found, &asker, err);
    free(found);
    return net;
}

struct net *mica_net_parse(const char *text, const char *name, struct error *err)
{
    struct asker asker = {NULL, NULL, 0};
    struct json *json = mica_json_parse(text, name, err);
    if (json == NULL)
        return NULL;
    return finish(new_net(json, mica_json_root(json), true), &asker, err);
}

void mica_net_free(struct net *net)
{
    if (net == NULL)
        return;
    for (struct inner *inner = net->inner; inner != NULL; inner = inner->next)
        mica_net_free(inner->net);
    if (net->owns_json)
        mica_json_free(net->json);
    mica_arena_free(net->arena);
    mica_free(net);
}

const char *mica_net_input_param(const struct net *net, int axis)
{
    const cJSON *input = cJSON_GetObjectItemCaseSensitive(net->root, "input");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(input, "shape");
    const cJSON *item = cJSON_GetArrayItem(shape, cJSON_GetArraySize(shape) - 1 - axis);
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    for (const struct binding *b = net->params; b && *text == '='; b = b->next)
        if (strcmp(b->name, text + 1) == 0)
            return b->name;
    return NULL;
}

const char *mica_net_name(const struct net *net)
{
    return cJSON_GetObjectItemCaseSensitive(net->root, "name")->valuestring;
}

/* --- writing ------------------------------------------------------------------- */

/* `copy` is a duplicate of `original`: lay the networks inside into it. */
static void embed(const struct net *net, const cJSON *original, cJSON *copy)
{
    const cJSON *from = original->child;
    for (cJSON *to = copy->child; to != NULL; to = to->next, from = from->next)
        embed(net, from, to);
    for (const struct inner *inner = net->inner; inner; inner = inner->next) {
        if (inner->node != original)
            continue;
        cJSON *whole = cJSON_Duplicate(inner->net->root, true);
        MICA_CHECK(whole != NULL);
        embed(inner->net, inner->net->root, whole);
        MICA_CHECK(cJSON_ReplaceItemInObjectCaseSensitive(copy, "net", whole));
    }
}

void mica_net_write(const struct net *net, struct text *text)
{
    cJSON *copy = cJSON_Duplicate(net->root, true);
    MICA_CHECK(copy != NULL);
    embed(net, net->root, copy);
    char *printed = cJSON_PrintUnformatted(copy);
    MICA_CHECK(printed != NULL);
    mica_text_append(text, printed, strlen(printed));
    cJSON_free(printed);
    cJSON_Delete(copy);
}

/* --- what it sees -------------------------------------------------------------- */

int mica_net_reach(const struct net *net, struct reach *reach, struct error *err)
{
    struct weights *weights = mica_weights_outline();
    struct tape *tape = mica_tape_new(weights);
    struct wiring wiring;
    struct error why = {0};
    struct shape shape = mica_net_input(net, 1, TRIAL_SIZE, TRIAL_SIZE);
    int input = mica_tape_input(tape, "input", shape);
    int result = mica_net_record(net, tape, input, &wiring, &why);
    if (result != 0)
        mica_net_name_sizes(net, TRIAL_SIZE, &why, err);
    else
        *reach = mica_tape_reach(tape, input, wiring.outputs[0].node);
    mica_tape_free(tape);
    mica_weights_free(weights);
    return result;
}
