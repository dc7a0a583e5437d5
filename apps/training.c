/* training.c - the loop over steps and epochs */
#include "apps/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/log.h"
#include "datasets/loader.h"

/* ---- opening ---- */

static struct shape sample_shape(const struct training *t, const struct dataset *data,
                                 struct error *err)
{
    struct sample sample = {0};
    struct shape shape = {0};
    if (!mica_dataset_get(data, 0, &sample, err))
        shape = (struct shape){(size_t)t->recipe->batch, sample.height, sample.width,
                               sample.channels};
    mica_sample_free(&sample);
    return shape;
}

static int check_output(const struct training *t, const struct node *logits,
                        struct error *err)
{
    if (logits->out.c == t->data->classes)
        return 0;
    return mica_misuse(err,
                       "the network gives %zu classes, the data has %zu (background "
                       "included); set net.params.classes",
                       logits->out.c, t->data->classes);
}

static int open_graph(struct training *t, struct graph *g, struct shape shape,
                      bool learns, struct error *err)
{
    const struct recipe *r = t->recipe;
    struct wiring wiring;
    g->tape = mica_tape_new(t->model.weights);
    struct shape in = mica_net_input(t->model.net, shape.n, shape.h, shape.w);
    if (in.c != shape.c || in.h != shape.h || in.w != shape.w)
        return mica_misuse(
            err,
            "the network takes %zu x %zu pixels with %zu channels, the data "
            "has %zu x %zu with %zu",
            in.h, in.w, in.c, shape.h, shape.w, shape.c);
    g->input = mica_tape_input(g->tape, "in", in);
    if (mica_net_record(t->model.net, g->tape, g->input, &wiring, err))
        return -1;
    g->logits = wiring.outputs[0].node;
    const struct node *logits = mica_tape_node(g->tape, (size_t)g->logits);
    if (check_output(t, logits, err))
        return -1;
    struct shape labels = logits->out;
    labels.c = 1;
    g->labels = mica_tape_input(g->tape, "labels", labels);
    int ends[] = {g->logits, g->labels};
    g->loss =
        mica_tape_record(g->tape, r->loss.what, r->loss.params, "loss", ends, 2, err);
    if (g->loss < 0)
        return -1;
    int outputs[] = {g->logits, g->loss};
    struct wanted wanted = {.outputs = outputs,
                            .output_count = 2,
                            .loss = learns ? g->loss : -1,
                            .shards = learns ? (size_t)r->shards : 1};
    g->plan = mica_plan_new(g->tape, &wanted, err);
    return g->plan ? 0 : -1;
}

static void close_graph(struct graph *g)
{
    mica_plan_free(g->plan);
    mica_tape_free(g->tape);
}

static int open_data(struct training *t, struct error *err)
{
    if (mica_recipe_data(t->recipe, &t->data, &t->validation, err))
        return -1;
    if (t->validation && t->validation->count == 0)
        return mica_misuse(err, "%s.json: the validation data needs a \"count\"",
                           t->recipe->name);
    t->steps_per_epoch = mica_recipe_steps(t->recipe, t->data);
    if (t->steps_per_epoch == 0)
        return mica_misuse(
            err,
            "%s.json: %d samples of a batch are more than the %llu there "
            "are; set a smaller train.batch%s",
            t->recipe->name, t->recipe->batch, (unsigned long long)t->data->count,
            t->data->count ? "" : " or samples_per_epoch");
    t->warmup = t->recipe->warmup * (t->recipe->warmup_epochs ? t->steps_per_epoch : 1);
    return 0;
}

static void describe_model(struct training *t)
{
    const struct layer *loss = t->recipe->loss.what;
    t->model.net = t->recipe->net;
    t->model.classes = t->data->classes;
    t->model.names = t->data->names;
    t->model.channels = t->data->channels;
    t->model.normalise = t->recipe->normalise;
    t->model.activation = (char *)(uintptr_t)loss->activation;
    memcpy(t->model.pixel_range, t->data->pixel_range, sizeof t->model.pixel_range);
    memcpy(t->model.dose_range, t->data->dose_range, sizeof t->model.dose_range);
}

static void freeze(struct training *t)
{
    for (size_t i = 0; i < mica_weights_count(t->model.weights); i++) {
        struct weight *w = mica_weights_at(t->model.weights, i);
        for (size_t k = 0; t->recipe->freeze[k]; k++)
            if (mica_text_matches(w->name, t->recipe->freeze[k]))
                w->frozen = true;
    }
}

