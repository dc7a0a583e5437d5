/* samplenorm.c - normalising groups of channels of each sample

   Wu and He (2018); with a group for each channel, Ulyanov et al. (2016). Statistics are
   (mean, sum of squared deviations), joined piece by piece and channel by channel (Chan,
   Golub and LeVeque 1979); they stay inside a sample, so that batches do not matter. */
#include "layers/samplenorm.h"

#include <string.h>

#include "core/kernels.h"
#include "core/parallel.h"

enum { SCALE, SHIFT }; /* node->weights */

struct walk {
    const struct node *node;
    const struct pass *pass;
    struct samplenorm how;
    size_t c, pieces; /* channels; pieces of a sample */
    double *sums;     /* [samples][pieces][2 c] */
    float *factors;   /* [samples][2 c or 3 c], for the kernels */
    double *saved;    /* [samples][2 c]: mean and 1 / sd of each channel's group */
    float *rounded;   /* [samples][c]: the mean for the kernels */
};

static struct samplenorm how_of(const struct node *node)
{
    return ((const struct samplenorming *)node->layer->work)->of(node);
}

static struct walk walk_of(const struct node *node, const struct pass *pass)
{
    struct walk w = {.node = node,
                     .pass = pass,
                     .how = how_of(node),
                     .c = node->in[0].c,
                     .pieces = mica_pieces_per_sample(node->in[0]),
                     .sums = pass->scratch};
    const size_t n = node->in[0].n;
    w.factors = (float *)(w.sums + n * w.pieces * 2 * w.c);
    w.saved = pass->saved;
    w.rounded = (float *)(w.saved + n * 2 * w.c);
    return w;
}

static size_t scratch(const struct node *node, size_t factors)
{
    struct shape in = node->in[0];
    return in.n * in.c *
           (mica_pieces_per_sample(in) * 2 * sizeof(double) + factors * sizeof(float));
}

int mica_samplenorm_setup(struct node *node, struct error *err)
{
    const struct samplenorm how = how_of(node);
    struct shape in = node->in[0];
    if (in.c % how.groups)
        return mica_misuse(err, "%s: %zu groups do not divide %zu channels",
                           node->layer->name, how.groups, in.c);
    node->field.global = true;
    node->saved = in.n * in.c * (2 * sizeof(double) + sizeof(float));
    node->scratch_forward = scratch(node, 2);
    if (!how.affine)
        return 0;
    node->weights[SCALE] =
        mica_node_weight(node, "weight", WEIGHT_SCALE, 1, &in.c, 0, 0, err);
    if (!node->weights[SCALE])
        return -1;
    node->weights[SHIFT] =
        mica_node_weight(node, "bias", WEIGHT_SHIFT, 1, &in.c, 0, 0, err);
    return node->weights[SHIFT] ? 0 : -1;
}

size_t mica_samplenorm_scratch_backward(const struct node *node, size_t shards)
{
    return scratch(node, 3) + shards * 2 * node->in[0].c * sizeof(float);
}

static double weight_of(const struct walk *w, size_t k)
{
    return w->how.affine ? (double)w->node->weights[SCALE]->value[k] : 1;
}

/* --- forward ------------------------------------------------------------------------- */

/* Mean and squared deviations of `count` numbers join those of `before`. */
struct moments {
    double count, mean, squares;
};
static void join(struct moments *into, double count, double mean, double squares)
{
    double all = into->count + count, delta = mean - into->mean;
    into->mean += delta * count / all;
    into->squares += squares + delta * delta * into->count * count / all;
    into->count = all;
}

static void moments_piece(void *context, size_t i)
{
    const struct walk *w = context;
    const struct tensor *x = &w->pass->x[0];
    struct piece piece = mica_piece(x->shape, i);
    double *sums = w->sums + i * 2 * w->c;
    mica_kernels()->moments(mica_layer_row(x, piece, 0), TYPE_F32, x->stride,
                            piece.to - piece.from, w->c, sums, sums + w->c);
}

static struct moments moments_of_group(const struct walk *w, size_t sample, size_t from,
                                       size_t to)
{
    struct moments group = {0};
    for (size_t k = from; k < to; k++) {
        struct moments channel = {0};
        for (size_t i = 0; i < w->pieces; i++) {
            struct piece piece =
                mica_piece(w->pass->x[0].shape, sample * w->pieces + i);
            const double *sums = w->sums + (sample * w->pieces + i) * 2 * w->c;
            join(&channel, (double)(piece.to - piece.from), sums[k], sums[w->c + k]);
        }
        join(&group, channel.count, channel.mean, channel.squares);
    }
    return group;
}

static void prepare_sample(void *context, size_t sample)
{
    const struct walk *w = context;
    const size_t size = w->c / w->how.groups;
    double *mean = w->saved + sample * 2 * w->c, *inverse = mean + w->c;
    float *scale = w->factors + sample * 2 * w->c, *shift = scale + w->c;
    for (size_t k = 0; k < w->c; k++) {
        if (k % size == 0) {
            struct moments group = moments_of_group(w, sample, k, k + size);
            mean[k] = group.mean;
            inverse[k] = 1 / sqrt(group.squares / group.count + w->how.eps);
        } else {
            mean[k] = mean[k - 1];
            inverse[k] = inverse[k - 1];
        }
        double bias = w->how.affine ? (double)w->node->weights[SHIFT]->value[k] : 0;
        w->rounded[sample * w->c + k] = (float)mean[k];
        scale[k] = (float)(weight_of(w, k) * inverse[k]);
        shift[k] = (float)(bias - mean[k] * (double)scale[k]);
    }
}

