/* values.c - what losses over numbers share: the mean of a term over all that count */
#include "layers/losses/values.h"

#include <string.h>

enum { SUM, COUNT, SUMS };

int mica_values_setup(struct node *node, struct error *err)
{
    struct shape x = node->in[0], t = node->in[1];
    if (x.n != t.n || x.h != t.h || x.w != t.w || (t.c != 1 && t.c != x.c))
        return mica_misuse(err,
                           "%s: the prediction is %zu x %zu x %zu and the truth %zu x "
                           "%zu x %zu; heights and widths must be equal, and the truth "
                           "has one channel of classes or a number for each of %zu",
                           node->layer->name, x.h, x.w, x.c, t.h, t.w, t.c, x.c);
    node->out = (struct shape){1, 1, 1, 1};
    node->field.global = true;
    node->sums_forward = SUMS;
    node->saved = SUMS * sizeof(double);
    return 0;
}

/* The truths of the numbers of a tensor. */
struct truths {
    const struct tensor *tensor;
    bool classes; /* one for each pixel, in place of a number for each channel */
    size_t channels;
    double least, most;
    float ignore;
};

static struct truths truths_of(const struct node *node, const struct pass *pass)
{
    const struct values *values = node->layer->work;
    const struct values_params *params = node->params;
    const size_t channels = pass->x[0].shape.c;
    return (struct truths){.tensor = &pass->x[1],
                           .classes = pass->x[1].shape.c != channels,
                           .channels = channels,
                           .least = values->least,
                           .most = values->most,
                           .ignore = (float)params->ignore};
}

/* That of channel c of a pixel; false where it does not count. */
static bool truth_at(const struct truths *truths, size_t sample, size_t pixel, size_t c,
                     double *t)
{
    const float *truth = mica_tensor_at(truths->tensor, sample, pixel);
    if (!truths->classes) {
        *t = (double)truth[c];
        return *t >= truths->least && *t <= truths->most;
    }
    if (!(*truth >= 0 && *truth < (float)truths->channels) || *truth == truths->ignore)
        return false;
    *t = (size_t)*truth == c;
    return true;
}

void mica_values_partial(const struct node *node, const struct pass *pass,
                         struct piece piece, double *sums)
{
    const struct values *values = node->layer->work;
    const struct truths truths = truths_of(node, pass);
    double t, sum = 0, count = 0;
    for (size_t i = piece.from; i < piece.to; i++) {
        const float *x = mica_tensor_at(&pass->x[0], piece.sample, i);
        for (size_t c = 0; c < truths.channels; c++)
            if (truth_at(&truths, piece.sample, i, c, &t)) {
                sum += values->term(node->params, c, (double)x[c], t).value;
                count++;
            }
    }
    sums[SUM] = sum;
    sums[COUNT] = count;
}

void mica_values_forward(const struct node *node, const struct pass *pass)
{
    memcpy(pass->saved, pass->sums, node->saved);
    *mica_tensor_at(&pass->y, 0, 0) =
        (float)(pass->sums[COUNT] > 0 ? pass->sums[SUM] / pass->sums[COUNT] : 0);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    const struct values *values = job->node->layer->work;
    const struct truths truths = truths_of(job->node, pass);
    const double *sums = pass->saved;
    const double upstream = (double)*mica_tensor_at(&pass->dy, 0, 0);
    const double share = sums[COUNT] > 0 ? upstream / sums[COUNT] : 0;
    double t;
    for (size_t i = piece.from; i < piece.to; i++) {
        const float *x = mica_tensor_at(&pass->x[0], piece.sample, i);
        float *dx = mica_tensor_at(&pass->dx[0], piece.sample, i);
        for (size_t c = 0; c < truths.channels; c++) {
            double slope = 0;
            if (truth_at(&truths, piece.sample, i, c, &t))
                slope = values->term(job->node->params, c, (double)x[c], t).slope;
            mica_layer_put(&dx[c], (float)(share * slope), pass->add[0]);
        }
    }
}

void mica_values_backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->x[0].shape, backward_piece, &job);
}
