/* test_findings.c - objects and concentrations of a map of classes that is known */
#include "apps/findings.h"
#include "tests/test.h"

enum { SIDE = 40 };

/* V_S1 (class 1): 4 x 4 around (9.5, 9.5), 2 x 2 in the corner, and one pixel; vacuum (class
   2) on the right. A pixel is 1 A. */
struct scene {
    uint8_t classes[SIDE * SIDE];
    float scores[SIDE * SIDE], values[SIDE * SIDE];
    struct prediction prediction;
    struct frame frame;
    struct model model;
};

static void fill(struct scene *s, size_t y, size_t x, size_t height, size_t width,
                 uint8_t label)
{
    for (size_t i = y; i < y + height; i++)
        for (size_t j = x; j < x + width; j++)
            s->classes[i * SIDE + j] = label;
}

static void make_scene(struct scene *s)
{
    static char *names[] = {"background", "V_S1", "vacuum"};
    *s = (struct scene){.model = {.classes = 3, .names = names}};
    fill(s, 8, 8, 4, 4, 1);
    fill(s, 0, 0, 2, 2, 1);
    fill(s, 20, 8, 1, 1, 1);
    fill(s, 0, 30, SIDE, 10, 2);
    for (size_t i = 0; i < SIDE * SIDE; i++)
        s->scores[i] = 0.75f;
    s->prediction = (struct prediction){.height = SIDE,
                                        .width = SIDE,
                                        .channels = 3,
                                        .classes = s->classes,
                                        .scores = s->scores};
    s->frame = (struct frame){s->values, SIDE, SIDE, 1, {1, 1}};
}

TEST(findings_are_objects_that_are_large_enough)
{
    struct scene s;
    struct findings f;
    make_scene(&s);
    struct rules rules = {.least_area = 2, .least_pixels = 1};
    assert_int_equal(
        mica_findings_make(&f, &s.prediction, &s.frame, &s.model, &rules, NULL), 0);
    assert_int_equal(f.objects.count, 3); /* the vacuum is a region as well */
    assert_int_equal(f.small, 1);
    assert_int_equal(f.objects.list[2].area, 16);
    assert_near(f.objects.list[2].x, 9.5, 1e-12);
    assert_near(f.objects.list[2].y, 9.5, 1e-12);
    assert_near(f.objects.list[2].score, 0.75, 1e-12);
    mica_findings_free(&f);
    rules = (struct rules){.least_pixels = 5};
    assert_int_equal(
        mica_findings_make(&f, &s.prediction, &s.frame, &s.model, &rules, NULL), 0);
    assert_int_equal(f.objects.count, 2);
    mica_findings_free(&f);
}

TEST(concentrations_count_what_is_inside_the_analysed_area)
{
    struct scene s;
    struct findings f;
    make_scene(&s);
    struct rules rules = {.least_area = 2,
                          .exclusion = {.border = 2},
                          .crystal = mica_crystal_named("MoS2")};
    assert_int_equal(
        mica_findings_make(&f, &s.prediction, &s.frame, &s.model, &rules, NULL), 0);
    /* a border of two pixels, and the vacuum's ten columns */
    assert_near(f.analysed, 36 * 28, 1e-9);
    assert_near(f.analysed + f.excluded, SIDE * SIDE, 1e-9);
    assert_int_equal(f.concentrations[1].count, 1); /* not the one in the corner */
    assert_int_equal(f.concentrations[1].sites, 117);
    assert_near(f.concentrations[1].fraction, 1.0 / 117, 1e-12);
    assert_false(f.concentrations[2].known); /* no site of the crystal */
    mica_findings_free(&f);
}

TEST(without_a_pixel_size_there_are_counts_only)
{
    struct scene s;
    struct findings f;
    make_scene(&s);
    s.frame.pixel[0] = s.frame.pixel[1] = 0;
    struct rules rules = {.least_area = 2,
                          .exclusion = {.border = 2},
                          .crystal = mica_crystal_named("MoS2")};
    assert_int_equal(
        mica_findings_make(&f, &s.prediction, &s.frame, &s.model, &rules, NULL), 0);
    assert_int_equal(f.objects.count, 4);
    assert_int_equal(f.concentrations[1].count, 3);
    assert_false(f.concentrations[1].known);
    mica_findings_free(&f);
}

TEST(a_class_without_a_name_is_called_by_its_number)
{
    char buffer[32];
    struct model model = {.classes = 0};
    assert_string_equal(mica_class_name(&model, 3, buffer), "class 3");
}
