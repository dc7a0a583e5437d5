/* inside.c - loops, blocks and networks inside a network, while it is recorded */
#include "nets/recorder.h"

#include <string.h>

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* --- loops ------------------------------------------------------------------------ */

/* What a loop's variable goes through: items of a list, or whole numbers from `first`. */
struct series {
    const cJSON *item, *list;
    double first;
    size_t count;
};

static int read_end(struct recorder *r, const struct place *place, const cJSON *item,
                    const char *text, size_t length, double *end)
{
    struct error problem = {0};
    struct value value;
    char *copy = mica_arena_take(r->arena, length + 1, 1);
    memcpy(copy, text, length);
    if (mica_expression(copy, place->names, r->arena, &value, &problem) != 0)
        return mica_tell_lines(r, place->net, item, &problem);
    if (!mica_value_is_whole(&value))
        return mica_tell(r, place->net, item, "'%s' is no whole number", copy);
    *end = value.number;
    return 0;
}

static int read_series(struct recorder *r, const struct place *place, const cJSON *item,
                       struct series *series)
{
    *series = (struct series){.item = item, .list = item};
    double end;
    if (cJSON_IsString(item) && item->valuestring[0] != '=') {
        const char *text = item->valuestring, *second = mica_net_range(text);
        size_t length = (size_t)(second - text) - 2;
        if (read_end(r, place, item, text, length, &series->first) != 0 ||
            read_end(r, place, item, second, strlen(second), &end) != 0)
            return -1;
        double count = end > series->first ? end - series->first : 0;
        series->list = NULL;
        series->count = count > MICA_LOOP_MOST ? MICA_LOOP_MOST + 1 : (size_t)count;
        return 0;
    }
    if (cJSON_IsString(item)) {
        struct value value;
        if (mica_evaluate(r, place, NULL, item, &value) != 0)
            return -1;
        if (value.kind != VALUE_LIST)
            return mica_tell(r, place->net, item, "'%s' is no list", item->valuestring);
        series->list = value.list;
    }
    series->count = (size_t)cJSON_GetArraySize(series->list);
    return 0;
}

/* All variables go through the same number of values. */
static int read_loop(struct recorder *r, const struct place *place, const cJSON *loop,
                     struct series *series, size_t *count)
{
    const cJSON *item;
    *count = 0;
    cJSON_ArrayForEach(item, loop)
    {
        struct series *s = &series[(*count)++];
        if (read_series(r, place, item, s) != 0)
            return -1;
        if (s->count > MICA_LOOP_MOST)
            return mica_tell(r, place->net, item,
                             "a loop of more than %d rounds is too long",
                             (int)MICA_LOOP_MOST);
        if (s->count != series[0].count)
            return mica_tell(r, place->net, item,
                             "'%s' has %zu values and '%s' has %zu; they go together",
                             item->string, s->count, series[0].item->string,
                             series[0].count);
    }
    return 0;
}

static int bind_round(struct recorder *r, const struct place *outer,
                      struct place *place, const struct series *series, size_t count,
                      size_t round)
{
    for (size_t i = 0; i < count; i++) {
        struct value value = {.kind = VALUE_NUMBER,
                              .number = series[i].first + (double)round};
        const cJSON *item = cJSON_GetArrayItem(series[i].list, (int)round);
        if (series[i].list != NULL && mica_evaluate(r, outer, NULL, item, &value) != 0)
            return -1;
        place->names = mica_bind(r, place->names, series[i].item->string, value);
    }
    return 0;
}

void mica_record_for(struct recorder *r, struct place *place, const cJSON *node)
{
    const cJSON *when = get(node, "when"), *index = get(node, "index");
    struct series series[MICA_INPUTS_MAX];
    size_t count;
    struct value value = {.kind = VALUE_BOOL, .number = 1};
    struct use use = {.node = node, .names = place->names};
    use.doubtful = (place->scope->previous & MICA_DOUBTFUL) != 0;
    use.names = mica_bind_shape(r, use.names, "in", place->scope->previous);
    if (when != NULL && mica_evaluate(r, place, &use, when, &value) != 0)
        return;
    if (!mica_value_is_true(&value) ||
        read_loop(r, place, get(node, "for"), series, &count) != 0)
        return;
    bool reverse = cJSON_IsTrue(get(node, "reverse"));
    for (size_t i = 0; i < series[0].count && !mica_recorder_is_over(r); i++) {
        size_t round = reverse ? series[0].count - 1 - i : i;
        struct place inside = *place;
        if (bind_round(r, place, &inside, series, count, round) != 0)
            return;
        value = (struct value){.kind = VALUE_NUMBER, .number = (double)round};
        if (index != NULL)
            inside.names = mica_bind(r, inside.names, index->valuestring, value);
        mica_record_list(r, &inside, get(node, "do"));
    }
}

