/* named.c - what a command's argument names: a layer, or a network with --set NAME=VALUE */
#include "apps/named.h"

#include "apps/sets.h"

enum { NAMES_MAX = 256 };

const struct layer *mica_named_layer(const char *name, struct error *err)
{
    const struct layer *layer = mica_layer_find(name);
    const char *names[NAMES_MAX] = {NULL};
    size_t count = 0;
    if (layer != NULL)
        return layer;
    for (; count < NAMES_MAX && mica_layer(count) != NULL; count++)
        names[count] = mica_layer(count)->name;
    const char *nearest = mica_text_nearest(name, names, count);
    if (nearest != NULL)
        mica_misuse(err, "no layer is called '%s'; did you mean '%s'?", name, nearest);
    else
        mica_misuse(err, "no layer is called '%s'; mica layers lists them", name);
    return NULL;
}

struct net *mica_named_net(const char *path, const struct words *sets,
                           struct error *err)
{
    struct json *params = mica_json_parse("{}", "--set", err);
    struct net *net = NULL;
    if (params != NULL && mica_sets_apply(params, sets->items, sets->count, err) == 0)
        net = mica_net_read(path, mica_json_root(params), params, err);
    mica_json_free(params);
    return net;
}
