/* columns.h - how strongly each atom of a projected column scatters onto each detector */
#ifndef MICA_DATASETS_PHYSICS_COLUMNS_H
#define MICA_DATASETS_PHYSICS_COLUMNS_H

#include "datasets/physics/atoms.h"
#include "datasets/physics/microscope.h"

enum { DETECTORS_MOST = 8, ELEMENTS_MOST = 32 };

/* Cross-sections [A^2] of single atoms on a microscope's detectors. */
struct cross_sections {
    size_t detectors, count;
    int table[DETECTORS_MOST]; /* the tabulated range that fits a detector; -1: none */
    struct cross_section {
        int element;
        double plain[DETECTORS_MOST]; /* of a plane wave */
        double
            cone[DETECTORS_MOST]; /* averaged over the probe's cone, where tabulated */
    } list[ELEMENTS_MOST];
};
/* Start with no elements; add them one by one (known ones are skipped). -1 where there are
   too many or there is no memory. */
void mica_cross_sections_start(struct cross_sections *sections,
                               const struct microscope *microscope);
int mica_cross_sections_add(struct cross_sections *sections,
                            const struct microscope *microscope, int element,
                            struct error *err);

/* weights[i * detectors + d]: the cross-section of atom i, occupancy included.
   With a coherence c > 0, an atom's is that of a plane wave, times c where its column holds
   exactly two atoms: c = 1 is the incoherent sum. With c = 0 the columns' cross-sections
   are the tabulated ones where the detector fits and the column is listed; columns that are
   not listed are sums of single atoms averaged over the cone; detectors that do not fit
   have c = 1. -1 where an element has not been added. */
int mica_columns_weigh(const struct cross_sections *sections, const struct atoms *atoms,
                       double coherence, double *weights, struct error *err);
/* The cross-section of one atom alone, by the same rule. */
double mica_columns_single(const struct cross_sections *sections, int element,
                           double coherence, size_t detector);

#endif
