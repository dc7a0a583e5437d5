/* training.c - the loop over steps and epochs */
#include "apps/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "datasets/loader.h"

/* ---- one step ---- */

void mica_classes_of(const struct tensor *values, size_t first, float least,
                     uint8_t *classes)
{
    size_t pixels = mica_shape_pixels(values->shape);
    for (size_t n = 0; n < values->shape.n; n++)
        for (size_t p = 0; p < pixels; p++)
            *classes++ = (uint8_t)mica_model_class(mica_tensor_at(values, n, p),
                                                   values->shape.c, first, least);
}

/* What the labels say: a class for each pixel, or numbers like those of the outputs. */
static void truth_of(const struct graph *g, const struct tensor *labels, uint8_t *truth)
{
    size_t pixels = mica_shape_pixels(labels->shape);
    for (size_t i = 0; i < labels->shape.n * pixels; i++) {
        const float *v = mica_tensor_at(labels, i / pixels, i % pixels);
        size_t class = g->first ? mica_model_class(v, labels->shape.c, g->first, 0.5f)
                       : isnan(*v) ? 0
                                   : (size_t)*v;
        truth[i] = isnan(*v) ? (uint8_t)MICA_IGNORED : (uint8_t) class;
    }
}

/* A logit of 0 is a probability of one half. */
static void count_classes(const struct training *t, const struct graph *g,
                          size_t samples, struct confusion *confusion)
{
    struct tensor logits = mica_plan_value(g->plan, g->logits);
    struct tensor labels = mica_plan_value(g->plan, g->labels);
    bool sigmoid = strcmp(t->model.activation, "sigmoid") == 0;
    logits.shape.n = labels.shape.n = samples;
    size_t count = samples * mica_shape_pixels(labels.shape);
    uint8_t *truth = mica_need(count, 1), *predicted = mica_need(count, 1);
    truth_of(g, &labels, truth);
    mica_classes_of(&logits, g->first, sigmoid ? 0 : 0.5f, predicted);
    mica_confusion_add(confusion, truth, predicted, count);
    mica_free(truth);
    mica_free(predicted);
}

static int run_graph(const struct training *t, const struct graph *g,
                     const struct dataset *data, const uint64_t *numbers,
                     const struct run *run, struct error *err)
{
    struct tensor images = mica_plan_value(g->plan, g->input);
    struct tensor labels = mica_plan_value(g->plan, g->labels);
    if (mica_loader_fill(data, &t->recipe->normalise, numbers, run->samples, &images,
                         &labels, err))
        return -1;
    mica_plan_run(g->plan, run);
    return 0;
}

/* With the penalties of weights (l2), as Keras reports it. */
static float loss_of(const struct graph *g)
{
    return *(const float *)mica_plan_value(g->plan, g->loss).data +
           (float)mica_weights_penalty(mica_tape_weights(g->tape));
}

/* The samples of batch `part` of a step: with a count, epoch * count + i of the permutation;
   endless data numbers on. */
static void number_samples(const struct training *t, uint64_t part, uint64_t *numbers)
{
    uint64_t batch = (uint64_t)t->recipe->batch, epoch = t->step / t->steps_per_epoch;
    uint64_t step = mica_recipe_step_samples(t->recipe);
    uint64_t within = t->step % t->steps_per_epoch * step + part * batch;
    uint64_t per = t->data->count ? t->data->count : t->steps_per_epoch * step;
    for (uint64_t i = 0; i < batch; i++)
        numbers[i] = t->balance ? mica_balance_number(t->balance, t->recipe->seed,
                                                      epoch * per + within + i)
                                : mica_dataset_number(t->data, t->recipe->seed,
                                                      epoch * per + within + i);
}

double mica_training_rate(const struct training *t, uint64_t step)
{
    const struct member *schedule = &t->recipe->schedule;
    struct when when = {step, t->steps_per_epoch * (uint64_t)t->recipe->epochs,
                        t->steps_per_epoch, t->schedule};
    return t->recipe->rate *
           mica_schedule_factor(schedule->what, schedule->params, t->warmup, &when);
}

static int log_step(const struct training *t, double loss, double rate, double norm,
                    struct error *err)
{
    struct text path = {0}, line = {0};
    mica_text_add(&path, "%s/log.jsonl", t->folder);
    FILE *stream = fopen(path.data, "a");
    mica_text_free(&path);
    if (!stream)
        return mica_fail(err, "%s/log.jsonl: cannot be written", t->folder);
    mica_log_begin(&line);
    mica_log_count(&line, "step", t->step + 1);
    mica_log_number(&line, "loss", loss);
    mica_log_number(&line, "lr", rate);
    mica_log_number(&line, "gradient", norm);
    int status = mica_log_write(&line, stream);
    if (fclose(stream) || status)
        return mica_fail(err, "%s/log.jsonl: cannot be written; is the disk full?",
                         t->folder);
    return 0;
}

