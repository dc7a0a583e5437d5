/* optim.h - moving weights down their gradients */
#ifndef MICA_OPTIM_OPTIM_H
#define MICA_OPTIM_OPTIM_H

#include "core/param.h"
#include "core/weights.h"

enum { MICA_SLOTS_MAX = 4, MICA_SUMS_MAX = 2 };

/* A part of one weight tensor: `count` numbers, their gradient, and the optimiser's own
   state of the same size. */
struct update {
    float *value;
    const float *gradient;
    float *slots[MICA_SLOTS_MAX]; /* NULL where it is not needed */
    size_t count;
    double rate;                /* learning rate of this step, after the schedule */
    double scale;               /* of the gradient, by clipping */
    uint64_t step;              /* 1 in the first step */
    double sums[MICA_SUMS_MAX]; /* of the whole weight, by `measure` */
};

/* A member of optim/: one file each. The first parameter is "lr". */
struct optimizer {
    const char *name, *summary, *equation;
    const struct param *params;
    size_t params_size;
    const char *slots[MICA_SLOTS_MAX + 1]; /* names of the state, as torch has them */
    /* Whether a slot is needed with these parameters; NULL: all are. */
    bool (*needs)(const void *params, size_t slot);
    /* Where a step needs sums over the whole weight (lamb): comes before `update` and adds
       what this part of it gives; slots may move. NULL: none. */
    void (*measure)(const void *params, const struct update *update, double *sums);
    void (*update)(const void *params, const struct update *update);
};

/* A member of optim/: how the rate goes, after the warm-up that every run may have. */
enum { MICA_SCHEDULE_STATE = 8 };
struct when {
    uint64_t step, steps; /* 0-based; of the whole run; both without the warm-up */
    uint64_t epoch_steps; /* steps of an epoch */
    const double *state;  /* of one that heeds the validation */
};
/* What a validation gave. */
struct measured {
    double loss, accuracy, f1;
};
struct schedule {
    const char *name, *summary, *equation;
    const struct param *params;
    size_t params_size;
    double (*factor)(const void *params,
                     const struct when *when); /* of the base rate */
    /* After each validation: what it changes is kept in `state`, MICA_SCHEDULE_STATE
       numbers that begin as 0 and belong to the run's state. NULL: does not look. */
    void (*heed)(const void *params, const struct measured *measured, double *state);
};

const struct optimizer *mica_optimizer_find(const char *name);
const struct optimizer *mica_optimizer(size_t i); /* NULL at the end */
const struct schedule *mica_schedule_find(const char *name);
const struct schedule *mica_schedule(size_t i);

/* The factor at `when`, whose steps include `warmup` here: linear from 1/warmup up to 1 in
   those, then the schedule over the steps that remain. */
double mica_schedule_factor(const struct schedule *schedule, const void *params,
                            uint64_t warmup, const struct when *when);

/* What training keeps of an optimiser: its slots for every weight. The weights must
   outlive it. */
struct trainer;
struct trainer *mica_trainer_new(const struct optimizer *optimizer, const void *params,
                                 struct weights *weights, struct error *err);
void mica_trainer_free(struct trainer *trainer);
/* Gradients are scaled so that their norm over all weights is at most this; 0: never. */
void mica_trainer_clip_norm(struct trainer *trainer, double norm);
/* Every gradient is brought into +-limit first; 0: never. */
void mica_trainer_clip_value(struct trainer *trainer, double limit);
/* What the gradients are multiplied by before all else: 1 / n where n are added up. */
void mica_trainer_share(struct trainer *trainer, double share);
/* One step of every weight that is not frozen, by the rate times its own. Returns the norm of the gradients before
   clipping by norm (summed in a fixed order). */
double mica_trainer_step(struct trainer *trainer, double rate);
uint64_t mica_trainer_steps(const struct trainer *trainer);

/* The state as named tensors "optimizer.SLOT.WEIGHT" and the metadata "optimizer" and
   "optimizer.step", and back; messages begin with `path`, the file's. */
struct safetensors;
struct safetensors_out;
void mica_trainer_save(const struct trainer *trainer, struct safetensors_out *out);
int mica_trainer_load(struct trainer *trainer, const struct safetensors *file,
                      const char *path, struct error *err);

#endif
