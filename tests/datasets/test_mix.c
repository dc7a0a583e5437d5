/* test_mix.c - several sources in one dataset: exact shares, classes matched by name */
#include "core/file.h"
#include "core/memory.h"
#include "datasets/augment.h"
#include "datasets/image.h"
#include "datasets/loader.h"
#include "tests/datasets/opened.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 4, PIXELS = SIDE * SIDE, BLOCK = 1000 };

/* NAME_K.tif for k < count, all pixels `value` + k, and NAME_K.png, whose pixel p is p % 3. */
static void write_images(const char *name, size_t count, float value)
{
    for (size_t k = 0; k < count; k++) {
        char path[512];
        struct image image = {0}, mask = {0};
        struct error err = {0};
        assert_int_equal(mica_image_new(&image, 1, SIDE, SIDE, 1, &err), 0);
        assert_int_equal(mica_image_new(&mask, 1, SIDE, SIDE, 1, &err), 0);
        image.bits = 32;
        mask.bits = 8;
        mask.whole = true;
        for (size_t p = 0; p < PIXELS; p++) {
            image.data[p] = value + (float)k;
            mask.data[p] = (float)(p % 3);
        }
        snprintf(path, sizeof path, "%s/%s_%zu.tif", mica_test_folder(), name, k);
        assert_int_equal(mica_image_write(path, &image, &err), 0);
        snprintf(path, sizeof path, "%s/%s_%zu.png", mica_test_folder(), name, k);
        assert_int_equal(mica_image_write(path, &mask, &err), 0);
        mica_image_free(&image);
        mica_image_free(&mask);
    }
}

#define SOURCE(name, values)                                                           \
    "\"images\": \"" name "_*.tif\", \"masks\": \"{stem}.png\", \"values\": {" values  \
    "}"
#define FIRST "\"0\": \"background\", \"1\": \"V_S1\", \"2\": \"V_S2\""
#define SECOND "\"0\": \"background\", \"2\": \"V_S1\", \"1\": \"V_S2\""
#define THIRD "\"0\": \"background\", \"1\": \"V_S2\""

/* Three sources of 7, 3 and 1 images, from 100, 200 and 300 on. */
static struct opened open_mix(enum part part)
{
    write_images("a", 7, 100);
    write_images("b", 3, 200);
    write_images("c", 1, 300);
    return opened_good(
        "\"mix\": [{\"share\": 5, " SOURCE(
            "a", FIRST) "}, "
                        "{\"share\": 0.3, " SOURCE(
                            "b", SECOND) "}, "
                                         "{\"share\": 2.7, " SOURCE(
                                             "c", THIRD) ", \"ignore\": 2}]",
        part, 0);
}

/* The source of each sample of a block: 0, 1, 2; `images` counts each of its images. */
static void sources_of_block(const struct opened *o, uint64_t block, int *sources,
                             size_t images[3][8])
{
    memset(images, 0, 3 * 8 * sizeof(size_t));
    for (size_t i = 0; i < BLOCK; i++) {
        struct sample s = opened_take(o, block * BLOCK + i);
        int value = (int)s.image[0];
        sources[i] = value / 100 - 1;
        images[sources[i]][value % 100]++;
        mica_sample_free(&s);
    }
}

TEST(shares_are_exact_in_every_thousand_samples)
{
    /* 5 : 0.3 : 2.7 of 8 are 625, 37.5 and 337.5; sums are rounded, so that they fill */
    static const size_t wanted[] = {625, 38, 337}, images_of[] = {7, 3, 1};
    struct opened o = open_mix(PART_TRAINING);
    int sources[2][BLOCK];
    size_t images[3][8], same = 0, changes = 0;
    for (uint64_t block = 0; block < 4; block++) {
        sources_of_block(&o, block, sources[block % 2], images);
        for (size_t k = 0; k < 3; k++) {
            size_t count = 0, most = 0, least = BLOCK;
            for (size_t i = 0; i < images_of[k]; i++) {
                count += images[k][i];
                most = images[k][i] > most ? images[k][i] : most;
                least = images[k][i] < least ? images[k][i] : least;
            }
            assert_int_equal(count, wanted[k]);
            assert_in_range(most - least, 0, 2); /* its images in turn */
        }
    }
    for (size_t i = 0; i < BLOCK; i++) {
        same += sources[0][i] == sources[1][i];
        changes += i > 0 && sources[0][i] != sources[0][i - 1];
    }
    /* drawn orders: neighbours, and places of two blocks, agree as often as by chance,
       .391 + .001 + .114 = .506 of 1000, five standard deviations of 15.8 */
    assert_in_range(same, 427, 585);
    assert_in_range(changes, 415, 573);
    opened_close(&o);
}

TEST(classes_are_matched_by_name)
{
    /* pixel p has value p % 3: of the three sources, the classes of the first */
    static const uint8_t wanted[3][3] = {{0, 1, 2}, {0, 2, 1}, {0, 2, MICA_IGNORED}};
    struct opened o = open_mix(PART_TRAINING);
    assert_int_equal(o.data->classes, 3);
    assert_string_equal(o.data->names[2], "V_S2");
    for (uint64_t number = 0; number < BLOCK; number++) {
        struct sample s = opened_take(&o, number);
        for (size_t p = 0; p < PIXELS; p++)
            assert_int_equal(s.labels[p], wanted[(int)s.image[0] / 100 - 1][p % 3]);
        mica_sample_free(&s);
    }
    opened_close(&o);
}

