/* recipe.h - an experiment as JSON: network, data, training */
#ifndef MICA_APPS_RECIPE_H
#define MICA_APPS_RECIPE_H

#include "core/initialize.h"
#include "core/layer.h"
#include "datasets/augment.h"
#include "datasets/dataset.h"
#include "datasets/normalise.h"
#include "nets/nets.h"
#include "optim/optim.h"

/* What one member (a loss, an optimiser, a schedule, an initialiser) is called with. */
struct member {
    const void *what; /* const struct layer *, optimizer *, schedule *, initializer * */
    void *params;
    const cJSON *item;
};

/* One of the losses: of an output of the network (its name or a node's id; NULL: the first)
   against the labels or the image itself. */
struct aim {
    struct member loss;
    const char *output;
    double weight;
    int truth;
    bool weigh; /* the loss's class weights come from the data */
    const cJSON *item;
};
enum { TRUTH_LABELS, TRUTH_IMAGE };

/* Weights whose names fit learn by a factor of the rate. */
struct rate_of {
    const char *pattern;
    double factor;
    const cJSON *item;
};

struct recipe {
    struct json *json;
    struct arena *arena;
    char name[128]; /* of the file, without folder and ending */
    struct net *net;
    const cJSON *data, *train;
    struct normalise normalise;
    struct augmentation augmentation;
    bool weigh;     /* the class weights of some loss come from the data */
    bool balance;   /* classes are drawn alike often */
    bool recompute; /* half the memory, a third more time */
    enum type precision;
    int crop;
    const char *note, *smaller;

    /* init */
    struct member scheme;        /* how first weights are drawn */
    const char *from;            /* weights to start from; NULL: drawn */
    const char **skip, **freeze; /* patterns, each list ends with NULL */

    /* train */
    struct member loss, optimizer, schedule; /* loss: that of the first aim */
    struct aim *aims;
    size_t aim_count;
    double rate;     /* the optimiser's lr */
    uint64_t warmup; /* steps; or epochs where warmup_epochs */
    bool warmup_epochs;
    struct rate_of *rates; /* the first that fits counts */
    size_t rate_count;
    bool ema, ema_ramp; /* a running mean of the weights */
    double ema_decay;
    int batch, accumulate, shards, samples_per_epoch, epochs, validate_every;
    uint64_t seed;
    double clip_norm, clip_value;
    int patience; /* epochs without a better validation loss; 0: never stop */
    double checkpoint_every; /* us */
};

/* Read a recipe with all that it extends; `sets` are "path=value" (may be NULL). All
   problems are reported. NULL and lines in err. */
struct recipe *mica_recipe_read(const char *path, const char *const *sets,
                                size_t set_count, struct error *err);
void mica_recipe_free(struct recipe *recipe);
/* The datasets that it trains with and validates with; either may be NULL. */
int mica_recipe_data(const struct recipe *recipe, struct dataset **training,
                     struct dataset **validation, struct error *err);
/* Samples of a step; samples and whole steps of an epoch, for a training set. */
uint64_t mica_recipe_step_samples(const struct recipe *recipe);
uint64_t mica_recipe_samples(const struct recipe *recipe,
                             const struct dataset *training);
uint64_t mica_recipe_steps(const struct recipe *recipe, const struct dataset *training);

extern const struct param mica_recipe_params[], mica_recipe_net_params[],
    mica_recipe_init_params[], mica_recipe_train_params[], mica_recipe_aim_params[],
    mica_recipe_ema_params[], mica_recipe_clip_params[], mica_recipe_stop_params[],
    mica_recipe_checkpoint_params[];

/* The usual shards of a batch: the largest power of two up to 4 that divides it. */
int mica_recipe_shards(int batch);

#endif
