/* layer_times.h - how long each layer of a network takes */
#ifndef MICA_APPS_LAYER_TIMES_H
#define MICA_APPS_LAYER_TIMES_H

#include "core/error.h"
#include "core/tape.h"

struct layer_times;
struct layer_times *mica_layer_times_new(const struct tape *tape);
void mica_layer_times_free(struct layer_times *times);
/* For struct run: `context` is a struct layer_times of the run's tape. */
void mica_layer_times_add(void *context, const struct node *node, bool backward,
                          double seconds);
/* A line of JSON for each layer, in the network's order: ms of a pass where there were so many,
   forward and backward, and per cent of all layers. */
int mica_layer_times_print(const struct layer_times *times, size_t passes,
                           struct error *err);

#endif
