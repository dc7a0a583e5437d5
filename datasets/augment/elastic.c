/* elastic.c - a smooth random distortion, as rubber gives (Simard et al., ICDAR 2003) */
#include "core/memory.h"
#include "datasets/augment.h"
#include "datasets/physics/smooth.h"

#include <math.h>

struct elastic {
    struct spread rms;
    double length;
};
static const struct param params[] = {
    {"rms", PARAM_RANDOM, offsetof(struct elastic, rms), PARAM_NEEDED, 0, 64,
     "displacement along each axis, in pixels; at most a quarter of the length", NULL,
     DIMENSION_NONE},
    {"length", PARAM_FLOAT, offsetof(struct elastic, length), 24, 4, 4096,
     "over which it changes, in pixels"},
    {0}};

struct field {
    size_t height, width;
    float *dy, *dx; /* [height][width] */
};

/* Between pixels linear, outside as at the border. */
static double look(const struct field *f, const float *d, double y, double x)
{
    y = fmin(fmax(y, 0), (double)f->height - 1);
    x = fmin(fmax(x, 0), (double)f->width - 1);
    size_t row = (size_t)y, column = (size_t)x;
    size_t below = row + 1 < f->height ? row + 1 : row;
    size_t right = column + 1 < f->width ? column + 1 : column;
    double ty = y - (double)row, tx = x - (double)column;
    double top = (1 - tx) * (double)d[row * f->width + column] +
                 tx * (double)d[row * f->width + right];
    double bottom = (1 - tx) * (double)d[below * f->width + column] +
                    tx * (double)d[below * f->width + right];
    return (1 - ty) * top + ty * bottom;
}

static void from(const void *context, double y, double x, double *from_y,
                 double *from_x)
{
    const struct field *f = context;
    *from_y = y + look(f, f->dy, y, x);
    *from_x = x + look(f, f->dx, y, x);
}

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    double rms = fmin(values[0], values[1] / 4);
    struct field f = {s->height, s->width, NULL, NULL};
    f.dy = mica_allocate(s->height * s->width, sizeof(float));
    f.dx = mica_allocate(s->height * s->width, sizeof(float));
    int status = -1;
    if (!f.dy || !f.dx ||
        mica_smooth_random(f.dy, s->height, s->width, rms, values[1], random) ||
        mica_smooth_random(f.dx, s->height, s->width, rms, values[1], random))
        mica_fail(err, "no memory to distort %s", s->name);
    else
        status = mica_augment_move_by(s, whole, from, &f, NULL, NULL, err);
    mica_free(f.dy);
    mica_free(f.dx);
    return status;
}

const struct augment mica_augment_elastic = {
    .name = "elastic",
    .summary = "a smooth random distortion",
    .equation = "I'(p) = I(p + d(p)), d a smooth normal field",
    .params = params,
    .params_size = sizeof(struct elastic),
    .moves = true,
    .apply = apply};
