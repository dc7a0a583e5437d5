/* simulation.c - simulated images: a specification, and samples of it by index */
#include "datasets/physics/simulation.h"
#include "datasets/physics/labels.h"
#include "datasets/physics/scene.h"
#include "datasets/physics/specification.h"
#include "datasets/targets.h"

#include <string.h>

enum { DISPLACEMENT_MOST = 2000 /* A */ };

struct simulation *mica_simulation_open(struct json *json, struct error *err)
{
    struct simulation *simulation = mica_allocate(1, sizeof *simulation);
    if (!simulation) {
        mica_json_free(json);
        mica_fail(err, "no memory for a simulation");
        return NULL;
    }
    simulation->json = json;
    simulation->arena = mica_arena_new();
    if (mica_specification_read(simulation, err) == 0)
        return simulation;
    mica_simulation_free(simulation);
    return NULL;
}

struct simulation *mica_simulation_read(const char *path, struct error *err)
{
    struct json *json = mica_json_read(path, err);
    return json ? mica_simulation_open(json, err) : NULL;
}

void mica_simulation_free(struct simulation *simulation)
{
    if (!simulation)
        return;
    mica_specimen_free(&simulation->specimen);
    mica_arena_free(simulation->arena);
    mica_json_free(simulation->json);
    mica_free(simulation);
}

uint64_t mica_simulation_seed(const struct simulation *simulation)
{
    return simulation->seed;
}

void mica_simulation_reseed(struct simulation *simulation, uint64_t seed)
{
    simulation->seed = seed;
}

void mica_simulation_shape(const struct simulation *simulation, size_t *height,
                           size_t *width, size_t *channels)
{
    *height = simulation->size[0];
    *width = simulation->size[1];
    *channels = simulation->microscope.detectors;
}

void mica_simulation_pixels(const struct simulation *simulation, double range[2])
{
    if (simulation->field[0] > 0)
        range[0] = range[1] = simulation->field[0] / (double)simulation->size[0];
    else
        mica_spread_limits(&simulation->pixel, &range[0], &range[1]);
}

const char *mica_simulation_class(const struct simulation *simulation, size_t i)
{
    return i < simulation->labels.count ? simulation->labels.names[i] : NULL;
}

size_t mica_simulation_class_of(const struct simulation *simulation, const char *label)
{
    const struct labels *labels = &simulation->labels;
    for (size_t i = 0; i < labels->column_count; i++)
        if (strcmp(labels->columns[i].label, label) == 0)
            return labels->columns[i].class;
    return 0;
}

double mica_simulation_label_radius(const struct simulation *simulation)
{
    double sigma = mica_simulation_label_sigma(simulation);
    return sigma > 0 ? mica_targets_half(sigma) : simulation->labels.radius;
}

double mica_simulation_label_sigma(const struct simulation *simulation)
{
    const struct labels *labels = &simulation->labels;
    return labels->kind == LABELS_GAUSSIANS ? labels->sigma : 0;
}

const char *mica_simulation_channel(const struct simulation *simulation, size_t i)
{
    const struct microscope *microscope = &simulation->microscope;
    return i < microscope->detectors ? microscope->detector[i].name : NULL;
}

const char *mica_simulation_crystal(const struct simulation *simulation)
{
    const struct specimen *specimen = &simulation->specimen;
    return specimen->crystal && specimen->layers == 1 ? specimen->crystal->name : NULL;
}

const char *mica_simulation_warning(const struct simulation *simulation)
{
    return simulation->warning;
}

double mica_simulation_cross_section(const struct simulation *simulation,
                                     const struct view *view, int element,
                                     size_t channel)
{
    return mica_columns_single(&simulation->sections, element, view->coherence,
                               channel);
}

/* --- a sample --- */

struct sampling {
    const struct simulation *simulation;
    uint64_t index;
    struct simulated *out;
    struct acquisition acquisition;
    struct arena *arena;
    cJSON *artefacts; /* the list of what they drew */
    double range[DETECTORS_MOST], carbon_sigma[DETECTORS_MOST];
};

static void draw_view(struct sampling *sampling)
{
    const struct simulation *simulation = sampling->simulation;
    struct view *view = &sampling->out->view;
    cJSON *drawn = sampling->out->drawn;
    struct random random;
    view->height = simulation->size[0];
    view->width = simulation->size[1];
    mica_draw_stream(&random, simulation->seed, "view", sampling->index);
    double pixel = mica_spread_draw(&simulation->pixel, &random);
    for (size_t i = 0; i < 2; i++)
        view->pixel[i] = simulation->field[i] > 0
                             ? simulation->field[i] / (double)simulation->size[i]
                             : pixel;
    view->coherence = mica_spread_draw(&simulation->coherence, &random);
    mica_draw_record(drawn, "pixel", DIMENSION_LENGTH, view->pixel[1]);
    mica_draw_record(drawn, "column_coherence", DIMENSION_NONE, view->coherence);
    mica_draw_stream(&random, simulation->seed, "microscope", sampling->index);
    mica_microscope_draw(&simulation->microscope, &random, &view->optics,
                         cJSON_AddObjectToObject(drawn, "microscope"));
}

