/* drawing.c - which nodes of a network are one box, and what it says */
#include "nets/drawing.h"

#include <string.h>

/* What is known of every node while boxes are made. */
struct maker {
    const struct tape *tape;
    struct drawing *drawing;
    size_t level;
    size_t *readers; /* of each node's value, the caller included */
    size_t *box_of, *key_length;
};

static const struct node *node_at(const struct maker *m, size_t i)
{
    return mica_tape_node(m->tape, i);
}

/* The length of the first `level` ids of a path. */
static size_t find_key(const char *path, size_t level)
{
    const char *at = path;
    for (size_t i = 0; i < level; i++) {
        at += strcspn(at, ".");
        if (*at == '\0')
            break;
        at++;
    }
    return *at == '\0' ? strlen(path) : (size_t)(at - path) - 1;
}

static bool is_whole(const struct maker *m, size_t i)
{
    return node_at(m, i)->path[m->key_length[i]] == '\0';
}

static bool same_scope(const struct maker *m, size_t i, size_t k)
{
    return !is_whole(m, i) && !is_whole(m, k) && m->key_length[i] == m->key_length[k] &&
           memcmp(node_at(m, i)->path, node_at(m, k)->path, m->key_length[i]) == 0;
}

static bool has_kernel(const struct node *node)
{
    return node->weights[0] != NULL && node->weights[0]->kind == WEIGHT_KERNEL;
}

/* Number by number, as a relu is: it stands in the box of what it reads. */
static bool is_light(const struct node *node)
{
    const struct field *f = &node->field;
    return node->inputs == 1 && !has_kernel(node) && !f->global && f->ratio == 1 &&
           f->before == 0 && f->after == 0 && node->out.c == node->in[0].c;
}

static bool continues_source(const struct maker *m, size_t i)
{
    if (!is_whole(m, i) || !is_light(node_at(m, i)))
        return false;
    size_t source = (size_t)mica_tape_source(m->tape, i, 0);
    return node_at(m, source)->layer != NULL && m->readers[source] == 1;
}

/* --- what a box says --------------------------------------------------------------- */

/* "7 x 7, stride 2": what the layer's numbers are, where they are no defaults. */
static void describe_params(struct text *text, const struct node *node)
{
    const struct param *p = node->layer->params;
    for (; p != NULL && p->type != PARAM_END; p++) {
        if (p->type != PARAM_INT || isnan(p->standard) ||
            strcmp(p->name, "padding") == 0)
            continue;
        int value =
            *(const int *)(const void *)((const char *)node->params + p->offset);
        if (strcmp(p->name, "kernel") == 0)
            mica_text_add(text, " %d x %d", value, value);
        else if (value != (int)p->standard)
            mica_text_add(text, ", %s %d", p->name, value);
    }
}

/* Of a whole scope: "12 layers, 3 conv2d", the types that have kernels. */
static void describe_scope(const struct maker *m, struct box *box, size_t from)
{
    size_t count = box->nodes;
    mica_text_add(&box->layers, "%zu layer%s", count, count == 1 ? "" : "s");
    for (size_t i = from; i < from + count; i++) {
        size_t same = 0, before = 0;
        for (size_t k = from; k < from + count && has_kernel(node_at(m, i)); k++) {
            bool is = node_at(m, k)->layer == node_at(m, i)->layer;
            same += is;
            before += is && k < i;
        }
        if (same > 0 && before == 0)
            mica_text_add(&box->layers, ", %zu %s", same, node_at(m, i)->layer->name);
    }
}

static enum box_kind kind_of(const struct node *node)
{
    if (node->layer == NULL)
        return BOX_INPUT;
    if (has_kernel(node))
        return BOX_WEIGHTS;
    if (node->inputs > 1)
        return BOX_JOIN;
    return node->out.h != node->in[0].h || node->out.w != node->in[0].w ? BOX_SIZE
                                                                        : BOX_OTHER;
}

static struct box *new_box(struct maker *m, size_t i, struct arena *arena)
{
    const struct node *node = node_at(m, i);
    struct box *box = &m->drawing->boxes[m->drawing->count++];
    char *title = mica_arena_text(arena, node->path);
    title[m->key_length[i]] = '\0';
    box->title = title;
    box->kind = is_whole(m, i) ? kind_of(node) : BOX_WEIGHTS;
    return box;
}

