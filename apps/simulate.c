/* simulate.c - mica simulate: a set of simulated images to look at or to share */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "apps/command.h"
#include "apps/contact.h"
#include "apps/sets.h"
#include "apps/simulated_files.h"
#include "core/file.h"
#include "core/log.h"
#include "core/parallel.h"

struct choice {
    const char *file, *folder;
    struct words sets;
    uint64_t count, seed;
    bool force, quiet;
};
/* More digits than --seed takes: the specification's own. */
static const uint64_t own_seed = UINT64_MAX;

static const struct option options[] = {
    {"SPEC", 0, ARGUMENT, offsetof(struct choice, file), NULL,
     "the specification: a file like mos2.json, or the name of one that comes with "
     "mica"},
    {"output", 'o', OPTION_TEXT, offsetof(struct choice, folder), "DIR",
     "the folder that is filled (needed)"},
    {"number", 'n', OPTION_COUNT, offsetof(struct choice, count), "N",
     "how many samples [8]", .least = 1, .most = 1e6},
    {"seed", 0, OPTION_COUNT, offsetof(struct choice, seed), "S",
     "names the random numbers [the specification's]"},
    {"set", 0, OPTION_LIST, offsetof(struct choice, sets), "PATH=VALUE",
     "change one value: --set microscope.defocus=\"20 A\"; null takes a key away; may "
     "be given again"},
    {"force", 0, OPTION_FLAG, offsetof(struct choice, force), NULL,
     "write into a folder that has files already; those of the same names are "
     "replaced"},
    {"quiet", 'q', OPTION_FLAG, offsetof(struct choice, quiet), NULL, "say nothing"},
    {0}};

/* --- before ------------------------------------------------------------------------ */

/* A network or a recipe in place of a specification is told at once. */
static int check_kind(const struct json *json, const char *path, struct error *err)
{
    const cJSON *root = mica_json_root(json);
    if (cJSON_HasObjectItem(root, "mica_run"))
        return mica_misuse(
            err,
            "%s: is a recipe, which mica train takes; its \"data\" names "
            "the simulation",
            path);
    if (cJSON_HasObjectItem(root, "mica_net"))
        return mica_misuse(err, "%s: is a network, not a simulation", path);
    return 0;
}

static struct simulation *read_simulation(const struct choice *choice,
                                          struct error *err)
{
    char *path = mica_file_find(choice->file, NULL, "recipes", err);
    struct json *json = path != NULL ? mica_json_read(path, err) : NULL;
    struct simulation *simulation = NULL;
    if (json != NULL &&
        (check_kind(json, path, err) != 0 ||
         mica_sets_apply(json, choice->sets.items, choice->sets.count, err) != 0))
        mica_json_free(json);
    else if (json != NULL)
        simulation = mica_simulation_open(json, err);
    if (simulation != NULL && choice->seed != own_seed)
        mica_simulation_reseed(simulation, choice->seed);
    free(path);
    return simulation;
}

static int prepare_folder(const struct choice *choice, struct folder_out *folder,
                          struct error *err)
{
    if (!choice->force && !mica_file_folder_is_empty(choice->folder))
        return mica_misuse(
            err,
            "%s: has files already; --force writes beside them, -o names "
            "another folder",
            choice->folder);
    return mica_folder_begin(folder, choice->folder, err);
}

/* --- the samples ------------------------------------------------------------------- */

/* Some samples at a time, one a thread; each has its own place for what went wrong. */
struct wave {
    const struct simulation *simulation;
    const char *folder;
    struct contact *contact;
    uint64_t first;
    struct error *errors;
};

static void make_sample(void *context, size_t i)
{
    const struct wave *wave = context;
    struct error *err = &wave->errors[i];
    struct simulated sample = {0};
    struct image classes = {0};
    uint64_t number = wave->first + i;
    if (mica_simulation_sample(wave->simulation, number, &sample, err) == 0 &&
        mica_simulated_classes(&sample, wave->simulation, &classes, err) == 0 &&
        mica_simulated_write(&sample, &classes, wave->simulation, wave->folder, number,
                             err) == 0) {
        const struct image image = mica_simulated_image(&sample);
        mica_contact_add(wave->contact, (size_t)number, &image, &classes, err);
    }
    mica_image_free(&classes);
    mica_simulated_free(&sample);
}