/* Memory for the image and what goes with it. */
static int start_canvas(struct sampling *sampling, struct error *err)
{
    struct simulated *out = sampling->out;
    struct acquisition *acquisition = &sampling->acquisition;
    size_t pixels = out->view.height * out->view.width;
    out->channels = sampling->simulation->microscope.detectors;
    out->image = mica_allocate(pixels * out->channels, sizeof *out->image);
    out->labels = mica_allocate(pixels, 1);
    *acquisition =
        (struct acquisition){.scan = {out->view.height,
                                      out->view.width,
                                      {out->view.pixel[0], out->view.pixel[1]},
                                      mica_allocate(pixels, sizeof(float)),
                                      mica_allocate(pixels, sizeof(float))},
                             .optics = &out->view.optics,
                             .electrons = mica_optics_electrons(&out->view.optics),
                             .carbon_sigma = sampling->carbon_sigma,
                             .channels = out->channels,
                             .image = out->image,
                             .range = sampling->range};
    if (!out->image || !out->labels || !acquisition->scan.dx || !acquisition->scan.dy)
        return mica_fail(err, "no memory for an image of %zu x %zu pixels",
                         out->view.height, out->view.width);
    return 0;
}

/* Draw an artefact's values for this sample and let it work. */
static int apply(struct sampling *sampling, const struct request *request,
                 struct error *err)
{
    const struct artefact *artefact = request->artefact;
    struct acquisition *acquisition = &sampling->acquisition;
    struct reader reader = mica_specification_reader(
        sampling->simulation, sampling->arena, acquisition->scan.pixel[1]);
    double values[DRAW_MOST];
    char purpose[64];
    struct random random;
    void *target = mica_arena_take(sampling->arena, 1, artefact->params_size);
    if (mica_param_read(artefact->params, target, request->item, NULL, NULL, &reader,
                        err) != 0)
        return -1;
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddItemToArray(sampling->artefacts, entry);
    acquisition->drawn = cJSON_AddObjectToObject(entry, artefact->name);
    snprintf(purpose, sizeof purpose, "%s %d", artefact->name, request->repeat);
    mica_draw_stream(&random, sampling->simulation->seed, purpose, sampling->index);
    mica_draw(artefact->params, target, &random, values, acquisition->drawn);
    return artefact->apply(acquisition, values, &random, err);
}

static int apply_stage(struct sampling *sampling, enum artefact_stage stage,
                       struct error *err)
{
    const struct simulation *simulation = sampling->simulation;
    for (size_t i = 0; i < simulation->request_count; i++)
        if (simulation->requests[i].artefact->stage == stage &&
            apply(sampling, &simulation->requests[i], err) != 0)
            return -1;
    return 0;
}

static bool has_stage(const struct simulation *simulation, enum artefact_stage stage)
{
    for (size_t i = 0; i < simulation->request_count; i++)
        if (simulation->requests[i].artefact->stage == stage)
            return true;
    return false;
}

/* The atoms under the scan: the field that it reaches, and as far around as kernels do. */
static int draw_atoms(struct sampling *sampling, double margin, struct error *err)
{
    const struct simulation *simulation = sampling->simulation;
    const struct scan *scan = &sampling->acquisition.scan;
    struct simulated *out = sampling->out;
    float most = 0;
    for (size_t i = 0; i < scan->height * scan->width; i++) {
        most = fabsf(scan->dx[i]) > most ? fabsf(scan->dx[i]) : most;
        most = fabsf(scan->dy[i]) > most ? fabsf(scan->dy[i]) : most;
    }
    if (most > DISPLACEMENT_MOST)
        return mica_fail(err, "artefacts displace the scan by %.3g A, more than %d A",
                         (double)most, DISPLACEMENT_MOST);
    margin += (double)most + simulation->kernel_radius +
              5 * mica_probe_step(&out->view.optics);
    return mica_specimen_draw(&simulation->specimen,
                              (double)(scan->width - 1) * scan->pixel[1],
                              (double)(scan->height - 1) * scan->pixel[0], margin,
                              simulation->seed, sampling->index, &out->atoms,
                              cJSON_AddObjectToObject(out->drawn, "specimen"), err);
}

