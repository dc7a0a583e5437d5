/* recorder.c - what a network's expressions, ids and references mean at a place */
#include "nets/recorder.h"

#include <stdarg.h>
#include <string.h>

enum { PROBLEMS_MAX = 20, ID_MAX = 128, IDS_MAX = 256 };

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* --- problems -------------------------------------------------------------------- */

struct told {
    const cJSON *item;
    struct told *next;
};

bool mica_was_told(const struct recorder *r, const cJSON *item)
{
    for (const struct told *t = r->told; t != NULL; t = t->next)
        if (t->item == item)
            return true;
    return false;
}

void mica_mark_told(struct recorder *r, const cJSON *item)
{
    struct told *told = mica_arena_take(r->arena, 1, sizeof *told);
    *told = (struct told){item, r->told};
    r->told = told;
}

int mica_tell_lines(struct recorder *r, const struct net *net, const cJSON *item,
                    const struct error *problem)
{
    if (mica_was_told(r, item))
        return -1;
    mica_mark_told(r, item);
    return mica_net_pass_on(net, item, problem, r->err);
}

int mica_tell(struct recorder *r, const struct net *net, const cJSON *item,
              const char *format, ...)
{
    char what[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (mica_was_told(r, item))
        return -1;
    mica_mark_told(r, item);
    return mica_json_fail(net->json, item, r->err, "%s", what);
}

bool mica_recorder_is_over(const struct recorder *r)
{
    return r->stopped || r->err->lines >= PROBLEMS_MAX;
}

/* --- names ----------------------------------------------------------------------- */

const struct binding *mica_bind(struct recorder *r, const struct binding *names,
                                const char *name, struct value value)
{
    struct binding *binding = mica_arena_take(r->arena, 1, sizeof *binding);
    *binding = (struct binding){name, value, names};
    return binding;
}

const struct binding *mica_bind_shape(struct recorder *r, const struct binding *names,
                                      const char *name, int node)
{
    struct shape s = mica_tape_node(r->tape, (size_t)mica_node_of(node))->out;
    const struct {
        const char *letter;
        size_t size;
    } axes[] = {{"c", s.c}, {"w", s.w}, {"h", s.h}};
    for (size_t i = 0; i < 3; i++) {
        char *text = mica_arena_take(r->arena, strlen(name) + 3, 1);
        sprintf(text, "%s.%s", name, axes[i].letter);
        struct value value = {.kind = VALUE_NUMBER, .number = (double)axes[i].size};
        names = mica_bind(r, names, text, value);
    }
    return names;
}

/* --- values ---------------------------------------------------------------------- */

int mica_evaluate(struct recorder *r, const struct place *place, const struct use *use,
                  const cJSON *item, struct value *value)
{
    if (!cJSON_IsString(item) || item->valuestring[0] != '=') {
        if (mica_net_literal(item, value) == 0)
            return 0;
        return mica_tell(
            r, place->net, item,
            "must be a number, true, false, text, a list or an expression");
    }
    struct error problem = {0};
    const struct binding *names = use != NULL ? use->names : place->names;
    if (mica_expression(item->valuestring + 1, names, r->arena, value, &problem) == 0)
        return 0;
    *value = (struct value){.kind = VALUE_NUMBER, .number = 1};
    if (use != NULL && use->doubtful && strchr(item->valuestring, '.') != NULL)
        return 0; /* a shape that is a guess */
    return mica_tell_lines(r, place->net, item, &problem);
}

/* Add what the expression between braces gives; `at` is behind the '{'. Returns where to
   go on, or NULL. */
static const char *fill_one(struct recorder *r, const struct place *place,
                            const cJSON *item, const char *at, struct text *out)
{
    struct error problem = {0};
    struct value value;
    size_t length = strcspn(at, "}");
    char *expression = mica_arena_take(r->arena, length + 1, 1);
    if (at[length] == '\0') {
        mica_tell(r, place->net, item, "there is no '}' for the '{'");
        return NULL;
    }
    memcpy(expression, at, length);
    if (mica_expression(expression, place->names, r->arena, &value, &problem) != 0) {
        mica_tell_lines(r, place->net, item, &problem);
        return NULL;
    }
    if (value.kind == VALUE_TEXT) {
        mica_text_add(out, "%s", value.text);
    } else if (mica_value_is_whole(&value) && value.number >= 0) {
        mica_text_add(out, "%.0f", value.number);
    } else {
        mica_tell(r, place->net, item, "{%s} must be a whole number or text",
                  expression);
        return NULL;
    }
    return at + length + 1;
}

static const char *fill(struct recorder *r, const struct place *place,
                        const cJSON *item, struct text *out)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-."
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ@";
    const char *at = item->valuestring;
    while (at != NULL && *at != '\0') {
        size_t length = strcspn(at, "{");
        mica_text_append(out, at, length);
        at += length;
        if (*at == '{')
            at = fill_one(r, place, item, at + 1, out);
    }
    if (at == NULL)
        return NULL;
    size_t good = strspn(out->data, allowed);
    bool dots = out->data[0] == '.' || out->data[out->length - 1] == '.';
    if (out->length > ID_MAX || dots || good < out->length) {
        mica_tell(r, place->net, item,
                  "an id has up to %d letters, digits, _, - and dots between them",
                  (int)ID_MAX);
        return NULL;
    }
    return mica_arena_text(r->arena, out->data);
}

