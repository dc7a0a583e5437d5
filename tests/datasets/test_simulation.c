/* test_simulation.c - specifications, samples, labels */
#include "core/file.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/text.h"
#include "tests/datasets/physics.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static const char *const everything =
    "\"specimen\": {\"crystal\": \"MoS2\", \"rotation\": {\"uniform\": [\"0 deg\", "
    "\"60 deg\"]}, "
    "\"defects\": {\"V_S1\": 0.03, \"V_S2\": {\"log_uniform\": [0.001, 0.1]}}, "
    "\"strain_sd\": 0.005, \"displacement_rms\": \"0.03 A\", \"distortion_rms\": \"0.1 "
    "A\"}, "
    "\"column_coherence\": {\"uniform\": [1.0, 1.6]}, "
    "\"pixel\": {\"range\": [\"0.06 A\", \"0.24 A\", \"0.03 A\"]}, \"size\": [96, 80], "
    "\"artefacts\": [{\"gaussian\": 0.02}, \"shot_noise\", {\"scan_jitter\": \"0.2 "
    "px\"}, "
    "{\"drift\": {\"uniform\": [\"0 A/s\", \"1 A/s\"]}}, {\"vibration\": \"0.1 A\"}, "
    "{\"warp\": \"0.2 A\"}, {\"scan_skip\": {\"amplitude\": \"0.3 A\", \"count\": 1}}, "
    "{\"carbon\": {\"thickness\": {\"log_uniform\": [\"0.05 nm\", \"2 nm\"]}}}, "
    "{\"background\": {\"level\": 0.1, \"variation\": 0.05}}, {\"detector\": {}}, "
    "{\"salt_pepper\": 0.001}, {\"speckle\": 0.02}, {\"blur\": \"0.5 px\"}, "
    "{\"gamma\": {\"uniform\": [0.5, 2]}}, {\"contrast\": 1.2}, {\"quantise\": 8}], "
    "\"labels\": {\"classes\": [\"V_S1\", \"V_S2\"]}, \"seed\": 5";

static struct simulated take(const struct simulation *simulation, uint64_t index)
{
    struct simulated sample = {0};
    struct error err = {0};
    if (mica_simulation_sample(simulation, index, &sample, &err) != 0)
        fail_msg("%s", err.text);
    return sample;
}

static void assert_same(const struct simulated *a, const struct simulated *b)
{
    size_t pixels = a->view.height * a->view.width;
    assert_memory_equal(a->image, b->image, pixels * a->channels * sizeof *a->image);
    assert_memory_equal(a->labels, b->labels, pixels);
    assert_int_equal(a->carbon != NULL, b->carbon != NULL);
    if (a->carbon)
        assert_memory_equal(a->carbon, b->carbon, pixels * sizeof *a->carbon);
    assert_int_equal(a->atoms.count, b->atoms.count);
    char *first = cJSON_Print(a->drawn), *second = cJSON_Print(b->drawn);
    assert_string_equal(first, second);
    cJSON_free(first);
    cJSON_free(second);
}

enum { SAMPLES = 6 };
struct taking {
    const struct simulation *simulation;
    struct simulated *samples;
};

static void take_one(void *context, size_t i)
{
    struct taking *taking = context;
    size_t index = SAMPLES - 1 - i;
    taking->samples[index] = take(taking->simulation, index);
}

TEST(a_sample_is_the_same_for_any_number_of_threads_and_any_order)
{
    struct simulation *simulation = simulation_of(everything);
    struct simulated alone[SAMPLES], together[SAMPLES];
    mica_parallel_use(1);
    for (size_t i = 0; i < SAMPLES; i++)
        alone[i] = take(simulation, i);
    mica_parallel_use(2);
    mica_parallel_for(SAMPLES, take_one, &(struct taking){simulation, together});
    struct simulated inside = take(simulation, 2); /* threads within a sample */
    mica_parallel_use(0);
    assert_same(&alone[2], &inside);
    for (size_t i = 0; i < SAMPLES; i++) {
        assert_same(&alone[i], &together[i]);
        mica_simulated_free(&alone[i]);
        mica_simulated_free(&together[i]);
    }
    mica_simulated_free(&inside);
    mica_simulation_free(simulation);
}