static int start_weights(struct training *t, struct error *err)
{
    if (!t->recipe->from)
        return 0;
    char *path =
        mica_file_find(t->recipe->from, mica_json_name(t->recipe->json), NULL, err);
    struct safetensors *file = path ? mica_safetensors_read(path, err) : NULL;
    int status =
        file ? mica_weights_load(t->model.weights, file, path, t->recipe->skip, err)
             : -1;
    mica_safetensors_free(file);
    free(path);
    return status;
}

int mica_training_open(struct training *t, const struct recipe *recipe,
                       const char *folder, struct error *err)
{
    *t = (struct training){.recipe = recipe, .folder = folder, .best = INFINITY};
    if (open_data(t, err))
        return -1;
    t->model.weights = mica_weights_new(recipe->initializer, recipe->seed);
    describe_model(t);
    struct shape shape = sample_shape(t, t->data, err);
    if (!shape.h || open_graph(t, &t->train, shape, true, err) || start_weights(t, err))
        return -1;
    if (t->validation) {
        shape = sample_shape(t, t->validation, err);
        if (!shape.h || open_graph(t, &t->check, shape, false, err))
            return -1;
    }
    freeze(t);
    mica_confusion_open(&t->tally.confusion, t->data->classes);
    t->trainer = mica_trainer_new(recipe->optimizer.what, recipe->optimizer.params,
                                  t->model.weights, err);
    if (!t->trainer)
        return -1;
    mica_trainer_clip_norm(t->trainer, recipe->clip_norm);
    mica_trainer_clip_value(t->trainer, recipe->clip_value);
    return 0;
}

void mica_training_close(struct training *t)
{
    close_graph(&t->train);
    close_graph(&t->check);
    mica_trainer_free(t->trainer);
    mica_weights_free(t->model.weights);
    mica_dataset_free(t->data);
    mica_dataset_free(t->validation);
    mica_history_free(&t->history);
    mica_confusion_close(&t->tally.confusion);
}

/* ---- one step ---- */

void mica_classes_of(const struct tensor *logits, uint8_t *classes)
{
    size_t pixels = mica_shape_pixels(logits->shape);
    for (size_t n = 0; n < logits->shape.n; n++)
        for (size_t p = 0; p < pixels; p++) {
            const float *v = mica_tensor_at(logits, n, p);
            size_t best = 0;
            for (size_t c = 1; c < logits->shape.c; c++)
                best = v[c] > v[best] ? c : best;
            *classes++ = (uint8_t)best;
        }
}

static void count_classes(const struct graph *g, size_t samples,
                          struct confusion *confusion)
{
    struct tensor logits = mica_plan_value(g->plan, g->logits);
    struct tensor labels = mica_plan_value(g->plan, g->labels);
    logits.shape.n = labels.shape.n = samples;
    size_t count = samples * mica_shape_pixels(labels.shape);
    uint8_t *truth = mica_need(count, 1), *predicted = mica_need(count, 1);
    for (size_t i = 0; i < count; i++)
        truth[i] = (uint8_t)((const float *)labels.data)[i];
    mica_classes_of(&logits, predicted);
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

static float loss_of(const struct graph *g)
{
    return *(const float *)mica_plan_value(g->plan, g->loss).data;
}

/* The samples of a step: with a count, epoch * count + i of the permutation; endless data
   numbers on. */
static void number_samples(const struct training *t, uint64_t *numbers)
{
    uint64_t batch = (uint64_t)t->recipe->batch, epoch = t->step / t->steps_per_epoch;
    uint64_t within = t->step % t->steps_per_epoch * batch;
    uint64_t per = t->data->count ? t->data->count : t->steps_per_epoch * batch;
    for (uint64_t i = 0; i < batch; i++)
        numbers[i] =
            mica_dataset_number(t->data, t->recipe->seed, epoch * per + within + i);
}

static double rate_now(const struct training *t)
{
    uint64_t steps = t->steps_per_epoch * (uint64_t)t->recipe->epochs;
    return t->recipe->rate * mica_schedule_factor(t->recipe->schedule.what,
                                                  t->recipe->schedule.params, t->warmup,
                                                  t->step, steps, t->steps_per_epoch);
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

static int take_step(struct training *t, struct error *err)
{
    size_t batch = (size_t)t->recipe->batch;
    uint64_t *numbers = mica_need(batch, sizeof *numbers);
    number_samples(t, numbers);
    struct run run = {.samples = batch,
                      .seed = t->recipe->seed,
                      .step = t->step,
                      .first = t->step * batch};
    int status = run_graph(t, &t->train, t->data, numbers, &run, err);
    mica_free(numbers);
    if (status)
        return -1;
    double loss = (double)loss_of(&t->train), rate = rate_now(t);
    if (!isfinite(loss))
        return mica_fail(err,
                         "the loss is no longer a number at step %llu; try a smaller "
                         "learning rate (now %g) or clip the gradients",
                         (unsigned long long)t->step + 1, rate);
    count_classes(&t->train, batch, &t->tally.confusion);
    double norm = mica_trainer_step(t->trainer, rate);
    if (log_step(t, loss, rate, norm, err))
        return -1;
    t->tally.loss += loss;
    t->tally.steps++;
    t->step++;
    return 0;
}

/* ---- one epoch ---- */

static double mean_f1(const struct confusion *confusion)
{
    double sum = 0;
    for (size_t i = 1; i < confusion->classes; i++)
        sum += mica_confusion_class(confusion, i).f1;
    return sum / (double)(confusion->classes - 1);
}

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
        count_classes(&t->check, run.samples, &confusion);
    }
    epoch->loss = loss / (double)t->validation->count;
    epoch->accuracy = mica_confusion_accuracy(&confusion);
    epoch->background = mica_confusion_background(&confusion);
    epoch->f1 = mean_f1(&confusion);
    mica_confusion_close(&confusion);
    mica_free(numbers);
    return status;
}

