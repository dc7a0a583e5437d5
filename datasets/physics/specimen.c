/* specimen.c - what lies under the beam: a field of a crystal, or atoms from a file */
#include "datasets/physics/specimen.h"
#include "core/file.h"
#include "core/text.h"
#include "datasets/physics/lattice.h"
#include "datasets/physics/xyz.h"

#include <stdlib.h>
#include <string.h>

#define PLACE(field) offsetof(struct specimen, field)
const struct param mica_specimen_params[] = {
    {"crystal", PARAM_TEXT, PLACE(crystal_name), PARAM_NEEDED, PARAM_ANY,
     "MoS2, MoSe2, MoTe2, WS2, WSe2, graphene, hBN", NULL, DIMENSION_NONE},
    {"polymorph", PARAM_TEXT, PLACE(polymorph), 0, PARAM_ANY, "1H, 1T, 2H, 3R", NULL,
     DIMENSION_NONE},
    {"layers", PARAM_INT, PLACE(layers), 1, 1, LAYERS_MOST, "number of layers", NULL,
     DIMENSION_NONE},
    {"rotation", PARAM_RANDOM, PLACE(rotation), 0, PARAM_ANY,
     "angle from the image's rows to the zigzag direction, y downward", NULL,
     DIMENSION_ANGLE},
    {"magnification", PARAM_RANDOM, PLACE(magnification), 1, 0.5, 2,
     "scale of the lattice: an error of the calibration", NULL, DIMENSION_NONE},
    {"strain_sd", PARAM_RANDOM, PLACE(strain_sd), 0, 0, 0.2,
     "standard deviation of each component of the strain tensor", NULL, DIMENSION_NONE},
    {"displacement_rms", PARAM_RANDOM, PLACE(displacement_rms), 0, 0, 2,
     "static random displacement of every atom, rms along one axis", NULL,
     DIMENSION_LENGTH},
    {"distortion_rms", PARAM_RANDOM, PLACE(distortion_rms), 0, 0, 10,
     "smooth random displacement of the lattice, rms along one axis", NULL,
     DIMENSION_LENGTH},
    {"distortion_length", PARAM_RANDOM, PLACE(distortion_length), 50, 1, 1e5,
     "its correlation length", NULL, DIMENSION_LENGTH},
    {"defects", PARAM_JSON, PLACE(defects_json), 0, PARAM_ANY,
     "probabilities per projected column: {\"V_S1\": 0.03}", NULL, DIMENSION_NONE},
    {0}};
const struct param mica_specimen_file_params[] = {
    {"atoms", PARAM_TEXT, PLACE(file), PARAM_NEEDED, PARAM_ANY,
     "a file in Kirkland's format or extended XYZ", NULL, DIMENSION_NONE},
    {"periodic", PARAM_BOOL, PLACE(periodic), 0, 0, 1,
     "the atoms repeat with the file's cell, and the image covers it", NULL,
     DIMENSION_NONE},
    {0}};

static int unknown_crystal(const struct specimen *specimen, const cJSON *object,
                           const struct reader *reader, struct error *err)
{
    const char *names[32];
    size_t count = 0;
    for (; mica_crystal_at(count) && count < 32; count++)
        names[count] = mica_crystal_at(count)->name;
    const char *nearest = mica_text_nearest(specimen->crystal_name, names, count);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "crystal");
    return mica_json_fail(reader->json, item, err,
                          "no crystal is called '%s'%s%s%s; they are listed in "
                          "docs/reference/simulation.md",
                          specimen->crystal_name, nearest ? "; did you mean '" : "",
                          nearest ? nearest : "", nearest ? "'" : "");
}

static int read_crystal(struct specimen *specimen, const cJSON *object,
                        const struct reader *reader, struct error *err)
{
    if (mica_param_read(mica_specimen_params, specimen, NULL, object, NULL, reader,
                        err) != 0)
        return -1;
    specimen->crystal = mica_crystal_named(specimen->crystal_name);
    if (!specimen->crystal)
        return unknown_crystal(specimen, object, reader, err);
    if (!specimen->polymorph)
        specimen->polymorph = "1H";
    specimen->stacking = mica_stacking_named(specimen->polymorph, specimen->layers);
    if (!specimen->stacking)
        return mica_json_fail(
            reader->json, object, err,
            "no stacking of %d layers is called '%s'; they are 1H and 1T "
            "(1 layer), 2H and 3R (1 to 3)",
            specimen->layers, specimen->polymorph);
    return mica_defects_read(&specimen->defects, &specimen->defect_count,
                             specimen->defects_json, specimen->crystal, reader, err);
}

