/* lattice.c - a drawn lattice under the image, and the atoms on it */
#include "datasets/physics/lattice.h"
#include "core/numeric.h"
#include "datasets/physics/draw.h"
#include "datasets/physics/elements.h"

#include <string.h>

static const double two_pi = 6.283185307179586;

static void draw_waves(struct waves *waves, double rms, double length,
                       struct random *random)
{
    waves->amplitude = rms * sqrt(4.0 / WAVES); /* half of the waves move each axis */
    for (size_t i = 0; i < WAVES; i++) {
        waves->k[i][0] = mica_random_normal(random) / length;
        waves->k[i][1] = mica_random_normal(random) / length;
        waves->phase[i] = mica_random_between(random, 0, two_pi);
    }
}

static void shift_by_waves(const struct waves *waves, double *x, double *y)
{
    double shift[2] = {0, 0};
    for (size_t i = 0; waves->amplitude > 0 && i < WAVES; i++)
        shift[i % 2] +=
            waves->amplitude *
            mica_cos(waves->k[i][0] * *x + waves->k[i][1] * *y + waves->phase[i]);
    *x += shift[0];
    *y += shift[1];
}

#define STRAIN_MOST 0.3 /* keeps the matrix far from singular */

/* magnification R(rotation) (1 + strain) */
static void draw_matrix(double matrix[2][2], const double values[DRAW_MOST],
                        struct random *random, cJSON *drawn)
{
    static const char *const names[3] = {"strain_xx", "strain_yy", "strain_xy"};
    double sine = mica_sin(values[ROTATION]) * values[MAGNIFICATION];
    double cosine = mica_cos(values[ROTATION]) * values[MAGNIFICATION];
    double strain[3];
    for (size_t i = 0; i < 3; i++) {
        strain[i] = values[STRAIN_SD] * mica_random_normal(random);
        strain[i] = fmin(fmax(strain[i], -STRAIN_MOST), STRAIN_MOST);
        mica_draw_record(drawn, names[i], DIMENSION_NONE, strain[i]);
    }
    matrix[0][0] = cosine * (1 + strain[0]) - sine * strain[2];
    matrix[0][1] = cosine * strain[2] - sine * (1 + strain[1]);
    matrix[1][0] = sine * (1 + strain[0]) + cosine * strain[2];
    matrix[1][1] = sine * strain[2] + cosine * (1 + strain[1]);
}

static void draw_probabilities(struct lattice *lattice, const struct specimen *specimen,
                               struct random *random, cJSON *drawn)
{
    cJSON *object = cJSON_AddObjectToObject(drawn, "defects");
    for (size_t i = 0; i < specimen->defect_count; i++) {
        const struct defect *defect = &specimen->defects[i];
        lattice->probabilities[i] = mica_spread_draw(&defect->probability, random);
        mica_draw_record(object, defect->name, DIMENSION_NONE,
                         lattice->probabilities[i]);
    }
}

void mica_lattice_draw(struct lattice *lattice, const struct specimen *specimen,
                       double width, double height, double margin, uint64_t seed,
                       uint64_t index, cJSON *drawn)
{
    double values[DRAW_MOST], a = specimen->crystal->a;
    struct random random;
    *lattice = (struct lattice){.width = width, .height = height, .margin = margin};
    mica_draw_stream(&random, seed, "specimen", index);
    mica_draw_stream(&lattice->defects, seed, "defects", index);
    mica_draw_stream(&lattice->displacements, seed, "displacements", index);
    cJSON_AddStringToObject(drawn, "crystal", specimen->crystal_name);
    cJSON_AddStringToObject(drawn, "polymorph", specimen->polymorph);
    mica_draw(mica_specimen_params, specimen, &random, values, drawn);
    draw_matrix(lattice->matrix, values, &random, drawn);
    draw_probabilities(lattice, specimen, &random, drawn);
    draw_waves(&lattice->waves, values[DISTORTION_RMS], values[DISTORTION_LENGTH],
               &random);
    lattice->displacement = values[DISPLACEMENT_RMS];
    lattice->origin[0] = mica_random_between(&random, 0, a);
    lattice->origin[1] = mica_random_between(&random, 0, a * sqrt(3.0));
    lattice->site_count =
        mica_crystal_sites(specimen->crystal, specimen->stacking, lattice->sites);
}

