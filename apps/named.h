/* named.h - what a command's argument names: a layer, or a network with --set NAME=VALUE */
#ifndef MICA_APPS_NAMED_H
#define MICA_APPS_NAMED_H

#include "apps/options.h"
#include "nets/nets.h"

/* A layer or loss; NULL and a line with the nearest one. */
const struct layer *mica_named_layer(const char *name, struct error *err);
/* A network, with values for its parameters as "NAME=VALUE". */
struct net *mica_named_net(const char *path, const struct words *sets,
                           struct error *err);

#endif
