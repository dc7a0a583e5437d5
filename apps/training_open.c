/* training_open.c - from a recipe to data, graphs and weights that can be trained */
#include "apps/class_weights.h"
#include "apps/training.h"
#include "apps/training_fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "layers/losses/total.h"

static struct shape sample_shape(const struct training *t, const struct dataset *data,
                                 struct error *err)
{
    struct sample sample = {0};
    struct shape shape = {0};
    if (!mica_dataset_get(data, 0, &sample, err) &&
        (!data->augmentation ||
         !mica_augmentation_check(data->augmentation, &sample, err)))
        shape = (struct shape){(size_t)t->recipe->batch, sample.height, sample.width,
                               sample.channels};
    mica_sample_free(&sample);
    return shape;
}

/* The class that a loss leaves out; -1: none. */
static int ignored_by(const struct aim *aim)
{
    const struct layer *loss = aim->loss.what;
    for (const struct param *p = loss->params; p && p->name; p++)
        if (strcmp(p->name, "ignore") == 0)
            return *(const int *)((const char *)aim->loss.params + p->offset);
    return -1;
}

/* Where the background has no output, the truth is numbers: classes are not known to a
   loss. */
static int check_ignored(const struct training *t, size_t outputs, struct error *err)
{
    const struct recipe *r = t->recipe;
    for (size_t i = 0; i < r->aim_count; i++)
        if (r->aims[i].truth == TRUTH_LABELS && ignored_by(&r->aims[i]) >= 0)
            return mica_json_fail(
                r->json, r->aims[i].item, err,
                "'ignore' has no effect where the background has no output (%zu "
                "classes, %zu output%s); take it away: values of masks are left out by "
                "the data's \"ignore\"",
                t->data->classes, outputs, outputs == 1 ? "" : "s");
    return 0;
}

/* The node that an aim is about. */
static int find_output(const struct training *t, const struct aim *aim,
                       const struct wiring *wiring, struct error *err)
{
    if (!aim->output)
        return wiring->outputs[0].node;
    for (size_t i = 0; i < wiring->count; i++)
        if (strcmp(wiring->outputs[i].name, aim->output) == 0)
            return wiring->outputs[i].node;
    int node = mica_net_find(wiring, aim->output);
    if (node >= 0)
        return node;
    struct text names = {0};
    for (size_t i = 0; i < wiring->count; i++)
        mica_text_add(&names, "%s'%s'", i ? ", " : "", wiring->outputs[i].name);
    mica_json_fail(t->recipe->json, aim->item, err,
                   "the network has no output and no node '%s'; its outputs: %s",
                   aim->output, names.data);
    mica_text_free(&names);
    return -1;
}

static int record_loss(const struct training *t, struct graph *g, const struct aim *aim,
                       const struct wiring *wiring, struct error *err)
{
    struct error why = {0};
    const struct layer *loss = aim->loss.what;
    int truth = aim->truth == TRUTH_IMAGE ? g->input : g->labels;
    int ends[] = {find_output(t, aim, wiring, err), truth};
    if (ends[0] < 0)
        return -1;
    int node = mica_tape_record(g->tape, loss, aim->loss.params, "loss", ends,
                                loss->inputs, &why);
    if (node < 0)
        mica_json_fail(t->recipe->json, aim->item, err, "%s", why.text);
    return node;
}

/* One loss, or the weighted sum of several. The first is of what prediction shows. */
static int record_losses(const struct training *t, struct graph *g,
                         const struct wiring *wiring, struct error *err)
{
    const struct recipe *r = t->recipe;
    struct total total = {{0}};
    int losses[MICA_INPUTS_MAX], first = find_output(t, &r->aims[0], wiring, err);
    if (first < 0)
        return -1;
    if (first != g->logits || r->aims[0].truth != TRUTH_LABELS)
        return mica_json_fail(r->json, r->aims[0].item, err,
                              "the first loss must compare the network's first output, "
                              "'%s', with the labels: it is what prediction shows",
                              wiring->outputs[0].name);
    for (size_t i = 0; i < r->aim_count; i++) {
        losses[i] = record_loss(t, g, &r->aims[i], wiring, err);
        total.weights[i] = r->aims[i].weight;
        if (losses[i] < 0)
            return -1;
    }
    g->loss = r->aim_count == 1 && r->aims[0].weight == 1
                  ? losses[0]
                  : mica_tape_record(g->tape, &mica_losses_total, &total, "total",
                                     losses, r->aim_count, err);
    return g->loss < 0 ? -1 : 0;
}

