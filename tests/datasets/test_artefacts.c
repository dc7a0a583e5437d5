/* test_artefacts.c - what artefacts do to scans and images */
#include "core/memory.h"
#include "datasets/physics/artefact.h"
#include "tests/datasets/physics.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { SIDE = 256, PIXELS = SIDE * SIDE };

/* A acquisition of one channel with an even image, range 1. */
struct easel {
    struct acquisition acquisition;
    struct optics optics;
    double range, sigma;
    float dx[PIXELS], dy[PIXELS], image[PIXELS], carbon[PIXELS];
};

static struct easel *easel_new(float value)
{
    struct easel *easel = mica_need(1, sizeof *easel);
    easel->optics = plain_optics();
    easel->optics.flyback = 60;
    easel->range = 1;
    easel->acquisition =
        (struct acquisition){.scan = {SIDE, SIDE, {0.1, 0.1}, easel->dx, easel->dy},
                             .optics = &easel->optics,
                             .electrons = 2496.6,
                             .carbon_sigma = &easel->sigma,
                             .carbon = easel->carbon,
                             .channels = 1,
                             .image = easel->image,
                             .range = &easel->range};
    for (size_t i = 0; i < PIXELS; i++)
        easel->image[i] = value;
    return easel;
}

/* Apply an artefact with the values given. */
static void apply(struct easel *easel, const char *name, const double *values)
{
    struct error err = {0};
    struct random random;
    const struct artefact *artefact = mica_artefact_named(name);
    assert_non_null(artefact);
    mica_draw_stream(&random, 7, name, 1);
    easel->acquisition.drawn = cJSON_CreateObject();
    assert_int_equal(artefact->apply(&easel->acquisition, values, &random, &err), 0);
    cJSON_Delete(easel->acquisition.drawn);
}

static double mean_of(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i];
    return sum / (double)count;
}

static double variance_of(const float *values, size_t count)
{
    double mean = mean_of(values, count), sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ((double)values[i] - mean) * ((double)values[i] - mean);
    return sum / (double)(count - 1);
}

TEST(counts_have_their_mean_as_variance)
{
    static const double means[5] = {.01, 1, 11.9, 12.1, 1e3};
    for (int i = 0; i < 5; i++) {
        struct easel *easel = easel_new((float)(means[i] / 2496.6));
        apply(easel, "shot_noise", &(double){0});
        for (size_t n = 0; n < PIXELS; n++) {
            float count = easel->image[n] * 2496.6F;
            assert_near(count, roundf(count), 1e-3);
            easel->image[n] = roundf(count);
        }
        double sd = sqrt(means[i] / PIXELS);
        assert_near(mean_of(easel->image, PIXELS), means[i], 3 * sd);
        assert_near(variance_of(easel->image, PIXELS), means[i],
                    3 * sqrt((means[i] + 2 * means[i] * means[i]) / PIXELS));
        mica_free(easel);
    }
}

TEST(a_dose_replaces_current_and_dwell_time)
{
    struct easel *easel = easel_new(0.01F);
    apply(easel, "shot_noise", &(double){1e5});
    assert_near(easel->acquisition.electrons, 1000, 1e-9);
    assert_near(variance_of(easel->image, PIXELS), 0.01 / 1000, 4e-7);
    mica_free(easel);
}

TEST(the_detector_adds_its_excess_variance_and_read_noise)
{
    struct easel *easel = easel_new(0.02F);
    double n0 = 2496.6, count = 0.02 * n0;
    apply(easel, "detector", (double[]){0.3, 2, 0, 0, 0});
    assert_near(mean_of(easel->image, PIXELS) * n0, count, 0.06);
    assert_near(variance_of(easel->image, PIXELS) * n0 * n0, 0.3 * count + 4, 0.4);
    mica_free(easel);
    easel = easel_new(0);
    easel->image[10] = 1;
    apply(easel, "detector", (double[]){0, 0, 0.25, 0, 0});
    assert_near(easel->image[10], 0.75, 1e-6);
    assert_near(easel->image[11], 0.75 * 0.25, 1e-6);
    assert_near(easel->image[12], 0.75 * 0.0625, 1e-6);
    assert_near(easel->image[9], 0, 0);
    mica_free(easel);
}

