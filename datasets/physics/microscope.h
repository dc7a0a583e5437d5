/* microscope.h - the settings of a scanning transmission electron microscope */
#ifndef MICA_DATASETS_PHYSICS_MICROSCOPE_H
#define MICA_DATASETS_PHYSICS_MICROSCOPE_H

#include "datasets/physics/aberrations.h"

struct detector {
    const char *name;
    double inner, outer; /* [rad] */
};

/* What a specification says: values, and distributions of them. */
struct microscope {
    double voltage, convergence; /* [kV], [rad] */
    size_t detectors;
    struct detector *detector; /* the reader's arena owns it */
    struct spread defocus, source_fwhm, focal_spread_fwhm; /* [A] */
    struct spread probe_current, dwell_time, flyback_time; /* [pA], [us], [us] */
    struct spread residual_aberrations;                    /* in units of pi/4 */
    struct aberration_spreads aberrations;
    const cJSON *detectors_json, *aberrations_json;
};
extern const struct param mica_microscope_params[], mica_detector_params[];
/* Every problem adds a line to err; -1 where there was one. */
int mica_microscope_read(struct microscope *microscope, const cJSON *object,
                         const struct reader *reader, struct error *err);

/* What one image was taken with. */
struct optics {
    double voltage, convergence, wavelength; /* [kV], [rad], [A] */
    double source_fwhm, focal_spread_fwhm;   /* [A] */
    double aberrations[ABERRATIONS];         /* [A]; defocus is -C10 */
    double current, dwell, flyback;          /* [pA], [us], [us] */
};
/* Draw an image's settings; what was drawn is added to `drawn`. */
void mica_microscope_draw(const struct microscope *microscope, struct random *random,
                          struct optics *optics, cJSON *drawn);
/* Electrons that reach the specimen while the beam dwells on a pixel. */
double mica_optics_electrons(const struct optics *optics);

#endif
