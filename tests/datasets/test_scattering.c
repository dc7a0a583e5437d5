/* test_scattering.c - electrons, scattering factors and cross-sections */
#include "core/numeric.h"
#include "datasets/physics/electrons.h"
#include "datasets/physics/scattering.h"
#include "tests/test.h"

TEST(wavelength_interaction_and_mass_have_their_values_to_six_digits)
{
    static const double table[6][4] = {
        {30, 0.0697908, 1.54327e-3, 1.058709},  {60, 0.0486606, 1.13569e-3, 1.117417},
        {80, 0.0417572, 1.00871e-3, 1.156556},  {100, 0.0370144, 9.24396e-4, 1.195696},
        {200, 0.0250793, 7.28840e-4, 1.391390}, {300, 0.0196875, 6.52616e-4, 1.587085}};
    for (int i = 0; i < 6; i++) {
        assert_near(mica_electron_wavelength(table[i][0]), table[i][1], 5.1e-8);
        assert_near(mica_electron_interaction(table[i][0]), table[i][2], 5.1e-9);
        assert_near(mica_electron_mass(table[i][0]), table[i][3], 1e-6);
    }
    assert_near(mica_electron_count(25, 16), 2496.6, 0.05);
}

TEST(all_55_elements_are_found_by_number_and_by_symbol)
{
    size_t count = 0;
    for (; mica_element_at(count); count++) {
        const struct element *element = mica_element_at(count);
        assert_ptr_equal(mica_element(element->number), element);
        assert_ptr_equal(mica_element_named(element->symbol), element);
    }
    assert_int_equal(count, 55);
    assert_null(mica_element(1));
    assert_null(mica_element_named("Xx"));
}

static const char *const symbols[4] = {"C", "S", "Mo", "W"};

TEST(scattering_factors_and_potentials_have_their_values)
{
    static const double at_0[4] = {2.5114, 5.1721, 10.2895, 12.4822};
    static const double at_1[4] = {.41270, .86060, 1.93497, 2.89928};
    for (int i = 0; i < 4; i++) {
        const struct element *element = mica_element_named(symbols[i]);
        assert_near(mica_scattering_factor(element, 0), at_0[i], 1e-4);
        assert_near(mica_scattering_factor(element, 1), at_1[i], 1e-4);
    }
    static const double radii[4] = {.1, .5, 1, 2};
    static const double carbon[4] = {215.32, 38.888, 6.0919, .20478};
    static const double molybdenum[4] = {961.97, 128.227, 26.325, 2.6008};
    for (int i = 0; i < 4; i++) {
        double c = mica_scattering_potential(mica_element_named("C"), radii[i]);
        double mo = mica_scattering_potential(mica_element_named("Mo"), radii[i]);
        assert_near(c / carbon[i], 1, 1e-4);
        assert_near(mo / molybdenum[i], 1, 1e-4);
    }
}

TEST(moliere_amplitudes_have_their_values)
{
    static const struct {
        const char *symbol;
        double theta, real, imaginary;
    } table[4] = {{"Mo", 0, 11.303, 1.738},
                  {"S", 0, 5.912, .488},
                  {"Mo", .04, 1.84138, 1.13190},
                  {"S", .04, 1.00403, .29547}};
    for (int i = 0; i < 4; i++) {
        double f[2];
        struct amplitude *amplitude =
            mica_amplitude_new(mica_element_named(table[i].symbol), 80, 0.1);
        mica_amplitude_at(amplitude, table[i].theta, f);
        assert_near(f[0], table[i].real, table[i].theta > 0 ? 1e-4 : 1e-3);
        assert_near(f[1], table[i].imaginary, table[i].theta > 0 ? 1e-4 : 1e-3);
        mica_amplitude_free(amplitude);
    }
}

static double cross_section(const char *symbol, double voltage, double inner,
                            double outer, double cone)
{
    struct amplitude *amplitude =
        mica_amplitude_new(mica_element_named(symbol), voltage, outer + cone);
    double sigma = mica_amplitude_cross_section(amplitude, inner, outer, cone);
    mica_amplitude_free(amplitude);
    return sigma;
}

