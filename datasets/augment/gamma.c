/* gamma.c - a bent scale of greys between the least and the largest value */
#include "core/numeric.h"
#include "datasets/augment.h"

struct gamma {
    struct spread exponent;
};
static const struct param params[] = {
    {"exponent", PARAM_RANDOM, offsetof(struct gamma, exponent), PARAM_NEEDED, 0.1, 10,
     "above 1 middle greys become darker: {\"uniform\": [0.8, 1.2]}", NULL,
     DIMENSION_NONE},
    {0}};

static int apply(struct sample *s, bool whole, const double *values,
                 struct random *random, struct error *err)
{
    (void)whole;
    (void)random;
    (void)err;
    for (size_t c = 0; c < s->channels; c++) {
        float least, most;
        mica_augment_limits(s, c, &least, &most);
        double low = (double)least, range = (double)most - low;
        for (size_t i = c; i < s->height * s->width * s->channels && range > 0;
             i += s->channels) {
            double share = ((double)s->image[i] - low) / range;
            if (share > 0)
                s->image[i] = (float)(low + range * mica_pow(share, values[0]));
        }
    }
    return 0;
}

const struct augment mica_augment_gamma = {
    .name = "gamma",
    .summary =
        "a bent scale of greys, each channel between its least and largest value",
    .equation = "I' = least + range ((I - least) / range)^exponent",
    .params = params,
    .params_size = sizeof(struct gamma),
    .apply = apply};
