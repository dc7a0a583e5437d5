/* batchnorm2d.c - normalise each channel by its mean and variance over the batch

   Ioffe and Szegedy (2015), with PyTorch's conventions: batches are normalised with the
   biased variance, the running variance is unbiased, and `momentum` is the share of the
   new (Keras' momentum is 1 minus ours). */
#include "core/kernels.h"
#include "layers/layers.h"

struct batchnorm2d {
    double eps, momentum;
};

enum { SCALE, SHIFT, MEAN, VARIANCE }; /* node->weights */

static const struct param params[] = {
    {"eps", PARAM_FLOAT, offsetof(struct batchnorm2d, eps), 1e-5, 0, 1,
     "added to the variance"},
    {"momentum", PARAM_FLOAT, offsetof(struct batchnorm2d, momentum), 0.1, 0, 1,
     "running = (1 - momentum) running + momentum batch, as in PyTorch"},
    {0}};

/* What forward leaves for backward: the pixels that were counted, for each channel
   1 / sqrt(variance + eps) and its mean; for the kernels the mean, rounded, and what x is
   multiplied by and shifted. */
struct saved {
    double *count, *inverse, *mean;
    float *rounded, *scale, *shift;
};

static struct saved saved_of(const struct pass *pass, size_t c)
{
    double *d = pass->saved;
    float *f = (float *)(d + 1 + 2 * c);
    return (struct saved){d, d + 1, d + 1 + c, f, f + c, f + 2 * c};
}

static int setup(struct node *node, struct error *err)
{
    static const struct {
        const char *name;
        enum weight_kind kind;
    } weights[] = {{"weight", WEIGHT_SCALE},
                   {"bias", WEIGHT_SHIFT},
                   {"running_mean", STATISTIC_MEAN},
                   {"running_var", STATISTIC_VARIANCE}};
    size_t c = node->in[0].c;
    for (size_t i = 0; i < 4; i++) {
        node->weights[i] =
            mica_node_weight(node, weights[i].name, weights[i].kind, 1, &c, 0, 0, err);
        if (!node->weights[i])
            return -1;
    }
    node->saved = (1 + 2 * c) * sizeof(double) + 3 * c * sizeof(float);
    node->scratch_backward = 3 * c * sizeof(float);
    node->sums_forward = 1 + 2 * c;
    node->sums_backward = 2 * c;
    return 0;
}

/* Sums: the count of pixels, then each channel's mean and sum of squared deviations. */
static void partial_forward(const struct node *node, const struct pass *pass,
                            struct piece piece, double *sums)
{
    size_t c = node->in[0].c, pixels = piece.to - piece.from;
    sums[0] = (double)pixels;
    mica_kernels()->moments(mica_tensor_place(&pass->x[0], piece.sample, piece.from),
                            pass->x[0].type, pass->x[0].stride, pixels, c, sums + 1,
                            sums + 1 + c);
}

/* Chan, Golub and LeVeque (1979): no difference of large squares. */
static void merge_forward(const struct node *node, double *into, const double *from)
{
    size_t c = node->in[0].c;
    double total = into[0] + from[0];
    if (total == 0)
        return;
    double share = from[0] / total;
    double *mean = into + 1, *squares = mean + c;
    for (size_t i = 0; i < c; i++) {
        double delta = from[1 + i] - mean[i];
        mean[i] += delta * share;
        squares[i] += from[1 + c + i] + delta * delta * into[0] * share;
    }
    into[0] = total;
}

static void update_running(const struct node *node, size_t channel, double mean,
                           double squares, double count)
{
    const struct batchnorm2d *p = node->params;
    float *means = node->weights[MEAN]->value,
          *variances = node->weights[VARIANCE]->value;
    double unbiased = squares / (count > 1 ? count - 1 : 1), m = p->momentum;
    if (!node->weights[MEAN]->frozen)
        means[channel] = (float)((1 - m) * (double)means[channel] + m * mean);
    if (!node->weights[VARIANCE]->frozen)
        variances[channel] =
            (float)((1 - m) * (double)variances[channel] + m * unbiased);
}

/* Frozen statistics are those of prediction, in training too. */
static bool by_batch(const struct node *node, const struct pass *pass)
{
    return pass->training &&
           !(node->weights[MEAN]->frozen && node->weights[VARIANCE]->frozen);
}

