/* evaluate.c - mica evaluate: a model against samples whose truth is known */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/command.h"
#include "apps/evaluation.h"
#include "apps/panels.h"
#include "apps/recipe.h"
#include "core/file.h"
#include "core/log.h"
#include "core/parallel.h"
#include "datasets/chart.h"
#include "datasets/synth/stem.h"

struct choice {
    const char *model, *data, *folder;
    uint64_t count, pictures;
    double radius, smallest, memory;
    bool no_limit, quiet;
};

static const struct option options[] = {
    {"MODEL", 0, ARGUMENT, offsetof(struct choice, model), NULL,
     "a .safetensors that training left, or NET.json:WEIGHTS.safetensors"},
    {"DATA", 0, ARGUMENT, offsetof(struct choice, data), NULL,
     "a recipe: its validation data; or a simulation: new samples of it"},
    {"output", 'o', OPTION_TEXT, offsetof(struct choice, folder), "DIR",
     "where metrics.json, objects_by_carbon.csv, confusion.png and mistakes.png go "
     "(none)"},
    {"number", 'n', OPTION_COUNT, offsetof(struct choice, count), "N",
     "how many samples (all; of a simulation 200)", 1, 1e9},
    {"pictures", 0, OPTION_COUNT, offsetof(struct choice, pictures), "N",
     "draw image, truth and prediction of the first N samples into DIR (0); where each "
     "has one class, the N surest mistakes (24), at most 1000",
     0, 1e6},
    {"radius", 0, OPTION_QUANTITY, offsetof(struct choice, radius), "LENGTH",
     "objects match within it (the radius that objects are labelled with; where there "
     "is "
     "none, they match by area)",
     1e-3, 1e6, NULL, DIMENSION_LENGTH},
    {"min-area", 0, OPTION_FLOAT, offsetof(struct choice, smallest), "A2",
     "regions below this are not counted, in A^2 (a quarter of the disc of a label)", 0,
     1e12},
    {"mem", 0, OPTION_QUANTITY, offsetof(struct choice, memory), "BYTES",
     "memory to use (what is free)", 1, 1e15, NULL, DIMENSION_MEMORY},
    {"no-limit", 0, OPTION_FLAG, offsetof(struct choice, no_limit), NULL,
     "leave the counting limit of simulated data out"},
    {"quiet", 'q', OPTION_FLAG, offsetof(struct choice, quiet), NULL,
     "no progress, no text"},
    {0}};

/* ---- data ---- */

/* Of data that has no end; mistakes that are drawn, and at most, as they stay in memory. */
enum { SAMPLES = 200, MISTAKES = 24, MISTAKES_MOST = 1000 };

/* The data and what keeps its text alive. */
struct truth {
    struct recipe *recipe;
    struct json *json;
    struct arena *arena;
    struct dataset *data;
};

static void close_truth(struct truth *t)
{
    mica_dataset_free(t->data);
    mica_recipe_free(t->recipe);
    mica_arena_free(t->arena);
    mica_json_free(t->json);
}

static bool is_simulation(const char *path)
{
    struct error none = {0};
    char *found = mica_file_find(path, NULL, "recipes", &none);
    struct json *json = found ? mica_json_read(found, &none) : NULL;
    bool is = json && cJSON_HasObjectItem(mica_json_root(json), "mica_simulation");
    mica_json_free(json);
    free(found);
    return is;
}

static int open_simulation(struct truth *t, const char *path, uint64_t count,
                           struct error *err)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "simulation", path);
    cJSON_AddNumberToObject(item, "count", (double)(count ? count : SAMPLES));
    char *text = cJSON_PrintUnformatted(item);
    MICA_CHECK(text);
    t->json = mica_json_parse(text, "", err);
    free(text);
    cJSON_Delete(item);
    t->arena = mica_arena_new();
    struct reader reader = {.json = t->json, .arena = t->arena};
    t->data =
        mica_dataset_open(mica_json_root(t->json), PART_VALIDATION, 0, &reader, err);
    return t->data ? 0 : -1;
}