const char *mica_fill_in(struct recorder *r, const struct place *place,
                         const cJSON *item)
{
    struct text out = {0};
    const char *filled = fill(r, place, item, &out);
    mica_text_free(&out);
    return filled;
}

/* --- references ------------------------------------------------------------------ */

/* Whether a node in the list, or in its loops, has the id that `reference` begins with. */
static bool has_id(const cJSON *list, const char *reference)
{
    const cJSON *node;
    cJSON_ArrayForEach(node, list)
    {
        const cJSON *id = get(node, "id");
        size_t length = cJSON_IsString(id) ? strlen(id->valuestring) : 0;
        if (length > 0 && strncmp(reference, id->valuestring, length) == 0 &&
            (reference[length] == '\0' || reference[length] == '.'))
            return true;
        if (has_id(get(node, "do"), reference) || has_id(get(node, "seq"), reference))
            return true;
    }
    return false;
}

static int unknown_reference(struct recorder *r, const struct place *place,
                             const cJSON *item, const char *reference)
{
    const char *ids[IDS_MAX];
    if (has_id(place->list, reference))
        return mica_tell(r, place->net, item,
                         "'%s' is made later; a node reads only what stands before it",
                         reference);
    if (place->list != place->net->graph && has_id(place->net->graph, reference))
        return mica_tell(r, place->net, item,
                         "'%s' is outside of this block; hand it in through \"inputs\"",
                         reference);
    size_t count = mica_scope_list(place->scope, ids, IDS_MAX);
    const char *nearest = mica_text_nearest(reference, ids, count);
    if (nearest != NULL)
        return mica_tell(r, place->net, item,
                         "no node before has the id '%s'; did you mean '%s'?",
                         reference, nearest);
    return mica_tell(r, place->net, item, "no node before has the id '%s'", reference);
}

int mica_resolve(struct recorder *r, const struct place *place, const cJSON *item)
{
    const char *reference = mica_fill_in(r, place, item);
    if (reference == NULL)
        return -1;
    if (strcmp(reference, "@prev") == 0)
        return place->scope->previous;
    if (reference[0] == '@') {
        const struct name *port = mica_scope_port(place->scope, reference + 1);
        if (port != NULL)
            return port->node;
        return mica_tell(r, place->net, item, "there is no input '%s' here", reference);
    }
    for (const struct scope *s = place->scope; s != NULL; s = s->outer) {
        const struct name *name = mica_scope_find(s, reference);
        if (name != NULL)
            return name->node;
    }
    return unknown_reference(r, place, item, reference);
}