static int read_file(struct specimen *specimen, const cJSON *object,
                     const struct reader *reader, struct error *err)
{
    if (mica_param_read(mica_specimen_file_params, specimen, NULL, object, NULL, reader,
                        err) != 0)
        return -1;
    struct error why = {0};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "atoms");
    const char *beside = mica_json_name(reader->json);
    char *path = mica_file_find(specimen->file, beside, "recipes", &why);
    if (!path)
        return mica_json_fail(reader->json, item, err, "%s", why.text);
    int result = mica_xyz_read(path, &specimen->atoms, err);
    free(path);
    const double *cell = specimen->atoms.cell;
    if (result == 0 && specimen->periodic && !(cell[0] >= 1 && cell[1] >= 1))
        return mica_json_fail(reader->json, object, err,
                              "'%s' gives no right-angled cell of at least 1 A, which "
                              "'periodic' needs",
                              specimen->file);
    return result;
}

int mica_specimen_read(struct specimen *specimen, const cJSON *object,
                       const struct reader *reader, struct error *err)
{
    *specimen = (struct specimen){.layers = 1};
    if (cJSON_HasObjectItem(object, "atoms"))
        return read_file(specimen, object, reader, err);
    return read_crystal(specimen, object, reader, err);
}

void mica_specimen_free(struct specimen *specimen)
{
    mica_atoms_free(&specimen->atoms);
}

/* Copies of the cell's atoms wherever they lie in the field and its margin. */
static int repeat_atoms(const struct specimen *specimen, double width, double height,
                        double margin, struct atoms *atoms, struct error *err)
{
    const struct atoms *cell = &specimen->atoms;
    double a = cell->cell[0], b = cell->cell[1];
    memcpy(atoms->cell, cell->cell, sizeof atoms->cell);
    for (size_t i = 0; i < cell->label_count; i++)
        if (mica_atoms_label(atoms, cell->labels[i], err) < 0)
            return -1;
    bool once = !specimen->periodic;
    int left = once ? 0 : (int)floor(-margin / a) - 1;
    int right = once ? 0 : (int)ceil((width + margin) / a);
    int top = once ? 0 : (int)floor(-margin / b) - 1;
    int bottom = once ? 0 : (int)ceil((height + margin) / b);
    for (int row = top; row <= bottom; row++)
        for (int column = left; column <= right; column++)
            for (size_t i = 0; i < cell->count; i++) {
                struct atom atom = cell->list[i];
                atom.x += column * a;
                atom.y += row * b;
                bool near = atom.x > -margin && atom.x < width + margin &&
                            atom.y > -margin && atom.y < height + margin;
                if ((near || once) && mica_atoms_add(atoms, &atom, err) != 0)
                    return -1;
            }
    return mica_atoms_group(atoms, 0.25, err);
}

int mica_specimen_labels(const struct specimen *specimen, struct atoms *names,
                         struct error *err)
{
    int pristine[3], defects[DEFECTS_MOST];
    if (specimen->crystal)
        return mica_lattice_labels(specimen, names, pristine, defects, err);
    for (size_t i = 0; i < specimen->atoms.label_count; i++)
        if (mica_atoms_label(names, specimen->atoms.labels[i], err) < 0)
            return -1;
    return 0;
}

bool mica_specimen_paired(const struct specimen *specimen)
{
    if (specimen->crystal)
        return specimen->crystal->thickness > 0 &&
               strcmp(specimen->polymorph, "1T") != 0;
    return specimen->atoms.column_count < specimen->atoms.count;
}

int mica_specimen_draw(const struct specimen *specimen, double width, double height,
                       double margin, uint64_t seed, uint64_t index,
                       struct atoms *atoms, cJSON *drawn, struct error *err)
{
    if (!specimen->crystal)
        return repeat_atoms(specimen, width, height, margin, atoms, err);
    struct lattice lattice;
    mica_lattice_draw(&lattice, specimen, width, height, margin, seed, index, drawn);
    return mica_lattice_fill(&lattice, specimen, atoms, err);
}