static int open_truth(struct truth *t, const char *path, uint64_t count,
                      struct error *err)
{
    if (is_simulation(path))
        return open_simulation(t, path, count, err);
    t->recipe = mica_recipe_read(path, NULL, 0, err);
    if (!t->recipe || mica_recipe_data(t->recipe, NULL, &t->data, err))
        return -1;
    if (!t->data)
        return mica_misuse(err, "%s: has no validation data", path);
    if (t->data->count == 0) /* without an end */
        t->data->count = count ? count : SAMPLES;
    if (count && count < t->data->count)
        t->data->count = count;
    return 0;
}

static int check_classes(const struct model *model, const struct dataset *data,
                         struct error *err)
{
    for (size_t i = 0; i < model->classes && i < data->classes; i++)
        if (strcmp(model->names[i], data->names[i]) != 0)
            return mica_misuse(err,
                               "class %zu is '%s' to the model and '%s' in the data", i,
                               model->names[i], data->names[i]);
    return !model->classes || model->classes == data->classes
               ? 0
               : mica_misuse(err, "the model has %zu classes, the data has %zu",
                             model->classes, data->classes);
}

/* A model without metadata shows its classes only now. */
static int open_predictor(struct predictor *predictor, const struct choice *choice,
                          const struct model *model, const struct dataset *data,
                          struct error *err)
{
    if (mica_predictor_open(predictor, model, (size_t)choice->memory, err))
        return -1;
    size_t classes = predictor->outputs + predictor->first;
    if (classes != data->classes)
        return mica_misuse(
            err,
            "the network gives %zu classes, the data has %zu (background "
            "included)",
            classes, data->classes);
    if (predictor->inputs != data->channels)
        return mica_misuse(err, "the network takes %zu channel%s, the data has %zu",
                           predictor->inputs, predictor->inputs == 1 ? "" : "s",
                           data->channels);
    if (predictor->whole != data->whole)
        return mica_misuse(err,
                           "the network gives one class for each %s, the data one "
                           "for each %s",
                           predictor->whole ? "image" : "pixel",
                           data->whole ? "image" : "pixel");
    return 0;
}

/* ---- the counting limit, for all samples at once ---- */

struct limiting {
    const struct simulation *simulation;
    const struct dataset *data;
    double radius;
    struct sites *sites;
    struct error *errors;
    struct progress *progress;
};

static void limit_one(void *context, size_t i)
{
    struct limiting *l = context;
    mica_counting_limit(&l->sites[i], l->simulation, i,
                        (const char *const *)l->data->names, l->radius, &l->errors[i]);
    if (mica_parallel_worker() == 0)
        mica_progress_step(l->progress, i, NULL);
}

static int find_limit(const struct choice *choice, const struct dataset *data,
                      double radius, struct sites *sites, struct error *err)
{
    struct progress progress;
    size_t count = (size_t)data->count;
    struct limiting l = {mica_stem_simulation(data),         data,     radius, sites,
                         mica_need(count, sizeof *l.errors), &progress};
    mica_progress_begin(&progress, "counting limit", "images", count, choice->quiet);
    mica_parallel_for(count, limit_one, &l);
    mica_progress_step(&progress, count, NULL);
    mica_progress_end(&progress, NULL);
    int status = 0;
    for (size_t i = 0; i < count && !status; i++)
        if (l.errors[i].lines)
            status = mica_fail(err, "%s", l.errors[i].text);
    mica_free(l.errors);
    return status;
}

/* ---- all samples ---- */

static int draw_sample(const struct choice *choice, const struct dataset *data,
                       size_t i, const struct sample *s, const struct prediction *p,
                       struct error *err)
{
    struct text path = {0};
    if (i >= choice->pictures || !choice->folder || data->whole)
        return 0;
    mica_text_add(&path, "%s/panels_%04zu.png", choice->folder, i);
    int status = mica_panels_write(path.data, s, p, (const char *const *)data->names,
                                   data->classes, err);
    mica_text_free(&path);
    return status;
}

