/* linear.c - every output sees every input: a fully connected layer */
#include "layers/convolution.h"

struct linear {
    int units;
    bool bias;
    double l2;
};

static const struct param params[] = {
    {"units", PARAM_INT, offsetof(struct linear, units), PARAM_NEEDED, 1, 1048576,
     "how many numbers come out"},
    {"bias", PARAM_BOOL, offsetof(struct linear, bias), true, 0, 1,
     "add a number to each output"},
    {"l2", PARAM_FLOAT, offsetof(struct linear, l2), 0, 0, 1000, MICA_L2_HELP},
    {0}};

static struct conv conv_of(const struct node *node)
{
    const struct linear *p = node->params;
    return (struct conv){.in_h = 1,
                         .in_w = 1,
                         .in_c = node->in[0].c,
                         .out_h = 1,
                         .out_w = 1,
                         .out_c = (size_t)p->units,
                         .kernel_h = 1,
                         .kernel_w = 1,
                         .stride = 1};
}

static int setup(struct node *node, struct error *err)
{
    const struct linear *p = node->params;
    struct shape in = node->in[0];
    if (in.h != 1 || in.w != 1)
        return mica_misuse(
            err,
            "linear: takes vectors, not images of %zu x %zu x %zu; put "
            "'flatten' or 'global_average_pool' before it, or use conv2d "
            "with \"kernel\": 1 for each pixel",
            in.h, in.w, in.c);
    struct conv conv = conv_of(node);
    size_t dims[] = {conv.out_c, conv.in_c};
    if (mica_convolution_weights(node, 2, dims, p->bias, conv.out_c, p->l2, err))
        return -1;
    node->out.c = conv.out_c;
    node->macs = node->weights[0]->count;
    mica_convolution_book(node);
    return 0;
}

static const struct convolution work = {conv_of, false};

static const struct example examples[] = {
    {"{\"units\": 4}", {{2, 1, 1, 7}}},
    {"{\"units\": 19, \"bias\": false}", {{4, 1, 1, 3}}},
    {0}};

const struct layer mica_layer_linear = {
    .name = "linear",
    .summary = "every output sees every input of a vector",
    .equation = "y = W x + b",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct linear),
    .keeps_input = true,
    .setup = setup,
    .scratch_backward = mica_convolution_scratch_backward,
    .prepare = mica_convolution_prepare,
    .forward = mica_convolution_forward,
    .backward = mica_convolution_backward,
    .finishes = FINISH_SCALE,
    .work = &work,
    .examples = examples};
