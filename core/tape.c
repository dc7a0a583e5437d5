/* tape.c - the record of a network */
#include "core/tape.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"

struct entry {
    struct node node;
    int sources[MICA_INPUTS_MAX];
};

struct tape {
    struct weights *weights;
    struct arena *arena;
    struct entry **entries;
    size_t count, capacity;
};

struct tape *mica_tape_new(struct weights *weights)
{
    struct tape *tape = mica_need(1, sizeof *tape);
    tape->weights = weights;
    tape->arena = mica_arena_new();
    for (size_t i = 0; i < mica_weights_count(weights); i++)
        mica_weights_at(weights, i)->user = NULL;
    return tape;
}

void mica_tape_free(struct tape *tape)
{
    if (!tape)
        return;
    mica_arena_free(tape->arena);
    free(tape->entries);
    mica_free(tape);
}

struct arena *mica_tape_arena(struct tape *tape) { return tape->arena; }
size_t mica_tape_count(const struct tape *tape) { return tape->count; }
struct weights *mica_tape_weights(const struct tape *tape) { return tape->weights; }

const struct node *mica_tape_node(const struct tape *tape, size_t i)
{
    MICA_CHECK(i < tape->count);
    return &tape->entries[i]->node;
}

int mica_tape_source(const struct tape *tape, size_t i, size_t input)
{
    MICA_CHECK(i < tape->count && input < tape->entries[i]->node.inputs);
    return tape->entries[i]->sources[input];
}

static struct entry *new_entry(struct tape *tape, const char *path)
{
    struct entry *entry = mica_arena_take(tape->arena, 1, sizeof *entry);
    entry->node.path = mica_arena_text(tape->arena, path);
    entry->node.key = mica_text_hash(path);
    entry->node.tape = tape;
    entry->node.field.ratio = 1;
    return entry;
}

static int append(struct tape *tape, struct entry *entry)
{
    if (tape->count == tape->capacity) {
        tape->capacity = tape->capacity ? 2 * tape->capacity : 64;
        tape->entries = realloc(tape->entries, tape->capacity * sizeof(struct entry *));
        MICA_CHECK(tape->entries);
    }
    tape->entries[tape->count] = entry;
    return (int)tape->count++;
}

int mica_tape_input(struct tape *tape, const char *name, struct shape shape)
{
    struct entry *entry = new_entry(tape, name);
    entry->node.out = shape;
    return append(tape, entry);
}

static int check_count(const struct layer *layer, size_t count, struct error *err)
{
    if (count > MICA_INPUTS_MAX)
        return mica_misuse(err, "%s takes at most %d inputs, not %zu", layer->name,
                           (int)MICA_INPUTS_MAX, count);
    if (layer->inputs ? count != layer->inputs : count == 0)
        return mica_misuse(err, "%s takes %zu input%s, not %zu", layer->name,
                           layer->inputs ? layer->inputs : 1,
                           layer->inputs == 1 ? "" : "s", count);
    return 0;
}

int mica_tape_record(struct tape *tape, const struct layer *layer, const void *params,
                     const char *path, const int *inputs, size_t count,
                     struct error *err)
{
    if (check_count(layer, count, err))
        return -1;
    struct entry *entry = new_entry(tape, path);
    struct node *node = &entry->node;
    node->layer = layer;
    node->inputs = count;
    for (size_t i = 0; i < count; i++) {
        node->in[i] = mica_tape_node(tape, (size_t)inputs[i])->out;
        entry->sources[i] = inputs[i];
    }
    if (layer->params_size) {
        void *copy = mica_arena_take(tape->arena, 1, layer->params_size);
        memcpy(copy, params, layer->params_size);
        node->params = copy;
    }
    node->out = node->in[0];
    if (layer->setup && layer->setup(node, err))
        return -1;
    if (mica_shape_size(node->out) == 0)
        return mica_misuse(err, "%s makes an empty output of %zu x %zu x %zu",
                           layer->name, node->out.h, node->out.w, node->out.c);
    return append(tape, entry);
}

struct weight *mica_node_weight(struct node *node, const char *suffix,
                                enum weight_kind kind, size_t rank, const size_t *dims,
                                size_t fan_in, size_t fan_out, struct error *err)
{
    struct text name = {0};
    mica_text_add(&name, "%s.%s", node->path, suffix);
    struct weight *weight = mica_weights_book(node->tape->weights, name.data, kind,
                                              rank, dims, fan_in, fan_out, err);
    mica_text_free(&name);
    if (!weight)
        return NULL;
    if (weight->user == node->tape) {
        mica_misuse(err, "the weight '%s' belongs to two nodes; give each its own id",
                    weight->name);
        return NULL;
    }
    weight->user = node->tape;
    return weight;
}

static void widen(struct reach *reach, const struct reach *source,
                  const struct field *f)
{
    double stride = source->stride * f->ratio;
    double before = source->before + f->before * source->stride;
    double after = source->after + f->after * source->stride;
    size_t multiple = (size_t)(stride > 1 ? stride + .5 : 1);
    if (source->multiple > multiple)
        multiple = source->multiple;
    reach->stride = stride;
    reach->before = before > reach->before ? before : reach->before;
    reach->after = after > reach->after ? after : reach->after;
    reach->multiple = multiple > reach->multiple ? multiple : reach->multiple;
    if (reach->global < 0)
        reach->global = source->global;
}

struct reach mica_tape_reach(const struct tape *tape, int from, int to)
{
    struct reach *reaches = mica_need(tape->count, sizeof *reaches);
    reaches[from] = (struct reach){1, 0, 0, 1, -1};
    for (int i = from + 1; i <= to; i++) {
        const struct node *node = &tape->entries[i]->node;
        reaches[i].global = -1;
        for (size_t k = 0; k < node->inputs; k++) {
            const struct reach *source = &reaches[tape->entries[i]->sources[k]];
            if (source->multiple) /* 0: does not see `from` */
                widen(&reaches[i], source, &node->field);
        }
        if (reaches[i].multiple && node->field.global && reaches[i].global < 0)
            reaches[i].global = i;
    }
    struct reach result = reaches[to];
    mica_free(reaches);
    return result;
}
