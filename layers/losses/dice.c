/* dice.c - how little prediction and truth overlap

   The soft Dice loss of Milletari, Navab and Ahmadi (2016), with plain sums in the
   denominator and the mean over classes. */
#include "layers/losses/dice.h"

#include <string.h>

#include "core/parallel.h"

struct params {
    struct dice dice;
    int ignore;
};

enum { SCOPE_BATCH, SCOPE_IMAGE };
const char *const mica_dice_scopes[] = {"batch", "image", NULL};

static const struct param params[] = {
    {"smooth", PARAM_FLOAT, offsetof(struct params, dice.smooth), 1, 0, 1e9,
     "added above and below: classes that are absent count as found"},
    {"scope", PARAM_CHOICE, offsetof(struct params, dice.scope), SCOPE_BATCH, 0, 1,
     "sums over the whole batch, or over each image and then the mean",
     mica_dice_scopes},
    {"background", PARAM_BOOL, offsetof(struct params, dice.background), true, 0, 1,
     "class 0 counts too"},
    {"ignore", PARAM_INT, offsetof(struct params, ignore), -1, -1e9, 1e9,
     "pixels of this class do not count, nor do those with a number that is no class"},
    {0}};

enum { CLOSED, CLOSED_COUNT, IMAGE, OVERLAPS }; /* places in the sums */

size_t mica_dice_sums(size_t classes) { return OVERLAPS + 3 * classes; }

void mica_dice_begin(const struct dice *p, const struct pass *pass, struct piece piece,
                     double *sums)
{
    memset(sums, 0, mica_dice_sums(pass->x[0].shape.c) * sizeof *sums);
    if (p->scope == SCOPE_IMAGE)
        sums[IMAGE] = (double)(pass->first + piece.sample);
}

void mica_dice_add(const struct classes *block, double *sums)
{
    size_t count = block->count;
    double *overlap = sums + OVERLAPS, *predicted = overlap + count;
    double *truth = predicted + count;
    for (size_t i = 0; i < block->pixels; i++)
        for (size_t k = 0; k < count; k++) {
            double p = (double)block->p[i * count + k];
            double t = (double)block->t[i * count + k];
            overlap[k] += p * t;
            predicted[k] += p;
            truth[k] += t;
        }
}

/* sum p + sum t + smooth of class k, and what false and missed pixels count more. */
static double below_of(const struct dice *p, size_t classes, const double *overlaps,
                       size_t k)
{
    double overlap = overlaps[k], predicted = overlaps[classes + k],
           truth = overlaps[2 * classes + k];
    return predicted + truth + p->smooth + p->more_false * (predicted - overlap) +
           p->more_missed * (truth - overlap);
}

/* (2 sum p t + smooth) / (sum p + sum t + smooth) of class k, 1 where that is 0 / 0. */
static double ratio_of(const struct dice *p, size_t classes, const double *overlaps,
                       size_t k)
{
    double below = below_of(p, classes, overlaps, k);
    return below > 0 ? (2 * overlaps[k] + p->smooth) / below : 1;
}

static size_t first_class(const struct dice *p) { return p->background ? 0 : 1; }

/* The loss of the image that is open. */
static double loss_of(const struct dice *p, size_t classes, const double *sums)
{
    double sum = 0;
    for (size_t k = first_class(p); k < classes; k++)
        sum += ratio_of(p, classes, sums + OVERLAPS, k);
    return 1 - sum / (double)(classes - first_class(p));
}

/* Pieces come image by image: where another image follows, the one before is complete. */
void mica_dice_merge(const struct dice *p, size_t classes, double *into,
                     const double *from)
{
    if (into[IMAGE] == from[IMAGE]) {
        for (size_t i = OVERLAPS; i < mica_dice_sums(classes); i++)
            into[i] += from[i];
        return;
    }
    double closed = into[CLOSED] + loss_of(p, classes, into);
    double count = into[CLOSED_COUNT] + 1;
    memcpy(into, from, mica_dice_sums(classes) * sizeof *into);
    into[CLOSED] += closed;
    into[CLOSED_COUNT] += count;
}

double mica_dice_value(const struct dice *p, size_t classes, const double *sums)
{
    return (sums[CLOSED] + loss_of(p, classes, sums)) / (sums[CLOSED_COUNT] + 1);
}

size_t mica_dice_scratch(const struct dice *p, const struct node *node)
{
    size_t pieces = node->in[0].n * mica_pieces_per_sample(node->in[0]);
    bool image = p->scope == SCOPE_IMAGE;
    return image ? pieces * mica_dice_sums(node->in[0].c) * sizeof(double) : 0;
}

struct preparing {
    const struct dice *dice;
    const struct pass *pass;
    int ignore;
};

static void add_block(void *context, const struct classes *block)
{
    mica_dice_add(block, context);
}

static void prepare_piece(void *context, size_t i)
{
    const struct preparing *job = context;
    struct shape shape = job->pass->x[0].shape;
    struct piece piece = mica_piece(shape, i);
    double *sums = (double *)job->pass->scratch + i * mica_dice_sums(shape.c);
    mica_dice_begin(job->dice, job->pass, piece, sums);
    mica_classes_walk(job->pass, piece, job->ignore, add_block, sums);
}

