/* layernorm.c - normalise the channels of each pixel by their mean and variance

   Ba, Kiros and Hinton (2016): PyTorch's LayerNorm over the last axis of N H W C. */
#include "core/kernels.h"
#include "layers/layers.h"

struct layernorm {
    double eps;
    bool affine;
};

enum { SCALE, SHIFT }; /* node->weights */

static const struct param params[] = {
    {"eps", PARAM_FLOAT, offsetof(struct layernorm, eps), 1e-5, 0, 1,
     "added to the variance (Keras' standard is 1e-3)"},
    {"affine", PARAM_BOOL, offsetof(struct layernorm, affine), true, 0, 1,
     "multiply by a weight and add a bias for each channel"},
    {0}};

static int setup(struct node *node, struct error *err)
{
    const struct layernorm *p = node->params;
    size_t c = node->in[0].c;
    node->saved =
        node->in[0].n * mica_shape_pixels(node->in[0]) * sizeof(struct pixel_moments);
    if (!p->affine)
        return 0;
    node->weights[SCALE] =
        mica_node_weight(node, "weight", WEIGHT_SCALE, 1, &c, 0, 0, err);
    if (!node->weights[SCALE])
        return -1;
    node->weights[SHIFT] =
        mica_node_weight(node, "bias", WEIGHT_SHIFT, 1, &c, 0, 0, err);
    node->sums_backward = 2 * c;
    return node->weights[SHIFT] ? 0 : -1;
}

static struct pixel_moments *moments_of(const struct pass *pass, struct piece piece)
{
    struct pixel_moments *all = pass->saved;
    return all + piece.sample * mica_shape_pixels(pass->y.shape) + piece.from;
}

static const float *values_of(const struct node *node, size_t weight)
{
    return node->weights[weight] ? node->weights[weight]->value : NULL;
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    const struct layernorm *p = job->node->params;
    mica_kernels()->pixel_norm(mica_layer_row(&pass->y, piece, 0), pass->y.stride,
                               mica_layer_row(&pass->x[0], piece, 0), pass->x[0].stride,
                               values_of(job->node, SCALE), values_of(job->node, SHIFT),
                               (float)p->eps, moments_of(pass, piece),
                               piece.to - piece.from, pass->y.shape.c);
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

/* Sums: the gradients of weight and bias. */
static void partial_backward(const struct node *node, const struct pass *pass,
                             struct piece piece, double *sums)
{
    mica_kernels()->pixel_norm_sums(
        mica_layer_row(&pass->dy, piece, 0), pass->dy.stride,
        mica_layer_row(&pass->x[0], piece, 0), pass->x[0].stride,
        moments_of(pass, piece), piece.to - piece.from, node->in[0].c, sums);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    mica_kernels()->pixel_norm_backward(
        mica_layer_row(&pass->dx[0], piece, 0), pass->dx[0].stride,
        mica_layer_row(&pass->dy, piece, 0), pass->dy.stride,
        mica_layer_row(&pass->x[0], piece, 0), pass->x[0].stride,
        values_of(job->node, SCALE), moments_of(pass, piece), piece.to - piece.from,
        pass->dy.shape.c, pass->add[0]);
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    for (size_t i = 0; i < node->sums_backward; i++) {
        size_t c = node->in[0].c;
        mica_layer_put(&node->weights[i / c]->gradient[i % c], (float)pass->sums[i],
                       pass->add_weights);
    }
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {{"{}", {{2, 3, 5, 7}}},
                                          {"{\"eps\": 0.001}", {{2, 1, 1, 19}}},
                                          {"{\"affine\": false}", {{2, 2, 3, 4}}},
                                          {0}};

const struct layer mica_layer_layernorm = {
    .name = "layernorm",
    .summary = "normalises the channels of each pixel by their mean and variance",
    .equation = "y[c] = weight[c] (x[c] - mean) / sqrt(variance + eps) + bias[c], mean "
                "and variance over c",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct layernorm),
    .keeps_input = true,
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .partial_backward = partial_backward,
    .examples = examples};
