/* upsample.c - larger images by repeating or interpolating pixels */
#include <string.h>

#include "core/kernels.h"
#include "layers/layers.h"

struct upsample {
    int factor, mode, corners;
};

enum { NEAREST, BILINEAR };
enum { CENTRES, ALIGNED };
static const char *const modes[] = {"nearest", "bilinear", NULL};
static const char *const corners[] = {"centres", "aligned", NULL};

static const struct param params[] = {
    {"factor", PARAM_INT, offsetof(struct upsample, factor), 2, 1, 64,
     "output pixels for each input pixel, along each axis"},
    {"mode", PARAM_CHOICE, offsetof(struct upsample, mode), NEAREST, 0, 1,
     "repeat pixels or interpolate between them", modes},
    {"corners", PARAM_CHOICE, offsetof(struct upsample, corners), CENTRES, 0, 1,
     "bilinear: pixels are squares with centres, or the corner pixels' centres lie "
     "upon "
     "each other (PyTorch's align_corners)",
     corners},
    {0}};

/* Output pixel i along one axis: (1 - share) x[low] + share x[high]. */
struct between {
    size_t low, high;
    float share;
};

static struct between place(const struct upsample *p, size_t in, size_t i)
{
    size_t factor = (size_t)p->factor;
    if (p->mode == NEAREST || in == 1)
        return (struct between){i / factor, i / factor, 0};
    double x = ((double)i + 0.5) / (double)factor - 0.5;
    if (p->corners == ALIGNED)
        x = (double)i * (double)(in - 1) / (double)(in * factor - 1);
    x = x < 0 ? 0 : x;
    size_t low = (size_t)x < in - 1 ? (size_t)x : in - 1;
    size_t high = low + 1 < in ? low + 1 : low;
    return (struct between){low, high, high > low ? (float)(x - (double)low) : 0.0f};
}

/* With centres, output q factor + r reads the same pixels around q for every q that is
   not at the border. */
static struct field field_of(const struct upsample *p)
{
    struct field field = {1.0 / p->factor, 0, 0, false};
    field.global = p->mode == BILINEAR && p->corners == ALIGNED;
    for (size_t r = 0; r < (size_t)p->factor && !field.global; r++) {
        double x = (double)r / p->factor;
        struct between b = place(p, 3, (size_t)p->factor + r);
        double before = 1 + x - (double)b.low;
        double after = (b.share > 0 ? (double)b.high : (double)b.low) - 1 - x;
        field.before = before > field.before ? before : field.before;
        field.after = after > field.after ? after : field.after;
    }
    return field;
}

static int setup(struct node *node, struct error *err)
{
    (void)err;
    const struct upsample *p = node->params;
    node->out.h *= (size_t)p->factor;
    node->out.w *= (size_t)p->factor;
    node->field = field_of(p);
    return 0;
}

static void blend(float *restrict y, const float *const corner[4], const float share[4],
                  size_t c)
{
    for (size_t k = 0; k < c; k++)
        y[k] = (share[0] * corner[0][k] + share[1] * corner[1][k]) +
               (share[2] * corner[2][k] + share[3] * corner[3][k]);
}

static void forward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct upsample *p = job->node->params;
    const struct tensor *x = &job->pass->x[0], *y = &job->pass->y;
    size_t c = y->shape.c, width = x->shape.w, n = piece.sample;
    for (size_t at = piece.from; at < piece.to; at++) {
        struct between v = place(p, x->shape.h, at / y->shape.w);
        struct between h = place(p, width, at % y->shape.w);
        float *out = mica_tensor_at(y, n, at);
        const float *corner[] = {mica_tensor_at(x, n, v.low * width + h.low),
                                 mica_tensor_at(x, n, v.low * width + h.high),
                                 mica_tensor_at(x, n, v.high * width + h.low),
                                 mica_tensor_at(x, n, v.high * width + h.high)};
        float share[] = {(1 - v.share) * (1 - h.share), (1 - v.share) * h.share,
                         v.share * (1 - h.share), v.share * h.share};
        if (p->mode == NEAREST)
            mica_kernels()->copy(out, corner[0], c);
        else
            blend(out, corner, share, c);
    }
}

static void forward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    mica_parallel_pieces(pass->y.shape, forward_piece, &job);
}

/* What output pixel i takes of input pixel `of`. */
static float share_of(const struct upsample *p, size_t in, size_t i, size_t of)
{
    struct between b = place(p, in, i);
    return (b.low == of ? 1 - b.share : 0) + (b.high == of ? b.share : 0);
}

/* Outputs from .. to-1 along one axis: all those that may read input pixel `of`. */
struct span {
    size_t from, to;
};
static struct span readers(const struct upsample *p, size_t in, size_t of)
{
    size_t factor = (size_t)p->factor;
    size_t margin = p->mode == NEAREST ? 0 : 1;
    size_t from = of > margin ? (of - margin) * factor : 0,
           to = (of + 1 + margin) * factor;
    return (struct span){from, to < in * factor ? to : in * factor};
}

static void gather(const struct job *job, struct piece piece, size_t at)
{
    const struct upsample *p = job->node->params;
    const struct tensor *dx = &job->pass->dx[0], *dy = &job->pass->dy;
    size_t i = at / dx->shape.w, j = at % dx->shape.w, c = dx->shape.c;
    struct span rows = readers(p, dx->shape.h, i);
    struct span columns = readers(p, dx->shape.w, j);
    float *restrict to = mica_tensor_at(dx, piece.sample, at);
    for (size_t a = rows.from; a < rows.to; a++) {
        float vertical = share_of(p, dx->shape.h, a, i);
        for (size_t b = columns.from; vertical > 0 && b < columns.to; b++) {
            float share = vertical * share_of(p, dx->shape.w, b, j);
            const float *restrict from =
                mica_tensor_at(dy, piece.sample, a * dy->shape.w + b);
            for (size_t k = 0; share > 0 && k < c; k++)
                to[k] += share * from[k];
        }
    }
}

static void backward_piece(void *context, struct piece piece)
{
    const struct job *job = context;
    const struct tensor *dx = &job->pass->dx[0];
    for (size_t at = piece.from; at < piece.to; at++) {
        if (!job->pass->add[0])
            memset(mica_tensor_at(dx, piece.sample, at), 0,
                   dx->shape.c * sizeof(float));
        gather(job, piece, at);
    }
}

static void backward(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    if (pass->dx[0].data)
        mica_parallel_pieces(pass->dx[0].shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 5, 3}}},
    {"{\"factor\": 3, \"mode\": \"bilinear\"}", {{2, 3, 4, 2}}},
    {"{\"mode\": \"bilinear\", \"corners\": \"aligned\"}", {{2, 4, 3, 3}}},
    {0}};

const struct layer mica_layer_upsample = {
    .name = "upsample",
    .summary = "enlarges images by repeating pixels or interpolating between them",
    .equation = "nearest: y[i, j] = x[i / factor, j / factor], rounded down; bilinear: "
                "between the four nearest pixels",
    .inputs = 1,
    .params = params,
    .params_size = sizeof(struct upsample),
    .setup = setup,
    .cheap = true,
    .forward = forward,
    .backward = backward,
    .examples = examples};