/* One of the batches of a step: its gradients are added to those before, its loss too. */
static int run_batch(struct training *t, uint64_t part, double *loss, struct error *err)
{
    size_t batch = (size_t)t->recipe->batch;
    uint64_t *numbers = mica_need(batch, sizeof *numbers);
    number_samples(t, part, numbers);
    struct run run = {.samples = batch,
                      .seed = t->recipe->seed,
                      .step = t->step,
                      .first =
                          t->step * mica_recipe_step_samples(t->recipe) + part * batch,
                      .add_gradients = part > 0};
    int status = run_graph(t, &t->train, t->data, numbers, &run, err);
    mica_free(numbers);
    if (status)
        return -1;
    *loss += (double)loss_of(&t->train);
    count_classes(t, &t->train, batch, &t->tally.confusion);
    return 0;
}

static int take_step(struct training *t, struct error *err)
{
    uint64_t parts = (uint64_t)t->recipe->accumulate;
    double loss = 0, rate = mica_training_rate(t, t->step);
    for (uint64_t part = 0; part < parts; part++)
        if (run_batch(t, part, &loss, err))
            return -1;
    loss /= (double)parts;
    if (!isfinite(loss))
        return mica_fail(err,
                         "the loss is no longer a number at step %llu; try a smaller "
                         "learning rate (now %g) or clip the gradients",
                         (unsigned long long)t->step + 1, rate);
    double norm = mica_trainer_step(t->trainer, rate);
    if (t->average)
        mica_average_take(t->average);
    if (log_step(t, loss, rate, norm, err))
        return -1;
    t->tally.loss += loss;
    t->tally.steps++;
    t->step++;
    return 0;
}

/* ---- one epoch ---- */

int mica_training_validate(struct training *t, struct epoch *epoch, struct error *err)
{
    struct confusion confusion;
    size_t batch = (size_t)t->recipe->batch;
    uint64_t *numbers = mica_need(batch, sizeof *numbers);
    double loss = 0;
    int status = 0;
    mica_confusion_open(&confusion, t->data->classes);
    for (uint64_t at = 0; at < t->validation->count && !status; at += batch) {
        uint64_t left = t->validation->count - at;
        struct run run = {.samples = left < batch ? (size_t)left : batch};
        for (size_t i = 0; i < run.samples; i++)
            numbers[i] = at + i;
        status = run_graph(t, &t->check, t->validation, numbers, &run, err);
        loss += (double)loss_of(&t->check) * (double)run.samples;
        count_classes(t, &t->check, run.samples, &confusion);
    }
    epoch->loss = loss / (double)t->validation->count;
    epoch->accuracy = mica_confusion_accuracy(&confusion);
    epoch->background = t->data->whole ? mica_confusion_commonest(&confusion)
                                       : mica_confusion_background(&confusion);
    epoch->f1 = mica_confusion_mean_f1(&confusion, t->data->whole ? 0 : 1);
    mica_confusion_close(&confusion);
    mica_free(numbers);
    return status;
}

static int save_best(struct training *t, const struct epoch *epoch, struct error *err)
{
    struct text path = {0};
    mica_text_add(&path, "%s/best.safetensors", t->folder);
    struct safetensors_out *out = mica_safetensors_begin();
    mica_weights_save(t->model.weights, out);
    mica_training_put(t, epoch, out);
    int status = mica_safetensors_write(out, path.data, err);
    mica_text_free(&path);
    return status;
}

static void heed(struct training *t, const struct epoch *epoch)
{
    const struct schedule *schedule = t->recipe->schedule.what;
    struct measured measured = {epoch->loss, epoch->accuracy, epoch->f1};
    if (schedule->heed)
        schedule->heed(t->recipe->schedule.params, &measured, t->schedule);
}

/* Without validation the last weights are the best there are. */
static int judge(struct training *t, const struct epoch *epoch, struct error *err)
{
    double loss = t->validation ? epoch->loss : epoch->train_loss;
    if (isnan(loss) || (t->validation && !(loss < t->best)))
        return 0;
    t->best = loss;
    t->stale = 0;
    return save_best(t, epoch, err);
}

static void tell_epoch(const struct training *t, const struct epoch *e)
{
    char time[32];
    if (t->quiet)
        return;
    printf("epoch %d of %d: loss %.4f", e->epoch, t->recipe->epochs, e->train_loss);
    if (!isnan(e->loss))
        printf(", validation loss %.4f, accuracy %.4f (all %s %.4f), F1 %.3f", e->loss,
               e->accuracy, t->data->whole ? "of the commonest class" : "background",
               e->background, e->f1);
    printf(", %s\n", mica_text_duration(time, e->seconds));
    fflush(stdout);
}

