/* history.h - what each epoch of a run gave: table, curve, and JSON for going on */
#ifndef MICA_APPS_HISTORY_H
#define MICA_APPS_HISTORY_H

#include "core/json.h"

/* Values that were not measured in an epoch are NAN. */
struct epoch {
    int epoch; /* 1 is the first */
    unsigned long long step;
    double rate, train_loss, train_accuracy;
    double loss, accuracy, background,
        f1; /* of the validation; f1: mean over classes */
    double seconds;
};

struct history {
    struct epoch *epochs;
    size_t count;
    bool whole; /* one class a sample: its background is the commonest class */
};
void mica_history_free(struct history *history);
void mica_history_add(struct history *history, const struct epoch *epoch);
/* Every bit of a finite number, as cJSON does not write it: a run goes on from them. */
void mica_history_number(cJSON *json, const char *key, double value);
cJSON *mica_history_json(const struct history *history);
int mica_history_from(struct history *history, const cJSON *json);

/* FOLDER/log.csv. */
int mica_history_write(const struct history *history, const char *folder,
                       struct error *err);
/* The losses as FOLDER/loss.svg and loss.png, accuracy and F1 as accuracy.svg and
   accuracy.png. */
int mica_history_draw(const struct history *history, const char *folder,
                      struct error *err);

#endif