TEST(seed_and_index_change_everything_and_artefacts_do_not_change_each_other)
{
    struct simulation *simulation = simulation_of(everything);
    struct simulated a = take(simulation, 0), b = take(simulation, 1);
    assert_memory_not_equal(a.image, b.image, 96 * 80 * sizeof(float));
    mica_simulation_reseed(simulation, 6);
    struct simulated c = take(simulation, 0);
    assert_memory_not_equal(a.image, c.image, 96 * 80 * sizeof(float));
    mica_simulated_free(&b);
    mica_simulated_free(&c);
    mica_simulation_free(simulation);
    struct text fewer = {0};
    const char *noise = strstr(everything, "{\"gaussian\": 0.02}, ");
    mica_text_append(&fewer, everything, (size_t)(noise - everything));
    mica_text_add(&fewer, "%s", noise + strlen("{\"gaussian\": 0.02}, "));
    simulation = simulation_of(fewer.data);
    b = take(simulation, 0);
    assert_int_equal(a.atoms.count, b.atoms.count);
    assert_memory_equal(a.labels, b.labels, 96 * 80);
    assert_memory_equal(a.carbon, b.carbon, 96 * 80 * sizeof(float));
    mica_simulated_free(&a);
    mica_simulated_free(&b);
    mica_text_free(&fewer);
    mica_simulation_free(simulation);
}

TEST(every_pixel_size_of_a_range_is_drawn)
{
    struct simulation *simulation = simulation_of(everything);
    double range[2];
    bool seen[7] = {false};
    mica_simulation_pixels(simulation, range);
    assert_near(range[0], 0.06, 1e-12);
    assert_near(range[1], 0.24, 1e-12);
    for (uint64_t i = 0; i < 40; i++) {
        struct simulated sample = take(simulation, i);
        double place = (sample.view.pixel[0] - 0.06) / 0.03;
        assert_near(place, round(place), 1e-9);
        seen[(int)round(place)] = true;
        mica_simulated_free(&sample);
    }
    for (int i = 0; i < 7; i++)
        assert_true(seen[i]);
    mica_simulation_free(simulation);
}

/* --- labels --- */

TEST(labels_are_discs_on_the_sites_even_where_the_scan_is_distorted)
{
    struct simulation *simulation = simulation_of(
        "\"specimen\": {\"crystal\": \"MoS2\", \"defects\": {\"V_S1\": "
        "0.1, \"V_S2\": 0.1}}, "
        "\"pixel\": \"0.1 A\", \"size\": 400, "
        "\"artefacts\": [{\"drift\": \"0.3 A/s\"}, {\"warp\": \"0.1 A\"}]");
    struct simulated sample = take(simulation, 1);
    size_t inside = 0, marked = 0;
    for (size_t i = 0; i < sample.atoms.column_count; i++) {
        const struct column *column = &sample.atoms.columns[i];
        const char *label = sample.atoms.labels[column->label];
        int class = !strcmp(label, "V_S1") ? 1 : !strcmp(label, "V_S2") ? 2 : 0;
        if (column->x_px < 0 || column->y_px < 0 || column->x_px > 399 ||
            column->y_px > 399)
            continue;
        size_t at = (size_t)(column->y_px + 0.5) * 400 + (size_t)(column->x_px + 0.5);
        assert_int_equal(sample.labels[at], class);
        bool whole = column->x_px > 12 && column->y_px > 12 && column->x_px < 387 &&
                     column->y_px < 387;
        inside += class && whole;
        for (size_t n = 0; class && whole && n < 400 * 400; n++) {
            double dx = (double)(n % 400) - column->x_px,
                   dy = (double)(n / 400) - column->y_px;
            marked += sample.labels[n] == class && dx * dx + dy * dy < 12 * 12;
        }
    }
    assert_true(inside > 20);
    assert_near((double)marked / (double)inside, 3.14159 * 9.5 * 9.5, 14);
    mica_simulated_free(&sample);
    mica_simulation_free(simulation);
}

TEST(the_image_is_dark_where_vacancies_are_marked)
{
    struct simulation *simulation = simulation_of(
        "\"specimen\": {\"crystal\": \"MoS2\", \"defects\": {\"V_S2\": 0.2}}, "
        "\"pixel\": \"0.1 A\", \"size\": 256, \"artefacts\": [{\"scan_jitter\": \"0.3 "
        "A\"}], "
        "\"labels\": {\"radius\": \"0.5 A\", \"classes\": [\"V_S2\", \"S2\", \"Mo\"]}");
    struct simulated sample = take(simulation, 2);
    double sum[4] = {0}, count[4] = {0};
    for (size_t i = 0; i < 256 * 256; i++) {
        sum[sample.labels[i]] += (double)sample.image[i];
        count[sample.labels[i]]++;
    }
    for (int i = 0; i < 4; i++)
        assert_true(count[i] > 100);
    assert_true(sum[1] / count[1] < 0.2 * sum[2] / count[2]);
    assert_true(sum[3] / count[3] > 1.3 * sum[2] / count[2]);
    mica_simulated_free(&sample);
    mica_simulation_free(simulation);
}

