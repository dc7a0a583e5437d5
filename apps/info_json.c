/* info_json.c - what mica info tells of mica's JSON files, of tables and of folders */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/info.h"
#include "apps/recipe.h"
#include "datasets/physics/simulation.h"
#include "datasets/table.h"

/* --- networks ---------------------------------------------------------------------------- */

static char *side_text(char out[32], size_t side, size_t trial)
{
    snprintf(out, 32, side == trial ? "any" : "%zu", side);
    return out;
}

static void tell_reach(const struct shape *in, const struct reach *reach, size_t trial)
{
    char rows[32], columns[32];
    mica_info_line("input", "%s rows, %s columns, %zu channel%s",
                   side_text(rows, in->h, trial), side_text(columns, in->w, trial),
                   in->c, in->c == 1 ? "" : "s");
    double seen = reach->before + reach->after + 1;
    if (reach->global >= 0)
        mica_info_line("sees", "the whole image");
    else
        mica_info_line("sees",
                       "%.0f x %.0f pixels; rows and columns are multiples of %zu",
                       seen, seen, reach->multiple);
}

int mica_info_net(const struct net *net, struct error *err)
{
    struct reach reach;
    struct wiring wiring;
    char parameters[32];
    if (mica_net_reach(net, &reach, err) != 0)
        return -1;
    size_t trial = reach.multiple * 64; /* a side that no network fixes by chance */
    struct weights *weights = mica_weights_outline();
    struct tape *tape = mica_tape_new(weights);
    struct shape in = mica_net_input(net, 1, trial, trial);
    int result =
        mica_net_record(net, tape, mica_tape_input(tape, "in", in), &wiring, err);
    if (result == 0) {
        mica_info_line("parameters", "%s",
                       mica_text_count(parameters, mica_weights_parameters(weights)));
        tell_reach(&in, &reach, trial);
    }
    mica_tape_free(tape);
    mica_weights_free(weights);
    return result;
}

static int tell_net(const char *path, const struct json *json, struct error *err)
{
    (void)json;
    struct net *net = mica_net_read(path, NULL, NULL, err);
    if (net == NULL)
        return -1;
    mica_info_line("kind", "the network %s; mica net prints its nodes",
                   mica_net_name(net));
    int result = mica_info_net(net, err);
    mica_net_free(net);
    return result;
}

/* --- recipes, simulations, samples --------------------------------------------------------- */

static int tell_recipe(const char *path, const struct json *json, struct error *err)
{
    (void)json;
    struct recipe *r = mica_recipe_read(path, NULL, 0, err);
    char digits[40];
    if (r == NULL)
        return -1;
    mica_info_line("kind", "a recipe, for mica train");
    if (r->note != NULL)
        mica_info_line("note", "%s", r->note);
    mica_info_line("network", "%s", mica_net_name(r->net));
    int result = mica_info_net(r->net, err);
    mica_info_line("loss", "%s", ((const struct layer *)r->loss.what)->name);
    mica_info_line("optimizer", "%s, lr %s",
                   ((const struct optimizer *)r->optimizer.what)->name,
                   mica_text_digits(digits, r->rate, 6));
    mica_info_line("schedule", "%s", ((const struct schedule *)r->schedule.what)->name);
    mica_info_line("training", "%d epochs, batches of %d, seed %llu", r->epochs,
                   r->batch, (unsigned long long)r->seed);
    mica_recipe_free(r);
    return result;
}

static void tell_names(const char *title, const struct simulation *simulation,
                       const char *(*name)(const struct simulation *, size_t))
{
    struct text words = {0};
    for (size_t i = 0; name(simulation, i) != NULL; i++)
        mica_text_add(&words, "%s%zu %s", i > 0 ? ", " : "", i, name(simulation, i));
    mica_info_line(title, "%s", words.data);
    mica_text_free(&words);
}

static int tell_simulation(const char *path, const struct json *json, struct error *err)
{
    (void)json;
    struct simulation *simulation = mica_simulation_read(path, err);
    size_t height, width, channels;
    double pixel[2];
    char from[40], to[40];
    if (simulation == NULL)
        return -1;
    mica_simulation_shape(simulation, &height, &width, &channels);
    mica_simulation_pixels(simulation, pixel);
    mica_info_line("kind", "a simulation, for mica simulate and the data of recipes");
    mica_info_line("size", "%zu x %zu pixels (rows x columns)", height, width);
    mica_info_line("pixel size", "%s to %s A", mica_text_digits(from, pixel[0], 6),
                   mica_text_digits(to, pixel[1], 6));
    tell_names("detectors", simulation, mica_simulation_channel);
    tell_names("classes", simulation, mica_simulation_class);
    if (mica_simulation_warning(simulation) != NULL)
        mica_info_line("note", "%s", mica_simulation_warning(simulation));
    mica_simulation_free(simulation);
    return 0;
}

