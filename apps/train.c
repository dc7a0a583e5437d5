/* train.c - mica train: an experiment from its recipe */
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/class_weights.h"
#include "apps/command.h"
#include "apps/cost.h"
#include "apps/effective.h"
#include "apps/folds.h"
#include "apps/signals.h"
#include "apps/training.h"
#include "core/cpu.h"
#include "core/file.h"
#include "core/kernels.h"
#include "core/log.h"
#include "core/parallel.h"

struct choice {
    const char *recipe, *folder;
    struct words sets;
    uint64_t folds;
    int precision; /* -1: the recipe's */
    bool resume, force, quiet;
};

static const struct option options[] = {
    {"RECIPE", 0, ARGUMENT, offsetof(struct choice, recipe), NULL,
     "the experiment: a file like mos2_vacancy_small.json, or the name of one that "
     "comes "
     "with mica"},
    {"output", 'o', OPTION_TEXT, offsetof(struct choice, folder), "DIR",
     "the run's folder (runs/RECIPE)"},
    {"set", 0, OPTION_LIST, offsetof(struct choice, sets), "PATH=VALUE",
     "change one value: train.optimizer.adam.lr=1e-3; null takes a key away; may be "
     "given again",
     .keys = mica_recipe_train_params, .under = "train."},
    {"folds", 0, OPTION_COUNT, offsetof(struct choice, folds), "N",
     "train N times, each time another N-th validates: data.split.kfold=N (as the "
     "recipe "
     "says)",
     2, 1000},
    {"precision", 0, OPTION_CHOICE, offsetof(struct choice, precision), "TYPE",
     "bf16 keeps values for gradients in half the memory: "
     "train.precision=TYPE (as the recipe says)",
     .choices = mica_type_words},
    {"resume", 0, OPTION_FLAG, offsetof(struct choice, resume), NULL,
     "go on from the run's last checkpoint; --set train.epochs=N for longer"},
    {"force", 0, OPTION_FLAG, offsetof(struct choice, force), NULL,
     "begin anew in a folder that holds a run"},
    {"quiet", 'q', OPTION_FLAG, offsetof(struct choice, quiet), NULL, "say nothing"},
    {0}};

static char *path_in(const char *folder, const char *name)
{
    struct text path = {0};
    mica_text_add(&path, "%s/%s", folder, name);
    return path.data;
}

static bool holds(const char *folder, const char *name)
{
    char *path = path_in(folder, name);
    bool exists = mica_file_exists(path);
    free(path);
    return exists;
}

static int write_config(const struct recipe *recipe, const char *folder,
                        struct error *err)
{
    char *path = path_in(folder, "config.json");
    char *text = mica_recipe_write(recipe);
    int status = mica_file_write(path, text, strlen(text), err);
    free(text);
    free(path);
    return status;
}

/* A run is resumed with the recipe that it began with, but perhaps for more epochs. */
static int check_config(const struct recipe *recipe, const char *folder, int *epochs,
                        struct error *err)
{
    char *path = path_in(folder, "config.json");
    struct recipe *before = mica_recipe_read(path, NULL, 0, err);
    int status = before ? 0 : -1;
    if (before && !mica_recipe_continues(recipe, before))
        status = mica_misuse(
            err,
            "%s: the recipe is not the one that this run began with; give the same "
            "--set (only train.epochs, stop and checkpoint may differ), or another "
            "folder with -o",
            path);
    *epochs = before ? before->epochs : 0;
    mica_recipe_free(before);
    free(path);
    return status;
}

/* What a former run left would be gone on from, or taken for this one's. */
static void clear_folder(const char *folder)
{
    static const char *const names[] = {"last.safetensors", "best.safetensors",
                                        "log.jsonl", "log.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = path_in(folder, names[i]);
        remove(path);
        free(path);
    }
}

/* `epochs` that the run was to have before. */
static int prepare_folder(const struct choice *choice, const struct recipe *recipe,
                          const char *folder, int *epochs, struct error *err)
{
    bool exists = holds(folder, "config.json");
    if (choice->resume && !exists)
        return mica_misuse(err, "%s: holds no run to go on with", folder);
    if (choice->resume)
        return check_config(recipe, folder, epochs, err);
    if (exists && !choice->force)
        return mica_misuse(err,
                           "%s: holds a run already; --resume goes on with it, --force "
                           "begins anew, -o names another folder",
                           folder);
    if (mica_file_folder(folder, err))
        return -1;
    clear_folder(folder);
    return write_config(recipe, folder, err);
}

