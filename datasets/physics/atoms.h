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

/* A projected column: atoms that lie above each other, or the site where they were. */
struct column {
    double x, y;       /* [A]: of the site, without the atoms' own displacements */
    double x_px, y_px; /* where the image shows it */
    int label;
};

struct atoms {
    size_t count, capacity;
    struct atom *list;
    size_t column_count, column_capacity;
    struct column *columns;
    size_t label_count;
    char **labels;  /* "Mo", "S2", "V_S1": what the atom's column is */
    double cell[3]; /* [A]; 0 where there is none */
};
void mica_atoms_free(struct atoms *atoms); /* leaves it empty */
/* Add an atom; `atoms` grows. -1 where there is no memory. */
int mica_atoms_add(struct atoms *atoms, const struct atom *atom, struct error *err);
/* The index of a label, added where it is new. -1 where there is no memory. */
int mica_atoms_label(struct atoms *atoms, const char *label, struct error *err);
/* Add a column; its index, or -1 where there is no memory. */
int mica_atoms_column(struct atoms *atoms, const struct column *column,
                      struct error *err);
/* Make the columns anew: atoms within `distance` [A] of a column's first atom share it; a
   column's label is its first atom's. */
int mica_atoms_group(struct atoms *atoms, double distance, struct error *err);
/* What a column is made of, from the lowest z up: "Mo", "S2", "Mo+S2" for elements Z. */
void mica_atoms_composition(const int *elements, size_t count, char *text, size_t size);

#endif
