/* test_scan.c - a region alone and inside a scan that is half vacuum: the same vacancies */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/analysis/matching.h"
#include "apps/findings.h"
#include "apps/training.h"
#include "core/file.h"
#include "core/numeric.h"
#include "core/random.h"
#include "core/text.h"
#include "tests/test.h"

enum { SCAN = 2048, REGION = 512 };

static const double pixel = 0.12, radius = 0.95; /* A */

/* 1H-MoS2 turned by 11 degrees, on the left half of the cell; 6 % of the columns of
   sulphur hold one atom, 2 % none. */
static void write_sheet(const char *path)
{
    const double a = 3.16, side = SCAN * pixel, turn = 11 * 3.14159265358979 / 180;
    const double c = cos(turn), s = sin(turn), high = 1.56;
    struct random random;
    mica_random_start(&random, 3, 0, 0);
    struct text text = {0};
    mica_text_add(&text, "half a sheet\n%.6f %.6f 20\n", side, side);
    for (int j = -120; j < 120; j++)
        for (int i = -120; i < 120; i++) {
            double u = a * (i + 0.5 * (j & 1)), v = a * sqrt(0.75) * j;
            double x = c * u - s * v, y = s * u + c * v;
            double sx = x + c * a / 2 - s * a / sqrt(12),
                   sy = y + s * a / 2 + c * a / sqrt(12);
            if (x > 0 && x < side / 2 && y > 0 && y < side)
                mica_text_add(&text, "42 %.6f %.6f 0 1 0\n", x, y);
            double drawn = mica_random_uniform(&random);
            if (sx < 0 || sx > side / 2 || sy < 0 || sy > side)
                continue;
            if (drawn > 0.02)
                mica_text_add(&text, "16 %.6f %.6f %.2f 1 0\n", sx, sy, high);
            if (drawn > 0.08)
                mica_text_add(&text, "16 %.6f %.6f %.2f 1 0\n", sx, sy, -high);
        }
    mica_text_add(&text, "-1\n");
    struct error err = {0};
    if (mica_file_write(path, text.data, strlen(text.data), &err))
        fail_msg("%s", err.text);
    mica_text_free(&text);
}

static const char simulation[] =
    "{\"mica_simulation\": 1, \"specimen\": {\"atoms\": \"sheet.xyz\", \"periodic\": "
    "true}, \"microscope\": {\"voltage\": \"80 kV\", \"convergence_semiangle\": \"23 "
    "mrad\", \"detectors\": [{\"name\": \"HAADF\", \"inner\": \"40 mrad\", \"outer\": "
    "\"160 mrad\"}], \"source_fwhm\": \"0.9 A\", \"probe_current\": \"25 pA\", "
    "\"dwell_time\": \"16 us\"}, \"column_coherence\": 1.3, \"size\": [2048, 2048], "
    "\"artefacts\": [\"shot_noise\", {\"gaussian\": 0.01}], \"labels\": {\"radius\": "
    "\"0.95 A\", \"classes\": [\"S\"]}, \"seed\": 5}";

static void simulate(struct sample *sample)
{
    struct text path = {0}, text = {0};
    mica_text_add(&path, "%s/sheet.xyz", mica_test_folder());
    write_sheet(path.data);
    mica_text_free(&path);
    mica_text_add(&path, "%s/sheet.json", mica_test_folder());
    struct error err = {0};
    if (mica_file_write(path.data, simulation, strlen(simulation), &err))
        fail_msg("%s", err.text);
    mica_text_add(&text, "{\"simulation\": \"%s\"}", path.data);
    struct json *json = mica_json_parse(text.data, path.data, &err);
    struct reader reader = {.json = json, .arena = mica_arena_new()};
    struct dataset *data =
        mica_dataset_open(mica_json_root(json), PART_ALL, 0, &reader, &err);
    if (!data || mica_dataset_get(data, 0, sample, &err))
        fail_msg("%s", err.text);
    mica_dataset_free(data);
    mica_arena_free(reader.arena);
    mica_json_free(json);
    mica_text_free(&text);
    mica_text_free(&path);
}