static int open_graph(struct training *t, struct graph *g, struct shape shape,
                      bool learns, struct error *err)
{
    const struct recipe *r = t->recipe;
    struct wiring wiring;
    g->tape = mica_tape_new(t->model.weights);
    struct shape in = mica_net_input(t->model.net, shape.n, shape.h, shape.w);
    if (mica_training_fit_input(t, in, shape, err))
        return -1;
    g->input = mica_tape_input(g->tape, "in", in);
    if (mica_net_record(t->model.net, g->tape, g->input, &wiring, err))
        return -1;
    g->logits = wiring.outputs[0].node;
    const struct node *logits = mica_tape_node(g->tape, (size_t)g->logits);
    if (mica_training_fit_output(t, logits->out, in, err))
        return -1;
    struct shape labels = logits->out;
    g->first = mica_model_first(labels.c, t->data->classes);
    if (g->first && check_ignored(t, labels.c, err))
        return -1;
    if (!g->first)
        labels.c = 1;
    g->labels = mica_tape_input(g->tape, "labels", labels);
    if (record_losses(t, g, &wiring, err))
        return -1;
    int outputs[] = {g->logits, g->loss};
    struct wanted wanted = {.outputs = outputs,
                            .output_count = 2,
                            .loss = learns ? g->loss : -1,
                            .recompute =
                                r->recompute ? RECOMPUTE_MORE : RECOMPUTE_CHEAP,
                            .precision = r->precision,
                            .lends_gradients = r->accumulate == 1,
                            .shards = learns ? (size_t)r->shards : 1};
    g->plan = mica_plan_new(g->tape, &wanted, err);
    return g->plan ? 0 : -1;
}

static void close_graph(struct graph *g)
{
    mica_plan_free(g->plan);
    mica_tape_free(g->tape);
}

/* Validation counts the classes that training names, in their order. */
static int check_validation(const struct training *t, const cJSON *place,
                            struct error *err)
{
    const struct dataset *a = t->data, *b = t->validation;
    if (b->count == 0)
        return mica_json_fail(t->recipe->json, place, err,
                              "validation needs a \"count\": the same samples every "
                              "epoch");
    if (a->whole != b->whole)
        return mica_json_fail(t->recipe->json, place, err,
                              "has classes of %s, \"train\" has classes of %s",
                              b->whole ? "images" : "pixels",
                              a->whole ? "images" : "pixels");
    if (a->sigma != b->sigma || a->sigma_px != b->sigma_px)
        return mica_json_fail(t->recipe->json, place, err,
                              "has another \"sigma\" of Gaussians than \"train\"");
    bool same = a->classes == b->classes && a->channels == b->channels;
    for (size_t i = 0; same && i < a->classes; i++)
        same = strcmp(a->names[i], b->names[i]) == 0;
    return same
               ? 0
               : mica_json_fail(t->recipe->json, place, err,
                                "has other classes or channels than \"train\": %zu and "
                                "%zu, not %zu and %zu",
                                b->classes, b->channels, a->classes, a->channels);
}

static int check_batch(const struct training *t, struct error *err)
{
    const struct recipe *r = t->recipe;
    const cJSON *batch = cJSON_GetObjectItemCaseSensitive(r->train, "batch");
    const cJSON *samples =
        cJSON_GetObjectItemCaseSensitive(r->train, "samples_per_epoch");
    char step[64];
    if (r->accumulate > 1)
        snprintf(step, sizeof step, "a step of %d batches of %d", r->accumulate,
                 r->batch);
    else
        snprintf(step, sizeof step, "a batch of %d", r->batch);
    if (t->steps_per_epoch > 0)
        return 0;
    if (t->data->count)
        return mica_json_fail(r->json, batch ? batch : r->train, err,
                              "%s is more than the %llu samples of an epoch; "
                              "set a smaller \"batch\"%s",
                              step, (unsigned long long)mica_recipe_samples(r, t->data),
                              samples ? " or more \"samples_per_epoch\"" : "");
    return mica_json_fail(r->json, samples ? samples : r->train, err,
                          "the simulation has no end: \"samples_per_epoch\" must be at "
                          "least %s",
                          step);
}

