/* training.h - a run: data, network, optimiser, and the loop over steps */
#ifndef MICA_APPS_TRAINING_H
#define MICA_APPS_TRAINING_H

#include <signal.h>

#include "apps/analysis/confusion.h"
#include "apps/history.h"
#include "apps/model.h"
#include "apps/recipe.h"
#include "core/plan.h"
#include "datasets/balance.h"
#include "optim/average.h"

/* A network recorded with its loss and planned for one use. */
struct graph {
    struct tape *tape;
    struct plan *plan;
    int input, labels, logits, loss; /* nodes */
    size_t
        first; /* the class of the first output: 1 where the background has none; then
                     labels are numbers too */
};

/* Sums of an epoch that is under way; part of the state of a run. */
struct tally {
    double loss; /* summed over steps */
    uint64_t steps;
    struct confusion confusion;
};

struct training {
    const struct recipe *recipe;
    const char *folder;
    struct model model; /* net, weights, classes...: what is saved */
    struct dataset *data, *validation;
    struct augmentation augmentation;
    struct balance *balance; /* NULL: every sample once an epoch */
    uint64_t *class_counts;  /* where class weights come from the data */
    struct graph train, check;
    struct trainer *trainer;
    struct average *average; /* NULL: none is wanted */
    struct history history;
    struct tally tally;
    uint64_t step, steps_per_epoch, warmup;
    double best; /* the lowest validation loss so far */
    int stale;   /* epochs since then */
    double schedule[MICA_SCHEDULE_STATE];
    bool quiet;
    /* Called once, when a step's time is known; may be NULL. */
    void (*begun)(const struct training *t, double seconds);
    const volatile sig_atomic_t *stop; /* set by a signal: end after this step */
    double saved_at, drawn_at, epoch_began;
};

/* Open data, network and plans. -1 and lines in err. */
int mica_training_open(struct training *t, const struct recipe *recipe,
                       const char *folder, struct error *err);
void mica_training_close(struct training *t);
/* Go on from FOLDER/last.safetensors. `note` gets a line for what the bits depend on and is
   not as it was then: the instruction set, the way of convolution. */
int mica_training_resume(struct training *t, struct text *note, struct error *err);
/* The learning rate of a step, counted from 0. */
double mica_training_rate(const struct training *t, uint64_t step);
/* Whether the run ended, or ends, before its last epoch because no epoch was better for long
   enough. */
bool mica_training_impatient(const struct training *t);
/* Train to the end, to an early stop or to a signal (then *t->stop is set). */
int mica_training_run(struct training *t, struct error *err);
/* FOLDER/last.safetensors: weights, optimiser, history, sums of the epoch. */
int mica_training_save(struct training *t, struct error *err);
/* The metadata of a model file that this run makes: what the model is, mica.training
   (recipe, its hash, seed, step, instruction set, way of convolution) and, of an epoch (may be NULL),
   mica.metrics. */
void mica_training_put(const struct training *t, const struct epoch *epoch,
                       struct safetensors_out *out);
/* One pass over the validation set; `epoch` gets its figures. */
int mica_training_validate(struct training *t, struct epoch *epoch, struct error *err);
/* The class of each pixel of a batch (mica_model_class). */
void mica_classes_of(const struct tensor *values, size_t first, float least,
                     uint8_t *classes);

#endif
