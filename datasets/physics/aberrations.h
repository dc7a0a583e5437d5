/* aberrations.h - the phase that an imperfect lens gives to a wave */
#ifndef MICA_DATASETS_PHYSICS_ABERRATIONS_H
#define MICA_DATASETS_PHYSICS_ABERRATIONS_H

#include "core/param.h"

enum { ABERRATIONS = 25 };

/* One coefficient in Krivanek's notation: C<order><fold>; `part` is 'a' (cosine), 'b'
   (sine), or 0 for the round ones. */
struct aberration {
    const char *name;
    int order, fold;
    char part;
};
const struct aberration *mica_aberration(size_t i);

/* Coefficients [A] as the user gave them: spreads of C10, C12a ... C50, or of magnitude and
   angle (C12, phi12). C10 is -defocus and is kept apart. */
struct aberration_spreads {
    struct spread
        coefficients[ABERRATIONS];     /* polar[i]: the magnitude, in the 'a' place, */
    struct spread angles[ABERRATIONS]; /* and its angle [rad] */
    bool polar[ABERRATIONS];
    bool defocused; /* C10 was given */
};
/* `object` maps names to lengths and angles; NULL gives none. */
int mica_aberrations_read(struct aberration_spreads *spreads, const cJSON *object,
                          const struct reader *reader, struct error *err);
/* Draw the coefficients; C10 is 0 unless it was given. */
void mica_aberrations_draw(const struct aberration_spreads *spreads,
                           struct random *random, double coefficients[ABERRATIONS]);

/* The value [A] that gives a phase of pi/4 at the edge of an aperture `alpha` [rad]. */
double mica_aberration_scale(const struct aberration *aberration, double wavelength,
                             double alpha);
/* chi [rad] in the direction (ax, ay) [rad]:
   (2 pi / lambda) sum a^(n+1) / (n+1) (Cnma cos m phi + Cnmb sin m phi). */
double mica_aberration_phase(const double coefficients[ABERRATIONS], double wavelength,
                             double ax, double ay);

#endif