static int save_best(struct training *t, struct error *err)
{
    struct text path = {0};
    mica_text_add(&path, "%s/best.safetensors", t->folder);
    struct safetensors_out *out = mica_safetensors_begin();
    mica_weights_save(t->model.weights, out);
    mica_model_put(&t->model, out);
    int status = mica_safetensors_write(out, path.data, err);
    mica_text_free(&path);
    return status;
}

/* Without validation the last weights are the best there are. */
static int judge(struct training *t, const struct epoch *epoch, struct error *err)
{
    double loss = t->validation ? epoch->loss : epoch->train_loss;
    if (isnan(loss) || (t->validation && !(loss < t->best))) {
        t->stale++;
        return 0;
    }
    t->best = loss;
    t->stale = 0;
    return save_best(t, err);
}

static void tell_epoch(const struct training *t, const struct epoch *e)
{
    char time[32];
    if (t->quiet)
        return;
    printf("epoch %d of %d: loss %.4f", e->epoch, t->recipe->epochs, e->train_loss);
    if (!isnan(e->loss))
        printf(", validation loss %.4f, accuracy %.4f (all background %.4f), F1 %.3f",
               e->loss, e->accuracy, e->background, e->f1);
    printf(", %s\n", mica_text_duration(time, e->seconds));
    fflush(stdout);
}

static int end_epoch(struct training *t, struct error *err)
{
    struct epoch e = {.epoch = (int)(t->step / t->steps_per_epoch),
                      .step = t->step,
                      .rate = rate_now(t),
                      .train_loss = t->tally.loss / (double)t->tally.steps,
                      .train_accuracy = mica_confusion_accuracy(&t->tally.confusion),
                      .loss = NAN,
                      .accuracy = NAN,
                      .background = NAN,
                      .f1 = NAN};
    bool check = t->validation && (e.epoch % t->recipe->validate_every == 0 ||
                                   e.epoch == t->recipe->epochs);
    if (check && mica_training_validate(t, &e, err))
        return -1;
    if ((check || !t->validation) && judge(t, &e, err))
        return -1;
    e.seconds = mica_log_clock() - t->epoch_began;
    t->epoch_began = mica_log_clock();
    t->tally.loss = 0;
    t->tally.steps = 0;
    mica_confusion_clear(&t->tally.confusion);
    mica_history_add(&t->history, &e);
    tell_epoch(t, &e);
    return mica_history_write(&t->history, t->folder, err);
}

/* ---- the run ---- */

static bool finished(const struct training *t)
{
    uint64_t steps = t->steps_per_epoch * (uint64_t)t->recipe->epochs;
    return t->step >= steps || (t->stop && *t->stop) ||
           (t->recipe->patience && t->stale >= t->recipe->patience);
}

static void show(const struct training *t, struct progress *progress)
{
    char note[64];
    snprintf(note, sizeof note, "loss %.4f",
             t->tally.steps ? t->tally.loss / (double)t->tally.steps : 0);
    mica_progress_step(progress, t->step * (uint64_t)t->recipe->batch, note);
}