static int evaluate_one(const struct choice *choice, struct evaluation *e,
                        struct predictor *predictor, const struct dataset *data,
                        size_t i, const struct sites *sites, struct error *err)
{
    struct sample s = {0};
    struct prediction p = {0};
    int status = mica_dataset_get(data, i, &s, err);
    if (!status) {
        struct frame frame = {
            s.image, s.height, s.width, s.channels, {s.pixel[0], s.pixel[1]}};
        status = mica_predictor_run(predictor, &frame, s.name, &p, err);
    }
    if (!status)
        status = mica_evaluation_add(e, &s, &p, sites, err);
    if (!status)
        status = draw_sample(choice, data, i, &s, &p, err);
    mica_prediction_free(&p);
    mica_sample_free(&s);
    return status;
}

/* Two kinds of columns are told apart by their counts, none that stands for several. */
static bool has_limit(const struct dataset *data)
{
    const struct simulation *simulation = mica_stem_simulation(data);
    if (!simulation || data->classes != 3)
        return false;
    for (size_t i = 1; i < data->classes; i++)
        if (mica_simulation_class_of(simulation, data->names[i]) != i)
            return false;
    return true;
}

static int evaluate_all(const struct choice *choice, const struct model *model,
                        const struct dataset *data, struct evaluation *e,
                        struct error *err)
{
    size_t count = (size_t)data->count;
    bool limited = !choice->no_limit && has_limit(data);
    struct sites *sites = mica_need(count, sizeof *sites);
    struct predictor predictor = {0};
    struct progress progress;
    int status = open_predictor(&predictor, choice, model, data, err);
    if (!status && limited)
        status = find_limit(choice, data, e->radius, sites, err);
    mica_progress_begin(&progress, "evaluate", "images", count, choice->quiet);
    for (size_t i = 0; i < count && !status; i++) {
        status = evaluate_one(choice, e, &predictor, data, i,
                              limited ? &sites[i] : NULL, err);
        mica_progress_step(&progress, i + 1, NULL);
    }
    if (status)
        mica_progress_abandon(&progress);
    else
        mica_progress_end(&progress, NULL);
    mica_predictor_close(&predictor);
    for (size_t i = 0; i < count; i++)
        mica_sites_free(&sites[i]);
    mica_free(sites);
    return status;
}

/* ---- results ---- */

static size_t mistakes_drawn(const struct choice *choice)
{
    uint64_t asked = choice->pictures ? choice->pictures : MISTAKES;
    return asked < MISTAKES_MOST ? (size_t)asked : MISTAKES_MOST;
}

static int write_in(const struct choice *choice, const char *name, const char *text,
                    struct error *err)
{
    struct text path = {0};
    mica_text_add(&path, "%s/%s", choice->folder, name);
    int status = mica_file_write(path.data, text, strlen(text), err);
    if (!status && !choice->quiet)
        printf("%s\n", path.data);
    mica_text_free(&path);
    return status;
}

static int draw_confusion(const struct choice *choice, const struct evaluation *e,
                          char *const *names, struct error *err)
{
    struct text path = {0};
    double *counts = mica_need(e->classes * e->classes, sizeof *counts);
    for (size_t i = 0; i < e->classes * e->classes; i++)
        counts[i] = (double)e->confusion.counts[i];
    struct matrix matrix = {.title = e->whole ? "Samples" : "Pixels",
                            .row_label = "truth",
                            .column_label = "prediction",
                            .row_names = (const char *const *)names,
                            .column_names = (const char *const *)names,
                            .rows = e->classes,
                            .columns = e->classes,
                            .values = counts,
                            .shares = true};
    mica_text_add(&path, "%s/confusion.png", choice->folder);
    int status = mica_matrix_write(&matrix, path.data, err);
    if (!status && !choice->quiet)
        printf("%s\n", path.data);
    mica_text_free(&path);
    mica_free(counts);
    return status;
}