/* The first line: what the run will take here. */
static void tell_cost(const struct training *t, double seconds)
{
    struct text cost = {0};
    mica_cost_tell(t->recipe, t->steps_per_epoch, seconds, &cost);
    printf("%s: %s\n", t->recipe->name, cost.data);
    mica_text_free(&cost);
}

static void tell_start(const struct training *t, double seconds)
{
    char parameters[32], bytes[32], size[64];
    const struct shape in = mica_tape_node(t->train.tape, (size_t)t->train.input)->out;
    if (in.h * in.w > 1)
        snprintf(size, sizeof size, "%zu x %zu", in.h, in.w);
    else
        snprintf(size, sizeof size, "%zu values", in.c);
    tell_cost(t, seconds);
    printf("%s, %s parameters, %s, %llu images a step, %s of activations, "
           "%zu thread%s, %s\n",
           mica_net_name(t->recipe->net),
           mica_text_count(parameters, mica_weights_parameters(t->model.weights)), size,
           (unsigned long long)mica_recipe_step_samples(t->recipe),
           mica_text_bytes(bytes, (double)mica_plan_size(t->train.plan)),
           mica_parallel_threads(), mica_parallel_threads() == 1 ? "" : "s",
           mica_kernels()->name);
    if (t->class_counts)
        mica_class_weights_tell(t);
    if (t->data->warning)
        printf("note: %s\n", t->data->warning);
    fflush(stdout);
}

static bool is_finished(const struct training *t)
{
    return t->step / t->steps_per_epoch >= (uint64_t)t->recipe->epochs;
}

/* Take up the state of the run; other epochs than before are told and kept. */
static int resume(struct training *t, int epochs, bool quiet, struct error *err)
{
    struct text note = {0};
    int status = mica_training_resume(t, &note, err);
    if (!status && !quiet && note.data)
        fputs(note.data, stdout);
    mica_text_free(&note);
    if (status)
        return -1;
    const struct recipe *recipe = t->recipe;
    const struct schedule *schedule = recipe->schedule.what;
    char was[40], is[40];
    uint64_t done = t->step / t->steps_per_epoch;
    if (recipe->epochs != epochs && (uint64_t)recipe->epochs <= done)
        return mica_misuse(
            err,
            "%s: %llu epochs are done already; train.epochs must be more "
            "than that to go on, not %d",
            t->folder, (unsigned long long)done, recipe->epochs);
    if (!quiet && is_finished(t))
        printf("%s: is finished after %llu epoch%s; --set train.epochs=N goes on\n",
               t->folder, (unsigned long long)done, done == 1 ? "" : "s");
    else if (!quiet && t->step)
        printf("going on after step %llu\n", (unsigned long long)t->step);
    if (recipe->epochs == epochs)
        return 0;
    if (!quiet && t->history.count)
        printf("%d epochs instead of %d: the learning rate was %s at the end of epoch "
               "%llu and goes on with %s (%s)\n",
               recipe->epochs, epochs,
               mica_text_digits(was, t->history.epochs[t->history.count - 1].rate, 3),
               (unsigned long long)done,
               mica_text_digits(is, mica_training_rate(t, t->step), 3), schedule->name);
    return write_config(recipe, t->folder, err);
}

static void tell_end(const struct training *t, const struct choice *choice)
{
    if (*t->stop)
        printf("stopped after step %llu; go on with --resume -o %s%s\n",
               (unsigned long long)t->step, t->folder,
               choice->sets.count ? " and the same --set" : "");
    else if (mica_training_impatient(t))
        printf("ended early: no lower validation loss for %d epochs\n", t->stale);
    if (!*t->stop)
        printf("%s/best.safetensors: the weights of the lowest validation loss\n"
               "%s/log.csv: the figures of each epoch\n"
               "%s/loss.png, %s/accuracy.png: their curves\n",
               t->folder, t->folder, t->folder, t->folder);
}

/* `folds` (may be NULL) gets the result as that of `fold`. */
static int train(const struct choice *choice, const struct recipe *recipe,
                 const char *folder, struct folds *folds, int fold, struct error *err)
{
    struct training t;
    int epochs = recipe->epochs;
    bool stopped = false;
    int status = mica_training_open(&t, recipe, folder, err);
    if (!status)
        status = prepare_folder(choice, recipe, folder, &epochs, err);
    if (!status && choice->resume)
        status = resume(&t, epochs, choice->quiet, err);
    if (!status) {
        t.quiet = choice->quiet || is_finished(&t);
        t.stop = mica_signals_catch();
        if (!choice->quiet)
            t.begun = tell_start;
        status = mica_training_run(&t, err);
        if (!status && !choice->quiet)
            tell_end(&t, choice);
        if (!status && folds)
            mica_folds_take(folds, fold, &t);
        stopped = *t.stop;
    }
    mica_training_close(&t);
    return status ? -1 : stopped ? MICA_FAILURE : 0;
}

