/* scale.c - enlarged about the middle, by the same factor along both axes */
#include "datasets/augment.h"

struct scale {
    struct spread factor;
};
static const struct param params[] = {
    {"factor", PARAM_RANDOM, offsetof(struct scale, factor), PARAM_NEEDED, 0.1, 10,
     "above 1 things become larger: {\"log_uniform\": [0.8, 1.25]}", NULL,
     DIMENSION_NONE},
    {0}};

struct zoom {
    double factor, y, x; /* about (y, x) */
};

static void from(const void *context, double y, double x, double *from_y,
                 double *from_x)
{
    const struct zoom *z = context;
    *from_y = z->y + (y - z->y) / z->factor;
    *from_x = z->x + (x - z->x) / z->factor;
}

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)random;
    struct zoom z = {values[0], ((double)s->height - 1) / 2,
                     ((double)s->width - 1) / 2};
    struct zoom back = {1 / z.factor, z.y, z.x};
    int status = mica_augment_move_by(s, whole, from, &z, from, &back, err);
    s->pixel[0] /= z.factor; /* behind it: objects reach as far as the old pixels say */
    s->pixel[1] /= z.factor;
    return status;
}

static void pixels(const void *params_read, double range[2])
{
    const struct scale *scale = params_read;
    double least, most;
    mica_spread_limits(&scale->factor, &least, &most);
    range[0] /= most;
    range[1] /= least;
}

const struct augment mica_augment_scale = {
    .name = "scale",
    .summary =
        "enlarged or made smaller about the middle; the size of a pixel follows, and "
        "what becomes free is mirrored",
    .equation = "I'(p) = I((p - c) / factor + c)",
    .params = params,
    .params_size = sizeof(struct scale),
    .moves = true,
    .apply = apply,
    .pixels = pixels};
