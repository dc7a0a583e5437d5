/* specimen.h - what lies under the beam: a field of a crystal, or atoms from a file */
#ifndef MICA_DATASETS_PHYSICS_SPECIMEN_H
#define MICA_DATASETS_PHYSICS_SPECIMEN_H

#include "datasets/physics/atoms.h"
#include "datasets/physics/defects.h"

/* What a specification says. */
struct specimen {
    const char *crystal_name, *polymorph, *file;
    int layers;
    bool periodic; /* the file's atoms repeat with its cell */
    struct spread rotation, magnification, strain_sd, displacement_rms;
    struct spread distortion_rms, distortion_length;
    const cJSON *defects_json;
    const struct crystal *crystal; /* NULL: atoms from the file */
    const struct stacking *stacking;
    size_t defect_count;
    struct defect *defects;
    struct atoms atoms; /* from the file */
};
/* The words of a crystal, their places in the table. */
enum {
    CRYSTAL,
    POLYMORPH,
    LAYERS,
    ROTATION,
    MAGNIFICATION,
    STRAIN_SD,
    DISPLACEMENT_RMS,
    DISTORTION_RMS,
    DISTORTION_LENGTH
};
extern const struct param mica_specimen_params[], mica_specimen_file_params[];
/* Every problem adds a line to err; -1 where there was one. Freed in any case. */
int mica_specimen_read(struct specimen *specimen, const cJSON *object,
                       const struct reader *reader, struct error *err);
void mica_specimen_free(struct specimen *specimen);

/* Add the labels that columns may have to `names`: what they are made of, and defects. */
int mica_specimen_labels(const struct specimen *specimen, struct atoms *names,
                         struct error *err);
/* Whether a layer has two atoms in one projected column. */
bool mica_specimen_paired(const struct specimen *specimen);

/* Draw the atoms of a field of width x height [A] from (0, 0) on, and `margin` [A] around
   it: a pure function of (specification, seed, index). `atoms` starts empty. What was drawn
   is added to `drawn`. -1 where there is no memory. */
int mica_specimen_draw(const struct specimen *specimen, double width, double height,
                       double margin, uint64_t seed, uint64_t index,
                       struct atoms *atoms, cJSON *drawn, struct error *err);

#endif
