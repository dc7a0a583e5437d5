/* blur.c - a Gaussian blur */
#include "datasets/augment.h"
#include "datasets/physics/smooth.h"

struct blur {
    struct spread sd;
};
static const struct param params[] = {
    {"sd", PARAM_RANDOM, offsetof(struct blur, sd), PARAM_NEEDED, 0, 32,
     "of the Gaussian, in pixels: {\"uniform\": [0, 1.5]}", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)whole;
    (void)random;
    if (values[0] > 0 &&
        mica_smooth_blur(s->image, s->height, s->width, s->channels, values[0]))
        return mica_fail(err, "no memory to blur %s", s->name);
    return 0;
}

const struct augment mica_augment_blur = {.name = "blur",
                                          .summary =
                                              "a Gaussian blur, mirrored at the edges",
                                          .equation = "I' = I * G(sd)",
                                          .params = params,
                                          .params_size = sizeof(struct blur),
                                          .apply = apply};
