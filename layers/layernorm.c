/* layernorm.c - normalise the channels of each pixel, or all numbers of a sample

   Ba, Kiros and Hinton (2016): PyTorch's LayerNorm over the last axis of N H W C, or over
   [C, H, W], where every number of an image has a weight of its own. */
#include "core/kernels.h"
#include "core/parallel.h"
#include "layers/samplenorm.h"

enum over { CHANNELS, SAMPLE };
struct layernorm {
    double eps;
    bool affine;
    int over;
};

enum { SCALE, SHIFT }; /* node->weights */

static const char *const overs[] = {"channels", "sample", NULL};

static const struct param params[] = {
    {"eps", PARAM_FLOAT, offsetof(struct layernorm, eps), 1e-5, 0, 1,
     "added to the variance (Keras' standard is 1e-3)"},
    {"affine", PARAM_BOOL, offsetof(struct layernorm, affine), true, 0, 1,
     "multiply by a weight and add a bias for each channel, or number of a sample"},
    {"over", PARAM_CHOICE, offsetof(struct layernorm, over), CHANNELS, 0, 1,
     "what has one mean: the channels of a pixel, or all of a sample (PyTorch's "
     "LayerNorm([C, H, W]), for images of one size)",
     overs},
    {0}};

static bool over_sample(const struct node *node)
{
    return ((const struct layernorm *)node->params)->over == SAMPLE;
}

static int book_weights(struct node *node, size_t rank, const size_t *dims,
                        struct error *err)
{
    node->weights[SCALE] =
        mica_node_weight(node, "weight", WEIGHT_SCALE, rank, dims, 0, 0, err);
    if (!node->weights[SCALE])
        return -1;
    node->weights[SHIFT] =
        mica_node_weight(node, "bias", WEIGHT_SHIFT, rank, dims, 0, 0, err);
    return node->weights[SHIFT] ? 0 : -1;
}

static int setup(struct node *node, struct error *err)
{
    const struct layernorm *p = node->params;
    struct shape in = node->in[0];
    const size_t dims[] = {in.c, in.h, in.w};
    if (over_sample(node))
        return mica_samplenorm_setup(node, err) ||
                       (p->affine && book_weights(node, 3, dims, err))
                   ? -1
                   : 0;
    node->saved = in.n * mica_shape_pixels(in) * sizeof(struct pixel_moments);
    node->sums_backward = p->affine ? 2 * in.c : 0;
    return p->affine ? book_weights(node, 1, dims, err) : 0;
}

/* --- over the channels of each pixel ------------------------------------------------- */

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

static void backward_channels(const struct node *node, const struct pass *pass)
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

/* --- over a sample: samplenorm of one group, then a weight for each number ----------- */

static struct samplenorm normal(const struct node *node)
{
    return (struct samplenorm){1, ((const struct layernorm *)node->params)->eps, false};
}
static const struct samplenorming work = {normal};

/* Behind what samplenorm needs: g = weight dy, and of each shard the sums of dy z and dy
   of every number, in the order of pixels. */
static size_t scratch_backward(const struct node *node, size_t shards)
{
    size_t numbers = mica_shape_pixels(node->in[0]) * node->in[0].c;
    if (!over_sample(node))
        return 0;
    return mica_samplenorm_scratch_backward(node, shards) +
           (node->in[0].n + 2 * shards) * numbers * sizeof(float);
}

/* y = weight y + bias, the weights being C H W. */
static void affine_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *y = &job->pass->y;
    const float *weight = values_of(job->node, SCALE),
                *bias = values_of(job->node, SHIFT);
    const size_t pixels = mica_shape_pixels(y->shape);
    for (size_t p = piece.from; p < piece.to; p++) {
        float *row = mica_tensor_at(y, piece.sample, p);
        for (size_t k = 0; k < y->shape.c; k++)
            row[k] = row[k] * weight[k * pixels + p] + bias[k * pixels + p];
    }
}

struct sample_backward {
    const struct node *node;
    const struct pass *pass;
    struct tensor g;
    float *sums; /* [shards][2][pixels][c] */
};

