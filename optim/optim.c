/* optim.c - the optimisers and schedules there are */
#include "optim/optim.h"

#include <string.h>

#define OPTIMIZER(name) extern const struct optimizer mica_optimizer_##name;
#include "optimizers.inc"
#undef OPTIMIZER
#define SCHEDULE(name) extern const struct schedule mica_schedule_##name;
#include "schedules.inc"
#undef SCHEDULE

static const struct optimizer *const optimizers[] = {
#define OPTIMIZER(name) &mica_optimizer_##name,
#include "optimizers.inc"
    NULL};

static const struct schedule *const schedules[] = {
#define SCHEDULE(name) &mica_schedule_##name,
#include "schedules.inc"
    NULL};

const struct optimizer *mica_optimizer(size_t i)
{
    return i < sizeof optimizers / sizeof *optimizers ? optimizers[i] : NULL;
}

const struct optimizer *mica_optimizer_find(const char *name)
{
    for (size_t i = 0; optimizers[i]; i++)
        if (strcmp(optimizers[i]->name, name) == 0)
            return optimizers[i];
    return NULL;
}

const struct schedule *mica_schedule(size_t i)
{
    return i < sizeof schedules / sizeof *schedules ? schedules[i] : NULL;
}

const struct schedule *mica_schedule_find(const char *name)
{
    for (size_t i = 0; schedules[i]; i++)
        if (strcmp(schedules[i]->name, name) == 0)
            return schedules[i];
    return NULL;
}

double mica_schedule_factor(const struct schedule *schedule, const void *params,
                            uint64_t warmup, const struct when *when)
{
    if (when->step < warmup)
        return (double)(when->step + 1) / (double)warmup;
    struct when after = *when;
    after.step -= warmup;
    after.steps = when->steps > warmup ? when->steps - warmup : 1;
    return schedule->factor(params, &after);
}
