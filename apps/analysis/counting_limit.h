/* counting_limit.h - how well vacancies can be told at all, from the counts at known sites */
#ifndef MICA_APPS_ANALYSIS_COUNTING_LIMIT_H
#define MICA_APPS_ANALYSIS_COUNTING_LIMIT_H

#include "datasets/dataset.h"
#include "datasets/physics/simulation.h"

/* A chalcogen column of a simulated sample and what its counts say it is. */
struct site {
    struct object object; /* the true class and the centre */
    int likely;           /* the class of the largest likelihood */
    int probable; /* and of the largest likelihood times share among the sites */
};

struct sites {
    size_t count;
    struct site *list;
};

/* Judge every chalcogen column of sample `index` whose centre lies in the image. The counts
   of the pixels within `radius` [A] are compared, as Poisson numbers, with the noise-free
   image that has 2, 1 or 0 atoms in this column and the truth everywhere else, plus the
   mean signal of the true contamination. names[1], names[2] are the classes of one and of
   two missing atoms (as V_S1, V_S2). The first detector counts. */
int mica_counting_limit(struct sites *sites, const struct simulation *simulation,
                        uint64_t index, const char *const *names, double radius,
                        struct error *err);
void mica_sites_free(struct sites *sites); /* leaves it empty */

#endif