static void add_node(struct maker *m, size_t i, struct box *box)
{
    const struct node *node = node_at(m, i);
    m->box_of[i] = (size_t)(box - m->drawing->boxes);
    box->nodes++;
    box->out = node->out;
    for (size_t k = 0; k < MICA_WEIGHTS_MAX && node->weights[k] != NULL; k++)
        if (!mica_weight_is_statistic(node->weights[k]))
            box->parameters += node->weights[k]->count;
    if (!is_whole(m, i) || node->layer == NULL)
        return;
    mica_text_add(&box->layers, "%s%s", box->layers.length > 0 ? ", " : "",
                  node->layer->name);
    describe_params(&box->layers, node);
}

/* --- lines ------------------------------------------------------------------------- */

static void add_line(struct box *box, size_t from)
{
    for (size_t k = 0; k < box->input_count; k++)
        if (box->inputs[k] == from)
            return;
    box->inputs[box->input_count++] = from;
}

static void add_lines(const struct maker *m)
{
    for (size_t i = 0; i < mica_tape_count(m->tape); i++)
        m->drawing->boxes[m->box_of[i]].input_count += node_at(m, i)->inputs;
    for (size_t b = 0; b < m->drawing->count; b++) {
        struct box *box = &m->drawing->boxes[b];
        box->inputs = mica_need(box->input_count + 1, sizeof *box->inputs);
        box->input_count = 0;
    }
    for (size_t i = 0; i < mica_tape_count(m->tape); i++)
        for (size_t k = 0; k < node_at(m, i)->inputs; k++) {
            size_t from = m->box_of[mica_tape_source(m->tape, i, k)];
            if (from != m->box_of[i])
                add_line(&m->drawing->boxes[m->box_of[i]], from);
        }
}

/* --- the whole --------------------------------------------------------------------- */

static void make_boxes(struct maker *m)
{
    struct arena *arena = mica_tape_arena((struct tape *)m->tape);
    size_t count = mica_tape_count(m->tape);
    for (size_t i = 0; i < count; i++)
        m->key_length[i] = find_key(node_at(m, i)->path, m->level);
    for (size_t i = 0; i < count; i++) {
        struct box *box;
        if (i > 0 && same_scope(m, i, i - 1))
            box = &m->drawing->boxes[m->box_of[i - 1]];
        else if (continues_source(m, i))
            box = &m->drawing->boxes[m->box_of[mica_tape_source(m->tape, i, 0)]];
        else
            box = new_box(m, i, arena);
        add_node(m, i, box);
        if (!is_whole(m, i) && (i + 1 == count || !same_scope(m, i, i + 1)))
            describe_scope(m, box, i + 1 - box->nodes);
    }
}

static void count_readers(struct maker *m, const struct wiring *wiring)
{
    for (size_t i = 0; i < mica_tape_count(m->tape); i++)
        for (size_t k = 0; k < node_at(m, i)->inputs; k++)
            m->readers[mica_tape_source(m->tape, i, k)]++;
    for (size_t i = 0; i < wiring->count; i++)
        m->readers[wiring->outputs[i].node]++;
}

static struct drawing *make(const struct net *net, const struct tape *tape,
                            const struct wiring *wiring, size_t level)
{
    size_t count = mica_tape_count(tape);
    struct maker m = {.tape = tape, .level = level};
    m.drawing = mica_need(1, sizeof *m.drawing);
    m.drawing->boxes = mica_need(count + 1, sizeof *m.drawing->boxes);
    m.drawing->name = mica_net_name(net);
    m.drawing->parameters = mica_weights_parameters(mica_tape_weights(tape));
    m.readers = mica_need(3 * count, sizeof *m.readers);
    m.box_of = m.readers + count;
    m.key_length = m.readers + 2 * count;
    count_readers(&m, wiring);
    make_boxes(&m);
    add_lines(&m);
    for (size_t i = 0; i < wiring->count; i++)
        m.drawing->boxes[m.box_of[wiring->outputs[i].node]].output = true;
    mica_free(m.readers);
    return m.drawing;
}

struct drawing *mica_drawing_new(const struct net *net, const struct tape *tape,
                                 const struct wiring *wiring, size_t level)
{
    enum { DEEPEST = 12 };
    if (level > 0)
        return make(net, tape, wiring, level);
    struct drawing *drawing = NULL;
    for (level = DEEPEST; level > 0; level--) {
        mica_drawing_free(drawing);
        drawing = make(net, tape, wiring, level);
        if (drawing->count <= MICA_DRAWING_BOXES)
            break;
    }
    return drawing;
}

void mica_drawing_free(struct drawing *drawing)
{
    if (drawing == NULL)
        return;
    for (size_t i = 0; i < drawing->count; i++) {
        mica_text_free(&drawing->boxes[i].layers);
        mica_free(drawing->boxes[i].inputs);
    }
    mica_free(drawing->boxes);
    mica_free(drawing);
}
