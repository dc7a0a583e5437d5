/* plateau.c - a rate that falls when the validation no longer gets better */
#include <math.h>
#include <stddef.h>

#include "optim/optim.h"

struct plateau {
    int metric, patience, cooldown;
    double factor, threshold, final;
};

enum { LOSS, ACCURACY, F1 };
static const char *const metrics[] = {"val.loss", "val.accuracy", "val.f1", NULL};

static const struct param params[] = {
    {"patience", PARAM_INT, offsetof(struct plateau, patience), 10, 0, 1e6,
     "validations without a better one that are borne"},
    {"factor", PARAM_FLOAT, offsetof(struct plateau, factor), 0.1, 1e-6, 1,
     "what the rate is multiplied by after that"},
    {"threshold", PARAM_FLOAT, offsetof(struct plateau, threshold), 1e-4, 0, 1,
     "better is by this share at least"},
    {"cooldown", PARAM_INT, offsetof(struct plateau, cooldown), 0, 0, 1e6,
     "validations after a fall that do not count"},
    {"final", PARAM_FLOAT, offsetof(struct plateau, final), 0, 0, 1,
     "share of the rate that it does not fall below"},
    {"metric", PARAM_CHOICE, offsetof(struct plateau, metric), LOSS, 0, 2,
     "what must get better", metrics},
    {0}};

enum { SEEN, BEST, STALE, COOLING, FALLS }; /* the state */

static bool better(const struct plateau *plateau, double value, const double *state)
{
    if (!(state[SEEN] > 0))
        return !isnan(value);
    return plateau->metric == LOSS ? value < state[BEST] * (1 - plateau->threshold)
                                   : value > state[BEST] * (1 + plateau->threshold);
}

static void heed(const void *p, const struct measured *measured, double *state)
{
    const struct plateau *plateau = p;
    const double values[] = {measured->loss, measured->accuracy, measured->f1};
    double value = values[plateau->metric];
    if (better(plateau, value, state)) {
        state[SEEN] = 1;
        state[BEST] = value;
        state[STALE] = 0;
    } else {
        state[STALE]++;
    }
    if (state[COOLING] > 0) {
        state[COOLING]--;
        state[STALE] = 0;
    }
    if (state[STALE] > plateau->patience) {
        state[FALLS]++;
        state[COOLING] = plateau->cooldown;
        state[STALE] = 0;
    }
}

static double factor(const void *p, const struct when *when)
{
    const struct plateau *plateau = p;
    double result = 1;
    for (double i = 0; i < when->state[FALLS] && result > plateau->final; i++)
        result *= plateau->factor;
    return result > plateau->final ? result : plateau->final;
}

const struct schedule mica_schedule_plateau = {
    .name = "plateau",
    .summary = "falls when the validation no longer gets better",
    .equation = "factor^falls; a fall after more than patience validations in a row "
                "that were not better",
    .params = params,
    .params_size = sizeof(struct plateau),
    .heed = heed,
    .factor = factor};
