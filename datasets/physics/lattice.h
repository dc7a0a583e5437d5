/* lattice.h - a drawn lattice under the image, and the atoms on it */
#ifndef MICA_DATASETS_PHYSICS_LATTICE_H
#define MICA_DATASETS_PHYSICS_LATTICE_H

#include "core/random.h"
#include "datasets/physics/specimen.h"

/* A smooth random displacement: a sum of waves with normal wave vectors; its correlation is
   exp(-r^2 / (2 length^2)). */
enum { WAVES = 16 };
struct waves {
    double amplitude; /* [A]; 0: none */
    double k[WAVES][2], phase[WAVES];
};

/* position = centre of the image + matrix (lattice position + origin), then waves. */
struct lattice {
    double width, height, margin; /* of the image [A] */
    double matrix[2][2], origin[2];
    double displacement; /* of single atoms, rms along an axis [A] */
    struct waves waves;
    double probabilities[DEFECTS_MOST];
    size_t site_count;
    struct lattice_site sites[SITES_MOST];
    struct random defects, displacements;
};
void mica_lattice_draw(struct lattice *lattice, const struct specimen *specimen,
                       double width, double height, double margin, uint64_t seed,
                       uint64_t index, cJSON *drawn);
/* The labels of a cell's three projected columns, what they are made of (-1 where there is
   nothing), and of the defects; all are added to `names`. */
int mica_lattice_labels(const struct specimen *specimen, struct atoms *names,
                        int pristine[3], int defects[DEFECTS_MOST], struct error *err);
/* Add the atoms, vacant sites and columns of the image and its margin. The lattice is used
   up: its random numbers are drawn. -1 where there is no memory. */
int mica_lattice_fill(struct lattice *lattice, const struct specimen *specimen,
                      struct atoms *atoms, struct error *err);

#endif
