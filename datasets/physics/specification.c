/* specification.c - a simulation's JSON, read and checked */
#include "datasets/physics/specification.h"
#include "core/text.h"
#include "datasets/physics/electrons.h"
#include "datasets/physics/elements.h"

#include <string.h>

#define PLACE(field) offsetof(struct simulation, field)
static const char *const engines[] = {"incoherent", "columns", "multislice", NULL};
const struct param mica_simulation_params[] = {
    {"mica_simulation", PARAM_INT, PLACE(version), PARAM_NEEDED, PARAM_ANY,
     "version of the format", NULL, DIMENSION_NONE},
    {"name", PARAM_TEXT, PLACE(name), 0, PARAM_ANY, "a name", NULL, DIMENSION_NONE},
    {"note", PARAM_TEXT, PLACE(note), 0, PARAM_ANY, "a remark", NULL, DIMENSION_NONE},
    {"specimen", PARAM_JSON, PLACE(specimen_json), PARAM_NEEDED, PARAM_ANY,
     "a crystal and its defects, or a file of atoms", NULL, DIMENSION_NONE},
    {"microscope", PARAM_JSON, PLACE(microscope_json), PARAM_NEEDED, PARAM_ANY,
     "the microscope's settings", NULL, DIMENSION_NONE},
    {"engine", PARAM_CHOICE, PLACE(engine), 0, PARAM_ANY, "how images are computed",
     engines, DIMENSION_NONE},
    {"column_coherence", PARAM_RANDOM, PLACE(coherence), 0, 0, 10,
     "factor of the cross-section of columns that hold two atoms; 0: tabulated columns",
     NULL, DIMENSION_NONE},
    {"pixel", PARAM_RANDOM, PLACE(pixel), 0, 0.005, 10, "size of a pixel", NULL,
     DIMENSION_LENGTH},
    {"size", PARAM_NUMBERS, PLACE(size_given), 0, 1, 65536,
     "rows and columns in pixels", NULL, DIMENSION_NONE},
    {"field", PARAM_JSON, PLACE(field_json), 0, PARAM_ANY,
     "height and width of the image as lengths", NULL, DIMENSION_NONE},
    {"artefacts", PARAM_JSON, PLACE(artefacts_json), 0, PARAM_ANY,
     "what the instrument does to the image", NULL, DIMENSION_NONE},
    {"labels", PARAM_JSON, PLACE(labels_json), 0, PARAM_ANY, "the map of classes", NULL,
     DIMENSION_NONE},
    {"seed", PARAM_JSON, PLACE(seed_json), 0, PARAM_ANY, "names the random numbers",
     NULL, DIMENSION_NONE},
    {"kernel_radius", PARAM_QUANTITY, PLACE(kernel_radius), 7, 1, 40,
     "how far an atom's image is followed before its tails become a constant", NULL,
     DIMENSION_LENGTH},
    {0}};

static const char *const label_kinds[] = {"discs", "gaussians", NULL};
const struct param mica_label_params[] = {
    {"kind", PARAM_CHOICE, offsetof(struct labels, kind), 0, PARAM_ANY,
     "how a site is marked", label_kinds, DIMENSION_NONE},
    {"radius", PARAM_QUANTITY, offsetof(struct labels, radius), 0.95, 1e-3, 1000,
     "radius of a disc", NULL, DIMENSION_LENGTH},
    {"sigma", PARAM_QUANTITY, offsetof(struct labels, sigma), 0.4, 1e-3, 1000,
     "of a Gaussian, exp(-r^2 / (2 sigma^2))", NULL, DIMENSION_LENGTH},
    {"classes", PARAM_JSON, offsetof(struct labels, classes_json), 0, PARAM_ANY,
     "labels of columns, from class 1 on, or several of one class: {\"atom\": [\"Mo\", "
     "\"S2\"]}; standard: the defects",
     NULL, DIMENSION_NONE},
    {0}};

struct reader mica_specification_reader(const struct simulation *simulation,
                                        struct arena *arena, double pixel)
{
    return (struct reader){.json = simulation->json, .arena = arena, .pixel = pixel};
}

/* --- artefacts --- */

