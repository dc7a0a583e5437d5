/* rotation.c - turned about the middle by any angle */
#include "core/numeric.h"
#include "datasets/augment.h"

struct rotation {
    struct spread angle;
};
static const struct param params[] = {
    {"angle", PARAM_RANDOM, offsetof(struct rotation, angle), PARAM_NEEDED, -10, 10,
     "counter-clockwise as an image is seen: {\"uniform\": [\"-10 deg\", \"10 deg\"]}",
     NULL, DIMENSION_ANGLE},
    {0}};

struct turn {
    double sine, cosine, y, x; /* about (y, x) */
};

static void from(const void *context, double y, double x, double *from_y,
                 double *from_x)
{
    const struct turn *t = context;
    double dy = y - t->y, dx = x - t->x;
    *from_y = t->y + t->cosine * dy + t->sine * dx;
    *from_x = t->x - t->sine * dy + t->cosine * dx;
}

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)random;
    struct turn t = {mica_sin(values[0]), mica_cos(values[0]),
                     ((double)s->height - 1) / 2, ((double)s->width - 1) / 2};
    struct turn back = {-t.sine, t.cosine, t.y, t.x};
    return mica_augment_move_by(s, whole, from, &t, from, &back, err);
}

const struct augment mica_augment_rotation = {
    .name = "rotation",
    .summary = "turned about the middle; the corners are mirrored",
    .equation = "I'(p) = I(R(-angle) (p - c) + c)",
    .params = params,
    .params_size = sizeof(struct rotation),
    .moves = true,
    .apply = apply};