enum { GEOMETRIES = 6, TABULATED = 14 };
static const struct {
    double voltage, inner, outer, sigma[TABULATED];
} geometries[GEOMETRIES] = {
    {80,
     .040,
     .160,
     {.001465, .002029, .002642, .006212, .007719, .014196, .015401, .026383, .035052,
      .048109, .068230, .068987, .071332, .072190}},
    {80,
     .063,
     .200,
     {.000663, .000905, .001192, .003365, .004134, .007061, .007673, .014866, .019446,
      .026103, .039710, .040168, .041425, .041855}},
    {80,
     .080,
     .200,
     {.000414, .000556, .000726, .002165, .002706, .004527, .004893, .009713, .013019,
      .017165, .026749, .027101, .028031, .028338}},
    {60,
     .060,
     .200,
     {.001180, .001630, .002149, .005588, .006809, .011965, .013007, .023595, .030312,
      .040844, .058469, .059041, .060673, .061270}},
    {100,
     .060,
     .200,
     {.000503, .000683, .000898, .002595, .003211, .005470, .005940, .011768, .015654,
      .021080, .033086, .033509, .034689, .035082}},
    {200,
     .060,
     .200,
     {.000166, .000221, .000286, .000866, .001111, .001932, .002088, .004247, .006079,
      .008323, .014081, .014319, .015073, .015312}}};
static const char *const tabulated[TABULATED] = {
    "C", "N", "O", "Si", "S", "Ti", "V", "Se", "Mo", "Te", "W", "Re", "Pt", "Au"};

TEST_SLOW(cross_sections_agree_with_the_six_row_table_within_one_percent)
{
    for (int g = 0; g < GEOMETRIES; g++)
        for (int i = 0; i < TABULATED; i++) {
            double sigma = cross_section(tabulated[i], geometries[g].voltage,
                                         geometries[g].inner, geometries[g].outer, 0);
            assert_near(sigma / geometries[g].sigma[i], 1, 0.01);
        }
}

/* d ln sigma / d ln Z by least squares over 21 elements from B to Au */
static double slope(double voltage, double inner, double outer)
{
    static const char *const names[21] = {"B",  "C",  "N",  "O",  "Si", "S",  "Ti",
                                          "V",  "Se", "Sr", "Nb", "Mo", "Pd", "Ag",
                                          "Cd", "Te", "Ta", "W",  "Re", "Pt", "Au"};
    double x = 0, y = 0, xx = 0, xy = 0;
    for (int i = 0; i < 21; i++) {
        double sigma = cross_section(names[i], voltage, inner, outer, 0);
        double u = mica_log(mica_element_named(names[i])->number), v = mica_log(sigma);
        x += u, y += v, xx += u * u, xy += u * v;
    }
    return (21 * xy - x * y) / (21 * xx - x * x);
}

TEST_SLOW(cross_sections_grow_with_a_power_of_the_atomic_number)
{
    assert_near(slope(80, .040, .160), 1.53, 0.01);
    assert_near(slope(200, .060, .200), 1.77, 0.01);
}

TEST(averages_over_the_cone_agree_with_multislice_of_single_atoms)
{
    static const struct {
        const char *symbol;
        double sigma[3];
    } table[5] = {{"C", {.00190, .00078, .00039}},
                  {"S", {.00935, .00460, .00254}},
                  {"Se", {.03013, .01649, .00925}},
                  {"Mo", {.04106, .02154, .01222}},
                  {"W", {.07519, .04166, .02394}}};
    for (int i = 0; i < 5; i++)
        for (int range = 0; range < 3; range++) {
            double sigma =
                cross_section(table[i].symbol, 80, 0.04 + 0.02 * range, 0.16, 0.023);
            assert_near(sigma / table[i].sigma[range], 1, 0.035);
        }
}
