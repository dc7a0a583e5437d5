/* drawing.h - a network as boxes and lines between them, for people */
#ifndef MICA_NETS_DRAWING_H
#define MICA_NETS_DRAWING_H

#include "nets/nets.h"

enum box_kind {
    BOX_INPUT,
    BOX_WEIGHTS, /* has kernels: a convolution, a linear layer */
    BOX_SIZE,    /* changes the size: pools, enlarges */
    BOX_JOIN,    /* reads several: add, concat */
    BOX_OTHER
};

/* A node with those behind it that only change its values one by one (normalisation,
   activation, dropout), or all the nodes of one id. */
struct box {
    const char *title;  /* the id */
    struct text layers; /* "conv2d 7 x 7, stride 2, batchnorm2d, relu" */
    enum box_kind kind;
    struct shape out;
    size_t parameters, nodes;
    bool output;                 /* a result of the network */
    size_t *inputs, input_count; /* boxes, all of them before this one */
};

struct drawing {
    const char *name;
    size_t parameters;
    struct box *boxes;
    size_t count;
};

/* Nodes whose first `level` ids agree are one box: 1 is coarsest; 0: as fine as at most
   MICA_DRAWING_BOXES boxes allow. Names live as long as tape and net. */
enum { MICA_DRAWING_BOXES = 72 };
struct drawing *mica_drawing_new(const struct net *net, const struct tape *tape,
                                 const struct wiring *wiring, size_t level);
void mica_drawing_free(struct drawing *drawing);

/* Both add a whole document to `text`. The language of Graphviz: `dot -Tpdf`. */
void mica_drawing_dot(const struct drawing *drawing, struct text *text);
/* A picture: from top to bottom in the order of computing, from left to right by the size
   of images, so that a U-Net is a U and a ResNet a staircase. */
void mica_drawing_svg(const struct drawing *drawing, struct text *text);

#endif
