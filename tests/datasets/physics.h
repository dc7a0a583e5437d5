/* physics.h - what tests of the simulator share */
#ifndef MICA_TESTS_DATASETS_PHYSICS_H
#define MICA_TESTS_DATASETS_PHYSICS_H

#include "datasets/physics/probe.h"
#include "datasets/physics/simulation.h"

/* The path of a file in the folder of reference data, $MICA_DATA or ../shared/data beside
   the source folder; NULL where it is not there. */
const char *reference_file(const char *name);

/* 80 kV, 23 mrad, without aberrations. */
struct optics plain_optics(void);
/* The value of a kernel with one prefilter at (x, y) [A]. */
double kernel_at(const struct kernel *kernel, double x, double y);

/* A specification: the common microscope, and `rest`, JSON members in addition. Fails the
   test where it cannot be read. */
struct simulation *simulation_of(const char *rest);
/* The same with detectors, "\"detectors\": [...]" and more, given. */
struct simulation *simulation_with(const char *microscope, const char *rest);

#endif
