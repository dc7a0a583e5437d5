/* dice.c - how little prediction and truth overlap

   The soft Dice loss of Milletari, Navab and Ahmadi (2016), with plain sums in the
   denominator and the mean over classes. */
#include "layers/losses/dice.h"

#include <string.h>

#include "core/parallel.h"

struct params {
    struct classes_params classes;
    struct dice dice;
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
    MICA_CLASSES_IGNORE,
    {0}};

enum { CLOSED, CLOSED_COUNT, IMAGE, OVERLAPS }; /* places in the sums */

static size_t sums_of(size_t classes) { return OVERLAPS + 3 * classes; }

static struct dice dice_of(const struct node *node)
{
    return ((const struct dice_loss *)node->layer->work)->of(node);
}

int mica_dice_setup(struct node *node, struct error *err)
{
    const struct dice p = dice_of(node);
    size_t pieces = node->in[0].n * mica_pieces_per_sample(node->in[0]);
    if (mica_classes_setup(node, p.at + sums_of(node->in[0].c), err))
        return -1;
    if (p.scope == SCOPE_IMAGE)
        node->scratch_backward = pieces * node->sums_forward * sizeof(double);
    return 0;
}

/* ---- forward ---- */

void mica_dice_add(const struct node *node, const struct classes *block, double *sums)
{
    const struct dice p = dice_of(node);
    size_t count = block->count;
    double *overlap = sums + p.at + OVERLAPS, *predicted = overlap + count;
    double *truth = predicted + count;
    if (p.scope == SCOPE_IMAGE)
        sums[p.at + IMAGE] = (double)block->image;
    for (size_t i = 0; i < block->pixels; i++)
        for (size_t k = 0; k < count; k++) {
            double is = (double)block->p[i * count + k];
            double t = (double)block->t[i * count + k];
            overlap[k] += is * t;
            predicted[k] += is;
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
void mica_dice_merge(const struct node *node, double *into, const double *from)
{
    const struct dice p = dice_of(node);
    const size_t classes = node->in[0].c;
    for (size_t i = 0; i < p.at; i++)
        *into++ += *from++;
    if (into[IMAGE] == from[IMAGE]) {
        for (size_t i = OVERLAPS; i < sums_of(classes); i++)
            into[i] += from[i];
        return;
    }
    double closed = into[CLOSED] + loss_of(&p, classes, into);
    double count = into[CLOSED_COUNT] + 1;
    memcpy(into, from, sums_of(classes) * sizeof *into);
    into[CLOSED] += closed;
    into[CLOSED_COUNT] += count;
}

double mica_dice_value(const struct node *node, const double *sums)
{
    const struct dice p = dice_of(node);
    sums += p.at;
    return (sums[CLOSED] + loss_of(&p, node->in[0].c, sums)) / (sums[CLOSED_COUNT] + 1);
}

/* ---- backward ---- */

static void prepare_piece(void *context, size_t i)
{
    const struct job *job = context;
    struct piece piece = mica_piece(job->pass->x[0].shape, i);
    double *sums = (double *)job->pass->scratch + i * job->node->sums_forward;
    mica_classes_partial(job->node, job->pass, piece, sums);
}

void mica_dice_prepare(const struct node *node, const struct pass *pass)
{
    struct job job = {node, pass};
    struct shape shape = pass->x[0].shape;
    size_t per = mica_pieces_per_sample(shape), size = node->sums_forward;
    if (dice_of(node).scope != SCOPE_IMAGE)
        return;
    mica_parallel_for(shape.n * per, prepare_piece, &job);
    for (size_t sample = 0; sample < shape.n; sample++) {
        double *sums = (double *)pass->scratch + sample * per * size;
        for (size_t i = 1; i < per; i++)
            mica_dice_merge(node, sums, sums + i * size);
    }
}

/* The sums of the image that a block belongs to. */
static const double *image_of(const struct dice *p, const struct node *node,
                              const struct pass *pass, const struct classes *block)
{
    const double *images = p->scope == SCOPE_IMAGE ? pass->scratch : pass->saved;
    size_t per = mica_pieces_per_sample(pass->x[0].shape);
    size_t image = p->scope == SCOPE_IMAGE ? block->sample * per : 0;
    return images + image * node->sums_forward + p->at;
}

/* With r = ratio and s = sum p + sum t + smooth, K classes and M images:
   dloss/dp = -(2 t - r) / (s K M), and through softmax dx = p (dp - sum_k p dp). Where
   false pixels count f and missed ones m more, r becomes r (1 + f - (f + m) t). */
void mica_dice_gradient(const struct node *node, const struct pass *pass,
                        const struct classes *block, double scale, float *dx)
{
    const struct dice own = dice_of(node), *p = &own;
    size_t count = block->count, first = first_class(p);
    const double *overlaps = image_of(p, node, pass, block) + OVERLAPS;
    double images = ((const double *)pass->saved)[p->at + CLOSED_COUNT] + 1;
    double share = scale / ((double)(count - first) * images);
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
            dx[i + k] += (float)((double)block->p[i + k] * (dp[k] - sum));
    }
}

/* ---- the loss ---- */

static struct dice of(const struct node *node)
{
    return ((const struct params *)node->params)->dice;
}

static const struct dice_loss work = {MICA_DICE_LOSS, of};

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
    .setup = mica_dice_setup,
    .forward = mica_classes_forward,
    .backward = mica_classes_backward,
    .partial_forward = mica_classes_partial,
    .merge_forward = mica_dice_merge,
    .work = &work,
    .examples = examples};