TEST(amplitudes_without_a_unit_are_relative_to_the_range)
{
    struct easel *easel = easel_new(0.5F);
    easel->range = 0.2;
    apply(easel, "gaussian", &(double){0.1});
    assert_near(sqrt(variance_of(easel->image, PIXELS)), 0.02, 3e-4);
    assert_near(mean_of(easel->image, PIXELS), 0.5, 3e-4);
    mica_free(easel);
    easel = easel_new(0.5F);
    easel->range = 0.2;
    apply(easel, "background", (double[]){0.5, 0, 0.3});
    assert_near(easel->image[17], 0.6, 1e-6);
    mica_free(easel);
    easel = easel_new(0.5F);
    apply(easel, "speckle", &(double){0.1});
    assert_near(sqrt(variance_of(easel->image, PIXELS)), 0.05, 6e-4);
    mica_free(easel);
}

TEST(a_drift_moves_the_beam_in_proportion_to_time)
{
    struct easel *easel = easel_new(0);
    apply(easel, "drift", &(double){0.5});
    size_t last = PIXELS - 1;
    double seconds = 1e-6 * (255 * (256 * 16 + 60) + 255 * 16);
    assert_near(mica_acquisition_time(&easel->acquisition, 255, 255), 1e6 * seconds,
                1e-6);
    double distance = hypot((double)easel->dx[last], (double)easel->dy[last]);
    assert_near(distance, 0.5 * seconds, 1e-6);
    assert_near(easel->dx[last / 2] / easel->dx[last],
                mica_acquisition_time(&easel->acquisition, 127, 255) / (1e6 * seconds),
                1e-5);
    mica_free(easel);
}

TEST(jitter_is_the_same_along_a_row_and_has_its_size_and_memory)
{
    struct easel *easel = easel_new(0);
    apply(easel, "scan_jitter", (double[]){0.2, 0, 0.5});
    float rows[SIDE];
    for (size_t row = 0; row < SIDE; row++) {
        rows[row] = easel->dx[row * SIDE];
        assert_memory_equal(&easel->dx[row * SIDE], &easel->dx[row * SIDE + 99],
                            sizeof(float));
    }
    assert_near(sqrt(variance_of(rows, SIDE)), 0.2, 0.03);
    assert_near(sqrt(variance_of(easel->dy, PIXELS)), 0.1, 0.015);
    mica_free(easel);
    easel = easel_new(0);
    apply(easel, "scan_jitter", (double[]){0.2, 0.9, 0});
    double product = 0, square = 0;
    for (size_t row = 1; row < SIDE; row++) {
        double a = (double)easel->dx[row * SIDE],
               b = (double)easel->dx[(row - 1) * SIDE];
        product += a * b;
        square += b * b;
    }
    assert_near(product / square, 0.9, 0.08);
    mica_free(easel);
}

TEST(vibrations_and_warps_have_their_rms)
{
    struct easel *easel = easel_new(0);
    apply(easel, "vibration", (double[]){0.3, 3, 5, 500, 50});
    assert_near(sqrt(variance_of(easel->dx, PIXELS)), 0.3, 0.05);
    assert_near(sqrt(variance_of(easel->dy, PIXELS)), 0.3, 0.05);
    mica_free(easel);
    double sum = 0;
    for (uint64_t seed = 0; seed < 24; seed++) {
        struct error err = {0};
        struct random random;
        easel = easel_new(0);
        mica_draw_stream(&random, seed, "warp", 0);
        const struct artefact *warp = mica_artefact_named("warp");
        assert_int_equal(
            warp->apply(&easel->acquisition, &(double){0.4}, &random, &err), 0);
        for (size_t i = 0; i < PIXELS; i += 64)
            sum += (double)(easel->dx[i] * easel->dx[i] + easel->dy[i] * easel->dy[i]);
        mica_free(easel);
    }
    assert_near(sqrt(sum / (2 * 24 * PIXELS / 64)), 0.4, 0.07);
}

TEST(grey_scales_keep_their_ends)
{
    struct easel *easel = easel_new(0);
    for (size_t i = 0; i < PIXELS; i++)
        easel->image[i] = (float)i / (PIXELS - 1);
    apply(easel, "gamma", &(double){2});
    assert_near(easel->image[PIXELS / 2], 0.25, 1e-4);
    apply(easel, "contrast", &(double){2});
    assert_near(easel->image[0], 0, 0);
    assert_near(easel->image[PIXELS - 1], 1, 0);
    apply(easel, "quantise", &(double){2});
    for (size_t i = 0; i < PIXELS; i++)
        assert_near(easel->image[i] * 3, roundf(easel->image[i] * 3), 1e-6);
    mica_free(easel);
}

