/* contrast.c - the grey scale is stretched and clipped */
#include "datasets/physics/artefact.h"

struct contrast {
    struct spread factor;
};
static const struct param params[] = {
    {"factor", PARAM_RANDOM, offsetof(struct contrast, factor), PARAM_NEEDED, 0, 100,
     "contrast about the middle of the scale; beyond its ends values are clipped", NULL,
     DIMENSION_NONE},
    {0}};

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)random, (void)err;
    size_t size =
        acquisition->scan.height * acquisition->scan.width * acquisition->channels;
    for (size_t c = 0; c < acquisition->channels; c++) {
        float least, most;
        mica_acquisition_limits(acquisition, c, &least, &most);
        float middle = (least + most) / 2;
        for (size_t i = c; i < size; i += acquisition->channels) {
            float value = middle + (float)values[0] * (acquisition->image[i] - middle);
            value = value < least ? least : value;
            acquisition->image[i] = value > most ? most : value;
        }
    }
    return 0;
}

const struct artefact mica_artefact_contrast = {
    .name = "contrast",
    .summary = "the grey scale is stretched about its middle and clipped at its ends",
    .equation = "I = clip(middle + factor (I - middle), min, max)",
    .stage = ARTEFACT_IMAGE,
    .rank = 6,
    .params = params,
    .params_size = sizeof(struct contrast),
    .apply = apply};
