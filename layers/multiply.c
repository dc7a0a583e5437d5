/* multiply.c - the product of two inputs: gates and attention */
#include <string.h>

#include "core/kernels.h"
#include "core/parallel.h"
#include "layers/layers.h"

/* What the second input is: as large as the first, a number for each channel, or one for
   each pixel. */
enum gate { GATE_NONE, GATE_WHOLE, GATE_CHANNELS, GATE_PIXELS };

static enum gate gate_of(const struct node *node)
{
    struct shape a = node->in[0], b = node->in[1];
    bool pixels = a.h == b.h && a.w == b.w;
    if (a.n != b.n)
        return GATE_NONE;
    if (pixels && a.c == b.c)
        return GATE_WHOLE;
    if (b.h == 1 && b.w == 1 && a.c == b.c)
        return GATE_CHANNELS;
    return pixels && b.c == 1 ? GATE_PIXELS : GATE_NONE;
}

static int setup(struct node *node, struct error *err)
{
    struct shape a = node->in[0], b = node->in[1];
    if (node->inputs != 2)
        return mica_misuse(err, "multiply: takes 2 inputs, not %zu", node->inputs);
    if (gate_of(node) == GATE_NONE)
        return mica_misuse(
            err,
            "multiply: input 1 is %zu x %zu x %zu and input 2 is %zu x "
            "%zu x %zu; input 2 must be as large, or 1 x 1 x %zu, or %zu "
            "x %zu x 1",
            a.h, a.w, a.c, b.h, b.w, b.c, a.c, a.h, a.w);
    if (gate_of(node) == GATE_CHANNELS)
        node->scratch_backward =
            (a.n * mica_pieces_per_sample(a) * 2 * sizeof(double) + sizeof(float)) *
            a.c;
    return 0;
}

/* y (+)= a times what the gate has for each of its numbers. */
static void apply(enum gate gate, const struct tensor *y, const struct tensor *a,
                  const struct tensor *b, bool add, struct piece piece)
{
    const size_t c = y->shape.c;
    for (size_t i = 0; i < piece.to - piece.from; i++) {
        float *to = mica_layer_row(y, piece, i);
        const float *from = mica_layer_row(a, piece, i);
        if (gate == GATE_PIXELS) {
            const float factor = *mica_layer_row(b, piece, i);
            for (size_t k = 0; k < c; k++)
                mica_layer_put(&to[k], from[k] * factor, add);
        } else {
            const float *factors = gate == GATE_WHOLE
                                       ? mica_layer_row(b, piece, i)
                                       : mica_tensor_at(b, piece.sample, 0);
            mica_kernels()->multiply(to, from, factors, c, add);
        }
    }
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    apply(gate_of(job->node), &pass->y, &pass->x[0], &pass->x[1], false, piece);
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

/* The gate's gradient where it is as large or has a number for each pixel. */
static void gate_gradient(enum gate gate, const struct pass *pass, struct piece piece)
{
    if (gate == GATE_WHOLE)
        apply(gate, &pass->dx[1], &pass->dy, &pass->x[0], pass->add[1], piece);
    for (size_t i = 0; gate == GATE_PIXELS && i < piece.to - piece.from; i++)
        mica_layer_put(mica_layer_row(&pass->dx[1], piece, i),
                       (float)mica_kernels()->dot(mica_layer_row(&pass->dy, piece, i),
                                                  mica_layer_row(&pass->x[0], piece, i),
                                                  pass->dy.shape.c),
                       pass->add[1]);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    if (pass->dx[0].data)
        apply(gate_of(job->node), &pass->dx[0], &pass->dy, &pass->x[1], pass->add[0],
              piece);
    if (pass->dx[1].data)
        gate_gradient(gate_of(job->node), pass, piece);
}

/* --- a number for each channel: its gradient is a sum over pixels ------------------- */

/* Of each piece 2 c doubles, of which the last c are used, after c zeros. */
static double *sums_of(const struct job *job, size_t piece)
{
    const size_t c = job->node->in[0].c;
    return (double *)job->pass->scratch + piece * 2 * c;
}

static void sum_piece(void *context, size_t i)
{
    const struct job *job = context;
    const struct pass *pass = job->pass;
    const size_t c = pass->dy.shape.c;
    const size_t planned = job->node->in[0].n * mica_pieces_per_sample(pass->dy.shape);
    struct piece piece = mica_piece(pass->dy.shape, i);
    mica_kernels()->norm_sums(mica_layer_row(&pass->dy, piece, 0), pass->dy.stride,
                              mica_layer_row(&pass->x[0], piece, 0), TYPE_F32,
                              pass->x[0].stride, (const float *)sums_of(job, planned),
                              NULL, piece.to - piece.from, c, sums_of(job, i));
}

static void join_sample(void *context, size_t sample)
{
    const struct job *job = context;
    const size_t c = job->node->in[0].c;
    const size_t pieces = mica_pieces_per_sample(job->node->in[0]);
    float *dx = mica_tensor_at(&job->pass->dx[1], sample, 0);
    for (size_t k = 0; k < c; k++) {
        double sum = 0;
        for (size_t i = 0; i < pieces; i++)
            sum += sums_of(job, sample * pieces + i)[c + k];
        mica_layer_put(&dx[k], (float)sum, job->pass->add[1]);
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    const size_t pieces = mica_pieces_per_sample(pass->dy.shape);
    mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
    if (gate_of(node) != GATE_CHANNELS || !pass->dx[1].data)
        return;
    memset(sums_of(&job, node->in[0].n * pieces), 0, node->in[0].c * sizeof(float));
    mica_parallel_for(pass->dy.shape.n * pieces, sum_piece, &job);
    mica_parallel_for(pass->dy.shape.n, join_sample, &job);
}

static const struct example examples[] = {{"{}", {{2, 3, 5, 4}, {2, 3, 5, 4}}},
                                          {"{}", {{2, 3, 5, 4}, {2, 1, 1, 4}}},
                                          {"{}", {{2, 3, 5, 4}, {2, 3, 5, 1}}},
                                          {0}};

const struct layer mica_layer_multiply = {
    .name = "multiply",
    .summary = "the product of two inputs, of which the second may have one number for "
               "each channel (1 x 1 x C) or for each pixel (H x W x 1)",
    .equation = "y = x0 x1",
    .keeps_input = true,
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
