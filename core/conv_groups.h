/* conv_groups.h - convolutions whose channels are in groups: used by core/conv alone */
#ifndef MICA_CORE_CONV_GROUPS_H
#define MICA_CORE_CONV_GROUPS_H

#include "core/conv.h"

/* A group alone. */
struct conv mica_conv_groups_one(const struct conv *conv);

/* Where every channel is a group of its own (depthwise), one walk does all channels; else
   groups are convolutions of their own over views of the tensors, one after another. As the
   functions of core/conv.h. */
enum groups_pass { GROUPS_FORWARD, GROUPS_BACKWARD_DATA, GROUPS_BACKWARD_WEIGHTS };
size_t mica_conv_groups_scratch(const struct conv *conv, size_t n, size_t shards,
                                enum groups_pass pass);
size_t mica_conv_groups_prepared(const struct conv *conv, bool backward);
void mica_conv_groups_prepare(const struct conv *conv, const float *weights,
                              bool backward, float *prepared);
void mica_conv_groups_forward(const struct conv *conv, const struct tensor *x,
                              struct conv_weights weights, const float *bias,
                              struct tensor *y, bool add, void *scratch);
void mica_conv_groups_backward_data(const struct conv *conv, const struct tensor *dy,
                                    struct conv_weights weights, const float *bias,
                                    struct tensor *dx, bool add, void *scratch);
void mica_conv_groups_backward_weights(const struct conv *conv, const struct tensor *x,
                                       const struct tensor *dy, size_t shards,
                                       float *dweights, bool add, void *scratch);

/* Of conv_depthwise.c: in_c = out_c = groups. */
size_t mica_depthwise_scratch(const struct conv *conv, size_t shards);
void mica_depthwise_forward(const struct conv *conv, const struct tensor *x,
                            const float *weights, const float *bias, struct tensor *y,
                            bool add, void *scratch);
void mica_depthwise_backward_data(const struct conv *conv, const struct tensor *dy,
                                  const float *weights, const float *bias,
                                  struct tensor *dx, bool add, void *scratch);
void mica_depthwise_backward_weights(const struct conv *conv, const struct tensor *x,
                                     const struct tensor *dy, size_t shards,
                                     float *dweights, bool add, void *scratch);

#endif
