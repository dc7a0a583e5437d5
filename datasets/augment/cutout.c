/* cutout.c - squares that are blanked out (DeVries and Taylor 2017), and count nowhere */
#include "datasets/augment.h"

#include <math.h>

struct cutout {
    int count, side;
};
static const struct param params[] = {
    {"side", PARAM_INT, offsetof(struct cutout, side), 16, 1, 65536,
     "of each square, in pixels"},
    {"count", PARAM_INT, offsetof(struct cutout, count), 1, 1, 1024, "squares"},
    {0}};

static void drop_objects(struct sample *s, double y, double x, double side)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->object_count; i++) {
        const struct object *o = &s->objects[i];
        bool inside = o->y >= y - 0.5 && o->x >= x - 0.5 && o->y < y + side - 0.5 &&
                      o->x < x + side - 0.5;
        if (!inside)
            s->objects[kept++] = *o;
    }
    s->object_count = kept;
}

/* A square's middle is anywhere in the image. */
static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    size_t side = (size_t)values[0];
    for (int k = 0; k < (int)values[1]; k++) {
        size_t middle_y = mica_random_below(random, s->height);
        size_t middle_x = mica_random_below(random, s->width);
        size_t y0 = middle_y > side / 2 ? middle_y - side / 2 : 0;
        size_t x0 = middle_x > side / 2 ? middle_x - side / 2 : 0;
        size_t y1 = middle_y + side - side / 2, x1 = middle_x + side - side / 2;
        for (size_t y = y0; y < y1 && y < s->height; y++)
            for (size_t x = x0; x < x1 && x < s->width; x++) {
                for (size_t c = 0; c < s->channels; c++)
                    s->image[(y * s->width + x) * s->channels + c] = 0;
                if (s->labels && !whole)
                    s->labels[y * s->width + x] = MICA_IGNORED;
            }
        if (!whole)
            drop_objects(s, (double)y1 - (double)side, (double)x1 - (double)side,
                         (double)side);
    }
    return 0;
}

const struct augment mica_augment_cutout = {
    .name = "cutout",
    .summary =
        "squares set to 0 behind the normalisation, the mean of standardised images; "
        "their pixels count nowhere, and objects in them are not looked for",
    .equation = "I' = 0 in squares",
    .params = params,
    .params_size = sizeof(struct cutout),
    .normalised = true,
    .apply = apply};
