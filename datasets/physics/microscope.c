/* microscope.c - the settings of a scanning transmission electron microscope */
#include "datasets/physics/microscope.h"
#include "datasets/physics/draw.h"
#include "datasets/physics/electrons.h"

#include <string.h>

/* The places of the table's rows. */
enum {
    VOLTAGE,
    CONVERGENCE,
    DETECTORS,
    DEFOCUS,
    GIVEN_ABERRATIONS,
    RESIDUAL_ABERRATIONS,
    SOURCE_FWHM,
    FOCAL_SPREAD_FWHM,
    PROBE_CURRENT,
    DWELL_TIME,
    FLYBACK_TIME
};

#define PLACE(field) offsetof(struct microscope, field)
const struct param mica_microscope_params[] = {
    {"voltage", PARAM_QUANTITY, PLACE(voltage), PARAM_NEEDED, 1, 2000,
     "accelerating voltage", NULL, DIMENSION_VOLTAGE},
    {"convergence_semiangle", PARAM_QUANTITY, PLACE(convergence), PARAM_NEEDED, 1e-4,
     0.2, "semi-angle of the probe's cone", NULL, DIMENSION_ANGLE},
    {"detectors", PARAM_JSON, PLACE(detectors_json), PARAM_NEEDED, PARAM_ANY,
     "annular detectors, one image channel each: [{\"name\", \"inner\", \"outer\"}]",
     NULL, DIMENSION_NONE},
    {"defocus", PARAM_RANDOM, PLACE(defocus), 0, PARAM_ANY,
     "defocus, > 0 is underfocus (C10 = -defocus)", NULL, DIMENSION_LENGTH},
    {"aberrations", PARAM_JSON, PLACE(aberrations_json), 0, PARAM_ANY,
     "coefficients by Krivanek's names: C12a, C12b, C21a ... C56b, or C12 and phi12",
     NULL, DIMENSION_NONE},
    {"residual_aberrations", PARAM_RANDOM, PLACE(residual_aberrations), 0, 0, 10,
     "s: every coefficient beyond C10 gets in addition a value drawn uniformly within "
     "s "
     "times that which gives pi/4 at the aperture's edge",
     NULL, DIMENSION_NONE},
    {"source_fwhm", PARAM_RANDOM, PLACE(source_fwhm), 0, 0, 10,
     "full width at half maximum of the source's image", NULL, DIMENSION_LENGTH},
    {"focal_spread_fwhm", PARAM_RANDOM, PLACE(focal_spread_fwhm), 0, 0, 1000,
     "full width at half maximum of the spread of defocus; up to 1 A it is neglected",
     NULL, DIMENSION_LENGTH},
    {"probe_current", PARAM_RANDOM, PLACE(probe_current), 25, 1e-3, 1e5, "beam current",
     NULL, DIMENSION_CURRENT},
    {"dwell_time", PARAM_RANDOM, PLACE(dwell_time), 16, 1e-3, 1e7, "time on one pixel",
     NULL, DIMENSION_TIME},
    {"flyback_time", PARAM_RANDOM, PLACE(flyback_time), 60, 0, 1e7,
     "time from the end of a row to the start of the next", NULL, DIMENSION_TIME},
    {0}};

const struct param mica_detector_params[] = {
    {"name", PARAM_TEXT, offsetof(struct detector, name), 0, PARAM_ANY,
     "the channel's name", NULL, DIMENSION_NONE},
    {"inner", PARAM_QUANTITY, offsetof(struct detector, inner), PARAM_NEEDED, 0, 1,
     "inner semi-angle", NULL, DIMENSION_ANGLE},
    {"outer", PARAM_QUANTITY, offsetof(struct detector, outer), PARAM_NEEDED, 0, 1,
     "outer semi-angle", NULL, DIMENSION_ANGLE},
    {0}};

