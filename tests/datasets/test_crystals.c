/* test_crystals.c - lattices, defects, columns and files of atoms */
#include "core/file.h"
#include "datasets/physics/columns.h"
#include "datasets/physics/elements.h"
#include "datasets/physics/lattice.h"
#include "datasets/physics/specification.h"
#include "datasets/physics/xyz.h"
#include "tests/datasets/physics.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static struct atoms draw(struct simulation *simulation, double side, uint64_t index)
{
    struct atoms atoms = {0};
    struct error err = {0};
    cJSON *drawn = cJSON_CreateObject();
    assert_int_equal(mica_specimen_draw(&simulation->specimen, side, side, 0, 1, index,
                                        &atoms, drawn, &err),
                     0);
    cJSON_Delete(drawn);
    return atoms;
}

static size_t count_label(const struct atoms *atoms, const char *label)
{
    size_t count = 0;
    for (size_t i = 0; i < atoms->column_count; i++)
        count += strcmp(atoms->labels[atoms->columns[i].label], label) == 0;
    return count;
}

static size_t count_element(const struct atoms *atoms, int element)
{
    size_t count = 0;
    for (size_t i = 0; i < atoms->count; i++)
        count += atoms->list[i].element == element;
    return count;
}

TEST(a_monolayer_of_mos2_has_1_156e15_sulfur_columns_per_square_centimetre)
{
    struct simulation *simulation =
        simulation_of("\"specimen\": {\"crystal\": \"MoS2\", \"rotation\": \"17 deg\"},"
                      "\"pixel\": \"1 A\", \"size\": 8");
    struct atoms atoms = draw(simulation, 400, 0);
    assert_near((double)count_label(&atoms, "S2") / 160000, 0.1156, 0.0004);
    assert_near((double)count_label(&atoms, "Mo") / 160000, 0.1156, 0.0004);
    assert_int_equal(count_element(&atoms, 16), 2 * count_label(&atoms, "S2"));
    assert_int_equal(count_element(&atoms, 42), count_label(&atoms, "Mo"));
    mica_atoms_free(&atoms);
    mica_simulation_free(simulation);
}

/* The distance from an atom of one element to the nearest of another. */
static double nearest(const struct atoms *atoms, int of, int to)
{
    double least = 1e9;
    for (size_t i = 0; i < atoms->count; i++) {
        const struct atom *a = &atoms->list[i];
        if (a->element != of || fabs(a->x - 20) > 3 || fabs(a->y - 20) > 3)
            continue;
        for (size_t j = 0; j < atoms->count; j++) {
            const struct atom *b = &atoms->list[j];
            double distance = hypot(a->x - b->x, a->y - b->y);
            if (b->element == to && distance > 0.01 && distance < least)
                least = distance;
        }
    }
    return least;
}

TEST(every_crystal_has_its_lattice_constant_at_any_rotation)
{
    for (size_t i = 0; mica_crystal_at(i); i++) {
        const struct crystal *crystal = mica_crystal_at(i);
        char rest[256];
        snprintf(rest, sizeof rest,
                 "\"specimen\": {\"crystal\": \"%s\", \"rotation\": {\"uniform\": "
                 "[\"0 deg\", \"60 deg\"]}}, \"pixel\": \"1 A\", \"size\": 8",
                 crystal->name);
        struct simulation *simulation = simulation_of(rest);
        struct atoms atoms = draw(simulation, 40, i);
        int metal = mica_element_named(crystal->metal)->number;
        int other = mica_element_named(crystal->chalcogen)->number;
        bool same = metal == other;
        assert_near(nearest(&atoms, metal, metal), crystal->a / (same ? sqrt(3) : 1),
                    1e-9);
        assert_near(nearest(&atoms, metal, other), crystal->a / sqrt(3), 1e-9);
        mica_atoms_free(&atoms);
        mica_simulation_free(simulation);
    }
}

/* The labels of the columns at A, B and C of a stacking. */
static void assert_columns(const char *polymorph, int layers, const char *a,
                           const char *b, const char *c)
{
    char rest[256];
    snprintf(
        rest, sizeof rest,
        "\"specimen\": {\"crystal\": \"MoS2\", \"polymorph\": \"%s\", \"layers\": %d}, "
        "\"pixel\": \"1 A\", \"size\": 8",
        polymorph, layers);
    struct simulation *simulation = simulation_of(rest);
    int pristine[3], defects[DEFECTS_MOST];
    struct atoms names = {0};
    struct error err = {0};
    assert_int_equal(
        mica_lattice_labels(&simulation->specimen, &names, pristine, defects, &err), 0);
    const char *expected[3] = {a, b, c};
    for (int i = 0; i < 3; i++) {
        if (expected[i])
            assert_string_equal(names.labels[pristine[i]], expected[i]);
        else
            assert_int_equal(pristine[i], -1);
    }
    mica_atoms_free(&names);
    mica_simulation_free(simulation);
}

