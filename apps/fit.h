/* fit.h - how much of an image a network takes at once in the memory there is */
#ifndef MICA_APPS_FIT_H
#define MICA_APPS_FIT_H

#include "apps/model.h"
#include "apps/tiling.h"

struct fit {
    const struct model *model;
    struct reach reach;
    const char *name;        /* of the image, for messages */
    size_t height, width;    /* multiples of what the network needs */
    size_t memory, pictures; /* bytes: allowed; taken by other things than the plan */

    struct tiling tiling; /* the result */
    size_t bytes;         /* of the plan of its window */
};
/* Whole if that fits, else exact tiles with a halo from the network's reach. -1 and a line
   where not even the smallest fit, or where a node sees the whole image. */
int mica_fit_choose(struct fit *fit, struct error *err);

#endif
