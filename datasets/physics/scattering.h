/* scattering.h - how one atom scatters fast electrons */
#ifndef MICA_DATASETS_PHYSICS_SCATTERING_H
#define MICA_DATASETS_PHYSICS_SCATTERING_H

#include "datasets/physics/elements.h"

/* The scattering factor of the first Born approximation f_e(k) [A], k [1/A], without the
   relativistic mass. */
double mica_scattering_factor(const struct element *element, double k);
/* The potential projected along the beam v_z(r) [V A], r [A]. */
double mica_scattering_potential(const struct element *element, double r);

/* The scattering amplitude in Moliere's approximation f_M(k) [A], tabulated over k. */
struct amplitude;
/* Up to the angle `outer` [rad] at `voltage` [kV]; NULL where there is no memory. */
struct amplitude *mica_amplitude_new(const struct element *element, double voltage,
                                     double outer);
void mica_amplitude_free(struct amplitude *amplitude);
/* Real and imaginary part at the angle `theta` [rad]. */
void mica_amplitude_at(const struct amplitude *amplitude, double theta, double f[2]);

/* The cross-section [A^2] of one atom on an annular detector [rad]: of a plane wave
   (cone = 0), or averaged over an illumination cone of semi-angle `cone` [rad]; outer + cone
   is within the amplitude's angles. */
double mica_amplitude_cross_section(const struct amplitude *amplitude, double inner,
                                    double outer, double cone);

#endif
