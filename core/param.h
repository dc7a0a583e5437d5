/* param.h - a table of parameters: reading, defaults, limits, messages, manual, schema */
#ifndef MICA_CORE_PARAM_H
#define MICA_CORE_PARAM_H

#include "core/json.h"
#include "core/memory.h"
#include "core/units.h"
#include <math.h>
#include <stdio.h>

/* How a value is written, and the field in the struct that it fills. */
enum param_type {
    PARAM_END,
    PARAM_INT,      /* int; where `choices` is given a word is taken too and stored as
                       -1 - (its place), so "same" may be -1 and "valid" -2 */
    PARAM_FLOAT,    /* double */
    PARAM_BOOL,     /* bool */
    PARAM_CHOICE,   /* int: the place of the word in `choices` */
    PARAM_TEXT,     /* const char * */
    PARAM_QUANTITY, /* double, in the unit of `dimension` (units.h) */
    PARAM_RANDOM,   /* struct spread: a number, a quantity, or a distribution of them */
    PARAM_NUMBERS,  /* struct numbers: [1, 2.5] or one number; of `dimension` */
    PARAM_JSON      /* const cJSON *: read by whoever owns it */
};

/* {"name", type, offset, standard, least, most, "help", ...}: a `standard` of NAN means that
   the key must be given (PARAM_TEXT, PARAM_JSON, PARAM_NUMBERS: NULL or empty where it is
   not given, whatever `standard`, unless NAN). The first parameter of a table is its main
   one: { "dropout": 0.5 } is { "dropout": {"rate": 0.5} } in short. `least` and `most` are
   allowed themselves; where they are equal there are no limits. Ends with {0}. */
struct param {
    const char *name;
    enum param_type type;
    size_t offset;
    double standard, least, most;
    const char *help;
    const char *const *choices; /* ends with NULL */
    enum dimension dimension;
};

#define PARAM_NEEDED ((double)NAN)
#define PARAM_ANY (-HUGE_VAL), HUGE_VAL /* no limits */

struct numbers {
    size_t count;
    double *values;
};

/* A value that is drawn: a constant, {"uniform": [a, b]}, {"log_uniform": [a, b]},
   {"normal": [mean, sd]}, {"choice": [...]} or {"range": [a, b, step]} (both ends). */
enum spread_kind {
    SPREAD_CONSTANT,
    SPREAD_UNIFORM,
    SPREAD_LOG_UNIFORM,
    SPREAD_NORMAL,
    SPREAD_CHOICE
};
struct spread {
    enum spread_kind kind;
    double a, b;            /* constant: a; uniform: a..b; normal: mean a, sd b */
    struct numbers choices; /* choice and range, spelled out */
};
struct random;
/* A normal is cut at four standard deviations, so that its limits are limits. */
double mica_spread_draw(const struct spread *spread, struct random *random);
void mica_spread_limits(const struct spread *spread, double *least, double *most);

/* Whom a reading asks. `resolve` (may be NULL) turns "=expression" into a number; where it
   fails it adds its own line. */
struct reader {
    const struct json *json;
    struct arena *arena; /* owns text and lists */
    double pixel;        /* A, for lengths in px; 0 where unknown */
    int (*resolve)(void *context, const cJSON *item, double *value, struct error *err);
    void *context;
    const cJSON *place; /* what is blamed for a missing key where nothing is given */
};

/* Fill `target` with the standards, then with the keys of `object` (may be NULL). `main`
   (may be NULL) gives the first parameter's value, or is an object of keys itself. Keys in
   `others` (NULL or ended by NULL) are the caller's. Every problem adds a line. -1 where there was one. */
int mica_param_read(const struct param *table, void *target, const cJSON *main,
                    const cJSON *object, const char *const *others,
                    const struct reader *reader, struct error *err);
/* Fill in the standards alone. */
void mica_param_standard(const struct param *table, void *target);
/* The table as text for people: a line a parameter. */
void mica_param_describe(const struct param *table, FILE *out);
/* The table as "properties" (and "required") of a JSON Schema, added to `schema`. */
void mica_param_schema(const struct param *table, cJSON *schema);
/* One spread, number or quantity from an item: for those who own a PARAM_JSON. */
int mica_param_spread(struct spread *out, const cJSON *item, enum dimension dimension,
                      const struct reader *reader, struct error *err);
int mica_param_quantity(double *out, const cJSON *item, enum dimension dimension,
                        const struct reader *reader, struct error *err);
/* Whether an item is a distribution: an object of one key such as "uniform". */
bool mica_param_is_spread(const cJSON *item);

#endif
