/* electrons.c - the wave of a fast electron */
#include "datasets/physics/electrons.h"

#include <math.h>

static const double rest_energy = 510.99895; /* m0 c^2 [keV] */
static const double hc = 12.39841984;        /* h c [keV A] */
static const double two_pi = 6.283185307179586;

/* lambda = h c / sqrt(U (2 m0 c^2 + U)) */
double mica_electron_wavelength(double voltage)
{
    return hc / sqrt(voltage * (2 * rest_energy + voltage));
}

double mica_electron_mass(double voltage) { return 1 + voltage / rest_energy; }

/* sigma = 2 pi / (lambda U) (m0 c^2 + U) / (2 m0 c^2 + U), U in volts in the first factor */
double mica_electron_interaction(double voltage)
{
    return two_pi / (mica_electron_wavelength(voltage) * 1000 * voltage) *
           (rest_energy + voltage) / (2 * rest_energy + voltage);
}

double mica_electron_count(double current, double time)
{
    return 6.241509 * current * time; /* 1 pA us = 6.241509 electrons */
}
