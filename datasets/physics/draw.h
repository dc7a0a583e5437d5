/* draw.h - one set of values out of a table of distributions, written down as it is drawn */
#ifndef MICA_DATASETS_PHYSICS_DRAW_H
#define MICA_DATASETS_PHYSICS_DRAW_H

#include "core/param.h"
#include "core/random.h"

enum { DRAW_MOST = 16 }; /* parameters of a table */

/* Start the stream of random numbers of one purpose in sample `index`. */
void mica_draw_stream(struct random *random, uint64_t seed, const char *purpose,
                      uint64_t index);
/* values[i] is the i-th parameter of the table for `target`: drawn where it is a
   distribution (and kept within the table's limits), a word's place, 0 or 1, a number; 0 for
   text, lists and JSON. Drawn and constant numbers are added to `drawn` as the specification
   would give them. */
void mica_draw(const struct param *table, const void *target, struct random *random,
               double values[DRAW_MOST], cJSON *drawn);
/* Add one value to `object`: a number, or text with the unit of `dimension`. */
void mica_draw_record(cJSON *object, const char *name, enum dimension dimension,
                      double value);

#endif
