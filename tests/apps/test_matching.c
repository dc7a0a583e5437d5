/* test_matching.c - objects found against objects that are there */
#include <math.h>
#include <string.h>

#include "apps/analysis/matching.h"
#include "tests/test.h"

enum { MOST = 8 };

static const double pixel[2] = {0.1, 0.1};

struct matched {
    enum match_fate truth[MOST], found[MOST];
    double distances[MOST];
};

/* In an image of 100 x 100 pixels of 0.1 A, within 1 A. */
static struct matched match(const struct object *truth, size_t truths,
                            const struct object *found, size_t founds)
{
    struct matched m = {.distances = {0}};
    struct error err = {0};
    assert_int_equal(mica_match(truth, truths, found, founds, 100, 100, pixel, 1,
                                m.truth, m.found, m.distances, &err),
                     0);
    return m;
}

TEST(pairs_are_one_to_one)
{
    static const struct object truth[] = {{1, 50, 50}},
                               found[] = {{1, 52, 50}, {1, 49, 50}};
    struct matched m = match(truth, 1, found, 2);
    assert_int_equal(m.truth[0], MATCH_RIGHT);
    assert_int_equal(m.found[0], MATCH_UNMATCHED);
    assert_int_equal(m.found[1], MATCH_RIGHT);
    assert_near(m.distances[0], 0.1, 1e-12);
    m = match(found, 2, truth, 1);
    assert_int_equal(m.truth[0], MATCH_UNMATCHED);
    assert_int_equal(m.truth[1], MATCH_RIGHT);
    assert_int_equal(m.found[0], MATCH_RIGHT);
}

TEST(the_nearest_pair_is_first_whatever_the_order)
{
    /* the first truth would take the second's prediction if it were asked first */
    static const struct object truth[] = {{1, 50, 50}, {1, 56, 50}},
                               found[] = {{1, 55, 50}, {1, 43, 50}};
    struct matched m = match(truth, 2, found, 2);
    assert_int_equal(m.truth[0], MATCH_RIGHT);
    assert_int_equal(m.truth[1], MATCH_RIGHT);
    assert_near(m.distances[1], 0.1, 1e-12);
    assert_near(m.distances[0], 0.7, 1e-12);
    static const struct object turned[] = {{1, 56, 50}, {1, 50, 50}};
    m = match(turned, 2, found, 2);
    assert_near(m.distances[0], 0.1, 1e-12);
    assert_near(m.distances[1], 0.7, 1e-12);
}

TEST(only_objects_of_the_same_class_match)
{
    static const struct object truth[] = {{1, 50, 50}, {2, 70, 50}},
                               found[] = {{2, 50, 50}, {2, 75, 50}};
    struct matched m = match(truth, 2, found, 2);
    assert_int_equal(m.truth[0], MATCH_UNMATCHED);
    assert_int_equal(m.found[0], MATCH_UNMATCHED);
    assert_int_equal(m.truth[1], MATCH_RIGHT);
    assert_int_equal(m.found[1], MATCH_RIGHT);
}

TEST(the_radius_is_a_length_also_where_pixels_are_not_square)
{
    static const double oblong[2] = {0.1, 0.3}; /* rows, columns */
    static const struct object truth[] = {{1, 15, 50}}, down[] = {{1, 15, 59}},
                               right[] = {{1, 19, 50}};
    struct matched m;
    struct error err = {0};
    assert_int_equal(mica_match(truth, 1, down, 1, 100, 33, oblong, 1, m.truth, m.found,
                                m.distances, &err),
                     0);
    assert_int_equal(m.truth[0], MATCH_RIGHT);
    assert_near(m.distances[0], 0.9, 1e-12);
    assert_int_equal(mica_match(truth, 1, right, 1, 100, 33, oblong, 1, m.truth,
                                m.found, m.distances, &err),
                     0);
    assert_int_equal(m.truth[0], MATCH_UNMATCHED);
}

TEST(objects_near_the_border_count_nowhere)
{
    /* the edge lies half a pixel beyond the outer centres: 10 pixels from 9.5 */
    static const struct object near[] = {
        {1, 9.4, 50}, {1, 50, 9.4}, {1, 89.6, 50}, {1, 50, 89.6}};
    static const struct object inner[] = {
        {1, 9.6, 50}, {1, 50, 9.6}, {1, 89.4, 50}, {1, 50, 89.4}};
    struct matched m = match(near, 4, NULL, 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(m.truth[i], MATCH_IGNORED);
    m = match(NULL, 0, near, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(m.found[i], MATCH_IGNORED);
    m = match(inner, 4, NULL, 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(m.truth[i], MATCH_UNMATCHED);
    m = match(NULL, 0, inner, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(m.found[i], MATCH_UNMATCHED);
}

TEST(across_the_border_a_pair_counts_where_its_truth_does)
{
    static const struct object out[] = {{1, 8, 50}}, in[] = {{1, 11, 50}};
    struct matched m = match(out, 1, in, 1);
    assert_int_equal(m.truth[0], MATCH_IGNORED);
    assert_int_equal(m.found[0], MATCH_IGNORED); /* not a false positive */
    m = match(in, 1, out, 1);
    assert_int_equal(m.truth[0], MATCH_RIGHT); /* not missed */
    assert_int_equal(m.found[0], MATCH_RIGHT);
    assert_near(m.distances[0], 0.3, 1e-12);
}

TEST(nothing_matches_nothing) { (void)match(NULL, 0, NULL, 0); }

TEST(counts_give_the_usual_measures)
{
    struct match_counts c = {.right = 6, .missed = 2, .wrong = 3, .squares = 0.24};
    assert_near(mica_match_precision(&c), 6.0 / 9, 1e-15);
    assert_near(mica_match_recall(&c), 6.0 / 8, 1e-15);
    assert_near(mica_match_f1(&c), 12.0 / 17, 1e-15);
    assert_near(mica_match_rms(&c), 0.2, 1e-15);
    struct match_counts none = {0};
    assert_near(mica_match_precision(&none) + mica_match_recall(&none) +
                    mica_match_f1(&none) + mica_match_rms(&none),
                0, 0);
}
