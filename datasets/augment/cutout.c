/* cutout.c - squares that are blanked out (DeVries and Taylor 2017), and count nowhere */
#include "datasets/augment.h"

struct cutout {
    int count, side;
};
static const struct param params[] = {
    {"side", PARAM_INT, offsetof(struct cutout, side), 16, 1, 65536,
     "of each square, in pixels"},
    {"count", PARAM_INT, offsetof(struct cutout, count), 1, 1, 1024, "squares"},
    {0}};

/* A square's middle is anywhere in the image. Objects stay: what shows of one outside of the
   square has its Gaussian. */
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
    }
    return 0;
}

const struct augment mica_augment_cutout = {
    .name = "cutout",
    .summary =
        "squares set to 0 behind the normalisation, the mean of standardised images; "
        "their pixels count nowhere",
    .equation = "I' = 0 in squares",
    .params = params,
    .params_size = sizeof(struct cutout),
    .normalised = true,
    .apply = apply};
