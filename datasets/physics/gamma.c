/* gamma.c - a non-linear grey scale */
#include "core/numeric.h"
#include "datasets/physics/artefact.h"

struct gamma {
    struct spread exponent;
};
static const struct param params[] = {
    {"exponent", PARAM_RANDOM, offsetof(struct gamma, exponent), PARAM_NEEDED, 0.01,
     100, "of the values scaled to 0 .. 1", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct canvas *canvas, const double *values, struct random *random,
                 struct error *err)
{
    (void)random, (void)err;
    size_t size = canvas->scan.height * canvas->scan.width * canvas->channels;
    for (size_t c = 0; c < canvas->channels; c++) {
        float least, most;
        mica_canvas_limits(canvas, c, &least, &most);
        double span = (double)(most - least);
        for (size_t i = c; span > 0 && i < size; i += canvas->channels) {
            double value = (double)(canvas->image[i] - least) / span;
            if (value > 0)
                canvas->image[i] = least + (float)(span * mica_pow(value, values[0]));
        }
    }
    return 0;
}

const struct artefact mica_artefact_gamma = {
    .name = "gamma",
    .summary = "a non-linear grey scale between the least and the largest value",
    .equation = "I = min + (max - min) ((I - min) / (max - min))^exponent",
    .stage = ARTEFACT_IMAGE,
    .rank = 5,
    .params = params,
    .params_size = sizeof(struct gamma),
    .apply = apply};