/* --- atoms from files, coordinates --- */

/* The letter F of atoms 5 A apart: rows downward, columns to the right. */
static const double letter[8][2] = {{5, 5},   {10, 5}, {15, 5}, {5, 10},
                                    {10, 10}, {5, 15}, {5, 20}, {5, 25}};

static const char *write_letter(const char *lattice)
{
    static char path[4096];
    struct text text = {0};
    struct error err = {0};
    mica_text_add(&text, "8\n%s Properties=species:S:1:pos:R:3\n", lattice);
    for (int i = 0; i < 8; i++)
        mica_text_add(&text, "Mo %.3f %.3f 0\n", letter[i][0] + 0.033 * i,
                      letter[i][1] + 0.041 * i);
    snprintf(path, sizeof path, "%s/letter.xyz", mica_test_folder());
    assert_int_equal(mica_file_write(path, text.data, text.length, &err), 0);
    mica_text_free(&text);
    return path;
}

/* The centre of mass above the darkest value within 1 A of (x, y), in pixels. */
static void find_centre(const struct simulated *sample, double *x, double *y)
{
    for (int repeat = 0; repeat < 20; repeat++) {
        double sum = 0, sum_x = 0, sum_y = 0, reach = 0.9 / sample->view.pixel[0];
        for (size_t i = 0; i < sample->view.height * sample->view.width; i++) {
            double dx = (double)(i % sample->view.width) - *x;
            double dy = (double)(i / sample->view.width) - *y;
            double square = (dx * dx + dy * dy) / (reach * reach);
            if (square >= 1)
                continue;
            double weight = (1 - square) * (1 - square) * (double)sample->image[i];
            sum += weight;
            sum_x += weight * dx;
            sum_y += weight * dy;
        }
        *x += sum_x / sum;
        *y += sum_y / sum;
    }
}

TEST(known_atoms_stay_within_a_hundredth_of_a_pixel)
{
    char rest[8192];
    snprintf(rest, sizeof rest,
             "\"specimen\": {\"atoms\": \"%s\"}, \"pixel\": \"0.12 A\", \"size\": "
             "[260, 200]",
             write_letter("comment"));
    struct simulation *simulation = simulation_of(rest);
    struct simulated sample = take(simulation, 0);
    assert_int_equal(sample.atoms.count, 8);
    for (size_t i = 0; i < 8; i++) {
        const struct atom *atom = &sample.atoms.list[i];
        double x = (letter[i][0] + 0.033 * (double)i) / 0.12;
        double y = (letter[i][1] + 0.041 * (double)i) / 0.12;
        assert_near(atom->x_px, x, 1e-9);
        assert_near(atom->y_px, y, 1e-9);
        double found_x = x + 1, found_y = y - 1;
        find_centre(&sample, &found_x, &found_y);
        assert_near(found_x, x, 0.01);
        assert_near(found_y, y, 0.01);
    }
    mica_simulated_free(&sample);
    mica_simulation_free(simulation);
}

TEST(distorted_scans_show_atoms_where_their_pixels_say)
{
    char rest[8192];
    snprintf(rest, sizeof rest,
             "\"specimen\": {\"atoms\": \"%s\"}, \"pixel\": \"0.12 A\", \"size\": "
             "[260, 200], "
             "\"artefacts\": [{\"drift\": \"3 A/s\"}, {\"warp\": \"0.5 A\"}]",
             write_letter("comment"));
    struct simulation *simulation = simulation_of(rest);
    struct simulated sample = take(simulation, 0);
    double moved = 0;
    for (size_t i = 0; i < 8; i++) {
        const struct atom *atom = &sample.atoms.list[i];
        double x = atom->x_px, y = atom->y_px;
        moved += hypot(x - atom->x / 0.12, y - atom->y / 0.12);
        find_centre(&sample, &x, &y);
        assert_near(x, atom->x_px, 0.1);
        assert_near(y, atom->y_px, 0.1);
    }
    assert_true(moved > 8);
    mica_simulated_free(&sample);
    mica_simulation_free(simulation);
}

