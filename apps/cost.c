/* cost.c - what a run will take, by its multiply-adds and the time of a step */
#include "apps/cost.h"

#include "core/tape.h"

/* Multiply-adds of one sample's forward pass. */
static double network_cost(const struct recipe *recipe, const struct sample *sample,
                           struct error *err)
{
    struct weights *weights = mica_weights_outline();
    struct tape *tape = mica_tape_new(weights);
    struct wiring wiring;
    struct shape shape = mica_net_input(recipe->net, 1, sample->height, sample->width);
    int input = mica_tape_input(tape, "in", shape);
    double macs = -1;
    if (!mica_net_record(recipe->net, tape, input, &wiring, err)) {
        macs = 0;
        for (size_t i = 0; i < mica_tape_count(tape); i++)
            macs += (double)mica_tape_node(tape, i)->macs;
    }
    mica_tape_free(tape);
    mica_weights_free(weights);
    return macs;
}

double mica_cost_of(const struct recipe *recipe, struct error *err)
{
    struct dataset *data = NULL;
    struct sample sample = {0};
    double macs = -1;
    if (!mica_recipe_data(recipe, &data, NULL, err) &&
        !mica_dataset_get(data, 0, &sample, err))
        macs = network_cost(recipe, &sample, err);
    if (macs >= 0)
        macs *= (double)(mica_recipe_steps(recipe, data) *
                         mica_recipe_step_samples(recipe)) *
                recipe->epochs;
    mica_sample_free(&sample);
    mica_dataset_free(data);
    return macs;
}

static void tell_smaller(const struct recipe *recipe, double seconds, struct text *text)
{
    struct error none = {0};
    char time[32];
    struct recipe *smaller = mica_recipe_read(recipe->smaller, NULL, 0, &none);
    if (!smaller)
        return;
    double here = mica_cost_of(recipe, &none), there = mica_cost_of(smaller, &none);
    if (here > 0 && there > 0)
        mica_text_add(text, "; %s takes about %s", smaller->name,
                      mica_text_duration(time, seconds * there / here));
    mica_recipe_free(smaller);
}

void mica_cost_tell(const struct recipe *recipe, uint64_t steps_per_epoch,
                    double seconds, struct text *text)
{
    char epoch[32], all[32];
    double of_epoch = seconds * (double)steps_per_epoch;
    double of_all = of_epoch * recipe->epochs;
    mica_text_add(text, "%s an epoch, %s", mica_text_duration(epoch, of_epoch),
                  mica_text_duration(all, of_all));
    if (recipe->smaller)
        tell_smaller(recipe, of_all, text);
}