TEST(polymorphs_have_their_projected_columns)
{
    assert_columns("1H", 1, "Mo", "S2", NULL);
    assert_columns("1T", 1, "Mo", "S", "S");
    assert_columns("2H", 2, "Mo+S2", "S2+Mo", NULL);
    assert_columns("2H", 3, "Mo+S2+Mo", "S2+Mo+S2", NULL);
    assert_columns("3R", 2, "Mo", "S2+Mo", "S2");
    assert_columns("3R", 3, "Mo+S2", "S2+Mo", "S2+Mo");
}

TEST(defects_have_their_probabilities_and_take_the_right_atoms)
{
    struct simulation *simulation = simulation_of(
        "\"specimen\": {\"crystal\": \"WS2\", \"defects\": {\"V_S1\": 0.1, \"V_S2\": "
        "0.05, "
        "\"Se_S1\": 0.04, \"Mo_S2\": 0.03, \"Re_W\": 0.06, \"V_M\": 0.02, "
        "\"vanadium_W\": 0.01}}, \"pixel\": \"1 A\", \"size\": 8");
    struct atoms atoms = draw(simulation, 700, 0);
    double columns = 490000 / (3.153 * 3.153 * sqrt(3) / 2);
    static const struct {
        const char *label;
        double probability;
    } table[7] = {{"V_S1", .1},  {"V_S2", .05}, {"Se_S1", .04},     {"Mo_S2", .03},
                  {"Re_W", .06}, {"V_M", .02},  {"vanadium_W", .01}};
    for (int i = 0; i < 7; i++) {
        double mean = table[i].probability * columns;
        assert_near(count_label(&atoms, table[i].label), mean, 4 * sqrt(mean));
    }
    assert_int_equal(count_element(&atoms, 75), count_label(&atoms, "Re_W"));
    assert_int_equal(count_element(&atoms, 34), count_label(&atoms, "Se_S1"));
    assert_int_equal(count_element(&atoms, 42), count_label(&atoms, "Mo_S2"));
    assert_int_equal(count_element(&atoms, 23), count_label(&atoms, "vanadium_W"));
    assert_int_equal(count_element(&atoms, 0), count_label(&atoms, "V_S1") +
                                                   2 * count_label(&atoms, "V_S2") +
                                                   count_label(&atoms, "V_M"));
    size_t lower = 0, upper = 0; /* either S is missing as often */
    for (size_t i = 0; i < atoms.count; i++) {
        const struct atom *atom = &atoms.list[i];
        bool single = strcmp(atoms.labels[atom->label], "V_S1") == 0;
        lower += single && atom->element == 0 && atom->site == 1;
        upper += single && atom->element == 0 && atom->site == 2;
    }
    assert_near(lower, (double)(lower + upper) / 2, 2 * sqrt((double)(lower + upper)));
    mica_atoms_free(&atoms);
    mica_simulation_free(simulation);
}

TEST(strain_and_displacements_have_their_size)
{
    struct simulation *simulation = simulation_of(
        "\"specimen\": {\"crystal\": \"MoS2\", \"displacement_rms\": \"0.05 A\", "
        "\"distortion_rms\": \"0.3 A\", \"distortion_length\": \"40 A\"}, "
        "\"pixel\": \"1 A\", \"size\": 8");
    double sum = 0, count = 0;
    for (uint64_t index = 0; index < 4; index++) {
        struct atoms atoms = draw(simulation, 300, index);
        for (size_t i = 0; i < atoms.count; i++) {
            const struct atom *atom = &atoms.list[i];
            double dx = atom->x - atoms.columns[atom->column].x;
            double dy = atom->y - atoms.columns[atom->column].y;
            sum += dx * dx + dy * dy;
            count += 2;
        }
        mica_atoms_free(&atoms);
    }
    assert_near(sqrt(sum / count), 0.05, 0.001);
    mica_simulation_free(simulation);
}

