/* classes.c - what losses over classes share: logits and truth, block by block */
#include "layers/losses/classes.h"

#include <string.h>

#include "core/kernels.h"

int mica_classes_setup(struct node *node, size_t sums, struct error *err)
{
    const char *name = node->layer->name;
    struct shape x = node->in[0], t = node->in[1];
    if (x.c < 2 || x.c > MICA_CLASSES_MOST)
        return mica_misuse(
            err,
            "%s: takes 2 to %d classes, not %zu; the network's last layer "
            "needs a channel for each class, the background too",
            name, (int)MICA_CLASSES_MOST, x.c);
    if (x.n != t.n || x.h != t.h || x.w != t.w || (t.c != 1 && t.c != x.c))
        return mica_misuse(
            err,
            "%s: the prediction is %zu x %zu x %zu and the truth %zu x %zu "
            "x %zu; heights and widths must be equal, and the truth has "
            "one channel of classes or a probability for each of %zu",
            name, x.h, x.w, x.c, t.h, t.w, t.c, x.c);
    node->out = (struct shape){1, 1, 1, 1};
    node->field.global = true;
    node->sums_forward = sums;
    node->saved = sums * sizeof(double);
    return 0;
}

/* The rows of t, and 0 for p and t where a pixel does not count. */
static void read_labels(const struct tensor *truth, const struct classes *block,
                        int ignore, float *p, float *t)
{
    size_t count = block->count;
    memset(t, 0, block->pixels * count * sizeof *t);
    for (size_t i = 0; i < block->pixels; i++) {
        float label = *mica_tensor_at(truth, block->sample, block->first + i);
        if (label >= 0 && label < (float)count && label != (float)ignore)
            t[i * count + (size_t)label] = 1;
        else
            memset(p + i * count, 0, count * sizeof *p);
    }
}

static void read_probabilities(const struct tensor *truth, const struct classes *block,
                               float *t)
{
    for (size_t i = 0; i < block->pixels; i++)
        memcpy(t + i * block->count,
               mica_tensor_at(truth, block->sample, block->first + i),
               block->count * sizeof *t);
}

typedef void block_work(void *context, const struct classes *block);

/* Calls work(context, block) for each block of a piece, in order. */
static void walk(const struct node *node, const struct pass *pass, struct piece piece,
                 block_work *work, void *context)
{
    const struct classes_params *params = node->params;
    const struct tensor *logits = &pass->x[0], *truth = &pass->x[1];
    float p[MICA_CLASSES_BLOCK], t[MICA_CLASSES_BLOCK], log_sum[MICA_CLASSES_BLOCK];
    struct classes block = {.sample = piece.sample,
                            .image = pass->first + piece.sample,
                            .count = logits->shape.c,
                            .labels = truth->shape.c == 1,
                            .p = p,
                            .t = t,
                            .log_sum = log_sum,
                            .logits = logits};
    size_t most = MICA_CLASSES_BLOCK / block.count;
    for (size_t from = piece.from; from < piece.to; from += most) {
        block.first = from;
        block.pixels = piece.to - from < most ? piece.to - from : most;
        mica_kernels()->softmax(p, block.count,
                                mica_tensor_at(logits, piece.sample, from),
                                logits->stride, log_sum, block.pixels, block.count);
        if (block.labels)
            read_labels(truth, &block, params->ignore, p, t);
        else
            read_probabilities(truth, &block, t);
        work(context, &block);
    }
}

/* ---- forward ---- */

struct adding {
    const struct node *node;
    double *sums;
};

static void add_block(void *context, const struct classes *block)
{
    const struct adding *adding = context;
    const struct classes_loss *loss = adding->node->layer->work;
    loss->add(adding->node, block, adding->sums);
}

void mica_classes_partial(const struct node *node, const struct pass *pass,
                          struct piece piece, double *sums)
{
    struct adding adding = {node, sums};
    memset(sums, 0, node->sums_forward * sizeof *sums);
    walk(node, pass, piece, add_block, &adding);
}

void mica_classes_forward(const struct node *node, const struct pass *pass)
{
    const struct classes_loss *loss = node->layer->work;
    memcpy(pass->saved, pass->sums, node->saved);
    *mica_tensor_at(&pass->y, 0, 0) = (float)loss->value(node, pass->sums);
}

/* ---- backward ---- */

static void backward_block(void *context, const struct classes *block)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    const struct classes_loss *loss = job->node->layer->work;
    const double scale = (double)*mica_tensor_at(&pass->dy, 0, 0);
    float gradient[MICA_CLASSES_BLOCK] = {0};
    loss->gradient(job->node, pass, block, scale, gradient);
    for (size_t i = 0; i < block->pixels; i++) {
        float *dx = mica_tensor_at(&pass->dx[0], block->sample, block->first + i);
        for (size_t k = 0; k < block->count; k++)
            mica_layer_put(&dx[k], gradient[i * block->count + k], pass->add[0]);
    }
}

static void backward_piece(void *context, struct piece piece)
{
    struct job *job = context;
    walk(job->node, job->pass, piece, backward_block, job);
}

void mica_classes_backward(const struct node *node, const struct pass *pass)
{
    const struct classes_loss *loss = node->layer->work;
    struct job job = {node, pass};
    if (!pass->dx[0].data)
        return;
    if (loss->prepare)
        loss->prepare(node, pass);
    mica_parallel_pieces(pass->x[0].shape, backward_piece, &job);
}