/* What artefacts that lie on the specimen need besides a carbon atom's kernel. */
static int prepare_carbon(struct sampling *sampling, struct error *err)
{
    struct simulated *out = sampling->out;
    struct acquisition *acquisition = &sampling->acquisition;
    for (size_t c = 0; c < acquisition->channels; c++)
        sampling->carbon_sigma[c] = mica_columns_single(&sampling->simulation->sections,
                                                        6, out->view.coherence, c);
    acquisition->carbon = out->carbon =
        mica_allocate(out->view.height * out->view.width, sizeof *out->carbon);
    return acquisition->carbon ? 0 : mica_fail(err, "no memory for the map of carbon");
}

static void find_range(struct acquisition *acquisition)
{
    for (size_t c = 0; c < acquisition->channels; c++) {
        float least, most;
        mica_acquisition_limits(acquisition, c, &least, &most);
        acquisition->range[c] = (double)(most - least);
    }
}

/* From the scan's displacements to the finished image, stage by stage. */
static int make_image(struct sampling *sampling, struct error *err)
{
    const double carbon_margin = 4; /* [A]: carbon beside the image shines into it */
    const struct simulation *simulation = sampling->simulation;
    struct acquisition *acquisition = &sampling->acquisition;
    bool covered = has_stage(simulation, ARTEFACT_SPECIMEN);
    double margin = covered ? carbon_margin : 0;
    if (start_canvas(sampling, err) != 0 ||
        apply_stage(sampling, ARTEFACT_SCAN, err) != 0 ||
        draw_atoms(sampling, margin, err) != 0 ||
        mica_scene_render(&acquisition->grid, simulation, &sampling->out->view,
                          &acquisition->scan, margin, &sampling->out->atoms,
                          covered ? &acquisition->kernel : NULL, err) != 0)
        return -1;
    if (covered && (prepare_carbon(sampling, err) != 0 ||
                    apply_stage(sampling, ARTEFACT_SPECIMEN, err) != 0))
        return -1;
    mica_grid_sample(&acquisition->grid, &acquisition->scan, acquisition->image);
    find_range(acquisition);
    if (apply_stage(sampling, ARTEFACT_SIGNAL, err) != 0 ||
        apply_stage(sampling, ARTEFACT_COUNTS, err) != 0 ||
        apply_stage(sampling, ARTEFACT_IMAGE, err) != 0)
        return -1;
    sampling->out->electrons = acquisition->electrons;
    mica_draw_record(sampling->out->drawn, "electrons_per_pixel", DIMENSION_NONE,
                     acquisition->electrons);
    return 0;
}

static int make_labels(struct sampling *sampling, struct error *err)
{
    const struct simulation *simulation = sampling->simulation;
    struct atoms *atoms = &sampling->out->atoms;
    uint8_t *classes = mica_allocate(atoms->label_count + 1, 1);
    if (!classes)
        return mica_fail(err, "no memory for labels");
    for (size_t i = 0; i < atoms->label_count; i++)
        classes[i] = (uint8_t)mica_simulation_class_of(simulation, atoms->labels[i]);
    mica_labels_locate(atoms, &sampling->acquisition.scan);
    mica_labels_discs(sampling->out->labels, atoms, &sampling->acquisition.scan,
                      classes, mica_simulation_label_radius(simulation));
    mica_free(classes);
    return 0;
}

int mica_simulation_sample(const struct simulation *simulation, uint64_t index,
                           struct simulated *out, struct error *err)
{
    *out = (struct simulated){.drawn = cJSON_CreateObject()};
    struct sampling sampling = {.simulation = simulation,
                                .index = index,
                                .out = out,
                                .arena = mica_arena_new()};
    cJSON_AddNumberToObject(out->drawn, "seed", (double)simulation->seed);
    cJSON_AddNumberToObject(out->drawn, "index", (double)index);
    draw_view(&sampling);
    sampling.artefacts = cJSON_CreateArray();
    int result = make_image(&sampling, err);
    cJSON_AddItemToObject(out->drawn, "artefacts", sampling.artefacts);
    if (result == 0)
        result = make_labels(&sampling, err);
    mica_free(sampling.acquisition.scan.dx);
    mica_free(sampling.acquisition.scan.dy);
    mica_grid_free(&sampling.acquisition.grid);
    mica_kernel_free(&sampling.acquisition.kernel);
    mica_arena_free(sampling.arena);
    if (result != 0)
        mica_simulated_free(out);
    return result;
}

void mica_simulated_free(struct simulated *simulated)
{
    mica_free(simulated->image);
    mica_free(simulated->labels);
    mica_free(simulated->carbon);
    mica_atoms_free(&simulated->atoms);
    cJSON_Delete(simulated->drawn);
    *simulated = (struct simulated){.drawn = NULL};
}
