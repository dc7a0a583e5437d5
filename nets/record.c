/* record.c - a network's nodes, one after another, onto a tape */
#include "nets/recorder.h"

#include <string.h>

enum { STEPS_MAX = 100000, NODES_MAX = 20000, PATH_LONGEST = 250 };

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* --- inputs, id, condition -------------------------------------------------------- */

static void add_input(struct recorder *r, const struct place *place, struct use *use,
                      const cJSON *reference)
{
    int node =
        reference == NULL ? place->scope->previous : mica_resolve(r, place, reference);
    if (node < 0)
        node = mica_doubt(place->scope->previous);
    use->doubtful |= (node & MICA_DOUBTFUL) != 0;
    use->inputs[use->count++] = mica_node_of(node);
}

/* `add` and `concat` name their inputs as their main value, all others by "in". */
static void find_inputs(struct recorder *r, const struct place *place, struct use *use)
{
    const struct layer *layer = mica_net_layer(use->name);
    bool many = use->type != NULL && cJSON_IsArray(use->type) && layer != NULL &&
                layer->inputs == 0;
    const cJSON *in = many ? use->type : get(use->node, "in"), *item;
    if (!cJSON_IsArray(in)) {
        add_input(r, place, use, in);
        return;
    }
    cJSON_ArrayForEach(item, in) { add_input(r, place, use, item); }
}

static int find_id(struct recorder *r, const struct place *place, struct use *use)
{
    const cJSON *id = get(use->node, "id");
    struct scope *scope = place->scope;
    char number[16];
    if (scope->number >= 0) {
        snprintf(number, sizeof number, "%d", scope->number++);
        use->id = mica_arena_text(r->arena, number);
    }
    if (id == NULL)
        return 0;
    use->id = mica_fill_in(r, place, id);
    if (use->id == NULL)
        return -1;
    if (mica_scope_find(scope, use->id) != NULL)
        return mica_tell(r, place->net, id, "the id '%s' is taken already", use->id);
    return 0;
}

static int find_path(struct recorder *r, const struct place *place, struct use *use)
{
    struct scope *scope = place->scope;
    struct text path = {0};
    if (use->id != NULL)
        mica_text_add(&path, "%s%s", scope->path, use->id);
    else /* counted by type: what is put between others does not change their paths */
        mica_text_add(&path, "%s%s#%d", scope->path, use->name,
                      mica_scope_count(scope, r->arena, use->name));
    use->path = mica_arena_text(r->arena, path.data);
    mica_text_free(&path);
    if (strlen(use->path) <= PATH_LONGEST)
        return 0;
    return mica_tell(r, place->net, use->node,
                     "ids inside ids make a name of more than %d letters",
                     (int)PATH_LONGEST);
}

/* Whether the node is to be recorded at all. */
static bool is_wanted(struct recorder *r, const struct place *place,
                      const struct use *use)
{
    const cJSON *when = get(use->node, "when");
    struct value value;
    if (when == NULL || mica_evaluate(r, place, use, when, &value) != 0)
        return true;
    return mica_value_is_true(&value);
}

/* --- layers ----------------------------------------------------------------------- */

struct resolving {
    struct recorder *r;
    const struct place *place;
    const struct use *use;
};

/* For mica_param_read: the number that "=expression" gives. */
static int resolve_number(void *context, const cJSON *item, double *number,
                          struct error *err)
{
    const struct resolving *c = context;
    struct error problem = {0};
    struct value value;
    if (mica_expression(item->valuestring + 1, c->use->names, c->r->arena, &value,
                        &problem) != 0)
        return mica_net_pass_on(c->place->net, item, &problem, err);
    if (!mica_value_is_number(&value))
        return mica_json_fail(c->place->net->json, item, err, "'%s' gives no number",
                              item->valuestring);
    *number = value.number;
    return 0;
}

/* Whether an argument is reckoned from a shape that is a guess. */
static bool is_guessed(const struct use *use)
{
    const cJSON *holder = cJSON_IsObject(use->type) ? use->type : use->node, *item;
    cJSON_ArrayForEach(item, holder)
    {
        if (use->doubtful && cJSON_IsString(item) && item->valuestring[0] == '=' &&
            strchr(item->valuestring, '.') != NULL)
            return true;
    }
    return false;
}