/* Of as many channels as the data has; measured where the recipe gives none. */
static int find_statistics(const struct training *t, struct error *err)
{
    const struct recipe *r = t->recipe;
    const struct statistics *given = r->normalise.data;
    const cJSON *item =
        cJSON_GetObjectItemCaseSensitive(mica_json_root(r->json), "normalise");
    size_t channels = t->data->channels;
    if (!given || !given->channels)
        return mica_normalise_measure(&r->normalise, t->data, r->arena, err);
    if (given->channels == channels)
        return 0;
    return mica_json_fail(r->json, cJSON_GetObjectItemCaseSensitive(item, "mean"), err,
                          "%zu number%s of 'mean' and 'sd' for data of %zu channel%s "
                          "(columns); give one of each for each",
                          given->channels, given->channels == 1 ? "" : "s", channels,
                          channels == 1 ? "" : "s");
}

static int open_data(struct training *t, struct error *err)
{
    const struct recipe *r = t->recipe;
    const cJSON *check = cJSON_GetObjectItemCaseSensitive(r->data, "validation");
    const cJSON *stop = cJSON_GetObjectItemCaseSensitive(r->train, "stop");
    if (mica_recipe_data(r, &t->data, &t->validation, err) ||
        mica_dataset_check_sizes(t->data, err) ||
        (t->validation && mica_dataset_check_sizes(t->validation, err)))
        return -1;
    if (t->validation && check_validation(t, check ? check : r->data, err))
        return -1;
    const struct schedule *schedule = r->schedule.what;
    if (!t->validation && r->patience)
        return mica_json_fail(r->json, stop, err,
                              "needs validation data, whose loss it waits for");
    if (!t->validation && schedule->heed)
        return mica_json_fail(r->json, r->schedule.item, err,
                              "%s needs validation data, which it looks at",
                              schedule->name);
    if (find_statistics(t, err))
        return -1;
    t->history.whole = t->data->whole;
    t->augmentation = r->augmentation;
    t->augmentation.seed = r->seed;
    t->data->augmentation = &t->augmentation;
    mica_augmentation_pixels(&t->augmentation, t->data->pixel_range);
    if (r->balance && !(t->balance = mica_balance_new(t->data, err)))
        return -1;
    if (r->weigh && mica_class_weights_find(t, err))
        return -1;
    t->steps_per_epoch = mica_recipe_steps(r, t->data);
    t->warmup = r->warmup * (r->warmup_epochs ? t->steps_per_epoch : 1);
    return check_batch(t, err);
}

static void describe_model(struct training *t)
{
    const struct layer *loss = t->recipe->loss.what;
    t->model.net = t->recipe->net;
    t->model.classes = t->data->classes;
    t->model.names = t->data->names;
    t->model.channels = t->data->channels;
    t->model.normalise = t->recipe->normalise;
    t->model.label_radius = t->data->label_radius;
    t->model.crystal = (char *)(uintptr_t)t->data->crystal;
    t->model.activation = (char *)(uintptr_t)loss->activation;
    memcpy(t->model.pixel_range, t->data->pixel_range, sizeof t->model.pixel_range);
    memcpy(t->model.dose_range, t->data->dose_range, sizeof t->model.dose_range);
}

static bool fits_weight(const struct training *t, const char *pattern)
{
    for (size_t i = 0; i < mica_weights_count(t->model.weights); i++)
        if (mica_weight_is_meant(mica_weights_at(t->model.weights, i)->name, pattern))
            return true;
    return false;
}

static bool fits_tensor(const struct safetensors *file, const char *pattern)
{
    for (size_t i = 0; file && i < mica_safetensors_count(file); i++)
        if (mica_weight_is_meant(mica_safetensors_at(file, i)->name, pattern))
            return true;
    return false;
}

/* A pattern that fits nothing, of the network or of the file, is a slip of the pen. */
static int check_patterns(const struct training *t, const char *key,
                          const char *const *patterns, const struct safetensors *file,
                          struct error *err)
{
    const struct json *json = t->recipe->json;
    const cJSON *init = cJSON_GetObjectItemCaseSensitive(mica_json_root(json), "init");
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(init, key);
    int status = 0;
    for (int k = 0; patterns[k]; k++)
        if (!fits_weight(t, patterns[k]) && !fits_tensor(file, patterns[k]))
            status =
                mica_json_fail(json, cJSON_GetArrayItem(list, k), err,
                               "no weight is called '%s'; the first is '%s'",
                               patterns[k], mica_weights_at(t->model.weights, 0)->name);
    return status;
}