/* Curves take a quarter of a second, which short epochs do not: now and then. */
static int draw_curves(struct training *t, struct error *err)
{
    static const double OFTEN = 10; /* s */
    if (mica_log_clock() - t->drawn_at < OFTEN)
        return 0;
    t->drawn_at = mica_log_clock();
    return mica_history_draw(&t->history, t->folder, err);
}

static bool is_validated(const struct training *t, uint64_t epoch)
{
    return t->validation && (epoch % (uint64_t)t->recipe->validate_every == 0 ||
                             epoch == (uint64_t)t->recipe->epochs);
}

/* What is validated and kept is the mean of the weights, where the recipe wants it. */
static int validate_and_judge(struct training *t, bool check, struct epoch *e,
                              struct error *err)
{
    int status = 0;
    if (t->average)
        mica_average_swap(t->average);
    if (check)
        status = mica_training_validate(t, e, err);
    if (!status && (check || !t->validation))
        status = judge(t, e, err);
    if (t->average)
        mica_average_swap(t->average);
    return status;
}

static int end_epoch(struct training *t, struct error *err)
{
    struct epoch e = {.epoch = (int)(t->step / t->steps_per_epoch),
                      .step = t->step,
                      .rate = mica_training_rate(t, t->step - 1),
                      .train_loss = t->tally.loss / (double)t->tally.steps,
                      .train_accuracy = mica_confusion_accuracy(&t->tally.confusion),
                      .loss = (double)NAN,
                      .accuracy = (double)NAN,
                      .background = (double)NAN,
                      .f1 = (double)NAN};
    bool check = is_validated(t, (uint64_t)e.epoch);
    t->stale++;
    if (validate_and_judge(t, check, &e, err))
        return -1;
    if (check)
        heed(t, &e);
    e.seconds = mica_log_clock() - t->epoch_began;
    t->epoch_began = mica_log_clock();
    t->tally.loss = 0;
    t->tally.steps = 0;
    mica_confusion_clear(&t->tally.confusion);
    mica_history_add(&t->history, &e);
    tell_epoch(t, &e);
    return mica_history_write(&t->history, t->folder, err) || draw_curves(t, err) ? -1
                                                                                  : 0;
}

/* ---- the run ---- */

/* What has waited long enough is known once it is validated. */
bool mica_training_impatient(const struct training *t)
{
    return t->recipe->patience && t->stale >= t->recipe->patience &&
           is_validated(t, t->step / t->steps_per_epoch);
}

static bool finished(const struct training *t)
{
    uint64_t steps = t->steps_per_epoch * (uint64_t)t->recipe->epochs;
    return t->step >= steps || (t->stop && *t->stop) || mica_training_impatient(t);
}

static void show(const struct training *t, struct progress *progress)
{
    char note[64] = "";
    if (t->tally.steps)
        snprintf(note, sizeof note, "loss %.4f",
                 t->tally.loss / (double)t->tally.steps);
    mica_progress_step(progress, t->step * mica_recipe_step_samples(t->recipe), note);
}

/* Two steps tell what one takes; where they are long, the first. */
static void measure(struct training *t, uint64_t steps, double seconds)
{
    static const double LONG = 10; /* s */
    if (!t->begun || (steps < 2 && seconds < LONG))
        return;
    t->begun(t, seconds / (double)steps);
    t->begun = NULL;
}

int mica_training_run(struct training *t, struct error *err)
{
    struct progress progress;
    uint64_t step = mica_recipe_step_samples(t->recipe);
    uint64_t images = t->steps_per_epoch * (uint64_t)t->recipe->epochs * step;
    mica_progress_begin(&progress, t->recipe->name, "images", images, t->quiet);
    progress.before = t->step * step;
    t->saved_at = t->drawn_at = t->epoch_began = mica_log_clock();
    const double began = mica_log_clock();
    const uint64_t first = t->step;
    int status = 0;
    while (!status && !finished(t)) {
        status = take_step(t, err);
        if (!status)
            measure(t, t->step - first, mica_log_clock() - began);
        if (!status && t->step % t->steps_per_epoch == 0)
            status = end_epoch(t, err);
        if (!status &&
            mica_log_clock() - t->saved_at > t->recipe->checkpoint_every * 1e-6)
            status = mica_training_save(t, err);
        show(t, &progress);
    }
    if (status) {
        mica_progress_abandon(&progress);
        return -1;
    }
    mica_progress_end(&progress, NULL);
    status = mica_training_save(t, err);
    if (!status && t->history.count)
        status = mica_history_draw(&t->history, t->folder, err);
    return status;
}
