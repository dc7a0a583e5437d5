/* conv1d.c - convolution along the points of a spectrum */
#include "layers/convolution.h"

struct conv1d {
    int filters, kernel, stride, padding, dilation, groups;
    bool bias;
    double l2;
};

static const struct param params[] = {
    {"filters", PARAM_INT, offsetof(struct conv1d, filters), PARAM_NEEDED, 1, 65536,
     "how many channels come out"},
    {"kernel", PARAM_INT, offsetof(struct conv1d, kernel), 3, 1, 4095,
     "points that one output sees"},
    {"stride", PARAM_INT, offsetof(struct conv1d, stride), 1, 1, 1024,
     "input points from one output to the next"},
    {"padding", PARAM_INT, offsetof(struct conv1d, padding), MICA_PADDING_SAME, 0, 4094,
     "points of 0 at both ends; \"same\": ceil(points / stride) outputs, an odd point "
     "of "
     "padding at the end; \"valid\": none",
     mica_padding_words},
    {"dilation", PARAM_INT, offsetof(struct conv1d, dilation), 1, 1, 4096,
     "input points from one tap of the kernel to the next"},
    {"groups", PARAM_INT, offsetof(struct conv1d, groups), 1, 1, 65536,
     "parts of the channels that see only their own inputs; as many as the inputs: "
     "depthwise"},
    {"bias", PARAM_BOOL, offsetof(struct conv1d, bias), true, 0, 1,
     "add a number to each channel"},
    {"l2", PARAM_FLOAT, offsetof(struct conv1d, l2), 0, 0, 1000, MICA_L2_HELP},
    {0}};

/* Points from the first tap of a kernel to the last. */
static int reach_of(const struct conv1d *p)
{
    return (p->kernel - 1) * p->dilation + 1;
}

static struct conv conv_of(const struct node *node)
{
    const struct conv1d *p = node->params;
    struct shape in = node->in[0];
    struct window points = mica_layer_window(in.w, reach_of(p), p->stride, p->padding);
    return (struct conv){.in_h = 1,
                         .in_w = in.w,
                         .in_c = in.c,
                         .out_h = 1,
                         .out_w = points.count,
                         .out_c = (size_t)p->filters,
                         .kernel_h = 1,
                         .kernel_w = (size_t)p->kernel,
                         .stride = (size_t)p->stride,
                         .left = points.before,
                         .gap = (size_t)p->dilation - 1,
                         .groups = (size_t)p->groups};
}

static int check(const struct node *node, struct error *err)
{
    const struct conv1d *p = node->params;
    struct shape in = node->in[0];
    if (mica_layer_spectrum_check(node, err))
        return -1;
    if (p->padding >= reach_of(p))
        return mica_misuse(err,
                           "conv1d: padding %d is not below kernel %d; lower 'padding'",
                           p->padding, reach_of(p));
    if (!conv_of(node).out_w)
        return mica_misuse(err,
                           "conv1d: kernel %d does not fit into a spectrum of %zu "
                           "points; use longer ones, a smaller kernel or \"padding\": "
                           "\"same\"",
                           reach_of(p), in.w);
    return mica_convolution_groups_check(node, (size_t)p->groups, (size_t)p->filters,
                                         err);
}

static int setup(struct node *node, struct error *err)
{
    const struct conv1d *p = node->params;
    if (check(node, err))
        return -1;
    struct conv conv = conv_of(node);
    size_t dims[] = {conv.out_c, conv.in_c / conv.groups, conv.kernel_w};
    if (mica_convolution_weights(node, 3, dims, p->bias, conv.out_c, p->l2, err))
        return -1;
    double after = (double)(reach_of(p) - 1) - (double)conv.left;
    node->out = (struct shape){node->in[0].n, 1, conv.out_w, conv.out_c};
    node->field = (struct field){(double)conv.stride, (double)conv.left, after, false};
    node->macs = (uint64_t)conv.out_w * node->weights[0]->count;
    mica_convolution_book(node);
    return 0;
}

static const struct convolution work = {conv_of, false};

static const struct example examples[] = {
    {"{\"filters\": 5}", {{2, 1, 13, 3}}},
    {"{\"filters\": 4, \"kernel\": 5, \"stride\": 2, \"bias\": false}",
     {{2, 1, 12, 6}}},
    {"{\"filters\": 3, \"dilation\": 3, \"padding\": \"valid\"}", {{2, 1, 11, 1}}},
    {"{\"filters\": 6, \"kernel\": 4, \"groups\": 6}", {{2, 1, 9, 6}}},
    {0}};

const struct layer mica_layer_conv1d = {
    .name = "conv1d",
    .summary = "convolution along the points of a spectrum",
    .equation =
        "y[j, o] = b[o] + sum_{v, c} w[o, c, v] x[j stride + v dilation - left, "
        "c]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct conv1d),
    .keeps_input = true,
    .setup = setup,
    .scratch_backward = mica_convolution_scratch_backward,
    .prepare = mica_convolution_prepare,
    .forward = mica_convolution_forward,
    .backward = mica_convolution_backward,
    .finishes = FINISH_SCALE,
    .work = &work,
    .examples = examples};