TEST(a_periodic_cell_wraps_around)
{
    char rest[8192];
    snprintf(
        rest, sizeof rest,
        "\"specimen\": {\"atoms\": \"%s\", \"periodic\": true}, \"size\": [120, 100]",
        write_letter("Lattice=\"20 0 0 0 30 0 0 0 5\""));
    struct simulation *simulation = simulation_of(rest);
    struct simulated sample = take(simulation, 0);
    assert_near(sample.view.pixel[0], 0.25, 1e-12);
    assert_near(sample.view.pixel[1], 0.2, 1e-12);
    for (size_t x = 0; x < 100; x++) { /* top and bottom rows are neighbours */
        float top = sample.image[x], bottom = sample.image[119 * 100 + x];
        assert_near(top, bottom, 2e-4);
    }
    mica_simulated_free(&sample);
    mica_simulation_free(simulation);
}

TEST(a_rendering_of_given_atoms_is_the_noise_free_sample)
{
    struct simulation *simulation = simulation_of(
        "\"specimen\": {\"crystal\": \"MoS2\", \"displacement_rms\": \"0.03 A\", "
        "\"defects\": {\"V_S1\": 0.1}}, \"pixel\": \"0.2 A\", \"size\": [64, 48], "
        "\"column_coherence\": 1.4");
    struct simulated sample = take(simulation, 9);
    struct error err = {0};
    static float image[64 * 48];
    assert_int_equal(
        mica_simulation_render(simulation, &sample.view, &sample.atoms, image, &err),
        0);
    assert_memory_equal(image, sample.image, sizeof image);
    mica_simulated_free(&sample);
    mica_simulation_free(simulation);
}

/* Brightness of Mo, S2 and hollow sites at their centres. */
static double molybdenum_over_sulfur(const char *rest)
{
    char text[1024];
    snprintf(
        text, sizeof text,
        "\"specimen\": {\"crystal\": \"MoS2\"}, \"pixel\": \"0.1 A\", \"size\": 128%s",
        rest);
    struct simulation *simulation = simulation_of(text);
    struct simulated sample = take(simulation, 0);
    double sum[2] = {0, 0}, count[2] = {0, 0};
    for (size_t i = 0; i < sample.atoms.column_count; i++) {
        const struct column *column = &sample.atoms.columns[i];
        long x = lround(column->x_px), y = lround(column->y_px);
        int kind = strcmp(sample.atoms.labels[column->label], "S2") == 0;
        if (x < 0 || y < 0 || x > 127 || y > 127)
            continue;
        sum[kind] += (double)sample.image[y * 128 + x];
        count[kind]++;
    }
    mica_simulated_free(&sample);
    mica_simulation_free(simulation);
    return sum[0] / count[0] / (sum[1] / count[1]);
}

TEST(columns_of_mos2_have_the_ratio_of_their_model)
{
    assert_near(molybdenum_over_sulfur(", \"column_coherence\": 1"), 2.20, 0.05);
    assert_near(molybdenum_over_sulfur(", \"column_coherence\": 1.45"), 1.53, 0.04);
    assert_near(molybdenum_over_sulfur(""), 1.48, 0.04); /* tabulated */
}

/* --- messages --- */

static void assert_refused(const char *rest, const char *words)
{
    struct text text = {0};
    struct error err = {0};
    mica_text_add(
        &text,
        "{\"mica_simulation\": 1,\n \"microscope\": {\"voltage\": \"80 kV\", "
        "\"convergence_semiangle\": \"23 mrad\", \"detectors\": [{\"inner\": \"40 "
        "mrad\", \"outer\": \"160 mrad\"}]},\n %s}",
        rest);
    struct json *json = mica_json_parse(text.data, "spec.json", &err);
    assert_non_null(json);
    struct simulation *simulation = mica_simulation_open(json, &err);
    mica_text_free(&text);
    assert_null(simulation);
    assert_int_equal(err.code, MICA_MISUSE);
    if (strncmp(err.text, "spec.json:", 10) != 0 || !strstr(err.text, words))
        fail_msg("'%s' does not say '%s'", err.text, words);
}

#define GOOD "\"specimen\": {\"crystal\": \"MoS2\"}, "
#define SIZE "\"pixel\": \"0.1 A\", \"size\": 64"

