/* training_state.c - the state of a run in a file, and back */
#include "apps/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/conv.h"
#include "core/file.h"
#include "core/kernels.h"
#include "core/log.h"

static cJSON *tally_json(const struct tally *tally)
{
    cJSON *json = cJSON_CreateObject(),
          *counts = cJSON_AddArrayToObject(json, "counts");
    mica_history_number(json, "loss", tally->loss);
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

static cJSON *schedule_json(const struct training *t)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < MICA_SCHEDULE_STATE; i++) {
        char digits[40];
        mica_text_digits(digits, t->schedule[i], 17);
        cJSON_AddItemToArray(list, cJSON_CreateRaw(digits));
    }
    return list;
}

static void schedule_from(struct training *t, const cJSON *list)
{
    for (int i = 0; i < MICA_SCHEDULE_STATE; i++) {
        const cJSON *item = cJSON_GetArrayItem(list, i);
        t->schedule[i] = cJSON_IsNumber(item) ? item->valuedouble : 0;
    }
}

static cJSON *training_json(const struct training *t)
{
    char hash[20];
    char *recipe = cJSON_PrintUnformatted(mica_json_root(t->recipe->json));
    MICA_CHECK(recipe);
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)mica_text_hash(recipe));
    free(recipe);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "recipe", t->recipe->name);
    cJSON_AddStringToObject(json, "recipe_hash", hash);
    cJSON_AddNumberToObject(json, "seed", (double)t->recipe->seed);
    cJSON_AddNumberToObject(json, "step", (double)t->step);
    cJSON_AddStringToObject(json, "isa", mica_kernels()->name);
    cJSON_AddStringToObject(json, "convolution", mica_conv_words[mica_conv_pinned()]);
    return json;
}

static cJSON *metrics_json(const struct epoch *epoch)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "epoch", epoch->epoch);
    cJSON_AddNumberToObject(json, "train_loss", epoch->train_loss);
    if (!isnan(epoch->loss)) {
        cJSON_AddNumberToObject(json, "val_loss", epoch->loss);
        cJSON_AddNumberToObject(json, "val_accuracy", epoch->accuracy);
        cJSON_AddNumberToObject(json, "background_accuracy", epoch->background);
        cJSON_AddNumberToObject(json, "val_f1", epoch->f1);
    }
    return json;
}

void mica_training_put(const struct training *t, const struct epoch *epoch,
                       struct safetensors_out *out)
{
    mica_model_put(&t->model, out);
    mica_safetensors_put_json(out, "mica.training", training_json(t));
    if (epoch)
        mica_safetensors_put_json(out, "mica.metrics", metrics_json(epoch));
}

int mica_training_save(struct training *t, struct error *err)
{
    struct text path = {0};
    struct safetensors_out *out = mica_safetensors_begin();
    size_t epochs = t->history.count;
    mica_weights_save(t->model.weights, out);
    mica_training_put(t, epochs ? &t->history.epochs[epochs - 1] : NULL, out);
    mica_trainer_save(t->trainer, out);
    if (t->average)
        mica_average_save(t->average, out);
    cJSON *state = cJSON_CreateObject();
    cJSON_AddNumberToObject(state, "step", (double)t->step);
    if (isfinite(t->best))
        mica_history_number(state, "best", t->best);
    cJSON_AddNumberToObject(state, "stale", t->stale);
    cJSON_AddItemToObject(state, "schedule", schedule_json(t));
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
    cJSON *state = cJSON_Parse(mica_safetensors_meta(file, "mica.state"));
    t->step = (uint64_t)number_of(state, "step");
    t->stale = (int)number_of(state, "stale");
    if (cJSON_HasObjectItem(state, "best"))
        t->best = number_of(state, "best");
    schedule_from(t, cJSON_GetObjectItemCaseSensitive(state, "schedule"));
    tally_from(&t->tally, cJSON_GetObjectItemCaseSensitive(state, "tally"));
    int status = mica_history_from(&t->history,
                                   cJSON_GetObjectItemCaseSensitive(state, "history"));
    cJSON_Delete(state);
    return status ? mica_fail(err, "%s: its history is damaged", path) : 0;
}

/* What was logged behind the checkpoint comes again: a line a step is kept. */
static int cut_log(const struct training *t, struct error *err)
{
    struct text path = {0};
    size_t size = 0, end = 0;
    int status = 0;
    mica_text_add(&path, "%s/log.jsonl", t->folder);
    char *log =
        mica_file_exists(path.data) ? mica_file_read(path.data, &size, err) : NULL;
    for (uint64_t line = 0; log && line < t->step && end < size; line++) {
        const char *newline = memchr(log + end, '\n', size - end);
        end = newline ? (size_t)(newline - log) + 1 : size;
    }
    if (log && end < size)
        status = mica_file_write(path.data, log, end, err);
    free(log);
    mica_text_free(&path);
    return status;
}

/* What else decides the bits, where the checkpoint was made with something else. */
static void note_others(const struct safetensors *file, struct text *note)
{
    cJSON *before = cJSON_Parse(mica_safetensors_meta(file, "mica.training"));
    const struct {
        const char *key, *variable, *now;
    } others[] = {{"isa", "MICA_ISA", mica_kernels()->name},
                  {"convolution", "MICA_CONV", mica_conv_words[mica_conv_pinned()]}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(before, others[i].key);
        if (cJSON_IsString(item) && strcmp(item->valuestring, others[i].now) != 0)
            mica_text_add(note,
                          "note: goes on with %s=%s after %s: rounded otherwise, not "
                          "the bits of a run without a stop\n",
                          others[i].variable, others[i].now, item->valuestring);
    }
    cJSON_Delete(before);
}

int mica_training_resume(struct training *t, struct text *note, struct error *err)
{
    struct text path = {0};
    mica_text_add(&path, "%s/last.safetensors", t->folder);
    struct safetensors *file = NULL;
    if (mica_file_exists(path.data))
        file = mica_safetensors_read(path.data, err);
    else
        mica_fail(
            err,
            "%s: there is no checkpoint to go on from; --force begins the run anew",
            path.data);
    int status = file ? 0 : -1;
    if (file && !mica_safetensors_meta(file, "mica.state"))
        status = mica_fail(err, "%s: no checkpoint of a run, only weights", path.data);
    if (!status)
        status = mica_weights_load(t->model.weights, file, path.data, NULL, err);
    if (!status)
        status = mica_trainer_load(t->trainer, file, path.data, err);
    if (!status && t->average)
        status = mica_average_load(t->average, file, path.data, err);
    if (!status)
        status = take_state(t, file, path.data, err);
    if (!status)
        status = cut_log(t, err);
    if (!status)
        note_others(file, note);
    mica_safetensors_free(file);
    mica_text_free(&path);
    return status;
}
