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

/* The truth of channel c of a pixel; false where it does not count. */
static bool truth_of(const struct values *values, const float *truth, bool classes,
                     size_t channels, size_t c, double *t)
{
    if (!classes) {
        *t = (double)truth[c];
        return *t >= values->least && *t <= values->most;
    }
    if (!(*truth >= 0 && *truth < (float)channels) || *truth == (float)values->ignore)
        return false;
    *t = (size_t)*truth == c;
    return true;
}

void mica_values_partial(const struct values *values, const struct pass *pass,
                         struct piece piece, double *sums)
{
    size_t channels = pass->x[0].shape.c;
    bool classes = pass->x[1].shape.c != channels;
    double t, sum = 0, count = 0;
    for (size_t i = piece.from; i < piece.to; i++) {
        const float *x = mica_tensor_at(&pass->x[0], piece.sample, i);
        const float *truth = mica_tensor_at(&pass->x[1], piece.sample, i);
        for (size_t c = 0; c < channels; c++)
            if (truth_of(values, truth, classes, channels, c, &t)) {
                sum += values->term(values->params, c, (double)x[c], t).value;
                count++;
            }
    }
    sums[SUM] = sum;
    sums[COUNT] = count;
}

void mica_values_merge(const struct node *node, double *into, const double *from)
{
    for (size_t i = 0; i < node->sums_forward; i++)
        into[i] += from[i];
}

void mica_values_forward(const struct node *node, const struct pass *pass)
{
    memcpy(pass->saved, pass->sums, node->saved);
    *mica_tensor_at(&pass->y, 0, 0) =
        (float)(pass->sums[COUNT] > 0 ? pass->sums[SUM] / pass->sums[COUNT] : 0);
}

struct sloping {
    const struct values *values;
    const struct pass *pass;
    double share; /* of the loss' gradient that one number gets */
};

static void backward_piece(void *context, struct piece piece)
{
    const struct sloping *job = context;
    const struct values *values = job->values;
    const struct pass *pass = job->pass;
    size_t channels = pass->x[0].shape.c;
    bool classes = pass->x[1].shape.c != channels;
    double t;
    for (size_t i = piece.from; i < piece.to; i++) {
        const float *x = mica_tensor_at(&pass->x[0], piece.sample, i);
        const float *truth = mica_tensor_at(&pass->x[1], piece.sample, i);
        float *dx = mica_tensor_at(&pass->dx[0], piece.sample, i);
        for (size_t c = 0; c < channels; c++) {
            double slope = 0;
            if (truth_of(values, truth, classes, channels, c, &t))
                slope = values->term(values->params, c, (double)x[c], t).slope;
            mica_layer_put(&dx[c], (float)(job->share * slope), pass->add[0]);
        }
    }
}

void mica_values_backward(const struct values *values, const struct pass *pass)
{
    const double *sums = pass->saved;
    double upstream = (double)*mica_tensor_at(&pass->dy, 0, 0);
    struct sloping job = {values, pass, sums[COUNT] > 0 ? upstream / sums[COUNT] : 0};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->x[0].shape, backward_piece, &job);
}