/* ---- folds ---- */

/* The recipe with one fold chosen (0: as it is, but --folds means all of them, whichever
   the recipe picks; a --set counts more than that). */
static struct recipe *read_recipe(const struct choice *choice, int fold,
                                  struct error *err)
{
    size_t count = 0;
    struct arena *arena = mica_arena_new();
    struct text kfold = {0}, which = {0}, precision = {0};
    const char **sets = mica_arena_take(arena, choice->sets.count + 4, sizeof *sets);
    if (choice->folds)
        sets[count++] = "data.split.fold=0";
    for (size_t i = 0; i < choice->sets.count; i++)
        sets[count++] = choice->sets.items[i];
    mica_text_add(&kfold, "data.split.kfold=%d", (int)choice->folds);
    mica_text_add(&which, "data.split.fold=%d", fold);
    if (choice->precision >= 0) {
        mica_text_add(&precision, "train.precision=%s",
                      mica_type_words[choice->precision]);
        sets[count++] = precision.data;
    }
    if (choice->folds)
        sets[count++] = kfold.data;
    if (fold)
        sets[count++] = which.data;
    struct recipe *recipe = mica_recipe_read(choice->recipe, sets, count, err);
    mica_text_free(&kfold);
    mica_text_free(&which);
    mica_text_free(&precision);
    mica_arena_free(arena);
    return recipe;
}

/* --resume goes on with the folds that have a checkpoint and begins the others, also one that
   was killed before it had any. */
static int train_fold(const struct choice *choice, const char *folder, int fold,
                      struct folds *folds, struct error *err)
{
    struct choice one = *choice;
    struct text path = {0};
    struct recipe *recipe = read_recipe(choice, fold, err);
    mica_text_add(&path, "%s/fold_%d", folder, fold);
    if (choice->resume && !holds(path.data, "last.safetensors")) {
        one.resume = false;
        one.force = true;
    }
    if (recipe && !choice->quiet)
        printf("fold %d of %d: %s\n", fold, folds->count, path.data);
    int status = recipe ? train(&one, recipe, path.data, folds, fold, err) : -1;
    mica_text_free(&path);
    mica_recipe_free(recipe);
    return status;
}

static int train_folds(const struct choice *choice, const char *folder, int count,
                       struct error *err)
{
    struct folds folds = {.best = mica_need((size_t)count, sizeof *folds.best),
                          .count = count};
    int status = 0;
    for (int fold = 1; fold <= count && !status; fold++)
        status = train_fold(choice, folder, fold, &folds, err);
    if (!status)
        status = mica_folds_write(&folds, folder, err);
    if (!status && !choice->quiet)
        mica_folds_tell(&folds, folder);
    mica_free(folds.best);
    return status;
}

static int open_and_train(const struct choice *choice, struct error *err)
{
    struct recipe *recipe = read_recipe(choice, 0, err);
    if (!recipe)
        return -1;
    struct text folder = {0};
    mica_text_add(&folder, "%s%s", choice->folder ? "" : "runs/",
                  choice->folder ? choice->folder : recipe->name);
    int count = mica_folds_asked(recipe);
    int status = count ? train_folds(choice, folder.data, count, err)
                       : train(choice, recipe, folder.data, NULL, 0, err);
    mica_text_free(&folder);
    mica_recipe_free(recipe);
    return status;
}

static int run(int argc, char **argv)
{
    struct choice choice = {.precision = -1};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = open_and_train(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_train = {
    .name = "train",
    .summary = "train a network as a recipe says",
    .options = options,
    .details =
        "Ctrl-C and SIGTERM write a checkpoint first; --resume goes on from it. The "
        "run's folder holds config.json, log.jsonl, log.csv, loss and accuracy as .png "
        "and .svg, "
        "last.safetensors (to go on from) and best.safetensors (to predict with). "
        "Folds "
        "have a folder each, fold_1 and on, and folds.csv with mean and standard "
        "deviation.\n",
    .examples = "mica train mos2_vacancy_small.json\n"
                "mica train mine.json --set train.batch=4 -o runs/batch4\n"
                "mica train mine.json -o runs/batch4 --resume\n",
    .run = run};
