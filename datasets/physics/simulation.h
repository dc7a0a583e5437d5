/* simulation.h - simulated images: a specification, and samples of it by index */
#ifndef MICA_DATASETS_PHYSICS_SIMULATION_H
#define MICA_DATASETS_PHYSICS_SIMULATION_H

#include "datasets/physics/atoms.h"
#include "datasets/physics/microscope.h"

/* A specification: docs/reference/simulation.md says every word. */
struct simulation;

/* Read a file, or take over a document that was read (and perhaps changed with
   mica_json_set); `json` is freed with the simulation, also where this fails. Every problem
   adds a line with its position to err. */
struct simulation *mica_simulation_read(const char *path, struct error *err);
struct simulation *mica_simulation_open(struct json *json, struct error *err);
void mica_simulation_free(struct simulation *simulation);

uint64_t mica_simulation_seed(const struct simulation *simulation);
void mica_simulation_reseed(struct simulation *simulation, uint64_t seed);
/* The size of every image in pixels; one channel a detector. */
void mica_simulation_shape(const struct simulation *simulation, size_t *height,
                           size_t *width, size_t *channels);
/* The least and the largest size of a pixel [A] that is drawn. */
void mica_simulation_pixels(const struct simulation *simulation, double range[2]);
/* The classes of the label map: 0 is "background"; NULL after the last. */
const char *mica_simulation_class(const struct simulation *simulation, size_t i);
/* The class of columns with this label; 0: none. */
size_t mica_simulation_class_of(const struct simulation *simulation, const char *label);
/* The radius of the label discs [A]; of Gaussians, where they are one half. */
double mica_simulation_label_radius(const struct simulation *simulation);
/* The sigma of the label Gaussians [A]; 0: they are discs. */
double mica_simulation_label_sigma(const struct simulation *simulation);
const char *mica_simulation_channel(const struct simulation *simulation, size_t i);
/* The crystal that the images show one layer of; NULL: several layers, a file's atoms. */
const char *mica_simulation_crystal(const struct simulation *simulation);
/* What a user should know of the model's limits for this specification; NULL: nothing. */
const char *mica_simulation_warning(const struct simulation *simulation);

/* How a specimen is seen: everything drawn that a noise-free rendering needs. */
struct view {
    struct optics optics;
    size_t height, width;
    double pixel[2];  /* [A], (rows, columns) */
    double coherence; /* of columns with two atoms; 0: the tabulated cross-sections */
};

struct simulated {
    struct view view;
    size_t channels;
    float *image;       /* [height][width][channels], fractions of the beam's current */
    uint8_t *labels;    /* [height][width], classes */
    float *carbon;      /* [height][width], nm of carbon; NULL where there is none */
    struct atoms atoms; /* with vacant sites, the margin around the image included */
    double electrons;   /* per pixel */
    cJSON *drawn;       /* every drawn value */
};
/* Sample `index`: a pure function of (specification, seed, index). `out` starts as {0} and
   is freed with mica_simulated_free. 0 or -1. */
int mica_simulation_sample(const struct simulation *simulation, uint64_t index,
                           struct simulated *out, struct error *err);
void mica_simulated_free(struct simulated *simulated); /* leaves it empty */

/* The noise-free, undistorted image of given atoms under a view (a sample's, perhaps with
   another size): `image` is [height][width][channels]. */
int mica_simulation_render(const struct simulation *simulation, const struct view *view,
                           const struct atoms *atoms, float *image, struct error *err);

/* The cross-section [A^2] of one atom of an element that the specification knows, on a
   detector: by a view's rule for columns. */
double mica_simulation_cross_section(const struct simulation *simulation,
                                     const struct view *view, int element,
                                     size_t channel);

#endif
