/* specification.h - a simulation's JSON, read and checked */
#ifndef MICA_DATASETS_PHYSICS_SPECIFICATION_H
#define MICA_DATASETS_PHYSICS_SPECIFICATION_H

#include "datasets/physics/artefact.h"
#include "datasets/physics/columns.h"
#include "datasets/physics/simulation.h"
#include "datasets/physics/specimen.h"

/* An artefact that the specification asks for; its parameters are read anew for every
   sample, whose pixel gives lengths in px their meaning. */
struct request {
    const struct artefact *artefact;
    const cJSON *item; /* NULL: the standards */
    int repeat;        /* how many of the same name came before */
};

enum { LABELS_DISCS, LABELS_GAUSSIANS };
struct labels {
    int kind;
    double radius, sigma; /* [A] */
    const cJSON *classes_json;
    size_t count; /* classes, background included */
    const char **names;
    size_t column_count; /* labels of columns that are of a class */
    struct column_class {
        const char *label;
        uint8_t class;
    } * columns;
};

struct simulation {
    struct json *json;
    struct arena *arena;
    /* the top-level words */
    int version, engine;
    const char *name, *note;
    const cJSON *specimen_json, *microscope_json, *artefacts_json, *labels_json;
    const cJSON *field_json, *seed_json;
    struct spread coherence, pixel; /* pixel in A; 0: from field or cell, and size */
    struct numbers size_given;
    double kernel_radius; /* [A] */
    /* what follows from them */
    struct specimen specimen;
    struct microscope microscope;
    struct cross_sections sections;
    struct labels labels;
    size_t request_count;
    struct request *requests; /* in the order of application */
    size_t size[2];           /* rows, columns */
    double field[2];          /* [A]; 0: size times pixel */
    uint64_t seed;
    const char *warning;
};

extern const struct param mica_simulation_params[], mica_label_params[];
/* Fill `simulation`, whose json and arena are there. Every problem adds a line to err. */
int mica_specification_read(struct simulation *simulation, struct error *err);
/* Its size, field and pixel (geometry.c); the specimen has been read. */
int mica_specification_geometry(struct simulation *simulation, const cJSON *root,
                                const struct reader *reader, struct error *err);
/* The reader of a specification for a pixel [A], with memory from `arena`. */
struct reader mica_specification_reader(const struct simulation *simulation,
                                        struct arena *arena, double pixel);

#endif