/* The demo's model, trained here in some minutes; or the one that MICA_MODEL names. */
static struct model *trained(void)
{
    struct error err = {0};
    struct model *model = NULL;
    const char *given = getenv("MICA_MODEL");
    if (given && *given) {
        model = mica_model_read(given, &err);
    } else {
        struct recipe *recipe = mica_recipe_read(
            MICA_TOP "/apps/recipes/mos2_vacancy_small.json", NULL, 0, &err);
        volatile sig_atomic_t stop = 0;
        struct training training;
        if (!recipe || mica_training_open(&training, recipe, mica_test_folder(), &err))
            fail_msg("%s", err.text);
        training.quiet = true;
        training.stop = &stop;
        if (mica_training_run(&training, &err))
            fail_msg("%s", err.text);
        mica_training_close(&training);
        mica_recipe_free(recipe);
        struct text path = {0};
        mica_text_add(&path, "%s/best.safetensors", mica_test_folder());
        model = mica_model_read(path.data, &err);
        mica_text_free(&path);
    }
    if (!model)
        fail_msg("%s", err.text);
    return model;
}

enum { MOST = 4096 };

struct found {
    struct object list[MOST];
    size_t count;
};

static void find(const struct model *model, const struct frame *frame,
                 struct found *found)
{
    struct predictor predictor;
    struct prediction prediction = {0};
    struct findings findings = {0};
    struct rules rules = {.least_area = 3.14159265358979 * radius * radius / 4};
    struct error err = {0};
    if (mica_predictor_open(&predictor, model, (size_t)6 << 30, &err) ||
        mica_predictor_run(&predictor, frame, "sheet", &prediction, &err) ||
        mica_findings_make(&findings, &prediction, frame, model, &rules, &err))
        fail_msg("%s", err.text);
    found->count = findings.objects.count;
    assert_true(found->count <= MOST);
    for (size_t i = 0; i < found->count; i++) {
        const struct region *r = &findings.objects.list[i];
        found->list[i] = (struct object){r->label, r->x, r->y};
    }
    mica_findings_free(&findings);
    mica_prediction_free(&prediction);
    mica_predictor_close(&predictor);
}

/* Those in the region that begins at (left, top), in its pixels. */
static void keep_region(const struct found *all, size_t left, size_t top,
                        struct found *kept)
{
    kept->count = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct object o = all->list[i];
        o.x -= (double)left;
        o.y -= (double)top;
        if (o.x > -0.5 && o.x < REGION - 0.5 && o.y > -0.5 && o.y < REGION - 0.5)
            kept->list[kept->count++] = o;
    }
}

static double agreement(const struct found *a, const struct found *b)
{
    static enum match_fate fates[2][MOST];
    static double distances[MOST];
    const double pixels[2] = {pixel, pixel};
    struct match_counts counts = {0};
    struct error err = {0};
    if (mica_match(a->list, a->count, b->list, b->count, REGION, REGION, pixels, radius,
                   fates[0], fates[1], distances, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < a->count; i++) {
        counts.right += fates[0][i] == MATCH_RIGHT;
        counts.missed += fates[0][i] == MATCH_UNMATCHED;
    }
    for (size_t i = 0; i < b->count; i++)
        counts.wrong += fates[1][i] == MATCH_UNMATCHED;
    print_message("alone %zu, inside %zu objects: F1 %.3f\n", a->count, b->count,
                  mica_match_f1(&counts));
    return mica_match_f1(&counts);
}

/* Regions in the middle of the sheet, and at the vacuum, where half of a 60 A window is. */
TEST_LONG(a_region_alone_has_the_vacancies_that_it_has_in_a_scan_half_vacuum)
{
    struct model *model = trained();
    struct sample scan = {0};
    simulate(&scan);
    struct frame whole = {scan.image, SCAN, SCAN, 1, {pixel, pixel}};
    float *part = malloc(sizeof(float) * REGION * REGION);
    static struct found alone, everywhere, inside;
    find(model, &whole, &everywhere);
    const size_t places[][2] = {{256, 256}, {480, 768}, {40, 1400}};
    for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
        size_t left = places[k][0], top = places[k][1];
        for (size_t y = 0; y < REGION; y++)
            memcpy(part + y * REGION, scan.image + (top + y) * SCAN + left,
                   REGION * sizeof *part);
        struct frame cut = {part, REGION, REGION, 1, {pixel, pixel}};
        find(model, &cut, &alone);
        keep_region(&everywhere, left, top, &inside);
        assert_true(alone.count > 20);
        assert_true(agreement(&alone, &inside) >= 0.95);
    }
    free(part);
    mica_sample_free(&scan);
    mica_model_free(model);
}