static int set_rates(struct training *t, struct error *err)
{
    const struct recipe *r = t->recipe;
    for (size_t k = r->rate_count; k-- > 0;) { /* the first that fits comes last */
        if (!fits_weight(t, r->rates[k].pattern))
            return mica_json_fail(r->json, r->rates[k].item, err,
                                  "no weight is called '%s'; the first is '%s'",
                                  r->rates[k].pattern,
                                  mica_weights_at(t->model.weights, 0)->name);
        for (size_t i = 0; i < mica_weights_count(t->model.weights); i++) {
            struct weight *w = mica_weights_at(t->model.weights, i);
            if (mica_weight_is_meant(w->name, r->rates[k].pattern))
                w->rate = r->rates[k].factor;
        }
    }
    return 0;
}

static int freeze(struct training *t, struct error *err)
{
    if (check_patterns(t, "freeze", t->recipe->freeze, NULL, err))
        return -1;
    for (size_t i = 0; i < mica_weights_count(t->model.weights); i++) {
        struct weight *w = mica_weights_at(t->model.weights, i);
        for (size_t k = 0; t->recipe->freeze[k]; k++)
            if (mica_weight_is_meant(w->name, t->recipe->freeze[k]))
                w->frozen = true;
    }
    return 0;
}

static int start_weights(struct training *t, struct error *err)
{
    const struct json *json = t->recipe->json;
    const cJSON *init = cJSON_GetObjectItemCaseSensitive(mica_json_root(json), "init");
    const cJSON *from = cJSON_GetObjectItemCaseSensitive(init, "from");
    if (!t->recipe->from)
        return 0;
    struct error why = {0};
    char *path =
        mica_file_find(t->recipe->from, mica_json_origin(json, from), NULL, &why);
    if (!path)
        return mica_json_fail(json, from, err, "%s", why.text);
    struct safetensors *file = mica_safetensors_read(path, err);
    int status = file ? check_patterns(t, "skip", t->recipe->skip, file, err) : -1;
    if (!status)
        status = mica_weights_load(t->model.weights, file, path, t->recipe->skip, err);
    mica_safetensors_free(file);
    free(path);
    return status;
}

static int open_trainer(struct training *t, struct error *err)
{
    const struct recipe *r = t->recipe;
    t->trainer =
        mica_trainer_new(r->optimizer.what, r->optimizer.params, t->model.weights, err);
    if (!t->trainer)
        return -1;
    mica_trainer_clip_norm(t->trainer, r->clip_norm);
    mica_trainer_clip_value(t->trainer, r->clip_value);
    mica_trainer_share(t->trainer, 1.0 / r->accumulate);
    if (r->ema)
        t->average = mica_average_new(t->model.weights, r->ema_decay, r->ema_ramp, err);
    return r->ema && !t->average ? -1 : 0;
}

int mica_training_open(struct training *t, const struct recipe *recipe,
                       const char *folder, struct error *err)
{
    *t =
        (struct training){.recipe = recipe, .folder = folder, .best = (double)INFINITY};
    if (open_data(t, err))
        return -1;
    t->model.weights = mica_weights_new(recipe->scheme.what, recipe->seed);
    mica_weights_draw_with(t->model.weights, recipe->scheme.params);
    describe_model(t);
    struct shape shape = sample_shape(t, t->data, err);
    if (!shape.h || open_graph(t, &t->train, shape, true, err) || start_weights(t, err))
        return -1;
    if (t->validation) {
        shape = sample_shape(t, t->validation, err);
        if (!shape.h || open_graph(t, &t->check, shape, false, err))
            return -1;
    }
    if (freeze(t, err) || set_rates(t, err))
        return -1;
    mica_confusion_open(&t->tally.confusion, t->data->classes);
    return open_trainer(t, err);
}

void mica_training_close(struct training *t)
{
    close_graph(&t->train);
    close_graph(&t->check);
    mica_average_free(t->average);
    mica_trainer_free(t->trainer);
    mica_weights_free(t->model.weights);
    mica_dataset_free(t->data);
    mica_dataset_free(t->validation);
    mica_balance_free(t->balance);
    mica_free(t->class_counts);
    mica_history_free(&t->history);
    mica_confusion_close(&t->tally.confusion);
}
