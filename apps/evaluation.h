/* evaluation.h - how well a model does on samples whose truth is known */
#ifndef MICA_APPS_EVALUATION_H
#define MICA_APPS_EVALUATION_H

#include "apps/analysis/confusion.h"
#include "apps/analysis/counting_limit.h"
#include "apps/analysis/matching.h"
#include "apps/analysis/overlap.h"
#include "apps/mistakes.h"
#include "apps/predictor.h"

enum { CARBON_BINS = 5, PIXELS_MOST = 64 };
extern const double mica_carbon_edges[CARBON_BINS + 1]; /* nm; the last is infinite */

/* Counts of the model and, for simulated data, of the counting-limit classifier: by the
   largest likelihood, and with the true shares as prior. */
struct cell {
    struct match_counts model, likely, probable;
};

struct evaluation {
    struct confusion confusion;
    size_t classes, images;
    bool whole;                /* one class a sample: neither pixels nor objects */
    struct mistakes *mistakes; /* of such, to be drawn; NULL: none; the caller's */
    double radius;   /* A: within it objects match; 0: they are matched by area */
    double smallest; /* A^2: regions below are not counted */
    bool limited;    /* the counting limit is known */
    double pixels[PIXELS_MOST]; /* A: the sizes that were met */
    size_t pixel_count;
    struct cell *cells; /* [PIXELS_MOST][CARBON_BINS][classes] */
    size_t by_area; /* samples without a pixel size, whose objects match by area... */
    struct overlap_counts *overlaps; /* ...[classes] */
};
void mica_evaluation_open(struct evaluation *e, size_t classes, double radius,
                          double smallest);
void mica_evaluation_close(struct evaluation *e);
/* One sample and what the model said of it; sites may be NULL. */
int mica_evaluation_add(struct evaluation *e, const struct sample *sample,
                        const struct prediction *prediction, const struct sites *sites,
                        struct error *err);
/* The sum over cells: of one pixel size (or all: -1), contamination bins from..to-1, one
   class (or all: 0). */
struct cell mica_evaluation_sum(const struct evaluation *e, int pixel, size_t from,
                                size_t to, size_t label);

/* As JSON (metrics.json), as a table by pixel size, carbon and class, and for people. */
cJSON *mica_evaluation_json(const struct evaluation *e, char *const *names);
void mica_evaluation_table(const struct evaluation *e, char *const *names,
                           struct text *table);
void mica_evaluation_tell(const struct evaluation *e, char *const *names,
                          struct text *text);

#endif
