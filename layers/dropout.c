/* dropout.c - sets values to 0 at random while training

   No mask is kept: numbers are drawn from a counter, so backward draws them again. */
#include "core/kernels.h"
#include "core/random.h"
#include "layers/layers.h"

struct dropout {
    double rate;
};

static const struct param params[] = {{"rate", PARAM_FLOAT,
                                       offsetof(struct dropout, rate), 0.5, 0.0, 0.99,
                                       "the probability that a value is set to 0"},
                                      {0}};

/* The stream of a sample: a hash of (seed, layer, step, sample) by Philox itself. */
struct stream {
    uint32_t words[4]; /* two of the key, two of the counter's upper half */
};

static struct stream stream_of(const struct job *job, size_t sample)
{
    const struct pass *pass = job->pass;
    uint64_t index = pass->first + sample, layer = job->node->key;
    uint32_t counter[] = {(uint32_t)pass->step, (uint32_t)(pass->step >> 32),
                          (uint32_t)index, (uint32_t)(index >> 32)};
    uint32_t seed[] = {(uint32_t)pass->seed, (uint32_t)(pass->seed >> 32)};
    uint32_t key[] = {(uint32_t)layer, (uint32_t)(layer >> 32)};
    struct stream mixed, stream;
    mica_philox(counter, seed, mixed.words);
    mica_philox(mixed.words, key, stream.words);
    return stream;
}

static void drop(const struct job *job, const struct tensor *y, const struct tensor *x,
                 bool add, struct piece piece)
{
    const struct dropout *p = job->node->params;
    struct stream stream = stream_of(job, piece.sample);
    struct rows rows = mica_layer_rows(piece, y, x, x);
    uint64_t first = piece.from * y->shape.c;
    for (size_t i = 0; i < rows.count; i++)
        mica_kernels()->dropout(mica_layer_row(y, piece, i),
                                mica_layer_row(x, piece, i), rows.length,
                                (float)p->rate, stream.words, stream.words + 2,
                                first + i * rows.length, add);
}

static void pass_on(const struct tensor *y, const struct tensor *x, bool add,
                    struct piece piece)
{
    if (y->data == x->data)
        return;
    struct rows rows = mica_layer_rows(piece, y, x, x);
    for (size_t i = 0; i < rows.count; i++) {
        float *to = mica_layer_row(y, piece, i);
        const float *from = mica_layer_row(x, piece, i);
        if (add)
            mica_kernels()->accumulate(to, from, rows.length);
        else
            mica_kernels()->copy(to, from, rows.length);
    }
}

static void run(const struct job *job, const struct tensor *y, const struct tensor *x,
                bool add, struct piece piece)
{
    const struct dropout *p = job->node->params;
    if (job->pass->training && p->rate > 0)
        drop(job, y, x, add, piece);
    else
        pass_on(y, x, add, piece);
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    run(job, &job->pass->y, &job->pass->x[0], false, piece);
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    run(job, &job->pass->dx[0], &job->pass->dy, job->pass->add[0], piece);
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{\"rate\": 0.1}", {{2, 3, 5, 7}}}, {"{}", {{2, 1, 1, 13}}}, {0}};

const struct layer mica_layer_dropout = {
    .name = "dropout",
    .summary = "while training, sets values to 0 at random and enlarges the others",
    .equation =
        "y = x m / (1 - rate), m = 0 with probability rate, else 1; predicting: "
        "y = x",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct dropout),
    .in_place = true,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
