/* concentration.h - which share of a crystal's sites are defects */
#ifndef MICA_APPS_ANALYSIS_CONCENTRATION_H
#define MICA_APPS_ANALYSIS_CONCENTRATION_H

#include "apps/analysis/interval.h"
#include "datasets/physics/crystals.h"
#include <stdbool.h>

/* Sites per A^2 of one layer in projection on which `label` is a defect: V_S1 and V_S2 of
   MoS2 count columns of S, V_M and Re_W the metal's. 0 where the label names no site of
   the crystal ("1T"). *element (may be NULL) gets the site's element. */
double mica_site_density(const struct crystal *crystal, const char *label,
                         const char **element);

struct concentration {
    uint64_t count, sites; /* sites: to the nearest whole number; 0: unknown */
    bool known;            /* the rest has a meaning: there are sites, and enough */
    double fraction;       /* count / sites */
    struct interval ci95;  /* Clopper and Pearson's, 95 % */
};
/* `count` defects in `area` [A^2] of a crystal with `density` sites per A^2. */
struct concentration mica_concentration(uint64_t count, double area, double density);

#endif
