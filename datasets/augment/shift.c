/* shift.c - moved along both axes, by parts of pixels too */
#include "datasets/augment.h"

struct shift {
    double most;
};
static const struct param params[] = {
    {"most", PARAM_FLOAT, offsetof(struct shift, most), 8, 0, 4096,
     "pixels along each axis, drawn between -most and most"},
    {0}};

struct move {
    double y, x;
};

static void from(const void *context, double y, double x, double *from_y,
                 double *from_x)
{
    const struct move *m = context;
    *from_y = y - m->y;
    *from_x = x - m->x;
}

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    struct move m = {mica_random_between(random, -values[0], values[0]), 0};
    m.x = mica_random_between(random, -values[0], values[0]);
    struct move back = {-m.y, -m.x};
    return mica_augment_move_by(s, whole, from, &m, from, &back, err);
}

const struct augment mica_augment_shift = {.name = "shift",
                                           .summary =
                                               "moved; what becomes free is mirrored",
                                           .equation = "I'(p) = I(p - d)",
                                           .params = params,
                                           .params_size = sizeof(struct shift),
                                           .moves = true,
                                           .apply = apply};