/* "shot_noise" or {"drift": ...}: the artefact, and the value. */
static int read_request(const struct simulation *simulation, struct request *request,
                        const cJSON *item, const struct reader *reader,
                        struct error *err)
{
    bool object = cJSON_IsObject(item) && cJSON_GetArraySize(item) == 1;
    if (!object && !cJSON_IsString(item))
        return mica_json_fail(simulation->json, item, err,
                              "must be a name, or an object with one name: "
                              "{\"scan_jitter\": \"0.2 px\"}");
    const char *name = object ? item->child->string : item->valuestring;
    request->item = object ? item->child : NULL;
    request->artefact = mica_artefact_named(name);
    if (!request->artefact) {
        const char *names[64];
        size_t count = 0;
        for (; count < 64 && mica_artefact(count); count++)
            names[count] = mica_artefact(count)->name;
        const char *nearest = mica_text_nearest(name, names, count);
        return mica_json_fail(simulation->json, item, err,
                              "no artefact is called '%s'%s%s%s", name,
                              nearest ? "; did you mean '" : "", nearest ? nearest : "",
                              nearest ? "'?" : "");
    }
    void *target = mica_arena_take(reader->arena, 1, request->artefact->params_size);
    struct reader blaming = *reader;
    blaming.place = item;
    return mica_param_read(request->artefact->params, target, request->item, NULL, NULL,
                           &blaming, err);
}

/* Insertion by stage and rank; equals stay in the order given. */
static void place_request(struct request *list, size_t count, struct request request)
{
    size_t place = count;
    for (size_t i = 0; i < count; i++)
        request.repeat += list[i].artefact == request.artefact;
    for (; place > 0; place--) {
        const struct artefact *a = list[place - 1].artefact, *b = request.artefact;
        if (a->stage < b->stage || (a->stage == b->stage && a->rank <= b->rank))
            break;
        list[place] = list[place - 1];
    }
    list[place] = request;
}

static int read_requests(struct simulation *simulation, const struct reader *reader,
                         struct error *err)
{
    const cJSON *list = simulation->artefacts_json, *item = NULL;
    if (!list)
        return 0;
    if (!cJSON_IsArray(list))
        return mica_json_fail(simulation->json, list, err,
                              "must be a list, such as [\"shot_noise\"]");
    simulation->requests =
        mica_arena_take(simulation->arena, (size_t)cJSON_GetArraySize(list) + 1,
                        sizeof *simulation->requests);
    int result = 0;
    cJSON_ArrayForEach(item, list)
    {
        struct request request = {0};
        if (read_request(simulation, &request, item, reader, err) == 0)
            place_request(simulation->requests, simulation->request_count++, request);
        else
            result = -1;
    }
    return result;
}

/* --- labels --- */

enum { CLASSES_MOST = 254 };

static bool is_label(const struct atoms *known, const char *name)
{
    for (size_t i = 0; i < known->label_count; i++)
        if (strcmp(known->labels[i], name) == 0)
            return true;
    return false;
}

static int unknown_label(const struct simulation *simulation, const struct atoms *known,
                         const cJSON *item, struct error *err)
{
    struct text all = {0};
    for (size_t i = 0; i < known->label_count; i++)
        mica_text_add(&all, "%s%s", i ? ", " : "", known->labels[i]);
    mica_json_fail(simulation->json, item, err,
                   "no column of this specimen has the label '%s'; they are %s",
                   cJSON_IsString(item) ? item->valuestring : "?",
                   all.data ? all.data : "none");
    mica_text_free(&all);
    return -1;
}

/* Columns of a label are of the class that was named last. */
static int add_column(struct simulation *simulation, const struct atoms *known,
                      const cJSON *item, struct error *err)
{
    struct labels *labels = &simulation->labels;
    if (!cJSON_IsString(item) || !is_label(known, item->valuestring))
        return unknown_label(simulation, known, item, err);
    const char *label = item->valuestring;
    for (size_t i = 0; i < labels->column_count; i++)
        if (strcmp(labels->columns[i].label, label) == 0)
            return mica_json_fail(simulation->json, item, err,
                                  "columns with the label '%s' are of another class "
                                  "already",
                                  label);
    labels->columns[labels->column_count++] =
        (struct column_class){label, (uint8_t)(labels->count - 1)};
    return 0;
}

/* A class of that name, the next. */
static int add_class(struct simulation *simulation, const char *name, const cJSON *item,
                     struct error *err)
{
    struct labels *labels = &simulation->labels;
    if (strcmp(name, labels->names[0]) == 0)
        return mica_json_fail(simulation->json, item, err,
                              "'%s' is all that is of no class; take another name",
                              name);
    for (size_t i = 1; i < labels->count; i++)
        if (strcmp(labels->names[i], name) == 0)
            return mica_json_fail(simulation->json, item, err,
                                  "there is a class '%s' already; several labels of "
                                  "one class are one list: {\"%s\": [...]}",
                                  name, name);
    labels->names[labels->count++] = name;
    return 0;
}