static int element_of(const struct crystal *crystal, bool metal)
{
    return mica_element_named(metal ? crystal->metal : crystal->chalcogen)->number;
}

/* What a layer has in one projected column: an M, or a pair of X. */
struct slot {
    int element, site;
    double z;
};

static size_t fill_slots(struct slot slots[2], const struct lattice *lattice,
                         size_t first, const struct crystal *crystal)
{
    const struct lattice_site *sites = &lattice->sites[first];
    bool paired = sites->plane == 1 && crystal->thickness > 0 &&
                  sites[1].place == sites[0].place; /* not so in 1T */
    size_t count = paired ? 2 : 1;
    for (size_t i = 0; i < count; i++)
        slots[i] = (struct slot){element_of(crystal, sites->metal),
                                 sites[i].layer * 3 + sites[i].plane, sites[i].z};
    return count;
}

/* Put a defect into the slots; returns how many there are then. `chance` is the one of a
   pair that is hit alone. */
static size_t apply_defect(struct slot slots[2], size_t count,
                           const struct defect *defect, double thickness, size_t chance)
{
    if (count == 2 && defect->sites == 1) {
        slots[chance].element = defect->element;
        return 2;
    }
    for (size_t i = 0; i < count; i++)
        slots[i].element = defect->element;
    if (count == 2 && defect->atoms == 1) {
        slots[0].z = (slots[0].z + slots[1].z) / 2;
        return 1;
    }
    if (count == 1 && defect->atoms == 2) {
        slots[1] = slots[0];
        slots[0].z -= thickness / 2;
        slots[1].z += thickness / 2;
        return 2;
    }
    return count;
}

struct filling {
    struct lattice *lattice;
    const struct specimen *specimen;
    struct atoms *atoms;
    struct error *err;
    int pristine[3]; /* labels of a cell's projected columns */
    int labels[DEFECTS_MOST];
};

/* The atoms at sites[first ...] of one column; returns how many sites they are, or -1. */
static int add_sites(struct filling *filling, size_t first, int index)
{
    struct lattice *lattice = filling->lattice;
    const struct specimen *specimen = filling->specimen;
    struct column *column = &filling->atoms->columns[index];
    struct slot slots[2];
    size_t sites = fill_slots(slots, lattice, first, specimen->crystal), count = sites;
    size_t kind = mica_defect_choose(specimen->defects, lattice->probabilities,
                                     specimen->defect_count,
                                     lattice->sites[first].metal, &lattice->defects);
    size_t chance = mica_random_below(&lattice->defects, 2);
    if (kind < specimen->defect_count) {
        column->label = filling->labels[kind];
        count = apply_defect(slots, sites, &specimen->defects[kind],
                             specimen->crystal->thickness, chance);
    }
    for (size_t i = 0; i < count; i++) {
        struct atom atom = {.element = slots[i].element,
                            .column = index,
                            .site = slots[i].site,
                            .x = column->x,
                            .y = column->y,
                            .z = slots[i].z,
                            .occupancy = slots[i].element != 0};
        double dx = mica_random_normal(&lattice->displacements) * lattice->displacement;
        double dy = mica_random_normal(&lattice->displacements) * lattice->displacement;
        if (atom.element) {
            atom.x += dx;
            atom.y += dy;
        }
        if (mica_atoms_add(filling->atoms, &atom, filling->err) != 0)
            return -1;
    }
    return (int)sites;
}

