/* kl_normal.c - how far normal distributions are from the standard one: for a VAE

   Kingma and Welling, arXiv:1312.6114, appendix B. */
#include <stddef.h>

#include "core/numeric.h"
#include "layers/layers.h"

static int setup(struct node *node, struct error *err)
{
    if (node->in[0].c % 2)
        return mica_misuse(err,
                           "kl_normal: takes means and as many log-variances in one "
                           "tensor, not %zu channels",
                           node->in[0].c);
    node->out = (struct shape){1, 1, 1, 1};
    node->field.global = true;
    node->sums_forward = 1;
    return 0;
}

static void partial(const struct node *node, const struct pass *pass,
                    struct piece piece, double *sums)
{
    (void)node;
    size_t half = pass->x[0].shape.c / 2;
    double sum = 0;
    for (size_t i = piece.from; i < piece.to; i++) {
        const float *x = mica_tensor_at(&pass->x[0], piece.sample, i);
        for (size_t c = 0; c < half; c++) {
            double mean = (double)x[c], log_variance = (double)x[half + c];
            sum += mean * mean + mica_exp(log_variance) - 1 - log_variance;
        }
    }
    *sums = sum / 2;
}

static void forward(const struct node *node, const struct pass *pass)
{
    (void)node;
    *mica_tensor_at(&pass->y, 0, 0) = (float)(*pass->sums / (double)pass->x[0].shape.n);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct pass *pass = ((const struct job *)context)->pass;
    size_t half = pass->x[0].shape.c / 2;
    double share =
        (double)*mica_tensor_at(&pass->dy, 0, 0) / (double)pass->x[0].shape.n;
    for (size_t i = piece.from; i < piece.to; i++) {
        const float *x = mica_tensor_at(&pass->x[0], piece.sample, i);
        float *dx = mica_tensor_at(&pass->dx[0], piece.sample, i);
        for (size_t c = 0; c < half; c++) {
            double grown = mica_exp((double)x[half + c]) - 1;
            mica_layer_put(&dx[c], (float)(share * (double)x[c]), pass->add[0]);
            mica_layer_put(&dx[half + c], (float)(share * grown / 2), pass->add[0]);
        }
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->x[0].shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{4, 1, 1, 6}}}, {"{}", {{2, 3, 4, 2}}}, {0}};

const struct layer mica_layer_kl_normal = {
    .name = "kl_normal",
    .summary = "how far normal distributions are from the standard one: the first half "
               "of the channels are means, the second ln of variances",
    .equation = "KL(N(m, e^v) || N(0, 1)) = 1/2 sum (m^2 + e^v - 1 - v), a mean over "
                "samples",
    .inputs = 1,
    .keeps_input = true,
    .activation = "identity",
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .partial_forward = partial,
    .examples = examples};
