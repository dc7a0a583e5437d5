/* frame.h - images with pixels put around them or taken off: what pad and crop share */
#ifndef MICA_LAYERS_FRAME_H
#define MICA_LAYERS_FRAME_H

#include "layers/layers.h"

/* What stands outside an image: 0; its pixels mirrored, without the outermost; or the
   outermost again. */
enum edge { EDGE_ZERO, EDGE_REFLECT, EDGE_REPLICATE };

/* Output pixel (i, j) is input pixel (i - top, j - left). */
struct frame {
    ptrdiff_t top, left;
    enum edge edge;
};

/* Pixels on each side as parameters give them; -1 stands for `margin`. */
struct sides {
    int margin, top, bottom, left, right;
};
/* With the margin filled in. */
struct sides mica_frame_sides(const struct sides *given);

/* A layer's `work`: the frame of a node. */
struct framing {
    struct frame (*of)(const struct node *node);
};
void mica_frame_forward(const struct node *node, const struct pass *pass);
void mica_frame_backward(const struct node *node, const struct pass *pass);

#endif
