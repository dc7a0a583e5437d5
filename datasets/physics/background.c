/* background.c - an offset and a slowly varying signal */
#include "core/memory.h"
#include "datasets/physics/artefact.h"
#include "datasets/physics/smooth.h"

struct background {
    struct spread level, variation, length;
};
static const struct param params[] = {
    {"level", PARAM_RANDOM, offsetof(struct background, level), 0, -100, 100,
     "constant, relative to the range of the image", NULL, DIMENSION_NONE},
    {"variation", PARAM_RANDOM, offsetof(struct background, variation), 0, 0, 100,
     "rms of the slowly varying part, relative to the range", NULL, DIMENSION_NONE},
    {"length", PARAM_RANDOM, offsetof(struct background, length), 0.3, 0.01, 10,
     "its correlation length in sides of the image", NULL, DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    size_t rows = acquisition->scan.height, columns = acquisition->scan.width;
    double side = (double)(rows > columns ? rows : columns);
    float *field = mica_allocate(rows * columns, sizeof *field);
    if (!field || mica_smooth_random(field, rows, columns, values[1], values[2] * side,
                                     random) != 0) {
        mica_free(field);
        return mica_fail(err, "no memory for the background");
    }
    for (size_t i = 0; i < rows * columns; i++)
        for (size_t c = 0; c < acquisition->channels; c++)
            acquisition->image[i * acquisition->channels + c] +=
                (float)acquisition->range[c] * ((float)values[0] + field[i]);
    mica_free(field);
    return 0;
}

const struct artefact mica_artefact_background = {
    .name = "background",
    .summary = "an offset (detector black level) and a slowly varying signal",
    .equation = "I += range (level + field)",
    .stage = ARTEFACT_SIGNAL,
    .rank = 1,
    .params = params,
    .params_size = sizeof(struct background),
    .apply = apply};
