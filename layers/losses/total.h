/* total.h - several losses as one: no member of the registry, recipes make it */
#ifndef MICA_LAYERS_LOSSES_TOTAL_H
#define MICA_LAYERS_LOSSES_TOTAL_H

#include "core/layer.h"

/* The parameters of mica_losses_total: a weight for each of its inputs, which are losses. */
struct total {
    double weights[MICA_INPUTS_MAX];
};
extern const struct layer mica_losses_total;

#endif