static int write_mistakes(const struct choice *choice, const struct evaluation *e,
                          struct error *err)
{
    int count = mica_mistakes_write(e->mistakes, choice->folder, err);
    if (count > 0 && !choice->quiet)
        printf("%s/mistakes.png: images taken for another class, the surest first\n"
               "%s/mistakes.csv: which they are\n",
               choice->folder, choice->folder);
    return count < 0 ? -1 : 0;
}

static int write_results(const struct choice *choice, const struct evaluation *e,
                         char *const *names, struct error *err)
{
    struct text table = {0}, told = {0};
    mica_evaluation_tell(e, names, &told);
    if (!choice->quiet)
        printf("%s", told.data);
    int status = 0;
    if (choice->folder) {
        cJSON *json = mica_evaluation_json(e, names);
        char *metrics = cJSON_Print(json);
        MICA_CHECK(metrics);
        mica_evaluation_table(e, names, &table);
        if (write_in(choice, "metrics.json", metrics, err) ||
            (e->pixel_count &&
             write_in(choice, "objects_by_carbon.csv", table.data, err)) ||
            draw_confusion(choice, e, names, err))
            status = -1;
        else if (e->mistakes)
            status = write_mistakes(choice, e, err);
        else if (choice->pictures && !choice->quiet && !e->whole)
            printf("%s/panels_0000.png and on: image, truth, prediction\n",
                   choice->folder);
        free(metrics);
        cJSON_Delete(json);
    }
    mica_text_free(&table);
    mica_text_free(&told);
    return status;
}

static double first_known(double a, double b) { return a > 0 ? a : b; }

/* Within what objects match, and how large those that count are at least: a wider search
   makes no object larger. */
static void open_evaluation(struct evaluation *e, const struct choice *choice,
                            const struct model *model, const struct dataset *data)
{
    const double labels = first_known(data->label_radius, model->label_radius);
    const double radius = first_known(choice->radius, labels);
    const double disc = first_known(labels, radius);
    const double smallest = 3.14159265358979 * disc * disc / 4;
    mica_evaluation_open(e, data->classes, radius,
                         choice->smallest >= 0 ? choice->smallest : smallest);
}

static int evaluate(const struct choice *choice, struct error *err)
{
    struct truth truth = {0};
    struct folder_out folder = {0};
    struct model *model = mica_model_read(choice->model, err);
    int status = model ? open_truth(&truth, choice->data, choice->count, err) : -1;
    if (!status)
        status = check_classes(model, truth.data, err);
    if (!status && choice->folder) /* now: not after an hour's work */
        status = mica_folder_begin(&folder, choice->folder, err);
    if (!status) {
        struct evaluation e;
        open_evaluation(&e, choice, model, truth.data);
        e.whole = truth.data->whole;
        if (e.whole && choice->folder && !truth.data->source->rows)
            e.mistakes = mica_mistakes_new(mistakes_drawn(choice), truth.data->names);
        status = evaluate_all(choice, model, truth.data, &e, err);
        if (!status)
            status = write_results(choice, &e, truth.data->names, err);
        mica_mistakes_free(e.mistakes);
        mica_evaluation_close(&e);
    }
    mica_folder_end(&folder);
    close_truth(&truth);
    mica_model_free(model);
    return status;
}

static int run(int argc, char **argv)
{
    struct choice choice = {.smallest = -1};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = evaluate(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_evaluate = {
    .name = "evaluate",
    .summary = "measure a model on samples whose truth is known",
    .options = options,
    .details =
        "Pixels: accuracy beside that of calling everything background, and "
        "precision, recall, F1 and IoU of each class. Objects: connected regions "
        "against true ones, by the distance of their centres; where the size of a "
        "pixel "
        "is unknown by the area that they share (IoU above 1/2), with mean IoU and "
        "panoptic quality (PQ). For simulated vacancies the counting limit stands "
        "beside: what the counts at the known sites can tell at best.\n",
    .examples =
        "mica evaluate runs/mos2_vacancy_small/best.safetensors mos2.json -n 100\n",
    .run = run};
