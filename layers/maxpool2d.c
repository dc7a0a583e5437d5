/* maxpool2d.c - the largest value in each window */
#include "layers/pooling.h"

struct maxpool2d {
    int kernel, stride, padding;
};

enum { KERNEL_MOST = 16 }; /* its square is MICA_MAXPOOL_MOST */

static const struct param params[] = {
    {"kernel", PARAM_INT, offsetof(struct maxpool2d, kernel), 2, 1, KERNEL_MOST,
     "rows and columns of a window"},
    {"stride", PARAM_INT, offsetof(struct maxpool2d, stride), 0, 0, 64,
     "input pixels from one window to the next; 0: as the kernel"},
    {"padding", PARAM_INT, offsetof(struct maxpool2d, padding), 0, 0, KERNEL_MOST / 2,
     "pixels on every side that are never the largest; \"same\": ceil(size / stride) "
     "outputs; \"valid\": none",
     mica_padding_words},
    {0}};

static struct pool pool_of(const struct node *node)
{
    const struct maxpool2d *p = node->params;
    struct shape in = node->in[0];
    return (struct pool){mica_pool_axis(in.h, p->kernel, p->stride, p->padding),
                         mica_pool_axis(in.w, p->kernel, p->stride, p->padding)};
}

static int setup(struct node *node, struct error *err)
{
    const struct maxpool2d *p = node->params;
    struct pool pool = pool_of(node);
    if (mica_pool_setup(node, &pool, p->padding, err))
        return -1;
    node->saved = mica_shape_size(node->out);
    return 0;
}

static const struct maxpool work = {pool_of};

static const struct example examples[] = {
    {"{}", {{2, 6, 5, 3}}},
    {"{\"kernel\": 3, \"stride\": 2, \"padding\": 1}", {{2, 7, 6, 3}}},
    {"{\"kernel\": 3, \"stride\": 1, \"padding\": \"same\"}", {{2, 4, 5, 2}}},
    {"{\"kernel\": 2, \"stride\": 3}", {{2, 8, 7, 17}}},
    {0}};

const struct layer mica_layer_maxpool2d = {
    .name = "maxpool2d",
    .summary =
        "keeps the largest value of each window; of equal ones, the first in row "
        "order gets the gradient",
    .equation = "y[i, j, c] = max_{u, v} x[i stride + u - top, j stride + v - left, c]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct maxpool2d),
    .setup = setup,
    .cheap = true,
    .forward = mica_maxpool_forward,
    .backward = mica_maxpool_backward,
    .work = &work,
    .examples = examples};