TEST(what_is_wrong_with_a_specification_is_said_with_its_position)
{
    assert_refused(SIZE, "needs 'specimen'");
    assert_refused("\"specimen\": {\"crystal\": \"MoS3\"}, " SIZE,
                   "did you mean 'MoS2'");
    assert_refused(
        "\"specimen\": {\"crystal\": \"MoS2\", \"polymorph\": \"3R\", \"layers\": "
        "4}, " SIZE,
        "layers");
    assert_refused(
        "\"specimen\": {\"crystal\": \"MoS2\", \"defects\": {\"V_Se1\": 0.1}}, " SIZE,
        "no defect of MoS2");
    assert_refused("\"specimen\": {\"crystal\": \"MoS2\", \"defects\": {\"V_S1\": 0.7, "
                   "\"V_S2\": 0.4}}, " SIZE,
                   "at most 1");
    assert_refused("\"specimen\": {\"atoms\": \"nowhere.xyz\"}, " SIZE, "nowhere.xyz");
    assert_refused(GOOD "\"pixel\": \"0.1 A\"", "two of 'pixel', 'size' and 'field'");
    assert_refused(GOOD SIZE ", \"field\": [\"1 nm\", \"1 nm\"]", "two of");
    assert_refused(GOOD "\"pixel\": 0.1, \"size\": 64", "unit");
    assert_refused(GOOD "\"pixel\": \"0.1 A\", \"size\": [64, 64, 1]",
                   "[rows, columns]");
    assert_refused(GOOD SIZE ", \"engine\": \"multislice\"", "not to be had");
    assert_refused(GOOD SIZE ", \"artefacts\": [\"shot_nois\"]",
                   "did you mean 'shot_noise'");
    assert_refused(GOOD SIZE ", \"artefacts\": [{\"gaussian\": \"2 px\"}]", "number");
    assert_refused(GOOD SIZE ", \"labels\": {\"classes\": [\"V_S1\"]}",
                   "they are Mo, S2");
    assert_refused(GOOD SIZE ", \"sed\": 1", "seed");
    assert_refused(GOOD SIZE ", \"artefacts\": [\"drift\"]",
                   "artefacts/0: needs 'speed'");
    assert_refused(GOOD SIZE ", \"kernel_radius\": \"90 A\"", "kernel_radius");
}

static struct simulation *open_microscope(const char *more, struct error *err)
{
    struct text text = {0};
    mica_text_add(
        &text,
        "{\"mica_simulation\": 1, " GOOD SIZE ", \"microscope\": {\"voltage\": \"80 "
        "kV\", \"convergence_semiangle\": \"23 mrad\", \"detectors\": [{\"inner\": "
        "\"50 mrad\", \"outer\": \"160 mrad\"}], %s}}",
        more);
    struct json *json = mica_json_parse(text.data, "spec.json", err);
    mica_text_free(&text);
    return mica_simulation_open(json, err);
}

TEST(aberrations_are_given_as_parts_or_as_magnitude_and_angle)
{
    struct error err = {0};
    struct simulation *parts = open_microscope(
        "\"aberrations\": {\"C12a\": \"1 nm\", \"C12b\": \"1.7320508 nm\"}", &err);
    struct simulation *polar = open_microscope(
        "\"aberrations\": {\"C12\": \"2 nm\", \"phi12\": \"30 deg\"}", &err);
    assert_non_null(parts);
    assert_non_null(polar);
    struct simulated a = take(parts, 0), b = take(polar, 0);
    for (size_t i = 0; i < ABERRATIONS; i++)
        assert_near(a.view.optics.aberrations[i], b.view.optics.aberrations[i], 1e-6);
    mica_simulated_free(&a);
    mica_simulated_free(&b);
    mica_simulation_free(parts);
    mica_simulation_free(polar);
    assert_null(open_microscope("\"aberrations\": {\"C13a\": \"1 nm\"}", &err));
    assert_non_null(strstr(err.text, "no aberration is called 'C13a'"));
    err = (struct error){0};
    assert_null(open_microscope(
        "\"aberrations\": {\"C12\": \"1 nm\", \"C12b\": \"1 nm\"}", &err));
    assert_non_null(strstr(err.text, "given twice"));
    err = (struct error){0};
    assert_null(open_microscope(
        "\"defocus\": \"2 nm\", \"aberrations\": {\"C10\": \"1 nm\"}", &err));
    assert_non_null(strstr(err.text, "leave one out"));
}

TEST(a_warning_says_when_columns_of_two_atoms_will_be_too_dark)
{
    struct error err = {0};
    struct simulation *simulation = open_microscope("\"defocus\": \"1 nm\"", &err);
    assert_non_null(mica_simulation_warning(simulation));
    assert_non_null(strstr(mica_simulation_warning(simulation), "too dark"));
    mica_simulation_free(simulation);
    simulation = simulation_of(GOOD SIZE); /* tabulated columns */
    assert_null(mica_simulation_warning(simulation));
    mica_simulation_free(simulation);
}