/* "V_S1", or several labels under one name: {"atom": ["Mo", "S2"]} */
static int read_class(struct simulation *simulation, const struct atoms *known,
                      const cJSON *item, struct error *err)
{
    const cJSON *list = cJSON_IsObject(item) ? item->child : NULL, *each;
    if (cJSON_IsString(item))
        return add_class(simulation, item->valuestring, item, err)
                   ? -1
                   : add_column(simulation, known, item, err);
    if (!cJSON_IsArray(list) || list->next || cJSON_GetArraySize(list) < 1)
        return mica_json_fail(simulation->json, item, err,
                              "must be a label, or one name with its labels: "
                              "{\"atom\": [\"Mo\", \"S2\"]}");
    int result = add_class(simulation, list->string, item, err);
    if (result)
        return result;
    cJSON_ArrayForEach(each, list) result |= add_column(simulation, known, each, err);
    return result;
}

static int read_classes(struct simulation *simulation, const struct atoms *known,
                        struct error *err)
{
    const cJSON *list = simulation->labels.classes_json, *item = NULL;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > CLASSES_MOST)
        return mica_json_fail(simulation->json, list, err,
                              "must be a list of up to %d labels, such as [\"V_S1\"]",
                              (int)CLASSES_MOST);
    int result = 0;
    cJSON_ArrayForEach(item, list) result |= read_class(simulation, known, item, err);
    return result;
}

/* The classes where none are given: the defects. */
static void take_defects(struct simulation *simulation)
{
    struct labels *labels = &simulation->labels;
    const struct specimen *specimen = &simulation->specimen;
    for (size_t i = 0; i < specimen->defect_count; i++) {
        const char *name = specimen->defects[i].name;
        labels->columns[labels->column_count++] =
            (struct column_class){name, (uint8_t)labels->count};
        labels->names[labels->count++] = name;
    }
}

/* A radius is of discs, a sigma of Gaussians. */
static int check_kind(const struct simulation *simulation, struct error *err)
{
    bool discs = simulation->labels.kind == LABELS_DISCS;
    const char *other = discs ? "sigma" : "radius";
    const cJSON *item =
        cJSON_GetObjectItemCaseSensitive(simulation->labels_json, other);
    if (!item)
        return 0;
    return mica_json_fail(simulation->json, item, err,
                          "is of labels of the kind \"%s\"; \"%s\" have a \"%s\"",
                          discs ? "gaussians" : "discs", discs ? "discs" : "gaussians",
                          discs ? "radius" : "sigma");
}

static int read_labels(struct simulation *simulation, const struct reader *reader,
                       struct error *err)
{
    int result = mica_param_read(mica_label_params, &simulation->labels, NULL,
                                 simulation->labels_json, NULL, reader, err);
    if (result != 0 || check_kind(simulation, err))
        return -1;
    struct labels *labels = &simulation->labels;
    struct atoms known = {0};
    result = mica_specimen_labels(&simulation->specimen, &known, err);
    labels->names =
        mica_arena_take(simulation->arena, CLASSES_MOST + 2, sizeof *labels->names);
    labels->columns = mica_arena_take(simulation->arena, known.label_count + 1,
                                      sizeof *labels->columns);
    labels->names[labels->count++] = "background";
    if (!labels->classes_json)
        take_defects(simulation);
    else if (result == 0)
        result = read_classes(simulation, &known, err);
    mica_atoms_free(&known);
    return result;
}

/* --- cross-sections and what a user should know of them --- */

static int add_elements(struct simulation *simulation, struct error *err)
{
    struct cross_sections *sections = &simulation->sections;
    const struct specimen *specimen = &simulation->specimen;
    int elements[DEFECTS_MOST + 3] = {6};
    size_t count = 1;
    if (specimen->crystal) {
        elements[count++] = mica_element_named(specimen->crystal->metal)->number;
        elements[count++] = mica_element_named(specimen->crystal->chalcogen)->number;
    }
    for (size_t i = 0; i < specimen->defect_count; i++)
        if (specimen->defects[i].element)
            elements[count++] = specimen->defects[i].element;
    mica_cross_sections_start(sections, &simulation->microscope);
    for (size_t i = 0; i < count; i++)
        if (mica_cross_sections_add(sections, &simulation->microscope, elements[i],
                                    err))
            return -1;
    for (size_t i = 0; i < specimen->atoms.count; i++)
        if (mica_cross_sections_add(sections, &simulation->microscope,
                                    specimen->atoms.list[i].element, err))
            return -1;
    return 0;
}

