/* electrons.h - the wave of a fast electron */
#ifndef MICA_DATASETS_PHYSICS_ELECTRONS_H
#define MICA_DATASETS_PHYSICS_ELECTRONS_H

/* All take the accelerating voltage U [kV]. */
double mica_electron_wavelength(double voltage);  /* lambda [A] */
double mica_electron_mass(double voltage);        /* gamma = 1 + U / m0 c^2 */
double mica_electron_interaction(double voltage); /* sigma [rad / (V A)] */
/* How many electrons a current [pA] carries in a time [us]. */
double mica_electron_count(double current, double time);

#endif