TEST(salt_and_pepper_hit_their_fraction_and_a_blur_keeps_the_sum)
{
    struct easel *easel = easel_new(0.5F);
    easel->image[0] = 0;
    easel->image[1] = 1;
    apply(easel, "salt_pepper", &(double){0.04});
    size_t salt = 0, pepper = 0;
    for (size_t i = 0; i < PIXELS; i++) {
        salt += easel->image[i] > 0.75F;
        pepper += easel->image[i] < 0.25F;
    }
    assert_near(salt, 0.02 * PIXELS, 150);
    assert_near(pepper, 0.02 * PIXELS, 150);
    double before = mean_of(easel->image, PIXELS);
    apply(easel, "blur", &(double){0.15});
    assert_near(mean_of(easel->image, PIXELS), before, 1e-5);
    mica_free(easel);
    easel = easel_new(0);
    easel->image[100 * SIDE + 100] = 1;
    apply(easel, "blur", &(double){0.15});
    assert_near(easel->image[100 * SIDE + 100], 1 / (2 * 3.14159265 * 2.25), 1e-3);
    mica_free(easel);
}

TEST(artefacts_apply_in_the_order_of_physics)
{
    static const char *const names[] = {
        "drift",      "scan_jitter", "vibration", "warp",     "scan_skip",   "carbon",
        "background", "shot_noise",  "detector",  "gaussian", "salt_pepper", "speckle",
        "blur",       "gamma",       "contrast",  "quantise"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_non_null(mica_artefact(i));
        assert_string_equal(mica_artefact(i)->name, names[i]);
        assert_true(strlen(mica_artefact(i)->equation) > 0);
    }
}

/* The mean signal of 10 nm of carbon, by its difference. */
TEST(carbon_adds_its_cross_section_times_its_atoms_per_area)
{
    const char *rest =
        "\"specimen\": {\"crystal\": \"graphene\"}, \"pixel\": \"0.2 A\", "
        "\"size\": 256, \"artefacts\": [%s]";
    char with[512], without[512];
    snprintf(without, sizeof without, rest, "");
    snprintf(with, sizeof with, rest,
             "{\"carbon\": {\"thickness\": \"0 A\", \"layer\": \"100 A\"}}");
    struct simulation *bare = simulation_of(without), *covered = simulation_of(with);
    struct simulated a = {0}, b = {0};
    struct error err = {0};
    assert_int_equal(mica_simulation_sample(bare, 3, &a, &err), 0);
    assert_int_equal(mica_simulation_sample(covered, 3, &b, &err), 0);
    double added = mean_of(b.image, PIXELS) - mean_of(a.image, PIXELS);
    assert_near(added / 10, 0.0019, 0.00003);
    assert_null(a.carbon);
    assert_near(mean_of(b.carbon, PIXELS), 10, 1e-5);
    mica_simulated_free(&a);
    mica_simulated_free(&b);
    mica_simulation_free(bare);
    mica_simulation_free(covered);
}

TEST(carbon_covers_its_part_of_the_area_up_to_its_thickness)
{
    struct simulation *simulation = simulation_of(
        "\"specimen\": {\"crystal\": \"MoS2\"}, \"pixel\": \"0.2 A\", \"size\": 256, "
        "\"artefacts\": [{\"carbon\": {\"thickness\": \"2 nm\", \"coverage\": 0.4, "
        "\"length\": \"10 A\", \"softness\": 0.5}}]");
    double covered = 0;
    float most = 0;
    for (uint64_t index = 0; index < 4; index++) {
        struct simulated sample = {0};
        struct error err = {0};
        assert_int_equal(mica_simulation_sample(simulation, index, &sample, &err), 0);
        for (size_t i = 0; i < PIXELS; i++) {
            covered += sample.carbon[i] > 0;
            most = fmaxf(most, sample.carbon[i]);
        }
        mica_simulated_free(&sample);
    }
    assert_near(covered / (4 * PIXELS), 0.4, 0.1);
    assert_near(most, 2, 1e-5);
    mica_simulation_free(simulation);
}