/* One projected column at lattice position (x, y), if it lies in the image or its margin. */
static int add_column(struct filling *filling, double x, double y, int place)
{
    struct lattice *lattice = filling->lattice;
    struct column column = {.label = filling->pristine[place]};
    column.x =
        lattice->width / 2 + lattice->matrix[0][0] * x + lattice->matrix[0][1] * y;
    column.y =
        lattice->height / 2 + lattice->matrix[1][0] * x + lattice->matrix[1][1] * y;
    shift_by_waves(&lattice->waves, &column.x, &column.y);
    if (column.label < 0 || column.x < -lattice->margin ||
        column.y < -lattice->margin || column.x > lattice->width + lattice->margin ||
        column.y > lattice->height + lattice->margin)
        return 0;
    int index = mica_atoms_column(filling->atoms, &column, filling->err);
    size_t before = filling->atoms->count;
    for (size_t i = 0; index >= 0 && i < lattice->site_count;) {
        int sites = 1;
        if (lattice->sites[i].place == place)
            sites = add_sites(filling, i, index);
        if (sites < 0)
            return -1;
        i += (size_t)sites;
    }
    for (size_t i = before; index >= 0 && i < filling->atoms->count; i++)
        filling->atoms->list[i].label = filling->atoms->columns[index].label;
    return index < 0 ? -1 : 0;
}

/* Half the extent of the image in lattice coordinates, margin and waves included. */
static void find_extent(const struct lattice *lattice, double half[2])
{
    const double(*m)[2] = lattice->matrix;
    double determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    double reserve = lattice->margin + 6 * lattice->waves.amplitude;
    double x = lattice->width / 2 + reserve, y = lattice->height / 2 + reserve;
    half[0] = (fabs(m[1][1]) * x + fabs(m[0][1]) * y) / fabs(determinant);
    half[1] = (fabs(m[1][0]) * x + fabs(m[0][0]) * y) / fabs(determinant);
}

int mica_lattice_labels(const struct specimen *specimen, struct atoms *names,
                        int pristine[3], int defects[DEFECTS_MOST], struct error *err)
{
    const struct crystal *crystal = specimen->crystal;
    struct lattice_site sites[SITES_MOST];
    size_t site_count = mica_crystal_sites(crystal, specimen->stacking, sites);
    for (int place = 0; place < 3; place++) {
        int elements[SITES_MOST];
        size_t count = 0;
        for (size_t i = 0; i < site_count; i++)
            if (sites[i].place == place)
                elements[count++] = element_of(crystal, sites[i].metal);
        char text[64];
        mica_atoms_composition(elements, count, text, sizeof text);
        pristine[place] = count ? mica_atoms_label(names, text, err) : -1;
        if (count && pristine[place] < 0)
            return -1;
    }
    for (size_t i = 0; i < specimen->defect_count; i++) {
        defects[i] = mica_atoms_label(names, specimen->defects[i].name, err);
        if (defects[i] < 0)
            return -1;
    }
    return 0;
}

/* Rows of cells along x, sqrt(3) a / 2 apart and shifted by a / 2 in turn; the columns of a
   cell lie at 0, d and 2 d along y, d = a / sqrt(3). */
int mica_lattice_fill(struct lattice *lattice, const struct specimen *specimen,
                      struct atoms *atoms, struct error *err)
{
    struct filling filling = {lattice, specimen, atoms, err, {0}, {0}};
    double a = specimen->crystal->a, rise = a * sqrt(3.0) / 2, half[2];
    if (mica_lattice_labels(specimen, atoms, filling.pristine, filling.labels, err) !=
        0)
        return -1;
    find_extent(lattice, half);
    long rows = (long)ceil((half[1] + 2 * a) / rise) + 1;
    long cells = (long)ceil(half[0] / a) + 2;
    for (long row = -rows - 2; row <= rows; row++)
        for (long cell = -cells; cell <= cells; cell++)
            for (int place = 0; place < 3; place++) {
                double x = ((double)cell + (row % 2 ? 0.5 : 0)) * a;
                double y = (double)row * rise + place * a / sqrt(3.0);
                if (add_column(&filling, x + lattice->origin[0] - a / 2,
                               y + lattice->origin[1] - rise, place) != 0)
                    return -1;
            }
    return 0;
}
