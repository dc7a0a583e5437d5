/* schema_simulation.c - the JSON Schema of simulations */
#include <stdio.h>
#include <string.h>

#include "apps/schema.h"
#include "apps/schema_parts.h"
#include "core/text.h"
#include "datasets/physics/specification.h"

/* --- aberrations, and how others write them ------------------------------------------------ */

/* Krivanek's C<order><fold> beside the coefficients of Haider and of CEOS' correctors (Uhlemann
   and Haider, Ultramicroscopy 72, 109 (1998)), whose wave aberration leaves out some factors:
   W = Re{C1 w w'/2 + A1 w'^2/2 + B2 w^2 w' + A2 w'^3/3 + C3 (w w')^2/4 + S3 w^3 w' + ...}. */
static const struct {
    int order, fold;
    const char *name, *haider;
} others[] = {{1, 0, "defocus, < 0 is underfocus", "C1"},
              {1, 2, "two-fold astigmatism", "A1"},
              {2, 1, "axial coma", "3 B2"},
              {2, 3, "three-fold astigmatism", "A2"},
              {3, 0, "spherical aberration", "C3"},
              {3, 2, "star aberration", "4 S3"},
              {3, 4, "four-fold astigmatism", "A3"},
              {4, 1, "fourth-order axial coma", "5 B4"},
              {4, 3, "three-lobe aberration", "5 D4"},
              {4, 5, "five-fold astigmatism", "A4"},
              {5, 0, "fifth-order spherical aberration", "C5"},
              {5, 2, "fifth-order star aberration", "6 S5"},
              {5, 4, "fifth-order rosette aberration", "6 R5"},
              {5, 6, "six-fold astigmatism", "A5"}};
enum { OTHERS = sizeof others / sizeof *others };

static size_t find_other(const struct aberration *aberration)
{
    size_t i = 0;
    while (i + 1 < OTHERS &&
           (others[i].order != aberration->order || others[i].fold != aberration->fold))
        i++;
    return i;
}

/* What Kirkland's programs call a round aberration. */
static const char *kirkland(int order)
{
    return order == 1 ? "-Df" : order == 3 ? "Cs3" : "Cs5";
}

static void describe_aberration(const struct aberration *aberration, struct text *text)
{
    int n = aberration->order, m = aberration->fold;
    size_t other = find_other(aberration);
    mica_text_add(text, "%s", others[other].name);
    if (m == 0) {
        mica_text_add(text, "; Kirkland: %s; Haider, CEOS: %s; abTEM: C%d0%s",
                      kirkland(n), others[other].haider, n,
                      n == 1 ? " = -defocus" : "");
        return;
    }
    char turns[16] = ""; /* cos(2 phi12), but cos(phi21) */
    if (m > 1)
        snprintf(turns, sizeof turns, "%d ", m);
    mica_text_add(
        text,
        ", %s part; Kirkland: C%d%d%c; Haider, CEOS: part of %s; abTEM: C%d%d "
        "%s(%sphi%d%d)",
        aberration->part == 'a' ? "cosine" : "sine", n, m, aberration->part,
        others[other].haider, n, m, aberration->part == 'a' ? "cos" : "sin", turns, n,
        m);
}

static const struct param length = {"",        PARAM_RANDOM, 0,    0,
                                    PARAM_ANY, "",           NULL, DIMENSION_LENGTH};
static const struct param angle = {"",        PARAM_RANDOM, 0,    0,
                                   PARAM_ANY, "",           NULL, DIMENSION_ANGLE};

/* A property of the kind of `like`, drawn or constant. */
static void put_drawn(cJSON *object, const char *name, const struct param *like,
                      const char *help)
{
    struct param table[2] = {*like, {0}};
    table[0].name = name;
    table[0].standard = PARAM_NEEDED; /* no default is written */
    table[0].help = help;
    cJSON *made = mica_schema_object(table);
    cJSON *properties = cJSON_GetObjectItemCaseSensitive(made, "properties");
    mica_schema_put(object, name,
                    cJSON_DetachItemFromObjectCaseSensitive(properties, name));
    cJSON_Delete(made);
}