static int make_samples(const struct choice *choice,
                        const struct simulation *simulation, struct contact *contact,
                        struct error *err)
{
    size_t threads = mica_parallel_threads();
    struct wave wave = {.simulation = simulation,
                        .folder = choice->folder,
                        .contact = contact,
                        .errors = mica_need(threads, sizeof *wave.errors)};
    struct progress progress;
    int result = 0;
    mica_progress_begin(&progress, "simulate", "images", choice->count, choice->quiet);
    while (result == 0 && wave.first < choice->count) {
        uint64_t left = choice->count - wave.first;
        size_t some = left < threads ? (size_t)left : threads;
        mica_parallel_for(some, make_sample, &wave);
        for (size_t i = 0; i < some && result == 0; i++)
            if (wave.errors[i].code != 0) {
                *err = wave.errors[i];
                result = -1;
            }
        wave.first += some;
        mica_progress_step(&progress, wave.first, NULL);
    }
    if (result)
        mica_progress_abandon(&progress);
    else
        mica_progress_end(&progress, NULL);
    mica_free(wave.errors);
    return result;
}

/* --- all of it --------------------------------------------------------------------- */

static int write_contact(const struct choice *choice,
                         const struct simulation *simulation,
                         const struct contact *contact, struct error *err)
{
    const char *names[MICA_CLASSES_MOST + 1];
    struct text path = {0};
    mica_simulated_names(simulation, names);
    mica_text_add(&path, "%s/contact.png", choice->folder);
    int result = mica_contact_write(contact, path.data, choice->file, names, err);
    mica_text_free(&path);
    return result;
}

static int make_set(const struct choice *choice, const struct simulation *simulation,
                    struct error *err)
{
    struct contact *contact = mica_contact_new((size_t)choice->count);
    int result = make_samples(choice, simulation, contact, err);
    if (result == 0)
        result = write_contact(choice, simulation, contact, err);
    mica_contact_free(contact);
    return result;
}

static void tell(const struct choice *choice, const struct simulation *simulation)
{
    size_t height, width, channels;
    double pixel[2];
    char from[40], to[40];
    mica_simulation_shape(simulation, &height, &width, &channels);
    mica_simulation_pixels(simulation, pixel);
    printf("%s: %" PRIu64 " image%s of %zu x %zu pixels, %s", choice->folder,
           choice->count, choice->count == 1 ? "" : "s", height, width,
           mica_text_digits(from, pixel[0], 6));
    if (pixel[1] > pixel[0])
        printf(" to %s", mica_text_digits(to, pixel[1], 6));
    printf(" A a pixel; labels:");
    for (size_t i = 0; mica_simulation_class(simulation, i) != NULL; i++)
        printf("%s %zu %s", i > 0 ? "," : "", i, mica_simulation_class(simulation, i));
    printf("\n%s/contact.png: the first of them to look at\n", choice->folder);
}

static int simulate(const struct choice *choice, struct error *err)
{
    if (choice->folder == NULL)
        return mica_misuse(err, "mica simulate: --output is missing: -o DIR");
    struct simulation *simulation = read_simulation(choice, err);
    if (simulation == NULL)
        return -1;
    struct folder_out folder = {0};
    int result = prepare_folder(choice, &folder, err);
    if (result == 0 && !choice->quiet && mica_simulation_warning(simulation) != NULL)
        fprintf(stderr, "note: %s\n", mica_simulation_warning(simulation));
    if (result == 0)
        result = make_set(choice, simulation, err);
    if (result == 0 && !choice->quiet)
        tell(choice, simulation);
    mica_folder_end(&folder);
    mica_simulation_free(simulation);
    return result;
}

static int run(int argc, char **argv)
{
    struct choice choice = {.count = 8, .seed = own_seed};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = simulate(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_simulate = {
    .name = "simulate",
    .summary = "simulated images with their labels and atoms",
    .options = options,
    .details =
        "Of sample 0000 it leaves image_0000.npy and image_0000.tif (fp32, fractions "
        "of "
        "the\nbeam's current; one channel a detector), labels_0000.png (the value is "
        "the "
        "class, the\ncolours are visible), atoms_0000.csv (every atom and vacant site "
        "with its place) and\nsample_0000.json (every value that was drawn); "
        "contact.png "
        "shows the first samples.\n",
    .examples = "mica simulate mos2.json -o mos2 -n 16\n"
                "mica simulate mos2.json -o thick --set specimen.layers=2 --set "
                "specimen.polymorph=2H\n",
    .run = run};