void mica_dice_prepare(const struct dice *p, const struct pass *pass, int ignore)
{
    struct preparing job = {p, pass, ignore};
    struct shape shape = pass->x[0].shape;
    size_t per = mica_pieces_per_sample(shape), size = mica_dice_sums(shape.c);
    if (p->scope != SCOPE_IMAGE)
        return;
    mica_parallel_for(shape.n * per, prepare_piece, &job);
    for (size_t sample = 0; sample < shape.n; sample++) {
        double *sums = (double *)pass->scratch + sample * per * size;
        for (size_t i = 1; i < per; i++)
            mica_dice_merge(p, shape.c, sums, sums + i * size);
    }
}

/* The sums of the image that a block belongs to. */
static const double *image_of(const struct dice *p, const struct pass *pass,
                              const struct classes *block, const double *sums)
{
    if (p->scope != SCOPE_IMAGE)
        return sums;
    size_t per = mica_pieces_per_sample(pass->x[0].shape);
    const double *images = pass->scratch;
    return images + block->sample * per * mica_dice_sums(block->count);
}

/* With r = ratio and s = sum p + sum t + smooth, K classes and M images:
   dloss/dp = -(2 t - r) / (s K M), and through softmax dx = p (dp - sum_k p dp). Where
   false pixels count f and missed ones m more, r becomes r (1 + f - (f + m) t). */
void mica_dice_gradient(const struct dice *p, const struct pass *pass,
                        const struct classes *block, const double *sums, double scale,
                        float *gradient)
{
    size_t count = block->count, first = first_class(p);
    const double *overlaps = image_of(p, pass, block, sums) + OVERLAPS;
    double share = scale / ((double)(count - first) * (sums[CLOSED_COUNT] + 1));
    double more_false = p->more_false, more = p->more_false + p->more_missed;
    double below[MICA_CLASSES_MOST], ratio[MICA_CLASSES_MOST], dp[MICA_CLASSES_MOST];
    for (size_t k = 0; k < count; k++) {
        double s = below_of(p, count, overlaps, k);
        below[k] = k >= first && s > 0 ? share / s : 0;
        ratio[k] = ratio_of(p, count, overlaps, k);
    }
    for (size_t i = 0; i < block->pixels * count; i += count) {
        double sum = 0;
        for (size_t k = 0; k < count; k++) {
            double t = (double)block->t[i + k];
            dp[k] = below[k] * (ratio[k] * (1 + more_false - more * t) - 2 * t);
            sum += (double)block->p[i + k] * dp[k];
        }
        for (size_t k = 0; k < count; k++)
            gradient[i + k] += (float)((double)block->p[i + k] * (dp[k] - sum));
    }
}

static int setup(struct node *node, struct error *err)
{
    const struct params *p = node->params;
    if (mica_classes_setup(node, err))
        return -1;
    node->sums_forward = mica_dice_sums(node->in[0].c);
    node->saved = node->sums_forward * sizeof(double);
    node->scratch_backward = mica_dice_scratch(&p->dice, node);
    return 0;
}

static void partial(const struct node *node, const struct pass *pass,
                    struct piece piece, double *sums)
{
    const struct params *p = node->params;
    mica_dice_begin(&p->dice, pass, piece, sums);
    mica_classes_walk(pass, piece, p->ignore, add_block, sums);
}

static void merge(const struct node *node, double *into, const double *from)
{
    const struct params *p = node->params;
    mica_dice_merge(&p->dice, node->in[0].c, into, from);
}

static void forward(const struct node *node, const struct pass *pass)
{
    const struct params *p = node->params;
    memcpy(pass->saved, pass->sums, node->saved);
    *mica_tensor_at(&pass->y, 0, 0) =
        (float)mica_dice_value(&p->dice, node->in[0].c, pass->sums);
}

static void backward_block(void *context, const struct classes *block)
{
    const struct job *job = context;
    const struct params *p = job->node->params;
    float gradient[MICA_CLASSES_BLOCK] = {0};
    double scale = (double)*mica_tensor_at(&job->pass->dy, 0, 0);
    mica_dice_gradient(&p->dice, job->pass, block, job->pass->saved, scale, gradient);
    mica_classes_put(job->pass, block, gradient);
}

static void backward_piece(void *context, struct piece piece)
{
    struct job *job = context;
    const struct params *p = job->node->params;
    mica_classes_walk(job->pass, piece, p->ignore, backward_block, job);
}

static void backward(const struct node *node, const struct pass *pass)
{
    const struct params *p = node->params;
    struct job job = {node, pass};
    if (!pass->dx[0].data)
        return;
    mica_dice_prepare(&p->dice, pass, p->ignore);
    mica_parallel_pieces(pass->x[0].shape, backward_piece, &job);
}

static const struct example examples[] = {
    {"{}", {{2, 3, 4, 3}, {2, 3, 4, 1}}, true},
    {"{\"scope\": \"image\", \"background\": false, \"ignore\": 1}",
     {{4, 3, 2, 3}, {4, 3, 2, 1}},
     true},
    {"{\"smooth\": 0}", {{2, 2, 3, 4}, {2, 2, 3, 4}}},
    {0}};

const struct layer mica_layer_dice = {
    .name = "dice",
    .summary = "how little prediction and truth overlap, a mean over classes",
    .equation = "1 - mean_c (2 sum p t + smooth) / (sum p + sum t + smooth), sums over "
                "the pixels that count",
    .inputs = 2,
    .params = params,
    .params_size = sizeof(struct params),
    .keeps_input = true,
    .activation = "softmax",
    .setup = setup,
    .forward = forward,
    .backward = backward,
    .partial_forward = partial,
    .merge_forward = merge,
    .examples = examples};
