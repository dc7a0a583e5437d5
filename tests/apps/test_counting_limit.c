/* test_counting_limit.c - how well counts at known sites tell vacancies */
#include <string.h>

#include "apps/analysis/counting_limit.h"
#include "core/text.h"
#include "tests/test.h"

static const char *const names[] = {"background", "V_S1", "V_S2"};

/* MoS2 with so much current [pA] for 16 us, and more artefacts. */
static struct simulation *simulation_of(double current, const char *artefacts)
{
    struct text text = {0};
    struct error err = {0};
    mica_text_add(
        &text,
        "{\"mica_simulation\": 1, \"specimen\": {\"crystal\": \"MoS2\", \"rotation\": "
        "{\"uniform\": [\"0 deg\", \"60 deg\"]}, \"defects\": {\"V_S1\": 0.15, "
        "\"V_S2\": 0.1}, \"displacement_rms\": \"0.03 A\"}, \"microscope\": "
        "{\"voltage\": \"80 kV\", \"convergence_semiangle\": \"23 mrad\", "
        "\"detectors\": [{\"inner\": \"70 mrad\", \"outer\": \"160 mrad\"}], "
        "\"source_fwhm\": \"0.8 A\", \"probe_current\": \"%g pA\", \"dwell_time\": "
        "\"16 us\"}, \"pixel\": \"0.2 A\", \"size\": [96, 96], \"artefacts\": "
        "[\"shot_noise\"%s], \"labels\": {\"classes\": [\"V_S1\", \"V_S2\"]}, "
        "\"seed\": 3}",
        current, artefacts);
    struct json *json = mica_json_parse(text.data, "limit.json", &err);
    struct simulation *simulation = json ? mica_simulation_open(json, &err) : NULL;
    if (!simulation)
        fail_msg("%s", err.text);
    mica_text_free(&text);
    return simulation;
}

struct score {
    size_t sites, right, vacancies, told;
};

/* What the classifiers say of some samples; their classes are classes. */
static struct score score_of(double current, const char *artefacts, size_t samples,
                             bool probable)
{
    struct simulation *simulation = simulation_of(current, artefacts);
    struct score score = {0};
    for (size_t i = 0; i < samples; i++) {
        struct sites sites;
        struct error err = {0};
        if (mica_counting_limit(&sites, simulation, i, names, 0.95, &err))
            fail_msg("%s", err.text);
        for (size_t k = 0; k < sites.count; k++) {
            const struct site *s = &sites.list[k];
            int said = probable ? s->probable : s->likely;
            assert_in_range(s->object.label, 0, 2);
            assert_in_range(said, 0, 2);
            score.sites++;
            score.right += said == s->object.label;
            score.vacancies += s->object.label > 0;
            score.told += s->object.label > 0 && said == s->object.label;
        }
        mica_sites_free(&sites);
        assert_null(sites.list);
    }
    mica_simulation_free(simulation);
    return score;
}

TEST(clear_images_tell_every_site)
{
    struct score s = score_of(20000, "", 3, false);
    /* 19.2 A x 19.2 A of 1.156e15 sites per cm^2 */
    assert_in_range(s.sites, 3 * 36, 3 * 50);
    assert_true(s.vacancies > 10);
    assert_int_equal(s.right, s.sites);
    s = score_of(20000, "", 3, true);
    assert_int_equal(s.right, s.sites);
}

TEST_SLOW(fewer_electrons_tell_fewer_sites)
{
    size_t right[4];
    static const double currents[] = {100, 3, 0.6, 0.05};
    for (size_t i = 0; i < 4; i++) {
        struct score s = score_of(currents[i], "", 8, true);
        right[i] = 1000 * s.right / s.sites;
    }
    assert_true(right[0] > 970);
    for (size_t i = 0; i < 3; i++)
        assert_true(right[i] > right[i + 1]);
}

TEST(known_shares_never_say_less_than_likelihood_alone)
{
    struct score likely = score_of(0.3, "", 8, false),
                 probable = score_of(0.3, "", 8, true);
    assert_int_equal(likely.sites, probable.sites);
    assert_true(probable.right >= likely.right);
}

TEST(contamination_and_distortion_do_not_hide_the_sites)
{
    struct score s = score_of(
        20000,
        ", {\"carbon\": {\"thickness\": \"0.5 nm\"}}, {\"drift\": \"0.5 A/s\"}, "
        "{\"scan_jitter\": \"0.02 A\"}",
        3, false);
    assert_true(s.right * 100 >= s.sites * 90);
}

TEST(without_electrons_nothing_is_infinite)
{
    struct score s = score_of(0.001, "", 2, true);
    assert_true(s.sites > 50);
    /* the shares decide: all are called what most are */
    assert_int_equal(s.told, 0);
}

TEST(each_column_within_the_image_is_judged_once)
{
    struct simulation *simulation = simulation_of(100, "");
    struct simulated truth = {0};
    struct error err = {0};
    struct sites sites;
    assert_int_equal(mica_counting_limit(&sites, simulation, 4, names, 0.95, &err), 0);
    assert_int_equal(mica_simulation_sample(simulation, 4, &truth, &err), 0);
    size_t labels[3] = {0}, judged[3] = {0};
    int last = -1;
    for (size_t i = 0; i < truth.atoms.count; i++) {
        const struct atom *a = &truth.atoms.list[i];
        bool inside =
            a->x_px >= -0.5 && a->y_px >= -0.5 && a->x_px < 95.5 && a->y_px < 95.5;
        const char *label = a->label < 0 ? "" : truth.atoms.labels[a->label];
        for (size_t k = 1; k < 3; k++)
            labels[k] += inside && a->column != last && strcmp(label, names[k]) == 0;
        last = a->column;
    }
    for (size_t k = 0; k < sites.count; k++) {
        judged[sites.list[k].object.label]++;
        assert_true(sites.list[k].object.x >= -0.5 && sites.list[k].object.x < 95.5);
    }
    assert_int_equal(judged[1], labels[1]);
    assert_int_equal(judged[2], labels[2]);
    mica_sites_free(&sites);
    mica_simulated_free(&truth);
    mica_simulation_free(simulation);
}
