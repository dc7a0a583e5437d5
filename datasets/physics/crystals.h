/* crystals.h - layered hexagonal crystals and the ways their layers are stacked */
#ifndef MICA_DATASETS_PHYSICS_CRYSTALS_H
#define MICA_DATASETS_PHYSICS_CRYSTALS_H

#include <stdbool.h>
#include <stddef.h>

/* A layer is a hexagonal net of metal atoms M with chalcogen atoms X above and below; where
   the thickness is 0, one X lies in the plane (graphene, hBN). */
struct crystal {
    const char *name;
    const char *metal, *chalcogen;
    double a;         /* lattice constant [A] */
    double thickness; /* distance of the X planes of a layer [A] */
    double spacing;   /* distance of layers [A] */
};
/* NULL where there is none. */
const struct crystal *mica_crystal_named(const char *name);
const struct crystal *mica_crystal_at(size_t i);

/* In projection every atom lies on one of three sites of a cell: A = 0, B = d and C = 2 d
   along y, d = a / sqrt(3). */
struct lattice_site {
    bool metal;
    int layer, plane; /* plane 0: M, 1: lower X, 2: upper X */
    int place;        /* 0, 1, 2: A, B, C */
    double z;         /* [A] */
};

enum { LAYERS_MOST = 3, SITES_MOST = 9 };
struct stacking {
    const char *polymorph;
    int layers;
    struct crystal_layer {
        char builder; /* 'H': both X at M + s d; 'T': upper at M + d, lower at M - d */
        int shift;    /* of M, in d */
        int sense;    /* s */
    } layer[LAYERS_MOST];
};
const struct stacking *mica_stacking_named(const char *polymorph, int layers);
const struct stacking *mica_stacking_at(size_t i);
/* The sites of a cell; returns how many. */
size_t mica_crystal_sites(const struct crystal *crystal,
                          const struct stacking *stacking,
                          struct lattice_site sites[SITES_MOST]);

#endif