static void gate_piece(void *context, struct piece piece)
{
    const struct sample_backward *b = context;
    const float *weight = values_of(b->node, SCALE);
    const size_t pixels = mica_shape_pixels(b->g.shape);
    for (size_t p = piece.from; p < piece.to; p++) {
        float *g = mica_tensor_at(&b->g, piece.sample, p);
        const float *dy = mica_tensor_at(&b->pass->dy, piece.sample, p);
        for (size_t k = 0; k < b->g.shape.c; k++)
            g[k] = weight[k * pixels + p] * dy[k];
    }
}

/* A pixel's sums over the samples of each shard, in order. */
static void sums_of_pixel(void *context, size_t p)
{
    const struct sample_backward *b = context;
    const struct shape shape = b->pass->dy.shape;
    const size_t c = shape.c, numbers = mica_shape_pixels(shape) * c;
    const size_t per = shape.n / b->pass->shards;
    for (size_t i = 0; i < shape.n; i++) {
        float *products = b->sums + i / per * 2 * numbers + p * c;
        float *plain = products + numbers;
        const double *mean = mica_samplenorm_means(b->node, b->pass, i);
        const float *x = mica_tensor_at(&b->pass->x[0], i, p);
        const float *dy = mica_tensor_at(&b->pass->dy, i, p);
        for (size_t k = 0; k < c; k++) {
            float z = (float)(((double)x[k] - mean[k]) * mean[c + k]);
            products[k] = (i % per ? products[k] : 0) + dy[k] * z;
            plain[k] = (i % per ? plain[k] : 0) + dy[k];
        }
    }
}

static void weight_gradients(struct sample_backward *b)
{
    const size_t c = b->g.shape.c, pixels = mica_shape_pixels(b->g.shape);
    mica_parallel_for(pixels, sums_of_pixel, b);
    mica_join_shards(b->sums, b->pass->shards, 2 * pixels * c);
    for (size_t which = SCALE; which <= SHIFT; which++)
        for (size_t i = 0; i < pixels * c; i++)
            mica_layer_put(&b->node->weights[which]->gradient[i % c * pixels + i / c],
                           b->sums[which * pixels * c + i], b->pass->add_weights);
}

static void backward_sample(const struct node *node, const struct pass *pass)
{
    struct pass gated = *pass;
    if (node->weights[SCALE]) {
        float *own = (float *)((char *)pass->scratch +
                               mica_samplenorm_scratch_backward(node, pass->shards));
        struct shape shape = pass->dy.shape;
        struct sample_backward b = {node,
                                    pass,
                                    {shape, shape.c, TYPE_F32, own},
                                    own + node->in[0].n * mica_shape_pixels(shape) *
                                              shape.c};
        weight_gradients(&b);
        mica_parallel_pieces(shape, gate_piece, &b);
        gated.dy = b.g;
    }
    if (pass->dx[0].data)
        mica_samplenorm_backward(node, &gated);
}

/* --- either -------------------------------------------------------------------------- */

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (!over_sample(node)) {
        mica_parallel_pieces(pass->y.shape, forward_piece, &job);
        return;
    }
    mica_samplenorm_forward(node, pass);
    if (node->weights[SCALE])
        mica_parallel_pieces(pass->y.shape, affine_piece, &job);
}

static void backward(const struct node *node, const struct pass *pass)
{
    (over_sample(node) ? backward_sample : backward_channels)(node, pass);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 7}}},
    {"{\"eps\": 0.001}", {{2, 1, 1, 19}}},
    {"{\"affine\": false}", {{2, 2, 3, 4}}},
    {"{\"over\": \"sample\"}", {{2, 3, 5, 4}}},
    {"{\"over\": \"sample\", \"affine\": false}", {{2, 3, 2, 5}}},
    {0}};

const struct layer mica_layer_layernorm = {
    .name = "layernorm",
    .summary =
        "normalises the channels of each pixel, or a sample, by mean and variance",
    .equation = "y[c] = weight[c] (x[c] - mean) / sqrt(variance + eps) + bias[c], mean "
                "and variance over c; or weights, mean and variance over [c, h, w]",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct layernorm),
    .keeps_input = true,
    .setup = setup,
    .scratch_backward = scratch_backward,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .partial_backward = partial_backward,
    .work = &work,
    .examples = examples};