/* y = scale x + shift */
static void prepare(const struct node *node, const struct pass *pass)
{
    const struct batchnorm2d *p = node->params;
    bool batch = by_batch(node, pass);
    size_t c = node->in[0].c;
    struct saved saved = saved_of(pass, c);
    *saved.count = batch ? pass->sums[0] : 0;
    for (size_t i = 0; i < c; i++) {
        double mean = (double)node->weights[MEAN]->value[i];
        double variance = (double)node->weights[VARIANCE]->value[i];
        if (batch) {
            mean = pass->sums[1 + i];
            variance = pass->sums[1 + c + i] / pass->sums[0];
            update_running(node, i, mean, pass->sums[1 + c + i], pass->sums[0]);
        }
        double inverse = 1 / sqrt(variance + p->eps);
        double factor = (double)node->weights[SCALE]->value[i] * inverse;
        saved.inverse[i] = inverse;
        saved.mean[i] = mean;
        saved.rounded[i] = (float)mean;
        saved.scale[i] = (float)factor; /* the shift makes up for its rounding */
        saved.shift[i] = (float)((double)node->weights[SHIFT]->value[i] -
                                 mean * (double)saved.scale[i]);
    }
}

static void finish(const struct node *node, const struct pass *pass,
                   struct finish *finish)
{
    const struct saved saved = saved_of(pass, node->in[0].c);
    if (!pass->again)
        prepare(node, pass);
    finish->scale = saved.scale;
    finish->shift = saved.shift;
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct finish all = pass->finish ? *pass->finish : (struct finish){0};
    finish(node, pass, &all);
    mica_finish(&pass->y, &pass->x[0], &all);
}

/* The map before a rectifier that this layer's passes do, too. */
static const struct finish *rectified(const struct node *node, const struct pass *pass,
                                      struct finish *map)
{
    const struct saved saved = saved_of(pass, node->in[0].c);
    if (!pass->finish)
        return NULL;
    *map = (struct finish){.scale = saved.scale, .shift = saved.shift};
    return map;
}

/* Sums: dy, and dy (x - rounded mean). */
static void partial_backward(const struct node *node, const struct pass *pass,
                             struct piece piece, double *sums)
{
    size_t c = node->in[0].c;
    struct finish map;
    mica_kernels()->norm_sums(mica_layer_row(&pass->dy, piece, 0), pass->dy.stride,
                              mica_tensor_place(&pass->x[0], piece.sample, piece.from),
                              pass->x[0].type, pass->x[0].stride,
                              saved_of(pass, c).rounded, rectified(node, pass, &map),
                              piece.to - piece.from, c, sums);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    size_t c = pass->dy.shape.c;
    const float *a = pass->scratch;
    struct finish map;
    mica_kernels()->norm_backward(
        mica_layer_row(&pass->dx[0], piece, 0), pass->dx[0].stride,
        mica_layer_row(&pass->dy, piece, 0), pass->dy.stride,
        mica_tensor_place(&pass->x[0], piece.sample, piece.from), pass->x[0].type,
        pass->x[0].stride, a, a + c, a + 2 * c, rectified(job->node, pass, &map),
        piece.to - piece.from, c, pass->add[0]);
}

/* With m = mean, v = 1 / sqrt(variance + eps), N pixels:
   dx = w v (dy - sum dy / N - (x - m) v^2 sum dy (x - m) / N) = a dy + b x + d.
   Running statistics do not depend on x: then b = d = 0. */
static void backward(const struct node *node, const struct pass *pass)
{
    size_t c = node->in[0].c;
    float *a = pass->scratch, *b = a + c, *d = b + c;
    struct saved saved = saved_of(pass, c);
    for (size_t i = 0; i < c; i++) {
        double v = saved.inverse[i], m = saved.mean[i], sum = pass->sums[i];
        double product = pass->sums[c + i] + ((double)saved.rounded[i] - m) * sum;
        double factor = (double)node->weights[SCALE]->value[i] * v;
        double share = *saved.count > 0 ? factor / *saved.count : 0;
        double slope = -share * v * v * product;
        a[i] = (float)factor;
        b[i] = (float)slope;
        d[i] = (float)(-share * sum - (double)b[i] * m);
        mica_layer_put(&node->weights[SCALE]->gradient[i], (float)(v * product),
                       pass->add_weights);
        mica_layer_put(&node->weights[SHIFT]->gradient[i], (float)sum,
                       pass->add_weights);
    }
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{4, 3, 5, 3}}},
    {"{\"eps\": 0.001, \"momentum\": 0.01}", {{4, 2, 3, 17}}},
    {0}};

const struct layer mica_layer_batchnorm2d = {
    .name = "batchnorm2d",
    .summary = "normalises each channel by its mean and variance over the batch; when "
               "predicting by running ones",
    .equation = "y = weight (x - mean) / sqrt(variance + eps) + bias",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct batchnorm2d),
    .keeps_input = true,
    .in_place = true,
    .reads_bf16 = true,
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .sums_train = true,
    .partial_forward = partial_forward,
    .partial_backward = partial_backward,
    .merge_forward = merge_forward,
    .part = FINISH_SCALE,
    .finish = finish,
    .finishes = FINISH_ADD,
    .undoes = UNDO_ALONE,
    .examples = examples};
