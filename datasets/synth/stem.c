/* stem.c - simulated STEM images as a dataset */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "datasets/synth/stem.h"

struct stem {
    const char *simulation;
    double seed;
    int count;
};

static const struct param params[] = {
    {"simulation", PARAM_TEXT, offsetof(struct stem, simulation), PARAM_NEEDED,
     PARAM_ANY, "the specification: a file like mos2.json"},
    {"seed", PARAM_FLOAT, offsetof(struct stem, seed), -1, -1, 9e15,
     "in place of the specification's seed (-1: that one)"},
    {"count", PARAM_INT, offsetof(struct stem, count), 0, 0, 1e9,
     "how many samples; 0: endless, every epoch new ones"},
    {0}};

static void name_classes(struct dataset *dataset, const struct simulation *simulation)
{
    const char *names[256];
    size_t count = 0;
    while (count < 255 && mica_simulation_class(simulation, count)) {
        names[count] = mica_simulation_class(simulation, count);
        count++;
    }
    mica_dataset_classes(dataset, names, count);
}

static int open(struct dataset *dataset, const void *p, const struct reader *reader,
                const cJSON *item, struct error *err)
{
    const struct stem *stem = p;
    struct error why = {0};
    const cJSON *place = cJSON_GetObjectItemCaseSensitive(item, "simulation");
    char *path = mica_file_find(stem->simulation, mica_json_origin(reader->json, place),
                                "recipes", &why);
    if (!path)
        return mica_json_fail(reader->json, place, err, "%s", why.text);
    struct simulation *simulation = mica_simulation_read(path, err);
    free(path);
    if (!simulation)
        return -1;
    if (stem->seed >= 0)
        mica_simulation_reseed(simulation, (uint64_t)stem->seed);
    size_t height, width;
    mica_simulation_shape(simulation, &height, &width, &dataset->channels);
    name_classes(dataset, simulation);
    mica_simulation_pixels(simulation, dataset->pixel_range);
    dataset->own = simulation;
    dataset->sigma = mica_simulation_label_sigma(simulation);
    dataset->label_radius = mica_simulation_label_radius(simulation);
    dataset->count = (uint64_t)stem->count;
    dataset->crystal = mica_simulation_crystal(simulation);
    dataset->warning = mica_simulation_warning(simulation);
    if (dataset->crop && (height != dataset->crop || width != dataset->crop))
        return mica_json_fail(
            reader->json, place, err,
            "gives images of %zu x %zu pixels, which 'crop' (%zu) does "
            "not cut; set \"size\" in the simulation",
            height, width, dataset->crop);
    return 0;
}

/* The mean place of a column's atoms, or that of the site where there are none. */
static void place_columns(const struct atoms *atoms, struct object *places)
{
    double *counts = mica_need(atoms->column_count + 1, sizeof *counts);
    for (size_t i = 0; i < atoms->count; i++) {
        const struct atom *atom = &atoms->list[i];
        double count = atom->element ? ++counts[atom->column] : 0;
        struct object *place = &places[atom->column];
        if (count > 0) {
            place->x += (atom->x_px - place->x) / count;
            place->y += (atom->y_px - place->y) / count;
        }
    }
    for (size_t i = 0; i < atoms->column_count; i++)
        if (!(counts[i] > 0)) {
            places[i].x = atoms->columns[i].x_px;
            places[i].y = atoms->columns[i].y_px;
        }
    mica_free(counts);
}

/* One object for each projected column whose label is a class. */
static void list_objects(const struct dataset *dataset, const struct simulated *s,
                         struct sample *sample)
{
    const struct atoms *atoms = &s->atoms;
    double reach[2] = {mica_sample_reach(sample, 0), mica_sample_reach(sample, 1)};
    sample->objects = mica_need(atoms->column_count + 1, sizeof *sample->objects);
    sample->objects_known = true;
    place_columns(atoms, sample->objects);
    for (size_t i = 0; i < atoms->column_count; i++) {
        int label = atoms->columns[i].label;
        struct object o = sample->objects[i];
        o.label = label < 0 ? 0
                            : (int)mica_simulation_class_of(dataset->own,
                                                            atoms->labels[label]);
        if (o.label && mica_sample_holds(sample, o.y, o.x, reach))
            sample->objects[sample->object_count++] = o;
    }
}

static int get(const struct dataset *dataset, uint64_t number, struct sample *sample,
               struct error *err)
{
    struct simulated s = {0};
    if (mica_simulation_sample(dataset->own, number, &s, err))
        return -1;
    sample->height = s.view.height;
    sample->width = s.view.width;
    sample->channels = s.channels;
    memcpy(sample->pixel, s.view.pixel, sizeof sample->pixel);
    sample->electrons = s.electrons;
    snprintf(sample->name, sizeof sample->name, "sample %llu",
             (unsigned long long)number);
    sample->sigma = dataset->sigma;
    list_objects(dataset, &s, sample);
    sample->image = s.image; /* taken over */
    sample->labels = s.labels;
    sample->carbon = s.carbon;
    s.image = s.carbon = NULL;
    s.labels = NULL;
    mica_simulated_free(&s);
    return 0;
}

const struct simulation *mica_stem_simulation(const struct dataset *dataset)
{
    return dataset->source == &mica_source_stem ? dataset->own : NULL;
}

static void close(struct dataset *dataset) { mica_simulation_free(dataset->own); }

const struct source mica_source_stem = {
    .name = "stem",
    .summary = "images of the STEM simulator, new ones every epoch",
    .params = params,
    .params_size = sizeof(struct stem),
    .open = open,
    .get = get,
    .close = close};
