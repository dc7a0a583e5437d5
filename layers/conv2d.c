/* conv2d.c - convolution over rows and columns */
#include "layers/convolution.h"

struct conv2d {
    int filters, kernel, stride, padding, dilation, groups, algorithm;
    bool bias;
    double l2;
};

static const struct param params[] = {
    {"filters", PARAM_INT, offsetof(struct conv2d, filters), PARAM_NEEDED, 1, 65536,
     "how many channels come out"},
    {"kernel", PARAM_INT, offsetof(struct conv2d, kernel), 3, 1, 255,
     "rows and columns that one output sees"},
    {"stride", PARAM_INT, offsetof(struct conv2d, stride), 1, 1, 64,
     "input pixels from one output to the next"},
    {"padding", PARAM_INT, offsetof(struct conv2d, padding), MICA_PADDING_SAME, 0, 254,
     "pixels of 0 on every side; \"same\": ceil(size / stride) outputs, an odd pixel "
     "of "
     "padding at the end; \"valid\": none",
     mica_padding_words},
    {"dilation", PARAM_INT, offsetof(struct conv2d, dilation), 1, 1, 254,
     "input pixels from one tap of the kernel to the next"},
    {"groups", PARAM_INT, offsetof(struct conv2d, groups), 1, 1, 65536,
     "parts of the channels that see only their own inputs; as many as the inputs: "
     "depthwise"},
    {"bias", PARAM_BOOL, offsetof(struct conv2d, bias), true, 0, 1,
     "add a number to each channel"},
    {"l2", PARAM_FLOAT, offsetof(struct conv2d, l2), 0, 0, 1000, MICA_L2_HELP},
    {"algorithm", PARAM_CHOICE, offsetof(struct conv2d, algorithm), CONV_AUTO, 0, 3,
     "sums as they stand; Fourier transforms of tiles, for kernels of 3 to 32 and at "
     "least 4 to 16 channels (of a vector) in and out, else direct; Winograd's "
     "transforms of tiles for kernels of 3, otherwise alike; or what is faster for "
     "this "
     "size of image",
     mica_conv_words},
    {0}};

/* Pixels from the first tap of a kernel to the last. */
static int reach_of(const struct conv2d *p)
{
    return (p->kernel - 1) * p->dilation + 1;
}

static struct conv conv_of(const struct node *node)
{
    const struct conv2d *p = node->params;
    struct shape in = node->in[0];
    struct window rows = mica_layer_window(in.h, reach_of(p), p->stride, p->padding);
    struct window columns = mica_layer_window(in.w, reach_of(p), p->stride, p->padding);
    return (struct conv){.in_h = in.h,
                         .in_w = in.w,
                         .in_c = in.c,
                         .out_h = rows.count,
                         .out_w = columns.count,
                         .out_c = (size_t)p->filters,
                         .kernel_h = (size_t)p->kernel,
                         .kernel_w = (size_t)p->kernel,
                         .stride = (size_t)p->stride,
                         .top = rows.before,
                         .left = columns.before,
                         .gap = (size_t)p->dilation - 1,
                         .groups = (size_t)p->groups,
                         .algorithm = (enum conv_algorithm)p->algorithm};
}

static struct field field_of(const struct conv *conv)
{
    size_t most = conv->top > conv->left ? conv->top : conv->left;
    size_t least = conv->top < conv->left ? conv->top : conv->left;
    double after = (double)((conv->kernel_h - 1) * (1 + conv->gap)) - (double)least;
    return (struct field){(double)conv->stride, (double)most, after, false};
}

static int algorithm_check(const struct conv2d *p, struct error *err)
{
    const bool winograd = p->algorithm == CONV_WINOGRAD;
    const int widest = winograd ? 3 : 32;
    if (p->algorithm == CONV_AUTO || p->algorithm == CONV_DIRECT ||
        (p->stride == 1 && p->dilation == 1 && p->kernel >= 3 && p->kernel <= widest))
        return 0;
    return mica_misuse(err,
                       "conv2d: \"algorithm\": \"%s\" is for stride 1, dilation 1 and "
                       "kernels of %s, not stride %d, dilation %d and kernel %d; leave "
                       "it away",
                       mica_conv_words[p->algorithm], winograd ? "3" : "3 to 32",
                       p->stride, p->dilation, p->kernel);
}

static int setup(struct node *node, struct error *err)
{
    const struct conv2d *p = node->params;
    if (algorithm_check(p, err) ||
        mica_layer_windows_check(node, reach_of(p), p->stride, p->padding, err))
        return -1;
    struct conv conv = conv_of(node);
    if (mica_convolution_groups_check(node, conv.groups, conv.out_c, err))
        return -1;
    size_t inputs = conv.in_c / conv.groups;
    size_t dims[] = {conv.out_c, inputs, conv.kernel_h, conv.kernel_w};
    if (mica_convolution_weights(node, 4, dims, p->bias, conv.out_c, p->l2, err))
        return -1;
    node->out = (struct shape){node->in[0].n, conv.out_h, conv.out_w, conv.out_c};
    node->field = field_of(&conv);
    node->macs = (uint64_t)conv.out_h * conv.out_w * node->weights[0]->count;
    mica_convolution_book(node);
    return 0;
}

static const struct convolution work = {conv_of, false};

static const struct example examples[] = {
    {"{\"filters\": 5}", {{2, 6, 7, 3}}},
    {"{\"filters\": 4, \"kernel\": 1, \"bias\": false}", {{2, 3, 4, 5}}},
    {"{\"filters\": 3, \"kernel\": 5, \"stride\": 2}", {{2, 8, 7, 2}}},
    {"{\"filters\": 2, \"kernel\": 4, \"padding\": \"valid\"}", {{2, 6, 5, 3}}},
    {"{\"filters\": 3, \"kernel\": 7, \"stride\": 2, \"padding\": 3}", {{2, 9, 8, 1}}},
    {"{\"filters\": 3, \"dilation\": 2}", {{2, 6, 5, 2}}},
    {"{\"filters\": 4, \"stride\": 2, \"dilation\": 3}", {{2, 9, 8, 5}}},
    {"{\"filters\": 6, \"groups\": 2}", {{2, 5, 4, 4}}},
    {"{\"filters\": 5, \"stride\": 2, \"groups\": 5}", {{2, 6, 7, 5}}},
    {0}};

const struct layer mica_layer_conv2d = {
    .name = "conv2d",
    .summary = "convolution with a square kernel that is learned",
    .equation = "y[i, j, o] = b[o] + sum_{u, v, c} w[o, c, u, v] "
                "x[i stride + u dilation - top, j stride + v dilation - left, c]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct conv2d),
    .keeps_input = true,
    .setup = setup,
    .scratch_backward = mica_convolution_scratch_backward,
    .prepare = mica_convolution_prepare,
    .forward = mica_convolution_forward,
    .backward = mica_convolution_backward,
    .finishes = FINISH_SCALE,
    .work = &work,
    .examples = examples};