/* --- blocks ----------------------------------------------------------------------- */

static bool is_word(const cJSON *item, const char *word)
{
    return cJSON_IsString(item) && strcmp(item->valuestring, word) == 0;
}

/* What is given for an argument: by its key, or as the block's main value for the first. */
static const cJSON *find_given(const struct use *use, const cJSON *args,
                               const cJSON *argument)
{
    if (use->type == NULL)
        return NULL;
    if (cJSON_IsObject(use->type))
        return get(use->type, argument->string);
    return args->child == argument ? use->type : NULL;
}

static int check_kind(struct recorder *r, const struct place *place, const cJSON *item,
                      const cJSON *argument, const struct value *value)
{
    struct value standard;
    mica_net_literal(argument, &standard);
    bool number = mica_value_is_number(value);
    const char *wanted = NULL;
    if (is_word(argument, "int"))
        wanted = mica_value_is_whole(value) ? NULL : "a whole number";
    else if (is_word(argument, "num"))
        wanted = number ? NULL : "a number";
    else if (mica_value_is_number(&standard))
        wanted = number ? NULL : "a number";
    else if (cJSON_IsString(argument) && argument->valuestring[0] == '=')
        wanted = NULL;
    else if (standard.kind != value->kind)
        wanted = standard.kind == VALUE_TEXT ? "text" : "a list";
    if (wanted == NULL)
        return 0;
    return mica_tell(r, place->net, item, "'%s' must be %s", argument->string, wanted);
}

static int bind_args(struct recorder *r, const struct place *place,
                     const struct use *use, const cJSON *args, struct place *inside)
{
    const cJSON *argument;
    int result = 0;
    cJSON_ArrayForEach(argument, args)
    {
        const cJSON *given = find_given(use, args, argument);
        bool needed = is_word(argument, "int") || is_word(argument, "num");
        struct value value = {.kind = VALUE_NUMBER, .number = 1};
        if (given == NULL && needed)
            result = mica_tell(r, place->net, use->node, "the block '%s' needs '%s'",
                               use->name, argument->string);
        else if (given == NULL)
            result |= mica_evaluate(r, inside, NULL, argument, &value);
        else if (mica_evaluate(r, place, use, given, &value) != 0 ||
                 check_kind(r, place, given, argument, &value) != 0)
            result = -1;
        inside->names = mica_bind(r, inside->names, argument->string, value);
    }
    return result;
}

/* The block's inputs by name; their shapes are names too: skip.c. */
static int bind_ports(struct recorder *r, const struct place *place,
                      const struct use *use, const cJSON *ports, struct place *inside)
{
    size_t count = ports == NULL ? 1 : (size_t)cJSON_GetArraySize(ports), i = 0;
    const cJSON *port;
    if (count != use->count)
        return mica_tell(r, place->net, use->node,
                         "the block '%s' takes %zu input%s, not %zu: give them by "
                         "\"in\"",
                         use->name, count, count == 1 ? "" : "s", use->count);
    if (ports == NULL)
        mica_scope_add_port(inside->scope, r->arena, "in", inside->scope->previous);
    cJSON_ArrayForEach(port, ports)
    {
        int node = use->doubtful ? mica_doubt(use->inputs[i]) : use->inputs[i];
        mica_scope_add_port(inside->scope, r->arena, port->valuestring, node);
        if (strcmp(port->valuestring, "in") != 0)
            inside->names = mica_bind_shape(r, inside->names, port->valuestring, node);
        i++;
    }
    return 0;
}

static struct scope *new_scope(struct recorder *r, const struct use *use,
                               const char *before, const char *path)
{
    struct text text = {0};
    mica_text_add(&text, "%s%s", before, path);
    int input = use->doubtful ? mica_doubt(use->inputs[0]) : use->inputs[0];
    struct scope *scope = mica_scope_new(r->arena, text.data, NULL, input);
    mica_text_free(&text);
    return scope;
}

int mica_record_block(struct recorder *r, const struct place *place, struct use *use)
{
    const cJSON *block = mica_net_block(place->net, use->name);
    const int failed = mica_doubt(use->inputs[0]);
    if (r->deep >= MICA_BLOCKS_DEEP) {
        r->stopped = true;
        mica_tell(r, place->net, use->node,
                  "blocks are inside each other more than %d deep; does '%s' use "
                  "itself?",
                  (int)MICA_BLOCKS_DEEP, use->name);
        return failed;
    }
    struct place inside = {place->net, place->params, place->params,
                           get(block, "layers"), new_scope(r, use, use->path, ".")};
    if (bind_args(r, place, use, get(block, "args"), &inside) != 0 ||
        bind_ports(r, place, use, get(block, "inputs"), &inside) != 0)
        return failed;
    r->deep++;
    mica_record_list(r, &inside, inside.list);
    r->deep--;
    use->inside = inside.scope;
    return inside.scope->previous;
}

