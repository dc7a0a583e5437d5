/* conv_groups.c - convolutions whose channels are in groups */
#include "core/conv_groups.h"

static bool depthwise(const struct conv *conv)
{
    return conv->groups == conv->in_c && conv->groups == conv->out_c;
}

struct conv mica_conv_groups_one(const struct conv *conv)
{
    struct conv one = *conv;
    if (conv->groups <= 1)
        return one;
    one.in_c /= conv->groups;
    one.out_c /= conv->groups;
    one.groups = 1;
    return one;
}

/* The channels of a group. */
static struct tensor view(const struct tensor *t, size_t groups, size_t group)
{
    struct tensor part = *t;
    part.shape.c /= groups;
    part.data = (float *)t->data + group * part.shape.c;
    return part;
}

static size_t weights_of(const struct conv *one)
{
    return one->out_c * one->in_c * one->kernel_h * one->kernel_w;
}

size_t mica_conv_groups_scratch(const struct conv *conv, size_t n, size_t shards,
                                enum groups_pass pass)
{
    struct conv one = mica_conv_groups_one(conv);
    if (depthwise(conv))
        return mica_depthwise_scratch(conv, shards);
    if (pass == GROUPS_FORWARD)
        return mica_conv_forward_scratch(&one, n);
    if (pass == GROUPS_BACKWARD_DATA)
        return mica_conv_backward_data_scratch(&one, n);
    return mica_conv_backward_weights_scratch(&one, n, shards);
}

size_t mica_conv_groups_prepared(const struct conv *conv, bool backward)
{
    const struct conv one = mica_conv_groups_one(conv);
    return depthwise(conv) ? 0 : conv->groups * mica_conv_prepared(&one, backward);
}

static float *prepared_of(const struct conv *one, bool backward, const float *prepared,
                          size_t group)
{
    const size_t floats = mica_conv_prepared(one, backward) / sizeof(float);
    return prepared ? (float *)(uintptr_t)prepared + group * floats : NULL;
}

void mica_conv_groups_prepare(const struct conv *conv, const float *weights,
                              bool backward, float *prepared)
{
    const struct conv one = mica_conv_groups_one(conv);
    for (size_t g = 0; g < conv->groups; g++)
        mica_conv_prepare(&one, weights + g * weights_of(&one), backward,
                          prepared_of(&one, backward, prepared, g));
}

static struct conv_weights weights_at(const struct conv *one, bool backward,
                                      struct conv_weights all, size_t group)
{
    return (struct conv_weights){all.given ? all.given + group * weights_of(one) : NULL,
                                 prepared_of(one, backward, all.prepared, group)};
}

void mica_conv_groups_forward(const struct conv *conv, const struct tensor *x,
                              struct conv_weights weights, const float *bias,
                              struct tensor *y, bool add, void *scratch)
{
    const struct conv one = mica_conv_groups_one(conv);
    if (depthwise(conv)) {
        mica_depthwise_forward(conv, x, weights.given, bias, y, add, scratch);
        return;
    }
    for (size_t g = 0; g < conv->groups; g++) {
        struct tensor from = view(x, conv->groups, g), to = view(y, conv->groups, g);
        mica_conv_forward(&one, &from, weights_at(&one, false, weights, g),
                          bias ? bias + g * one.out_c : NULL, NULL, &to, add, scratch);
    }
}

void mica_conv_groups_backward_data(const struct conv *conv, const struct tensor *dy,
                                    struct conv_weights weights, const float *bias,
                                    struct tensor *dx, bool add, void *scratch)
{
    const struct conv one = mica_conv_groups_one(conv);
    if (depthwise(conv)) {
        mica_depthwise_backward_data(conv, dy, weights.given, bias, dx, add, scratch);
        return;
    }
    for (size_t g = 0; g < conv->groups; g++) {
        struct tensor from = view(dy, conv->groups, g), to = view(dx, conv->groups, g);
        mica_conv_backward_data(&one, &from, weights_at(&one, true, weights, g),
                                bias ? bias + g * one.in_c : NULL, NULL, &to, add,
                                scratch);
    }
}

void mica_conv_groups_backward_weights(const struct conv *conv, const struct tensor *x,
                                       const struct tensor *dy, size_t shards,
                                       float *dweights, bool add, void *scratch)
{
    const struct conv one = mica_conv_groups_one(conv);
    if (depthwise(conv)) {
        mica_depthwise_backward_weights(conv, x, dy, shards, dweights, add, scratch);
        return;
    }
    for (size_t g = 0; g < conv->groups; g++) {
        struct tensor from = view(x, conv->groups, g), to = view(dy, conv->groups, g);
        mica_conv_backward_weights(&one, &from, &to, shards,
                                   dweights + g * weights_of(&one), add, scratch);
    }
}