TEST(atoms_come_back_from_both_kinds_of_files)
{
    struct simulation *simulation = simulation_of(
        "\"specimen\": {\"crystal\": \"MoS2\", \"defects\": {\"V_S1\": 0.1}}, "
        "\"pixel\": \"1 A\", \"size\": 8");
    struct atoms atoms = draw(simulation, 30, 5), read;
    struct error err = {0};
    char path[4096];
    atoms.cell[0] = 31, atoms.cell[1] = 32, atoms.cell[2] = 6;
    for (int kind = 0; kind < 2; kind++) {
        snprintf(path, sizeof path, "%s/atoms.xyz", mica_test_folder());
        assert_int_equal(kind ? mica_xyz_write(path, &atoms, &err)
                              : mica_xyz_write_kirkland(path, &atoms, &err),
                         0);
        assert_int_equal(mica_xyz_read(path, &read, &err), 0);
        assert_int_equal(read.count, atoms.count - count_element(&atoms, 0));
        assert_near(read.cell[1], 32, 0);
        for (size_t i = 0, n = 0; i < atoms.count; i++) {
            if (atoms.list[i].element == 0)
                continue;
            const struct atom *a = &atoms.list[i], *b = &read.list[n++];
            assert_int_equal(a->element, b->element);
            assert_near(hypot(hypot(a->x - b->x, a->y - b->y), a->z - b->z), 0, 1e-6);
            if (kind)
                assert_string_equal(atoms.labels[a->label], read.labels[b->label]);
        }
        assert_int_equal(read.column_count, atoms.column_count);
        mica_atoms_free(&read);
    }
    mica_atoms_free(&atoms);
    mica_simulation_free(simulation);
}

static void assert_refused(const char *text, const char *words)
{
    char path[4096];
    struct error err = {0};
    struct atoms atoms;
    snprintf(path, sizeof path, "%s/bad.xyz", mica_test_folder());
    assert_int_equal(mica_file_write(path, text, strlen(text), &err), 0);
    assert_int_equal(mica_xyz_read(path, &atoms, &err), -1);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
}

TEST(files_of_atoms_that_are_wrong_are_refused_with_their_line)
{
    assert_refused("", "second line");
    assert_refused("x\n1 2 3\n42 0 0 0 1 0\n", "truncated");
    assert_refused("x\n1 2 3\n42 0 zero 0 1 0\n-1\n",
                   "bad.xyz:3: 'zero' is not a number up");
    assert_refused("x\n1 2 3\n1 0 0 0 1 0\n-1\n", "no scattering factors");
    assert_refused("2\ncomment\nMo 0 0 0\n", "after 1 of 2 atoms");
    assert_refused("1\ncomment\nMo 0 0\n", "three coordinates");
}

/* The weight of a column of two S, for a coherence, as multiples of one S. */
static double pair_weight(const struct simulation *simulation, double coherence)
{
    struct atoms atoms = {0};
    struct error err = {0};
    double weights[3];
    for (int i = 0; i < 3; i++) {
        struct atom atom = {
            .element = 16, .x = i == 2 ? 5 : 0, .z = i * 3, .occupancy = 1};
        assert_int_equal(mica_atoms_add(&atoms, &atom, &err), 0);
    }
    assert_int_equal(mica_atoms_group(&atoms, 0.25, &err), 0);
    assert_int_equal(atoms.column_count, 2);
    assert_int_equal(
        mica_columns_weigh(&simulation->sections, &atoms, coherence, weights, &err), 0);
    mica_atoms_free(&atoms);
    return (weights[0] + weights[1]) / weights[2];
}

TEST(coherence_multiplies_columns_of_two_atoms_and_the_table_stands_in_for_it)
{
    const char *rest =
        "\"specimen\": {\"crystal\": \"MoS2\"}, \"pixel\": \"1 A\", \"size\": 8";
    struct simulation *simulation = simulation_of(rest);
    assert_near(pair_weight(simulation, 1), 2, 1e-12);
    assert_near(pair_weight(simulation, 1.45), 2.9, 1e-12);
    assert_near(pair_weight(simulation, 0), .02784 / .00935, 1e-9);
    assert_near(mica_columns_single(&simulation->sections, 42, 0, 0), .04106, 1e-12);
    assert_near(mica_columns_single(&simulation->sections, 42, 1, 0), .035052, 2e-5);
    mica_simulation_free(simulation);
    simulation = simulation_with(
        "\"detectors\": [{\"inner\": \"50 mrad\", \"outer\": \"160 mrad\"}]", rest);
    assert_near(pair_weight(simulation, 0), 2, 1e-12);
    mica_simulation_free(simulation);
}
