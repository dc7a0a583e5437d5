/* convolution.c - what conv2d, conv1d, conv2d_transpose and linear share */
#include "layers/convolution.h"

#include <stdio.h>

/* Both PyTorch and Keras count fan_in along the second axis and fan_out along the first,
   for transposed convolutions (whose first axis is the input) too. */
int mica_convolution_weights(struct node *node, size_t rank, const size_t *dims,
                             bool bias, size_t outputs, double l2, struct error *err)
{
    size_t area = (rank > 2 ? dims[2] : 1) * (rank > 3 ? dims[3] : 1);
    size_t fan_in = dims[1] * area, fan_out = dims[0] * area;
    node->weights[0] = mica_node_weight(node, "weight", WEIGHT_KERNEL, rank, dims,
                                        fan_in, fan_out, err);
    if (!node->weights[0])
        return -1;
    node->weights[0]->l2 = l2;
    if (!bias)
        return 0;
    node->weights[1] =
        mica_node_weight(node, "bias", WEIGHT_BIAS, 1, &outputs, fan_in, fan_out, err);
    return node->weights[1] ? 0 : -1;
}

int mica_convolution_groups_check(const struct node *node, size_t groups,
                                  size_t filters, struct error *err)
{
    size_t channels = node->in[0].c;
    if (channels % groups == 0 && filters % groups == 0)
        return 0;
    return mica_misuse(err,
                       "%s: %zu groups divide neither or only one of %zu channels and "
                       "%zu filters; choose a common divisor",
                       node->layer->name, groups, channels, filters);
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* Of a pass of a node's convolution: forward, or backward to the data. */
static size_t scratch(const struct node *node, bool backward)
{
    const struct convolution *work = node->layer->work;
    const struct conv conv = work->of(node);
    const size_t n = node->in[0].n;
    return backward == work->transposed ? mica_conv_forward_scratch(&conv, n)
                                        : mica_conv_backward_data_scratch(&conv, n);
}

/* Bytes of prepared weights; none where they are much more than the weights themselves. */
static size_t prepared(const struct node *node)
{
    enum { TIMES = 4, SMALL = 64 << 10 };
    const struct convolution *work = node->layer->work;
    const struct conv conv = work->of(node);
    const size_t given = node->weights[0]->count * sizeof(float);
    const size_t bytes = mica_conv_prepared(&conv, work->transposed);
    return bytes <= larger(TIMES * given, SMALL) ? bytes : 0;
}

void mica_convolution_prepare(const struct node *node, void *prepared)
{
    const struct convolution *work = node->layer->work;
    const struct conv conv = work->of(node);
    mica_conv_prepare(&conv, node->weights[0]->value, work->transposed, prepared);
}

void mica_convolution_book(struct node *node)
{
    const struct convolution *work = node->layer->work;
    const struct conv conv = work->of(node);
    const struct conv_way way =
        mica_conv_way(&conv, work->transposed ? CONV_BACKWARD_DATA : CONV_FORWARD, 1);
    node->scratch_forward = scratch(node, false);
    node->prepared = prepared(node);
    if (way.tile)
        snprintf(node->how, sizeof node->how, "%s %zu at %.2f",
                 mica_conv_words[way.algorithm], way.tile, way.cost);
}

size_t mica_convolution_scratch_backward(const struct node *node, size_t shards)
{
    const struct convolution *work = node->layer->work;
    const struct conv conv = work->of(node);
    struct tensor dy = {.shape = node->out, .stride = node->out.c};
    size_t weights = mica_conv_backward_weights_scratch(&conv, node->in[0].n, shards);
    size_t bias = mica_conv_backward_bias_scratch(&dy, shards);
    return larger(scratch(node, true), larger(weights, bias));
}

void mica_convolution_forward(const struct node *node, const struct pass *pass)
{
    const struct convolution *work = node->layer->work;
    const struct conv conv = work->of(node);
    const struct conv_weights weights = {node->weights[0]->value, pass->prepared};
    const float *bias = node->weights[1] ? node->weights[1]->value : NULL;
    struct tensor y = pass->y;
    if (work->transposed)
        mica_conv_backward_data(&conv, &pass->x[0], weights, bias, pass->finish, &y,
                                false, pass->scratch);
    else
        mica_conv_forward(&conv, &pass->x[0], weights, bias, pass->finish, &y, false,
                          pass->scratch);
}

static void backward_data(const struct node *node, const struct pass *pass,
                          const struct conv *conv, bool transposed)
{
    const struct conv_weights weights = {node->weights[0]->value, NULL};
    struct tensor dx = pass->dx[0];
    if (!dx.data)
        return;
    if (transposed)
        mica_conv_forward(conv, &pass->dy, weights, NULL, NULL, &dx, pass->add[0],
                          pass->scratch);
    else
        mica_conv_backward_data(conv, &pass->dy, weights, NULL, NULL, &dx, pass->add[0],
                                pass->scratch);
}

void mica_convolution_backward(const struct node *node, const struct pass *pass)
{
    const struct convolution *work = node->layer->work;
    struct conv conv = work->of(node);
    conv.images = node->in[0].n / pass->shards;
    backward_data(node, pass, &conv, work->transposed);
    const struct tensor *wide = work->transposed ? &pass->dy : &pass->x[0];
    const struct tensor *narrow = work->transposed ? &pass->x[0] : &pass->dy;
    mica_conv_backward_weights(&conv, wide, narrow, pass->shards,
                               node->weights[0]->gradient, pass->add_weights,
                               pass->scratch);
    if (node->weights[1])
        mica_conv_backward_bias(&pass->dy, pass->shards, node->weights[1]->gradient,
                                pass->add_weights, pass->scratch);
}
