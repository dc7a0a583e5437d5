/* layer_times.c - how long each layer of a network takes */
#include "apps/layer_times.h"

#include <stdio.h>

#include "core/layer.h"
#include "core/log.h"
#include "core/memory.h"

struct layer_times {
    const struct tape *tape;
    size_t last;          /* the node that was asked for last */
    double (*seconds)[2]; /* of each node: forward, backward */
};

struct layer_times *mica_layer_times_new(const struct tape *tape)
{
    struct layer_times *times = mica_need(1, sizeof *times);
    times->tape = tape;
    times->seconds = mica_need(mica_tape_count(tape) + 1, sizeof *times->seconds);
    return times;
}

void mica_layer_times_free(struct layer_times *times)
{
    if (!times)
        return;
    mica_free(times->seconds);
    mica_free(times);
}

/* Of this tape. Steps go up and then down: the next is near the last. */
static size_t find(struct layer_times *times, const struct node *node)
{
    const size_t count = mica_tape_count(times->tape);
    for (size_t i = 0; i < count; i++) {
        const size_t up = (times->last + i) % count;
        const size_t down = (times->last + count - i) % count;
        const bool above = mica_tape_node(times->tape, up) == node;
        if (above || mica_tape_node(times->tape, down) == node)
            return times->last = above ? up : down;
    }
    return 0;
}

void mica_layer_times_add(void *context, const struct node *node, bool backward,
                          double seconds)
{
    struct layer_times *times = context;
    times->seconds[find(times, node)][backward] += seconds;
}

static int print_node(const struct node *node, const double seconds[2], double scale,
                      double all)
{
    struct text line, out = {0};
    mica_text_add(&out, "%zux%zux%zu", node->out.h, node->out.w, node->out.c);
    mica_log_begin(&line);
    mica_log_text(&line, "what", node->path);
    mica_log_text(&line, "layer", node->layer->name);
    mica_log_text(&line, "how", node->how);
    mica_log_text(&line, "output", out.data);
    mica_log_number(&line, "forward_ms", 1e3 * scale * seconds[0]);
    mica_log_number(&line, "backward_ms", 1e3 * scale * seconds[1]);
    mica_log_number(&line, "percent", 100 * (seconds[0] + seconds[1]) / all);
    mica_text_free(&out);
    return mica_log_write(&line, stdout);
}

int mica_layer_times_print(const struct layer_times *times, size_t passes,
                           struct error *err)
{
    const size_t count = mica_tape_count(times->tape);
    double all = 0;
    for (size_t i = 0; i < count; i++)
        all += times->seconds[i][0] + times->seconds[i][1];
    for (size_t i = 0; i < count; i++) {
        const struct node *node = mica_tape_node(times->tape, i);
        if (node->layer && print_node(node, times->seconds[i], 1 / (double)passes, all))
            return mica_fail(err, "the results cannot be written");
    }
    return 0;
}