static void find_warning(struct simulation *simulation)
{
    const struct microscope *microscope = &simulation->microscope;
    double least, most;
    mica_spread_limits(&simulation->coherence, &least, &most);
    bool low = false;
    for (size_t d = 0; d < microscope->detectors; d++)
        low = low || (microscope->detector[d].inner < 3 * microscope->convergence &&
                      simulation->sections.table[d] < 0);
    if (low && least <= 0 && mica_specimen_paired(&simulation->specimen))
        simulation->warning =
            "the engine 'incoherent' adds the atoms of a column up, but within three "
            "times "
            "the convergence semi-angle they scatter coherently: columns of two atoms "
            "will "
            "be too dark (at 80 kV, 40 mrad: Mo/S2 2.2, multislice 1.5); give "
            "'column_coherence', for example {\"uniform\": [1.0, 1.6]}";
    else if (simulation->specimen.stacking && simulation->specimen.stacking->layers > 1)
        simulation->warning = "the engine 'incoherent' knows no channelling: from the "
                              "second layer on the "
                              "order of the atoms in a column changes its brightness";
}

/* --- all of it --- */

static int read_seed(struct simulation *simulation, struct error *err)
{
    const cJSON *item = simulation->seed_json;
    simulation->seed = 1;
    if (!item)
        return 0;
    if (!cJSON_IsNumber(item) || item->valuedouble < 0 ||
        item->valuedouble != floor(item->valuedouble))
        return mica_json_fail(simulation->json, item, err,
                              "must be a whole number from 0 on");
    simulation->seed = mica_json_integer(simulation->json, item);
    return 0;
}

static int read_version(const struct simulation *simulation, const cJSON *root,
                        struct error *err)
{
    if (simulation->version == 1)
        return 0;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "mica_simulation");
    return mica_json_fail(simulation->json, item, err,
                          "is the format's version, and this program knows 1, not %d",
                          simulation->version);
}

/* A probe that is very fine or a kernel that reaches very far needs too many samples. */
static int check_kernel(const struct simulation *simulation, struct error *err)
{
    const struct microscope *microscope = &simulation->microscope;
    struct optics optics = {.wavelength = mica_electron_wavelength(microscope->voltage),
                            .convergence = microscope->convergence};
    double samples = simulation->kernel_radius / mica_probe_step(&optics);
    if (samples <= KERNEL_REACH_MOST)
        return 0;
    return mica_json_fail(
        simulation->json, simulation->microscope_json, err,
        "a probe of this voltage and semi-angle needs %.0f samples over "
        "'kernel_radius' %g A; %d are to be had",
        samples, simulation->kernel_radius, KERNEL_REACH_MOST);
}

static int read_engine(const struct simulation *simulation, const cJSON *root,
                       struct error *err)
{
    if (simulation->engine == 0)
        return 0;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "engine");
    return mica_json_fail(simulation->json, item, err,
                          "'%s' is not to be had in this version; 'incoherent' is",
                          engines[simulation->engine]);
}

int mica_specification_read(struct simulation *simulation, struct error *err)
{
    static const char *const schema_key[] = {"$schema", NULL}; /* for editors */
    const cJSON *root = mica_json_root(simulation->json);
    struct reader reader = mica_specification_reader(simulation, simulation->arena, 0);
    if (mica_param_read(mica_simulation_params, simulation, NULL, root, schema_key,
                        &reader, err) != 0)
        return -1;
    int result = mica_specimen_read(&simulation->specimen, simulation->specimen_json,
                                    &reader, err);
    result |= mica_microscope_read(&simulation->microscope, simulation->microscope_json,
                                   &reader, err);
    result |= read_version(simulation, root, err) | read_engine(simulation, root, err);
    result |= read_seed(simulation, err);
    if (result == 0)
        result = mica_specification_geometry(simulation, root, &reader, err) |
                 check_kernel(simulation, err);
    reader.pixel = 1; /* any: lengths in px are read again for every sample */
    result |= read_requests(simulation, &reader, err);
    reader.pixel = 0;
    if (result != 0 || read_labels(simulation, &reader, err) != 0 ||
        add_elements(simulation, err) != 0)
        return -1;
    find_warning(simulation);
    return 0;
}