static int tell_sample(const char *path, const struct json *json, struct error *err)
{
    (void)path;
    (void)err;
    const cJSON *item;
    mica_info_line("kind", "what was drawn for a sample of mica simulate");
    cJSON_ArrayForEach(item,
                       cJSON_GetObjectItemCaseSensitive(mica_json_root(json), "drawn"))
    {
        struct text words = {0};
        mica_info_words(&words, item);
        mica_info_line(item->string, "%s", words.data);
        mica_text_free(&words);
    }
    return 0;
}

int mica_info_json(const char *path, struct error *err)
{
    static const struct {
        const char *key;
        int (*tell)(const char *path, const struct json *json, struct error *err);
    } kinds[] = {{"mica_net", tell_net},
                 {"mica_run", tell_recipe},
                 {"mica_simulation", tell_simulation},
                 {"mica_sample", tell_sample}};
    struct json *json = mica_json_read(path, err);
    if (json == NULL)
        return -1;
    int result = 0;
    bool known = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !known; i++)
        if (cJSON_HasObjectItem(mica_json_root(json), kinds[i].key)) {
            known = true;
            result = kinds[i].tell(path, json, err);
        }
    if (!known) {
        struct text words = {0};
        mica_info_words(&words, mica_json_root(json));
        mica_info_line("kind", "JSON, but none of mica's");
        mica_info_line("content", "%s", words.data);
        mica_text_free(&words);
    }
    mica_json_free(json);
    return result;
}

/* --- tables and folders ------------------------------------------------------------------- */

int mica_info_table(const char *path, struct error *err)
{
    struct table table;
    struct text names = {0};
    char count[32];
    if (mica_table_read(&table, path, err) != 0)
        return -1;
    for (size_t i = 0; i < table.columns; i++)
        mica_text_add(&names, "%s%s", i > 0 ? ", " : "", table.names[i]);
    mica_info_line("kind", "a table of %s rows", mica_text_count(count, table.rows));
    mica_info_line("columns", "%s", names.data);
    mica_text_free(&names);
    mica_table_free(&table);
    return 0;
}

static char *path_in(const char *folder, const char *name)
{
    struct text path = {0};
    mica_text_add(&path, "%s/%s", folder, name);
    return path.data;
}

static size_t count_files(const char *folder, const char *pattern)
{
    char *path = path_in(folder, pattern);
    struct file_list list = {0};
    size_t count = mica_file_list(&list, path, NULL) == 0 ? list.count : 0;
    mica_file_list_free(&list);
    free(path);
    return count;
}

/* The last epoch of a run, and the one with the lowest validation loss. */
static int tell_log(const struct table *log, struct error *err)
{
    struct text words = {0};
    size_t column, epoch, best = 0;
    double lowest = HUGE_VAL, loss;
    char digits[40];
    if (log->rows == 0)
        return 0;
    for (size_t i = 0; i < log->columns; i++)
        mica_text_add(&words, "%s%s %s", i > 0 ? ", " : "", log->names[i],
                      mica_table_text(log, log->rows - 1, i));
    mica_info_line("last", "%s", words.data);
    mica_text_free(&words);
    if (!mica_table_column(log, "val_loss", &column) ||
        !mica_table_column(log, "epoch", &epoch))
        return 0;
    for (size_t i = 0; i < log->rows; i++) {
        if (mica_table_number(log, i, column, &loss, err) != 0)
            return -1;
        if (loss < lowest) {
            lowest = loss;
            best = i;
        }
    }
    if (lowest < HUGE_VAL)
        mica_info_line("best", "epoch %s, val_loss %s",
                       mica_table_text(log, best, epoch),
                       mica_text_digits(digits, lowest, 6));
    return 0;
}

static int tell_run(const char *folder, struct error *err)
{
    static const char *const files[] = {"best.safetensors", "last.safetensors",
                                        "metrics.json", "report.html"};
    char *log = path_in(folder, "log.csv");
    struct table table;
    int result = 0;
    mica_info_line("kind", "a run of mica train");
    if (mica_file_exists(log)) {
        result = mica_table_read(&table, log, err);
        if (result == 0) {
            result = tell_log(&table, err);
            mica_table_free(&table);
        }
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (count_files(folder, files[i]) > 0)
            mica_info_line("file", "%s/%s", folder, files[i]);
    free(log);
    return result;
}

int mica_info_folder(const char *path, struct error *err)
{
    size_t samples = count_files(path, "sample_*.json");
    if (count_files(path, "config.json") > 0)
        return tell_run(path, err);
    if (samples > 0)
        mica_info_line("kind", "a set of %zu samples of mica simulate", samples);
    else
        mica_info_line("kind", "a folder of %zu files", count_files(path, "*"));
    return 0;
}
