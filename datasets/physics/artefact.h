/* artefact.h - what an instrument does to an image: one file each */
#ifndef MICA_DATASETS_PHYSICS_ARTEFACT_H
#define MICA_DATASETS_PHYSICS_ARTEFACT_H

#include "core/random.h"
#include "datasets/physics/draw.h"
#include "datasets/physics/incoherent.h"

/* A sample while it is made. */
struct acquisition {
    struct scan scan; /* the displacements are there, 0 at first, for ARTEFACT_SCAN */
    const struct optics *optics;
    double electrons;           /* per pixel */
    struct grid grid;           /* the specimen's image, for ARTEFACT_SPECIMEN */
    struct kernel kernel;       /* of a carbon atom, for the grid */
    const double *carbon_sigma; /* [channels] cross-sections of a carbon atom [A^2] */
    float *carbon;              /* [height][width] nm of carbon, 0 at first */
    size_t channels;
    float *image;  /* [height][width][channels] fractions of the beam */
    cJSON *drawn;  /* where the artefact records what else it draws */
    double *range; /* [channels] largest minus least of the noise-free image */
};

/* The time [us] from the start of the scan to a pixel's. */
double mica_acquisition_time(const struct acquisition *acquisition, size_t row,
                             size_t column);
/* The least and the largest value of a channel. */
void mica_acquisition_limits(const struct acquisition *acquisition, size_t channel,
                             float *least, float *most);

enum artefact_stage {
    ARTEFACT_SCAN,     /* moves the beam: adds to acquisition->scan.dx and dy */
    ARTEFACT_SPECIMEN, /* lies on the specimen: adds to acquisition->grid */
    ARTEFACT_SIGNAL,   /* adds to the noise-free image */
    ARTEFACT_COUNTS,   /* counting and the detector */
    ARTEFACT_IMAGE     /* what is done to the image afterwards */
};

/* Artefacts apply by stage and rank, whatever their order in a specification. `apply` gets
   the values drawn for its parameters in the table's order, and a stream of random numbers
   of its own. Noise amplitudes without a unit are relative to acquisition->range. */
struct artefact {
    const char *name, *summary, *equation;
    enum artefact_stage stage;
    int rank; /* the place in its stage */
    const struct param *params;
    size_t params_size;
    int (*apply)(struct acquisition *acquisition, const double *values,
                 struct random *random,
                 struct error *err); /* 0, or -1 where there is no memory */
};

/* The i-th in the order of application; NULL at the end. */
const struct artefact *mica_artefact(size_t i);
const struct artefact *mica_artefact_named(const char *name);

#endif
