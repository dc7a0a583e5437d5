/* depth_to_space.c - channels as pixels of a larger image */
#include "layers/layers.h"

struct depth_to_space {
    int block;
};

static const struct param params[] = {{"block", PARAM_INT,
                                       offsetof(struct depth_to_space, block), 2, 1, 64,
                                       "output rows and columns for each input pixel"},
                                      {0}};

static size_t block_of(const struct node *node)
{
    return (size_t)((const struct depth_to_space *)node->params)->block;
}

static int setup(struct node *node, struct error *err)
{
    const size_t block = block_of(node);
    struct shape in = node->in[0];
    if (in.c % (block * block))
        return mica_misuse(err,
                           "depth_to_space: %zu channels are no multiple of block x "
                           "block = %zu; change 'block' or the channels before it",
                           in.c, block * block);
    node->out =
        (struct shape){in.n, in.h * block, in.w * block, in.c / (block * block)};
    double rest = (double)(block - 1) / (double)block;
    node->field = (struct field){1 / (double)block, rest, 0, false};
    return 0;
}

/* Output pixel `at` of `large` and input channels of `small`: channel k block^2 + row of
   the block * block + its column. */
static float *channels_at(const struct tensor *small, const struct tensor *large,
                          size_t block, size_t sample, size_t at)
{
    const size_t i = at / large->shape.w, j = at % large->shape.w;
    float *pixel =
        mica_tensor_at(small, sample, i / block * small->shape.w + j / block);
    return pixel + i % block * block + j % block;
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *x = &job->pass->x[0], *y = &job->pass->y;
    const size_t block = block_of(job->node), c = y->shape.c;
    for (size_t at = piece.from; at < piece.to; at++) {
        float *to = mica_tensor_at(y, piece.sample, at);
        const float *from = channels_at(x, y, block, piece.sample, at);
        for (size_t k = 0; k < c; k++)
            to[k] = from[k * block * block];
    }
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

/* Every number of dx belongs to one of dy. */
static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *dx = &job->pass->dx[0], *dy = &job->pass->dy;
    const size_t block = block_of(job->node), c = dy->shape.c;
    for (size_t at = piece.from; at < piece.to; at++) {
        const float *from = mica_tensor_at(dy, piece.sample, at);
        float *to = channels_at(dx, dy, block, piece.sample, at);
        for (size_t k = 0; k < c; k++)
            mica_layer_put(&to[k * block * block], from[k], job->pass->add[0]);
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dy.shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 8}}}, {"{\"block\": 3}", {{2, 2, 3, 9}}}, {0}};

const struct layer mica_layer_depth_to_space = {
    .name = "depth_to_space",
    .summary = "channels as pixels of a larger image, in the order of PyTorch's "
               "pixel_shuffle",
    .equation = "y[i, j, c] = x[i / b, j / b, (c b + i % b) b + j % b], b = block",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct depth_to_space),
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
