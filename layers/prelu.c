/* prelu.c - a rectifier whose slopes for what is negative are learned */
#include "core/kernels.h"
#include "layers/layers.h"

/* He et al. (2015), with PyTorch's name and first value of the slopes. */
struct prelu {
    bool shared;
};

static const struct param params[] = {
    {"shared", PARAM_BOOL, offsetof(struct prelu, shared), false, 0, 1,
     "one slope for all channels (PyTorch's standard) rather than one for each"},
    {0}};

static int setup(struct node *node, struct error *err)
{
    const struct prelu *p = node->params;
    size_t count = p->shared ? 1 : node->in[0].c;
    node->weights[0] =
        mica_node_weight(node, "weight", WEIGHT_SLOPE, 1, &count, 0, 0, err);
    node->sums_backward = count;
    return node->weights[0] ? 0 : -1;
}

/* Slope k is that of channel k, or of all where `step` is 0. */
struct slopes {
    const float *values;
    size_t step;
};
static struct slopes slopes_of(const struct node *node)
{
    return (struct slopes){node->weights[0]->value, node->weights[0]->count > 1};
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    struct slopes slopes = slopes_of(job->node);
    for (size_t i = 0; i < piece.to - piece.from; i++) {
        const float *x = mica_layer_row(&pass->x[0], piece, i);
        float *y = mica_layer_row(&pass->y, piece, i);
        for (size_t k = 0; k < pass->y.shape.c; k++)
            y[k] = (x[k] > 0 ? x[k] : 0) +
                   slopes.values[k * slopes.step] * (x[k] > 0 ? 0 : x[k]);
    }
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

/* Sums: dy x where x is negative. */
static void partial_backward(const struct node *node, const struct pass *pass,
                             struct piece piece, double *sums)
{
    size_t step = node->weights[0]->count > 1;
    for (size_t k = 0; k < node->sums_backward; k++)
        sums[k] = 0;
    for (size_t i = 0; i < piece.to - piece.from; i++) {
        const float *x = mica_layer_row(&pass->x[0], piece, i);
        const float *dy = mica_layer_row(&pass->dy, piece, i);
        for (size_t k = 0; k < node->in[0].c; k++)
            sums[k * step] += (double)dy[k] * (double)(x[k] > 0 ? 0 : x[k]);
    }
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    struct slopes slopes = slopes_of(job->node);
    for (size_t i = 0; i < piece.to - piece.from; i++) {
        const float *x = mica_layer_row(&pass->x[0], piece, i);
        const float *dy = mica_layer_row(&pass->dy, piece, i);
        float *dx = mica_layer_row(&pass->dx[0], piece, i);
        for (size_t k = 0; k < pass->dy.shape.c; k++) {
            float slope = slopes.values[k * slopes.step];
            float d = (x[k] > 0 ? dy[k] : 0) + slope * (x[k] > 0 ? 0 : dy[k]);
            mica_layer_put(&dx[k], d, pass->add[0]);
        }
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    struct weight *slopes = node->weights[0];
    for (size_t k = 0; k < slopes->count; k++)
        mica_layer_put(&slopes->gradient[k], (float)pass->sums[k], pass->add_weights);
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 7}}}, {"{\"shared\": true}", {{2, 3, 2, 4}}}, {0}};

const struct layer mica_layer_prelu = {
    .name = "prelu",
    .summary = "multiplies what is negative by slopes that are learned",
    .equation = "y[c] = x[c] where x[c] > 0, else weight[c] x[c]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct prelu),
    .keeps_input = true,
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .partial_backward = partial_backward,
    .examples = examples};