static void put_polar(cJSON *object, const struct aberration *aberration)
{
    char magnitude[8], turn[8];
    struct text help = {0};
    int n = aberration->order, m = aberration->fold;
    size_t other = find_other(aberration);
    snprintf(magnitude, sizeof magnitude, "C%d%d", n, m);
    snprintf(turn, sizeof turn, "phi%d%d", n, m);
    mica_text_add(&help,
                  "%s, magnitude; with %s in place of %sa and %sb; Haider, CEOS: %s; "
                  "abTEM: %s",
                  others[other].name, turn, magnitude, magnitude, others[other].haider,
                  magnitude);
    put_drawn(object, magnitude, &length, help.data);
    mica_text_free(&help);
    mica_text_add(&help, "azimuth of %s; abTEM: %s", magnitude, turn);
    put_drawn(object, turn, &angle, help.data);
    mica_text_free(&help);
}

static cJSON *aberrations(void)
{
    cJSON *schema = mica_schema_object(NULL);
    for (size_t i = 0; mica_aberration(i) != NULL; i++) {
        struct text help = {0};
        describe_aberration(mica_aberration(i), &help);
        put_drawn(schema, mica_aberration(i)->name, &length, help.data);
        mica_text_free(&help);
        if (mica_aberration(i)->part == 'a')
            put_polar(schema, mica_aberration(i));
    }
    return schema;
}

/* --- the parts ------------------------------------------------------------------------------- */

static cJSON *specimen(void)
{
    cJSON *either = mica_schema_either();
    cJSON *crystal = mica_schema_object(mica_specimen_params);
    cJSON *defects = cJSON_CreateObject(), *probability = cJSON_CreateObject();
    const struct param share = {
        "p",  PARAM_RANDOM,  0, PARAM_NEEDED, 0, 1, "the share of such columns",
        NULL, DIMENSION_NONE};
    cJSON_AddStringToObject(defects, "type", "object");
    put_drawn(probability, "p", &share, share.help);
    cJSON *properties = cJSON_GetObjectItemCaseSensitive(probability, "properties");
    cJSON_AddItemToObject(defects, "additionalProperties",
                          cJSON_DetachItemFromObjectCaseSensitive(properties, "p"));
    cJSON_Delete(probability);
    mica_schema_put(crystal, "defects", defects);
    mica_schema_allow(either, crystal);
    mica_schema_allow(either, mica_schema_object(mica_specimen_file_params));
    return either;
}

static cJSON *microscope(void)
{
    cJSON *schema = mica_schema_object(mica_microscope_params);
    mica_schema_put(schema, "detectors",
                    mica_schema_list_of(mica_schema_object(mica_detector_params)));
    mica_schema_put(schema, "aberrations", aberrations());
    return schema;
}

static cJSON *artefacts(void)
{
    cJSON *either = mica_schema_either();
    for (size_t i = 0; mica_artefact(i) != NULL; i++)
        mica_schema_allow_member(either, mica_artefact(i)->name,
                                 mica_artefact(i)->summary, mica_artefact(i)->params);
    return mica_schema_list_of(either);
}

static cJSON *labels(void)
{
    cJSON *schema = mica_schema_object(mica_label_params);
    cJSON *class = mica_schema_either(), *several = cJSON_CreateObject();
    mica_schema_allow(class, mica_schema_described("string", "a label of columns"));
    cJSON_AddStringToObject(several, "type", "object");
    cJSON_AddStringToObject(several, "description", "several labels under one name");
    cJSON_AddNumberToObject(several, "minProperties", 1);
    cJSON_AddNumberToObject(several, "maxProperties", 1);
    cJSON_AddItemToObject(several, "additionalProperties",
                          mica_schema_list_of(mica_schema_described("string", NULL)));
    mica_schema_allow(class, several);
    mica_schema_put(schema, "classes", mica_schema_list_of(class));
    return schema;
}

static cJSON *make(void)
{
    cJSON *schema =
        mica_schema_document("a simulation of mica", mica_simulation_params);
    cJSON *seed = mica_schema_described("integer", NULL);
    cJSON_AddNumberToObject(seed, "minimum", 0);
    mica_schema_put(schema, "specimen", specimen());
    mica_schema_put(schema, "microscope", microscope());
    mica_schema_put(schema, "artefacts", artefacts());
    mica_schema_put(schema, "labels", labels());
    mica_schema_put(schema, "field",
                    mica_schema_list_of(mica_schema_described("string", NULL)));
    mica_schema_put(schema, "seed", seed);
    mica_schema_share_spreads(schema);
    return schema;
}

const struct schema mica_schema_simulation = {
    .name = "simulation",
    .summary = "a simulation: specimen, microscope, artefacts, labels",
    .make = make};
