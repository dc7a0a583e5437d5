/* reshape.c - the same numbers in another shape */
#include "core/parallel.h"
#include "layers/layers.h"

struct reshape {
    struct numbers shape;
};

static const struct param params[] = {
    {"shape", PARAM_NUMBERS, offsetof(struct reshape, shape), PARAM_NEEDED, 0, 1048576,
     "[rows, columns, channels], [points, channels] or one number for a vector; one "
     "may "
     "be 0: what is left"},
    {0}};

/* The sizes as they are written, with 1 for those left out; -1 where one is no whole. */
static int read_sizes(const struct numbers *given, size_t sizes[3])
{
    for (size_t i = 0; i < 3; i++) {
        size_t left_out = 3 - given->count;
        double size = i < left_out ? 1 : given->values[i - left_out];
        sizes[i] = (size_t)size;
        if ((double)sizes[i] != size)
            return -1;
    }
    return 0;
}

static int setup(struct node *node, struct error *err)
{
    const struct reshape *p = node->params;
    struct shape in = node->in[0];
    size_t sizes[3], known = 1, zeros = 0, all = in.h * in.w * in.c;
    if (p->shape.count < 1 || p->shape.count > 3 || read_sizes(&p->shape, sizes))
        return mica_misuse(err, "reshape: 'shape' is one to three whole numbers");
    for (size_t i = 0; i < 3; i++) {
        zeros += sizes[i] == 0;
        known *= sizes[i] ? sizes[i] : 1;
    }
    for (size_t i = 0; i < 3 && zeros == 1; i++)
        sizes[i] = sizes[i] ? sizes[i] : all / known;
    if (zeros > 1 || sizes[0] * sizes[1] * sizes[2] != all)
        return mica_misuse(
            err,
            "reshape: %zu x %zu x %zu is not as many numbers as %zu x %zu "
            "x %zu; their products must be equal, and one size may be 0",
            sizes[0], sizes[1], sizes[2], in.h, in.w, in.c);
    node->out = (struct shape){in.n, sizes[0], sizes[1], sizes[2]};
    node->field.global = true;
    return 0;
}

struct move {
    const struct tensor *to, *from;
    bool add;
};

/* Numbers are counted channel by channel, row by row, on both sides. */
static void move_piece(void *context, struct piece piece)
{
    const struct move *m = context;
    const size_t pixels = mica_shape_pixels(m->to->shape);
    const size_t others = mica_shape_pixels(m->from->shape);
    for (size_t at = piece.from; at < piece.to; at++) {
        float *to = mica_tensor_at(m->to, piece.sample, at);
        for (size_t k = 0; k < m->to->shape.c; k++) {
            size_t number = k * pixels + at;
            const float *from = mica_tensor_at(m->from, piece.sample, number % others);
            mica_layer_put(&to[k], from[number / others], m->add);
        }
    }
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct move move = {&pass->y, &pass->x[0], false};
    (void)node;
    mica_parallel_pieces(pass->y.shape, move_piece, &move);
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct move move = {&pass->dx[0], &pass->dy, pass->add[0]};
    (void)node;
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dx[0].shape, move_piece, &move);
}

static const struct example examples[] = {{"{\"shape\": [2, 3, 4]}", {{2, 1, 1, 24}}},
                                          {"{\"shape\": [4, 0]}", {{2, 6, 1, 4}}},
                                          {0}};

const struct layer mica_layer_reshape = {
    .name = "reshape",
    .summary = "the same numbers in another shape, in PyTorch's order: channel by "
               "channel, row by row",
    .equation = "y[i, j, c] = x[k, l, d], (c H + i) W + j = (d h + k) w + l",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct reshape),
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
