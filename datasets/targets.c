/* targets.c - the truth of a sample as a number for each class but the first */
#include "datasets/targets.h"

#include <math.h>

#include "core/numeric.h"

double mica_targets_half(double sigma) { return sigma * sqrt(2 * mica_log(2)); }

static void put_classes(const struct sample *s, const struct tensor *targets, size_t i)
{
    for (size_t p = 0; p < mica_shape_pixels(targets->shape); p++)
        for (size_t k = 0; k < targets->shape.c; k++)
            mica_tensor_at(targets, i, p)[k] = s->labels && s->labels[p] == k + 1;
}

static void draw_gaussian(const struct object *o, const double sigma[2],
                          const struct sample *s, const struct tensor *targets,
                          size_t i)
{
    double top = ceil(o->y - MICA_REACH * sigma[0]),
           bottom = o->y + MICA_REACH * sigma[0];
    double left = ceil(o->x - MICA_REACH * sigma[1]),
           right = o->x + MICA_REACH * sigma[1];
    for (double y = fmax(top, 0); y <= fmin(bottom, (double)s->height - 1); y++)
        for (double x = fmax(left, 0); x <= fmin(right, (double)s->width - 1); x++) {
            double dy = (y - o->y) / sigma[0], dx = (x - o->x) / sigma[1];
            double square = dy * dy + dx * dx;
            float *t = mica_tensor_at(targets, i, (size_t)y * s->width + (size_t)x);
            if (square <= MICA_REACH * MICA_REACH)
                t[o->label - 1] = fmaxf(t[o->label - 1], (float)mica_exp(-square / 2));
        }
}

static void put_gaussians(const struct dataset *dataset, const struct sample *s,
                          const struct tensor *targets, size_t i)
{
    double sigma[2];
    for (int axis = 0; axis < 2; axis++)
        sigma[axis] =
            dataset->sigma_px ? dataset->sigma : dataset->sigma / s->pixel[axis];
    for (size_t p = 0; p < mica_shape_pixels(targets->shape); p++)
        for (size_t k = 0; k < targets->shape.c; k++)
            mica_tensor_at(targets, i, p)[k] = 0;
    for (size_t n = 0; n < s->object_count; n++) {
        size_t label = (size_t)s->objects[n].label;
        if (label >= 1 && label <= targets->shape.c)
            draw_gaussian(&s->objects[n], sigma, s, targets, i);
    }
}

void mica_targets_fill(const struct dataset *dataset, const struct sample *sample,
                       const struct tensor *targets, size_t i)
{
    if (dataset->sigma > 0)
        put_gaussians(dataset, sample, targets, i);
    else
        put_classes(sample, targets, i);
    for (size_t p = 0; p < mica_shape_pixels(targets->shape); p++)
        for (size_t k = 0; k < targets->shape.c; k++)
            if (!sample->labels || sample->labels[p] == MICA_IGNORED)
                mica_tensor_at(targets, i, p)[k] = (float)NAN;
}