/* --- networks --------------------------------------------------------------------- */

static const struct net *find_inner(const struct net *net, const cJSON *node)
{
    const struct inner *inner = net->inner;
    while (inner->node != node)
        inner = inner->next;
    return inner->net;
}

static int bind_given(struct recorder *r, const struct place *place,
                      const struct use *use, const struct net *net,
                      const struct binding **names)
{
    static const char *const kinds[] = {"a number", "true or false", "text", "a list"};
    const cJSON *given;
    int result = 0;
    cJSON_ArrayForEach(given, get(use->node, "params"))
    {
        struct value value;
        const struct value *was =
            mica_binding_find(net->params, given->string, strlen(given->string));
        if (was == NULL)
            result = mica_tell(r, place->net, given, "%s has no parameter '%s'",
                               mica_net_name(net), given->string);
        else if (mica_evaluate(r, place, use, given, &value) != 0)
            result = -1;
        else if (was->kind != value.kind &&
                 !(mica_value_is_number(was) && mica_value_is_number(&value)))
            result = mica_tell(r, place->net, given, "'%s' of %s must be %s",
                               given->string, mica_net_name(net), kinds[was->kind]);
        else
            *names = mica_bind(r, *names, given->string, value);
    }
    return result;
}

static int check_shape(struct recorder *r, const struct place *place,
                       const struct use *use, const struct net *net,
                       const struct binding *params)
{
    struct shape is = mica_tape_node(r->tape, (size_t)use->inputs[0])->out, sizes;
    struct error problem = {0};
    if (mica_net_sizes(net, params, &sizes, &problem) != 0)
        return mica_tell_lines(r, place->net, use->node, &problem);
    struct shape must = mica_net_fit(sizes, is);
    if (use->doubtful || (must.h == is.h && must.w == is.w && must.c == is.c))
        return 0;
    return mica_tell(r, place->net, use->node,
                     "%s takes %zu x %zu x %zu (rows, columns, channels), not "
                     "%zu x %zu x %zu",
                     mica_net_name(net), must.h, must.w, must.c, is.h, is.w, is.c);
}

/* The node that comes out: where "until" ended, the first output, or the last node. */
static int find_end(struct recorder *r, const struct place *place,
                    const struct use *use, const struct place *inside)
{
    const cJSON *until = get(use->node, "until");
    const struct scope *scope = inside->scope;
    if (until != NULL && !scope->ended && !mica_recorder_is_over(r)) {
        const char *ids[256];
        size_t count = mica_scope_list(scope, ids, 256);
        const char *nearest = mica_text_nearest(until->valuestring, ids, count);
        mica_tell(r, place->net, until, "%s has no node '%s'%s%s%s",
                  mica_net_name(inside->net), until->valuestring,
                  nearest ? "; did you mean '" : "", nearest ? nearest : "",
                  nearest ? "'?" : "");
        return mica_doubt(use->inputs[0]);
    }
    if (until != NULL || scope->ended || inside->net->output == NULL)
        return scope->previous;
    int node = mica_resolve(r, inside, inside->net->output->child);
    return node < 0 ? mica_doubt(use->inputs[0]) : node;
}

int mica_record_inner(struct recorder *r, const struct place *place, struct use *use)
{
    const struct net *net = find_inner(place->net, use->node);
    const cJSON *prefix = get(use->node, "prefix"), *until = get(use->node, "until");
    const cJSON *id = get(use->node, "id");
    const struct binding *params = net->params;
    if (bind_given(r, place, use, net, &params) != 0 ||
        check_shape(r, place, use, net, params) != 0)
        return mica_doubt(use->inputs[0]);
    struct scope *scope =
        prefix != NULL ? new_scope(r, use, place->scope->path, prefix->valuestring)
        : id != NULL   ? new_scope(r, use, use->path, ".")
                       : new_scope(r, use, place->scope->path, "");
    struct place inside = {net, params, params, net->graph, scope};
    /* an outer "until" may name a node of a network that shows its names */
    scope->until = until != NULL ? until->valuestring
                   : id == NULL  ? place->scope->until
                                 : NULL;
    mica_scope_add_port(scope, r->arena, "in", scope->previous);
    mica_record_list(r, &inside, net->graph);
    use->inside = scope;
    place->scope->ended = until == NULL && scope->ended;
    return find_end(r, place, use, &inside);
}
