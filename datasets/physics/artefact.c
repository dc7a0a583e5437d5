/* artefact.c - what an instrument does to an image: one file each */
#include "datasets/physics/artefact.h"

#include <string.h>

#define ARTEFACT(name) extern const struct artefact mica_artefact_##name;
#include "artefacts.inc"
#undef ARTEFACT

#define ARTEFACT(name) &mica_artefact_##name,
static const struct artefact *const artefacts[] = {
#include "artefacts.inc"
};
#undef ARTEFACT

enum { COUNT = sizeof artefacts / sizeof *artefacts };

/* Whether a comes before b. */
static bool precedes(const struct artefact *a, const struct artefact *b)
{
    if (a->stage != b->stage)
        return a->stage < b->stage;
    return a->rank != b->rank ? a->rank < b->rank : strcmp(a->name, b->name) < 0;
}

/* The table is short: the i-th is the one that i others precede. */
const struct artefact *mica_artefact(size_t i)
{
    for (size_t n = 0; n < COUNT; n++) {
        size_t before = 0;
        for (size_t m = 0; m < COUNT; m++)
            before += precedes(artefacts[m], artefacts[n]);
        if (before == i)
            return artefacts[n];
    }
    return NULL;
}

const struct artefact *mica_artefact_named(const char *name)
{
    for (size_t n = 0; n < COUNT; n++)
        if (strcmp(artefacts[n]->name, name) == 0)
            return artefacts[n];
    return NULL;
}

double mica_acquisition_time(const struct acquisition *acquisition, size_t row,
                             size_t column)
{
    const struct optics *optics = acquisition->optics;
    double line = (double)acquisition->scan.width * optics->dwell + optics->flyback;
    return (double)row * line + (double)column * optics->dwell;
}

void mica_acquisition_limits(const struct acquisition *acquisition, size_t channel,
                             float *least, float *most)
{
    size_t size =
        acquisition->scan.height * acquisition->scan.width * acquisition->channels;
    *least = *most = acquisition->image[channel];
    for (size_t i = channel; i < size; i += acquisition->channels) {
        *least = acquisition->image[i] < *least ? acquisition->image[i] : *least;
        *most = acquisition->image[i] > *most ? acquisition->image[i] : *most;
    }
}