TEST(a_class_that_the_first_of_a_mix_has_not_is_told)
{
    struct error err = {0};
    write_images("a", 1, 100);
    write_images("b", 1, 200);
    struct opened o = opened_with(
        "\"mix\": [{\"share\": 1, " SOURCE(
            "a", THIRD) ", \"ignore\": 2}, {\"share\": 1, " SOURCE("b", FIRST) "}]",
        PART_TRAINING, 0, &err);
    assert_null(o.data);
    assert_non_null(strstr(
        err.text, "#/mix/1: has the class 'V_S1', which the first of the mix has not"));
    opened_close(&o);
}

TEST(in_validation_the_parts_of_a_mix_follow_each_other)
{
    struct opened o = open_mix(PART_VALIDATION);
    assert_int_equal(o.data->count, 11);
    for (uint64_t i = 0; i < 11; i++) {
        struct sample s = opened_take(&o, i);
        assert_near(s.image[0], i < 7 ? 100 + i : i < 10 ? 193 + i : 300, 0);
        mica_sample_free(&s);
    }
    opened_close(&o);
}

/* Batches as training takes them: augmented, by several threads. */
TEST(augmentation_changes_no_share_and_no_class)
{
    enum { BATCH = 50 };
    static const size_t wanted[] = {625, 38, 337};
    struct error err = {0};
    struct opened o = open_mix(PART_TRAINING);
    struct json *json = mica_json_parse(
        "[\"dihedral\", {\"gain\": {\"uniform\": [0.9, 1.1]}}]", "a.json", &err);
    struct reader reader = {.json = json, .arena = o.arena};
    struct augmentation list = {0};
    mica_augmentation_read(&list, mica_json_root(json), &reader, &err);
    assert_int_equal(err.lines, 0);
    o.data->augmentation = &list;
    const struct normalise none = {NORMALISE_NONE, 0};
    float images[BATCH * PIXELS], labels[BATCH * PIXELS];
    struct shape shape = {BATCH, SIDE, SIDE, 1};
    struct tensor x = {shape, 1, TYPE_F32, images}, t = {shape, 1, TYPE_F32, labels};
    size_t counts[3] = {0}, gained = 0;
    for (uint64_t first = BLOCK; first < 2 * BLOCK; first += BATCH) {
        uint64_t numbers[BATCH];
        for (size_t i = 0; i < BATCH; i++)
            numbers[i] = first + i;
        assert_int_equal(mica_loader_fill(o.data, &none, numbers, BATCH, &x, &t, &err),
                         0);
        for (size_t i = 0; i < BATCH; i++) {
            struct sample plain = opened_take(&o, numbers[i]);
            float gain = images[i * PIXELS] / plain.image[0];
            size_t classes[2][256] = {{0}};
            assert_in_range((int)(1000 * gain), 899, 1101);
            gained += gain != 1;
            for (size_t p = 0; p < PIXELS; p++) {
                classes[0][plain.labels[p]]++;
                float label = labels[i * PIXELS + p]; /* NAN: ignored */
                classes[1][isnan(label) ? MICA_IGNORED : (int)label]++;
            }
            assert_memory_equal(classes[0], classes[1], sizeof classes[0]);
            counts[(int)plain.image[0] / 100 - 1]++;
            mica_sample_free(&plain);
        }
    }
    assert_true(gained > BLOCK * 9 / 10);
    assert_memory_equal(counts, wanted, sizeof wanted);
    mica_json_free(json);
    opened_close(&o);
}

/* A file of points for the images of open_mix, with one in each. */
#define DISCS(name, radius)                                                            \
    "{\"share\": 1, \"images\": \"" name "_*.tif\", \"points\": \"p.csv\", "           \
    "\"classes\": [\"V\"], \"radius\": \"" radius "\", \"pixel\": \"0.25 A\"}"

TEST(a_mix_knows_its_smallest_discs)
{
    static const struct {
        const char *members;
        double radius;
    } cases[] = {{"\"mix\": [" DISCS("a", "1 px") ", " DISCS("b", "0.4 A") "]", 0.4},
                 {"\"mix\": [" DISCS("a", "0.5 A") ", " DISCS("b", "0.4 A") "]", 0.4},
                 {"\"mix\": [" DISCS("a", "0.4 A") ", " DISCS("b", "0.5 A") "]", 0.4},
                 {"\"mix\": [" DISCS("a", "0.4 A") ", " DISCS("b", "1 px") "]", 0.4},
                 {"\"mix\": [" DISCS("a", "1 px") "]", 0}};
    char path[512];
    static const char table[] = "image,x,y,label\na_0,1,1,V\nb_0,2,1,V\n";
    write_images("a", 1, 100);
    write_images("b", 1, 200);
    snprintf(path, sizeof path, "%s/p.csv", mica_test_folder());
    assert_int_equal(mica_file_write(path, table, strlen(table), NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct opened o = opened_good(cases[i].members, PART_ALL, 0);
        assert_near(o.data->label_radius, cases[i].radius, 1e-12);
        opened_close(&o);
    }
}