/* One detector of the list; its name is "ADF" where none is given. */
static int read_detector(struct detector *detector, const cJSON *item,
                         const struct reader *reader, struct error *err)
{
    if (mica_param_read(mica_detector_params, detector, NULL, item, NULL, reader,
                        err) != 0)
        return -1;
    if (!detector->name)
        detector->name = "ADF";
    if (detector->outer <= detector->inner)
        return mica_json_fail(reader->json, item, err,
                              "'outer' must be larger than 'inner'");
    return 0;
}

static int read_detectors(struct microscope *microscope, const struct reader *reader,
                          struct error *err)
{
    const cJSON *list = microscope->detectors_json;
    int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : 0;
    if (count < 1 || count > 8)
        return mica_json_fail(
            reader->json, list, err,
            "must be a list of 1 to 8 detectors, such as [{\"name\": "
            "\"HAADF\", \"inner\": \"40 mrad\", \"outer\": \"160 mrad\"}]");
    microscope->detectors = (size_t)count;
    microscope->detector =
        mica_arena_take(reader->arena, microscope->detectors, sizeof(struct detector));
    int result = 0;
    for (int i = 0; i < count; i++)
        if (read_detector(&microscope->detector[i], cJSON_GetArrayItem(list, i), reader,
                          err) != 0)
            result = -1;
    return result;
}

int mica_microscope_read(struct microscope *microscope, const cJSON *object,
                         const struct reader *reader, struct error *err)
{
    int result = mica_param_read(mica_microscope_params, microscope, NULL, object, NULL,
                                 reader, err);
    if (microscope->detectors_json && read_detectors(microscope, reader, err) != 0)
        result = -1;
    const cJSON *aberrations = microscope->aberrations_json;
    if (mica_aberrations_read(&microscope->aberrations, aberrations, reader, err) != 0)
        result = -1;
    if (microscope->aberrations.defocused && cJSON_HasObjectItem(object, "defocus"))
        return mica_json_fail(reader->json, aberrations, err,
                              "gives C10, and 'defocus' is given too; C10 = -defocus: "
                              "leave one out");
    return result;
}

/* Aberrations: what the user gave, plus the residual ones. */
static void draw_aberrations(const struct microscope *microscope, double defocus,
                             double residual, struct random *random,
                             struct optics *optics, cJSON *drawn)
{
    double *values = optics->aberrations;
    mica_aberrations_draw(&microscope->aberrations, random, values);
    if (!microscope->aberrations.defocused)
        values[0] = -defocus;
    cJSON *object = cJSON_AddObjectToObject(drawn, "aberrations");
    for (size_t i = 0; i < ABERRATIONS; i++) {
        const struct aberration *one = mica_aberration(i);
        if (i > 0 && residual > 0)
            values[i] +=
                mica_random_between(random, -residual, residual) *
                mica_aberration_scale(one, optics->wavelength, optics->convergence);
        if (values[i] != 0)
            mica_draw_record(object, one->name, DIMENSION_LENGTH, values[i]);
    }
}

void mica_microscope_draw(const struct microscope *microscope, struct random *random,
                          struct optics *optics, cJSON *drawn)
{
    double values[DRAW_MOST];
    mica_draw(mica_microscope_params, microscope, random, values, drawn);
    *optics = (struct optics){.voltage = values[VOLTAGE],
                              .convergence = values[CONVERGENCE],
                              .wavelength = mica_electron_wavelength(values[VOLTAGE]),
                              .source_fwhm = values[SOURCE_FWHM],
                              .focal_spread_fwhm = values[FOCAL_SPREAD_FWHM],
                              .current = values[PROBE_CURRENT],
                              .dwell = values[DWELL_TIME],
                              .flyback = values[FLYBACK_TIME]};
    draw_aberrations(microscope, values[DEFOCUS], values[RESIDUAL_ABERRATIONS], random,
                     optics, drawn);
}

double mica_optics_electrons(const struct optics *optics)
{
    return mica_electron_count(optics->current, optics->dwell);
}
