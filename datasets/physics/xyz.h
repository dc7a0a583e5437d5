/* xyz.h - lists of atoms as files */
#ifndef MICA_DATASETS_PHYSICS_XYZ_H
#define MICA_DATASETS_PHYSICS_XYZ_H

#include "datasets/physics/atoms.h"

/* Kirkland's format (a comment line; the cell a b c; number x y z occupancy wobble; -1), or
   extended XYZ with species, pos and perhaps occupancy, site and label, told apart by the
   first line. Atoms within 0.25 A of each other in projection make a column. */
int mica_xyz_read(const char *path, struct atoms *atoms, struct error *err);
/* Vacant sites are not written. */
int mica_xyz_write(const char *path, const struct atoms *atoms, struct error *err);
int mica_xyz_write_kirkland(const char *path, const struct atoms *atoms,
                            struct error *err);

#endif
