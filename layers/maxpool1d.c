/* maxpool1d.c - the largest value in each window of a spectrum */
#include "layers/pooling.h"

struct maxpool1d {
    int kernel, stride, padding;
};

static const struct param params[] = {
    {"kernel", PARAM_INT, offsetof(struct maxpool1d, kernel), 2, 1, MICA_MAXPOOL_MOST,
     "points of a window"},
    {"stride", PARAM_INT, offsetof(struct maxpool1d, stride), 0, 0, 1024,
     "input points from one window to the next; 0: as the kernel"},
    {"padding", PARAM_INT, offsetof(struct maxpool1d, padding), 0, 0,
     MICA_MAXPOOL_MOST / 2,
     "points at both ends that are never the largest; \"same\": ceil(points / stride) "
     "outputs; \"valid\": none",
     mica_padding_words},
    {0}};

static struct pool pool_of(const struct node *node)
{
    const struct maxpool1d *p = node->params;
    return (struct pool){
        mica_pool_axis(1, 1, 1, 0),
        mica_pool_axis(node->in[0].w, p->kernel, p->stride, p->padding)};
}

static int setup(struct node *node, struct error *err)
{
    const struct maxpool1d *p = node->params;
    struct pool pool = pool_of(node);
    if (mica_layer_spectrum_check(node, err) ||
        mica_pool_setup(node, &pool, p->padding, err))
        return -1;
    node->saved = mica_shape_size(node->out);
    return 0;
}

static const struct maxpool work = {pool_of};

static const struct example examples[] = {
    {"{}", {{2, 1, 9, 3}}},
    {"{\"kernel\": 3, \"stride\": 2, \"padding\": 1}", {{2, 1, 8, 4}}},
    {"{\"kernel\": 4, \"stride\": 1, \"padding\": \"same\"}", {{2, 1, 7, 2}}},
    {0}};

const struct layer mica_layer_maxpool1d = {
    .name = "maxpool1d",
    .summary = "keeps the largest value of each window of a spectrum",
    .equation = "y[j, c] = max_v x[j stride + v - left, c]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct maxpool1d),
    .setup = setup,
    .cheap = true,
    .forward = mica_maxpool_forward,
    .backward = mica_maxpool_backward,
    .work = &work,
    .examples = examples};
