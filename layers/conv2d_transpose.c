/* conv2d_transpose.c - learned upsampling: the transpose of a convolution */
#include "layers/convolution.h"

struct conv2d_transpose {
    int filters, kernel, stride, padding, output_padding;
    bool bias;
    double l2;
};

static const struct param params[] = {
    {"filters", PARAM_INT, offsetof(struct conv2d_transpose, filters), PARAM_NEEDED, 1,
     65536, "how many channels come out"},
    {"kernel", PARAM_INT, offsetof(struct conv2d_transpose, kernel), 3, 1, 255,
     "rows and columns that one input reaches"},
    {"stride", PARAM_INT, offsetof(struct conv2d_transpose, stride), 2, 1, 64,
     "output pixels from one input to the next"},
    {"padding", PARAM_INT, offsetof(struct conv2d_transpose, padding),
     MICA_PADDING_SAME, 0, 254,
     "rows and columns cut off on every side; \"same\": size times stride comes out, "
     "as "
     "in Keras; \"valid\": none is cut",
     mica_padding_words},
    {"output_padding", PARAM_INT, offsetof(struct conv2d_transpose, output_padding), 0,
     0, 63, "rows and columns more at the end, less than the stride, as in PyTorch"},
    {"bias", PARAM_BOOL, offsetof(struct conv2d_transpose, bias), true, 0, 1,
     "add a number to each channel"},
    {"l2", PARAM_FLOAT, offsetof(struct conv2d_transpose, l2), 0, 0, 1000,
     MICA_L2_HELP},
    {0}};

/* One axis: the window of the convolution that is transposed. Its image is this layer's
   output and its outputs are this layer's input. */
static size_t size_of(const struct conv2d_transpose *p, size_t in)
{
    size_t stride = (size_t)p->stride, kernel = (size_t)p->kernel;
    if (p->padding == MICA_PADDING_SAME)
        return in * stride;
    size_t full = (in - 1) * stride + kernel + (size_t)p->output_padding;
    size_t cut = p->padding == MICA_PADDING_VALID ? 0 : 2 * (size_t)p->padding;
    return full > cut ? full - cut : 0;
}

static struct conv conv_of(const struct node *node)
{
    const struct conv2d_transpose *p = node->params;
    struct shape in = node->in[0];
    size_t out_h = size_of(p, in.h), out_w = size_of(p, in.w);
    size_t stride = (size_t)p->stride, kernel = (size_t)p->kernel, top = 0;
    if (p->padding == MICA_PADDING_SAME && kernel > stride)
        top = (kernel - stride) / 2;
    else if (p->padding > 0)
        top = (size_t)p->padding;
    return (struct conv){.in_h = out_h,
                         .in_w = out_w,
                         .in_c = (size_t)p->filters,
                         .out_h = in.h,
                         .out_w = in.w,
                         .out_c = in.c,
                         .kernel_h = kernel,
                         .kernel_w = kernel,
                         .stride = stride,
                         .top = top,
                         .left = top};
}

static int check(const struct node *node, struct error *err)
{
    const struct conv2d_transpose *p = node->params;
    if (p->padding >= p->kernel)
        return mica_misuse(err,
                           "conv2d_transpose: padding %d is not below kernel %d; lower "
                           "'padding'",
                           p->padding, p->kernel);
    if (p->output_padding >= p->stride)
        return mica_misuse(
            err,
            "conv2d_transpose: output_padding %d is not below stride %d; "
            "lower 'output_padding'",
            p->output_padding, p->stride);
    if (p->output_padding && p->padding == MICA_PADDING_SAME)
        return mica_misuse(err,
                           "conv2d_transpose: \"padding\": \"same\" settles the size; "
                           "leave out 'output_padding' or give 'padding' as a number");
    struct shape in = node->in[0];
    if (!size_of(p, in.h) || !size_of(p, in.w))
        return mica_misuse(err,
                           "conv2d_transpose: padding %d leaves nothing of an input of "
                           "%zu x %zu; lower 'padding'",
                           p->padding, in.h, in.w);
    return 0;
}

static int setup(struct node *node, struct error *err)
{
    const struct conv2d_transpose *p = node->params;
    if (check(node, err))
        return -1;
    struct conv conv = conv_of(node);
    size_t dims[] = {conv.out_c, conv.in_c, conv.kernel_h, conv.kernel_w};
    if (mica_convolution_weights(node, 4, dims, p->bias, conv.in_c, p->l2, err))
        return -1;
    double stride = (double)conv.stride, top = (double)conv.top;
    node->out = (struct shape){node->in[0].n, conv.in_h, conv.in_w, conv.in_c};
    /* output i = j stride + u - top, u = 0 .. kernel - 1, reads inputs j */
    node->field = (struct field){1 / stride, ((double)conv.kernel_h - 1 - top) / stride,
                                 top / stride, false};
    node->macs = (uint64_t)conv.out_h * conv.out_w * node->weights[0]->count;
    mica_convolution_book(node);
    return 0;
}

static const struct convolution work = {conv_of, true};

static const struct example examples[] = {
    {"{\"filters\": 3}", {{2, 3, 4, 2}}},
    {"{\"filters\": 2, \"kernel\": 2, \"bias\": false}", {{2, 3, 3, 4}}},
    {"{\"filters\": 2, \"kernel\": 4, \"padding\": 1}", {{2, 3, 4, 3}}},
    {"{\"filters\": 2, \"padding\": 1, \"output_padding\": 1}", {{2, 4, 3, 3}}},
    {"{\"filters\": 2, \"kernel\": 1, \"stride\": 3}", {{2, 2, 3, 2}}},
    {0}};

const struct layer mica_layer_conv2d_transpose = {
    .name = "conv2d_transpose",
    .summary = "upsampling with a kernel that is learned: a convolution transposed",
    .equation =
        "y[p, q, o] = b[o] + sum_c w[c, o, u, v] x[i, j, c] over all i stride + "
        "u - top = p, j stride + v - left = q",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct conv2d_transpose),
    .keeps_input = true,
    .setup = setup,
    .scratch_backward = mica_convolution_scratch_backward,
    .prepare = mica_convolution_prepare,
    .forward = mica_convolution_forward,
    .backward = mica_convolution_backward,
    .finishes = FINISH_SCALE,
    .work = &work,
    .examples = examples};