static int read_params(struct recorder *r, const struct place *place,
                       const struct use *use, const struct layer *layer, void *target)
{
    static const struct param none[] = {{0}};
    const char *others[] = {use->name, "id", "in", "when", "note", NULL};
    struct resolving context = {r, place, use};
    struct reader reader = {.json = place->net->json,
                            .arena = r->arena,
                            .resolve = resolve_number,
                            .context = &context,
                            .place = use->node};
    const struct param *table = layer->params != NULL ? layer->params : none;
    bool word = use->type == NULL, lists_inputs = layer->inputs == 0;
    struct error ignored = {0};
    struct error *err = is_guessed(use) ? &ignored : r->err;
    if (mica_param_read(table, target, lists_inputs ? NULL : use->type,
                        word ? NULL : use->node, others, &reader, err) == 0)
        return 0;
    if (err == r->err)
        mica_mark_told(r, use->node);
    return -1;
}

/* Bounds on what comes out, so that no product of sizes overflows later. */
static int check_size(struct recorder *r, const struct place *place,
                      const struct use *use, const struct shape *out)
{
    const size_t most = (size_t)1 << 24;
    if (out->h <= most && out->w <= most && out->c <= most)
        return 0;
    return mica_tell(r, place->net, use->node,
                     "an output of %zu x %zu x %zu is too large", out->h, out->w,
                     out->c);
}

static int check_recorded(struct recorder *r, const struct place *place,
                          const struct use *use, int node)
{
    const struct node *made = mica_tape_node(r->tape, (size_t)node);
    if (check_size(r, place, use, &made->out) != 0)
        return -1;
    if (made->weights[0] != NULL && strchr(use->path, '#') != NULL)
        return mica_tell(r, place->net, use->node,
                         "'%s' has weights and needs an \"id\" to name them, and so "
                         "does the block it is in",
                         use->name);
    if (mica_tape_count(r->tape) < NODES_MAX)
        return 0;
    r->stopped = true;
    return mica_tell(r, place->net, use->node, "more than %d nodes are too many",
                     (int)NODES_MAX);
}

int mica_record_layer(struct recorder *r, const struct place *place,
                      const struct use *use)
{
    const struct layer *layer = mica_net_layer(use->name);
    const int failed = mica_doubt(use->inputs[0]);
    if (mica_was_told(r, use->node))
        return failed;
    void *params = mica_arena_take(r->arena, 1, layer->params_size + 1);
    if (read_params(r, place, use, layer, params) != 0)
        return failed;
    struct error problem = {0};
    int node = mica_tape_record(r->tape, layer, params, use->path, use->inputs,
                                use->count, &problem);
    if (node < 0 && !use->doubtful)
        mica_tell_lines(r, place->net, use->node, &problem);
    if (node < 0 || check_recorded(r, place, use, node) != 0)
        return failed;
    return use->doubtful ? mica_doubt(node) : node;
}

/* --- nodes ------------------------------------------------------------------------ */

static int record_seq(struct recorder *r, const struct place *place, struct use *use)
{
    struct text path = {0};
    int input = use->doubtful ? mica_doubt(use->inputs[0]) : use->inputs[0];
    mica_text_add(&path, "%s.", use->path);
    use->inside = mica_scope_new(r->arena, path.data, place->scope, input);
    use->inside->number = 0;
    mica_text_free(&path);
    struct place inside = *place;
    inside.scope = use->inside;
    mica_record_list(r, &inside, use->type);
    return use->inside->previous;
}

static int record_type(struct recorder *r, const struct place *place, struct use *use)
{
    bool seq = strcmp(use->name, "seq") == 0, net = strcmp(use->name, "net") == 0;
    if ((seq || net) && use->count != 1) {
        mica_tell(r, place->net, use->node, "'%s' takes 1 input, not %zu", use->name,
                  use->count);
        return mica_doubt(use->inputs[0]);
    }
    if (seq)
        return record_seq(r, place, use);
    if (net)
        return mica_record_inner(r, place, use);
    if (mica_net_block(place->net, use->name) != NULL)
        return mica_record_block(r, place, use);
    return mica_record_layer(r, place, use);
}

