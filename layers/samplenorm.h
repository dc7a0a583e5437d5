/* samplenorm.h - normalising groups of channels of each sample: groupnorm, instancenorm2d,
   layernorm over a sample */
#ifndef MICA_LAYERS_SAMPLENORM_H
#define MICA_LAYERS_SAMPLENORM_H

#include "layers/layers.h"

/* How: the channels are in `groups` equal parts. */
struct samplenorm {
    size_t groups;
    double eps;
    bool affine; /* weights "weight" and "bias", a number for each channel */
};
/* A layer's `work`: how a node does it. */
struct samplenorming {
    struct samplenorm (*of)(const struct node *node);
};
int mica_samplenorm_setup(struct node *node, struct error *err);
size_t mica_samplenorm_scratch_backward(const struct node *node, size_t shards);
void mica_samplenorm_forward(const struct node *node, const struct pass *pass);
void mica_samplenorm_backward(const struct node *node, const struct pass *pass);
/* Behind forward: of each channel of a sample its group's mean, then 1 / sd of each. */
const double *mica_samplenorm_means(const struct node *node, const struct pass *pass,
                                    size_t sample);

#endif