int mica_training_run(struct training *t, struct error *err)
{
    struct progress progress;
    uint64_t images =
        t->steps_per_epoch * (uint64_t)t->recipe->epochs * (uint64_t)t->recipe->batch;
    mica_progress_begin(&progress, t->recipe->name, "images", images, t->quiet);
    t->saved_at = t->epoch_began = mica_log_clock();
    int status = 0;
    while (!status && !finished(t)) {
        status = take_step(t, err);
        if (!status && t->step % t->steps_per_epoch == 0)
            status = end_epoch(t, err);
        if (!status &&
            mica_log_clock() - t->saved_at > t->recipe->checkpoint_every * 1e-6)
            status = mica_training_save(t, err);
        show(t, &progress);
    }
    mica_progress_end(&progress, NULL);
    return status ? status : mica_training_save(t, err);
}

/* ---- state ---- */

static cJSON *tally_json(const struct tally *tally)
{
    cJSON *json = cJSON_CreateObject(),
          *counts = cJSON_AddArrayToObject(json, "counts");
    cJSON_AddNumberToObject(json, "loss", tally->loss);
    cJSON_AddNumberToObject(json, "steps", (double)tally->steps);
    size_t cells = tally->confusion.classes * tally->confusion.classes;
    for (size_t i = 0; i < cells; i++)
        cJSON_AddItemToArray(counts,
                             cJSON_CreateNumber((double)tally->confusion.counts[i]));
    return json;
}

static double number_of(const cJSON *json, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void tally_from(struct tally *tally, const cJSON *json)
{
    const cJSON *counts = cJSON_GetObjectItemCaseSensitive(json, "counts");
    tally->loss = number_of(json, "loss");
    tally->steps = (uint64_t)number_of(json, "steps");
    size_t cells = tally->confusion.classes * tally->confusion.classes;
    for (size_t i = 0; i < cells; i++) {
        const cJSON *item = cJSON_GetArrayItem(counts, (int)i);
        tally->confusion.counts[i] =
            cJSON_IsNumber(item) ? (uint64_t)item->valuedouble : 0;
    }
}

int mica_training_save(struct training *t, struct error *err)
{
    struct text path = {0};
    struct safetensors_out *out = mica_safetensors_begin();
    mica_weights_save(t->model.weights, out);
    mica_model_put(&t->model, out);
    mica_trainer_save(t->trainer, out);
    cJSON *state = cJSON_CreateObject();
    cJSON_AddNumberToObject(state, "step", (double)t->step);
    if (isfinite(t->best))
        cJSON_AddNumberToObject(state, "best", t->best);
    cJSON_AddNumberToObject(state, "stale", t->stale);
    cJSON_AddItemToObject(state, "tally", tally_json(&t->tally));
    cJSON_AddItemToObject(state, "history", mica_history_json(&t->history));
    char *text = cJSON_PrintUnformatted(state);
    MICA_CHECK(text);
    mica_safetensors_put(out, "mica.state", text);
    free(text);
    cJSON_Delete(state);
    mica_text_add(&path, "%s/last.safetensors", t->folder);
    int status = mica_safetensors_write(out, path.data, err);
    mica_text_free(&path);
    t->saved_at = mica_log_clock();
    return status;
}

static int take_state(struct training *t, const struct safetensors *file,
                      const char *path, struct error *err)
{
    const char *text = mica_safetensors_meta(file, "mica.state");
    if (!text)
        return mica_fail(err, "%s: no checkpoint of a run, only weights", path);
    cJSON *state = cJSON_Parse(text);
    t->step = (uint64_t)number_of(state, "step");
    t->stale = (int)number_of(state, "stale");
    if (cJSON_HasObjectItem(state, "best"))
        t->best = number_of(state, "best");
    tally_from(&t->tally, cJSON_GetObjectItemCaseSensitive(state, "tally"));
    int status = mica_history_from(&t->history,
                                   cJSON_GetObjectItemCaseSensitive(state, "history"));
    cJSON_Delete(state);
    return status ? mica_fail(err, "%s: its history is damaged", path) : 0;
}

int mica_training_resume(struct training *t, struct error *err)
{
    struct text path = {0};
    mica_text_add(&path, "%s/last.safetensors", t->folder);
    struct safetensors *file = mica_safetensors_read(path.data, err);
    int status =
        file ? mica_weights_load(t->model.weights, file, path.data, NULL, err) : -1;
    if (!status)
        status = mica_trainer_load(t->trainer, file, err);
    if (!status)
        status = take_state(t, file, path.data, err);
    mica_safetensors_free(file);
    mica_text_free(&path);
    return status;
}
