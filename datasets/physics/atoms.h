/* atoms.h - a list of atoms, and what is known of each */
#ifndef MICA_DATASETS_PHYSICS_ATOMS_H
#define MICA_DATASETS_PHYSICS_ATOMS_H

#include "core/error.h"

/* x runs along the columns of the image, y along its rows, the beam along +z and meets the
   lowest z first (docs/reference/conventions.md). */
struct atom {
    int element;       /* the atomic number; 0: a vacant site */
    int column;        /* atoms of one projected column share it */
    int site;          /* layer * 3 + 0 (metal), 1 (lower X), 2 (upper X); -1 unknown */
    int label;         /* an index into atoms.labels */
    double x, y, z;    /* [A] */
    double x_px, y_px; /* where the image shows it, scan distortions included */
    double occupancy;  /* 0 .. 1 */
};

struct atoms {
    size_t count, capacity;
    struct atom *list;
    size_t label_count;
    char **labels;  /* "Mo", "S2", "V_S1": what the atom's column is */
    double cell[3]; /* [A]; 0 where there is none */
};
void mica_atoms_free(struct atoms *atoms); /* leaves it empty */
/* Add an atom; `atoms` grows. -1 where there is no memory. */
int mica_atoms_add(struct atoms *atoms, const struct atom *atom, struct error *err);
/* The index of a label, added where it is new. -1 where there is no memory. */
int mica_atoms_label(struct atoms *atoms, const char *label, struct error *err);
/* Number the projected columns: atoms within `distance` [A] of a column's first atom. */
int mica_atoms_columns(struct atoms *atoms, double distance, struct error *err);

/* Kirkland's format (a comment; the cell; number x y z occupancy wobble; -1) or extended
   XYZ, told apart by the first line. Vacant sites are not written. */
int mica_atoms_read(struct atoms *atoms, const char *path, struct error *err);
int mica_atoms_write_kirkland(const struct atoms *atoms, const char *path,
                              struct error *err);
int mica_atoms_write_xyz(const struct atoms *atoms, const char *path,
                         struct error *err);

#endif
