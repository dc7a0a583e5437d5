/* defects.h - point defects by their names */
#ifndef MICA_DATASETS_PHYSICS_DEFECTS_H
#define MICA_DATASETS_PHYSICS_DEFECTS_H

#include "core/param.h"
#include "datasets/physics/crystals.h"

enum { DEFECTS_MOST = 32 };

/* V_S1, V_S2, V_Mo: vacancies of one or both S of a projected column, of the metal; Re_W,
   Se_S1, Mo_S2: other atoms in their places (one metal for a pair of S, else one for one); S2_Mo: a pair for one metal. V is always the
   vacancy: the element is written vanadium_Mo. M and X stand for the crystal's own. */
struct defect {
    const char *name;
    bool on[2];                /* whether it sits on X, on M */
    int sites;                 /* how many of the column's atoms it concerns: 1 or 2 */
    int element;               /* that takes their place; 0: none */
    int atoms;                 /* how many take it */
    struct spread probability; /* per projected column of a layer */
};

/* The members of {"V_S1": 0.03, ...}; every problem adds a line. -1 where there was one. */
int mica_defects_read(struct defect **defects, size_t *count, const cJSON *object,
                      const struct crystal *crystal, const struct reader *reader,
                      struct error *err);
/* The one of `count` defects, with drawn probabilities, that a column of this kind has;
   `count` where it has none. They exclude each other. */
size_t mica_defect_choose(const struct defect *defects, const double *probabilities,
                          size_t count, bool metal, struct random *random);

#endif
