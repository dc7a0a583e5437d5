/* test_concentration.c - intervals against SciPy; sites, areas, and what is left out */
#include <math.h>
#include <string.h>

#include "apps/analysis/area.h"
#include "apps/analysis/concentration.h"
#include "tests/golden.h"
#include "tests/test.h"

static double number_at(const cJSON *row, int i)
{
    return cJSON_GetArrayItem(row, i)->valuedouble;
}

TEST(intervals_are_clopper_and_pearsons_by_scipy)
{
    struct json *json = mica_golden_json("clopper_pearson.json");
    const cJSON *tables = cJSON_GetObjectItem(mica_json_root(json), "tables");
    const cJSON *table, *row;
    size_t rows = 0;
    cJSON_ArrayForEach(table, tables)
    {
        double confidence = cJSON_GetObjectItem(table, "confidence")->valuedouble;
        cJSON_ArrayForEach(row, cJSON_GetObjectItem(table, "rows"))
        {
            struct interval found = mica_interval_exact(
                (uint64_t)number_at(row, 0), (uint64_t)number_at(row, 1), confidence);
            assert_near(found.low, number_at(row, 2), 1e-8 * number_at(row, 2));
            assert_near(found.high, number_at(row, 3), 1e-8 * number_at(row, 3));
            rows++;
        }
    }
    assert_true(rows > 10);
    mica_json_free(json);
}

TEST(the_incomplete_beta_function_has_its_known_values)
{
    assert_near(mica_beta_below(1, 1, 0.3), 0.3, 1e-15);
    assert_near(mica_beta_below(2, 2, 0.5), 0.5, 1e-14);
    /* I_x(1, b) = 1 - (1 - x)^b, I_x(a, 1) = x^a */
    assert_near(mica_beta_below(1, 5, 0.2), 1 - pow(0.8, 5), 1e-14);
    assert_near(mica_beta_below(7, 1, 0.9), pow(0.9, 7), 1e-14);
    assert_near(mica_beta_below(3, 4, 0), 0, 0);
    assert_near(mica_beta_below(3, 4, 1), 1, 0);
}

TEST(a_layer_of_mos2_has_1_156e15_sulphur_columns_on_a_cm2)
{
    const struct crystal *mos2 = mica_crystal_named("MoS2");
    const char *element = NULL;
    /* A^-2 to cm^-2 */
    assert_near(mica_site_density(mos2, "V_S1", &element) * 1e16, 1.156e15, 0.001e15);
    assert_string_equal(element, "S");
    assert_near(mica_site_density(mos2, "V_M", &element) * 1e16, 1.156e15, 0.001e15);
    assert_string_equal(element, "Mo");
    assert_near(mica_site_density(mos2, "Re_Mo", NULL) * 1e16, 1.156e15, 0.001e15);
    assert_near(mica_site_density(mos2, "Se_S2", NULL) * 1e16, 1.156e15, 0.001e15);
    assert_near(mica_site_density(mos2, "V_Se1", NULL), 0, 0);
    assert_near(mica_site_density(mos2, "1T", NULL), 0, 0);
}

TEST(graphene_has_two_carbon_atoms_in_a_cell)
{
    const struct crystal *graphene = mica_crystal_named("graphene");
    /* 3.82e15 atoms on a cm2 */
    assert_near(mica_site_density(graphene, "V_C1", NULL) * 1e16, 3.82e15, 0.01e15);
}

TEST(a_concentration_is_a_count_over_sites_with_its_interval)
{
    struct concentration c = mica_concentration(37, 8648.0, 0.11563);
    assert_int_equal(c.sites, 1000);
    assert_true(c.known);
    assert_near(c.fraction, 0.037, 1e-12);
    assert_near(c.ci95.low, 0.02618270884399008, 1e-9);
    assert_near(c.ci95.high, 0.0506411230599609, 1e-9);
    assert_false(mica_concentration(3, 8648.0, 0).known);
    assert_false(mica_concentration(30, 8.0, 1).known); /* more than there are sites */
}

/* 20 x 20 pixels of 2 A (rows) x 1 A (columns): bright but for the columns 12 .. 19. */
static struct frame half_vacuum(float image[20 * 20])
{
    for (size_t i = 0; i < 400; i++)
        image[i] = i % 20 < 12 ? 10 : 0;
    return (struct frame){image, 20, 20, 1, {2, 1}};
}

TEST(a_border_is_left_out_by_its_length_along_both_axes)
{
    float image[400];
    uint8_t analysed[400];
    struct frame frame = half_vacuum(image);
    /* 3 A: pixels whose centres lie within it, one row and three columns at each end */
    struct exclusion border = {.border = 3};
    assert_int_equal(mica_area_find(&border, &frame, analysed, NULL), 18 * 14);
    assert_int_equal(analysed[0], 0);
    assert_int_equal(analysed[20 + 2], 0);
    assert_int_equal(analysed[20 + 3], 1);
    frame.pixel[0] = frame.pixel[1] = 0;
    assert_int_equal(mica_area_find(&border, &frame, analysed, NULL), 400);
}

TEST(vacuum_is_where_the_mean_around_a_pixel_is_low)
{
    float image[400];
    uint8_t analysed[400];
    struct frame frame = half_vacuum(image);
    struct exclusion vacuum = {.vacuum = true, .level = 5, .window = 4};
    /* five columns wide: below 5 where fewer than half of them are bright */
    assert_int_equal(mica_area_find(&vacuum, &frame, analysed, NULL), 20 * 12);
    assert_int_equal(analysed[11], 1);
    assert_int_equal(analysed[12], 0);
}

TEST(what_a_mask_names_is_left_out)
{
    float image[400], mask[400] = {0};
    uint8_t analysed[400];
    struct frame frame = half_vacuum(image);
    mask[7] = 255;
    mask[8] = -1;
    struct exclusion masked = {.mask = mask};
    assert_int_equal(mica_area_find(&masked, &frame, analysed, NULL), 398);
    assert_int_equal(analysed[7] + analysed[8], 0);
}