static void record_use(struct recorder *r, struct place *place, const cJSON *node)
{
    struct use use = {.node = node};
    use.type = cJSON_IsString(node) ? NULL : mica_net_type(place->net, node);
    use.name = use.type != NULL ? use.type->string : node->valuestring;
    find_inputs(r, place, &use);
    use.names = mica_bind_shape(r, place->names, "in", use.inputs[0]);
    bool named = find_id(r, place, &use) == 0;
    int made = use.doubtful ? mica_doubt(use.inputs[0]) : use.inputs[0];
    if (named && find_path(r, place, &use) == 0) {
        if (is_wanted(r, place, &use))
            made = record_type(r, place, &use);
    } else {
        made = mica_doubt(made);
    }
    /* a network without an id shows its own names here */
    bool open = use.inside != NULL && strcmp(use.name, "net") == 0;
    if (named && (use.id != NULL || open))
        mica_scope_add(place->scope, r->arena, use.id, made, use.inside);
    place->scope->previous = made;
}

void mica_record_list(struct recorder *r, struct place *place, const cJSON *list)
{
    const cJSON *node;
    cJSON_ArrayForEach(node, list)
    {
        if (mica_recorder_is_over(r) || place->scope->ended)
            return;
        if (++r->steps > STEPS_MAX) {
            r->stopped = true;
            mica_tell(r, place->net, node, "more than %d nodes are too many",
                      (int)STEPS_MAX);
        } else if (get(node, "for") != NULL) {
            mica_record_for(r, place, node);
        } else {
            record_use(r, place, node);
        }
    }
}

/* --- the whole -------------------------------------------------------------------- */

static void find_outputs(struct recorder *r, const struct place *place, int input,
                         struct wiring *wiring)
{
    const struct net *net = place->net;
    const cJSON *item;
    wiring->count = 0;
    wiring->scope = place->scope;
    if (net->output == NULL) {
        wiring->outputs[wiring->count].name = "output";
        wiring->outputs[wiring->count++].node = place->scope->previous;
    }
    cJSON_ArrayForEach(item, net->output)
    {
        int node = mica_resolve(r, place, item);
        wiring->outputs[wiring->count].name = mica_arena_text(r->arena, item->string);
        wiring->outputs[wiring->count++].node = node;
        if (node == input)
            mica_tell(r, net, item, "this output is the input itself");
    }
    if (net->output == NULL && wiring->outputs[0].node == input)
        mica_tell(r, net, net->graph, "the output is the input itself");
}

/* The input must have the channels, and the sizes, that the network asks for. */
static int check_input(const struct net *net, const struct shape *is, struct error *err)
{
    struct shape must = mica_net_input(net, is->n, is->h, is->w);
    if (must.h == is->h && must.w == is->w && must.c == is->c)
        return 0;
    return mica_misuse(err,
                       "%s takes %zu x %zu x %zu (rows, columns, channels), not "
                       "%zu x %zu x %zu",
                       mica_net_name(net), must.h, must.w, must.c, is->h, is->w, is->c);
}

int mica_net_record(const struct net *net, struct tape *tape, int input,
                    struct wiring *wiring, struct error *errors)
{
    struct error none = {0}, *err = mica_error_or(errors, &none);
    size_t before = err->lines;
    struct recorder r = {.tape = tape, .arena = mica_tape_arena(tape), .err = err};
    struct scope *scope = mica_scope_new(r.arena, "", NULL, input);
    struct place place = {net, net->params, net->params, net->graph, scope};
    if (check_input(net, &mica_tape_node(tape, (size_t)input)->out, err) != 0)
        return -1;
    mica_scope_add_port(scope, r.arena, "in", input);
    mica_record_list(&r, &place, net->graph);
    if (err->lines == before)
        find_outputs(&r, &place, input, wiring);
    return err->lines > before ? -1 : 0;
}

int mica_net_find(const struct wiring *wiring, const char *id)
{
    const struct name *name = mica_scope_find(wiring->scope, id);
    return name != NULL ? name->node : -1;
}