static void forward_piece(void *context, struct piece piece)
{
    const struct walk *w = context;
    const struct tensor *x = &w->pass->x[0], *y = &w->pass->y;
    const float *scale = w->factors + piece.sample * 2 * w->c;
    const struct finish finish = {.scale = scale, .shift = scale + w->c};
    mica_kernels()->finish(mica_layer_row(y, piece, 0), y->stride,
                           mica_layer_row(x, piece, 0), TYPE_F32, x->stride, &finish,
                           piece.to - piece.from, w->c);
}

void mica_samplenorm_forward(const struct node *node, const struct pass *pass)
{
    struct walk w = walk_of(node, pass);
    const size_t samples = pass->y.shape.n;
    mica_parallel_for(samples * w.pieces, moments_piece, &w);
    mica_parallel_for(samples, prepare_sample, &w);
    mica_parallel_pieces(pass->y.shape, forward_piece, &w);
}

const double *mica_samplenorm_means(const struct node *node, const struct pass *pass,
                                    size_t sample)
{
    return (const double *)pass->saved + sample * 2 * node->in[0].c;
}

/* --- backward ------------------------------------------------------------------------ */

/* Of each channel the sums of dy and of dy (x - rounded mean). */
static void sums_piece(void *context, size_t i)
{
    const struct walk *w = context;
    const struct tensor *x = &w->pass->x[0], *dy = &w->pass->dy;
    struct piece piece = mica_piece(x->shape, i);
    mica_kernels()->norm_sums(mica_layer_row(dy, piece, 0), dy->stride,
                              mica_layer_row(x, piece, 0), TYPE_F32, x->stride,
                              w->rounded + piece.sample * w->c, NULL,
                              piece.to - piece.from, w->c, w->sums + i * 2 * w->c);
}

/* A sample's sums, in its first piece: those of dy, and of dy (x - mean) / sd. */
static double *join_sums(const struct walk *w, size_t sample)
{
    const double *mean = w->saved + sample * 2 * w->c, *inverse = mean + w->c;
    double *sums = w->sums + sample * w->pieces * 2 * w->c;
    for (size_t i = 1; i < w->pieces; i++)
        for (size_t k = 0; k < 2 * w->c; k++)
            sums[k] += sums[i * 2 * w->c + k];
    for (size_t k = 0; k < w->c; k++) {
        double off = (double)w->rounded[sample * w->c + k] - mean[k];
        sums[w->c + k] = (sums[w->c + k] + off * sums[k]) * inverse[k];
    }
    return sums;
}

/* With z = (x - mean) v, v = 1 / sd, g = weight dy and means over the N numbers of a group:
   dx = v (g - mean g - z mean (g z)) = a dy + b x + d. */
static void factors_sample(void *context, size_t sample)
{
    const struct walk *w = context;
    const size_t c = w->c, size = c / w->how.groups;
    const double count = (double)(size * mica_shape_pixels(w->pass->dy.shape));
    const double *mean = w->saved + sample * 2 * c, *inverse = mean + c;
    const double *sums = join_sums(w, sample);
    float *a = w->factors + sample * 3 * c, *b = a + c, *d = b + c;
    for (size_t from = 0; from < c; from += size) {
        double first = 0, second = 0;
        for (size_t k = from; k < from + size; k++) {
            first += weight_of(w, k) * sums[k] / count;
            second += weight_of(w, k) * sums[c + k] / count;
        }
        for (size_t k = from; k < from + size; k++) {
            double v = inverse[k];
            a[k] = (float)(weight_of(w, k) * v);
            b[k] = (float)(-v * v * second);
            d[k] = (float)(-v * first - (double)b[k] * mean[k]);
        }
    }
}

static void backward_piece(void *context, struct piece piece)
{
    const struct walk *w = context;
    const struct tensor *x = &w->pass->x[0], *dy = &w->pass->dy, *dx = &w->pass->dx[0];
    const float *a = w->factors + piece.sample * 3 * w->c;
    mica_kernels()->norm_backward(
        mica_layer_row(dx, piece, 0), dx->stride, mica_layer_row(dy, piece, 0),
        dy->stride, mica_layer_row(x, piece, 0), TYPE_F32, x->stride, a, a + w->c,
        a + 2 * w->c, NULL, piece.to - piece.from, w->c, w->pass->add[0]);
}

/* Samples of a shard in order, then shards by the fixed tree. */
static void weight_gradients(const struct walk *w)
{
    const size_t c = w->c, shards = w->pass->shards;
    const size_t per = w->pass->dy.shape.n / shards;
    float *joined = w->factors + w->node->in[0].n * 3 * c;
    for (size_t shard = 0; shard < shards; shard++)
        for (size_t k = 0; k < 2 * c; k++) {
            double sum = 0;
            for (size_t i = shard * per; i < (shard + 1) * per; i++)
                sum += w->sums[i * w->pieces * 2 * c + k];
            joined[shard * 2 * c + k] = (float)sum;
        }
    mica_join_shards(joined, shards, 2 * c);
    for (size_t k = 0; k < c; k++) {
        mica_layer_put(&w->node->weights[SHIFT]->gradient[k], joined[k],
                       w->pass->add_weights);
        mica_layer_put(&w->node->weights[SCALE]->gradient[k], joined[c + k],
                       w->pass->add_weights);
    }
}

void mica_samplenorm_backward(const struct node *node, const struct pass *pass)
{
    struct walk w = walk_of(node, pass);
    const size_t samples = pass->dy.shape.n;
    mica_parallel_for(samples * w.pieces, sums_piece, &w);
    mica_parallel_for(samples, factors_sample, &w);
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &w);
    if (w.how.affine)
        weight_gradients(&w);
}
