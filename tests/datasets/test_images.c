/* test_images.c - a user's own images with masks: classes, parts, cuts, mistakes */
#include "core/file.h"
#include "core/text.h"
#include "datasets/image.h"
#include "tests/datasets/opened.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

/* ---- files ---- */

static void write_image(const struct image *image, const char *name)
{
    char path[512];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/%s", mica_test_folder(), name);
    if (mica_image_write(path, image, &err))
        fail_msg("%s", err.text);
}

/* value(frame, y, x) = base + 1000 frame + width y + x, as counts of 16 bits. */
static void write_counts(const char *name, size_t frames, size_t height, size_t width,
                         float base)
{
    struct image image = {0};
    assert_int_equal(mica_image_new(&image, frames, height, width, 1, NULL), 0);
    image.bits = 16;
    image.whole = true;
    for (size_t i = 0; i < mica_image_size(&image); i++)
        image.data[i] = base + (float)(1000 * (i / (height * width))) +
                        (float)(i % (height * width));
    write_image(&image, name);
    mica_image_free(&image);
}

/* A mask of 0, 128 and 255 by (x + y + frame) % 3, and one pixel of `odd` at (1, 2). */
static void write_mask(const char *name, size_t frames, size_t height, size_t width,
                       float odd)
{
    static const float values[] = {0, 128, 255};
    struct image image = {0};
    assert_int_equal(mica_image_new(&image, frames, height, width, 1, NULL), 0);
    image.bits = 8;
    image.whole = true;
    for (size_t i = 0; i < mica_image_size(&image); i++) {
        size_t f = i / (height * width), p = i % (height * width);
        image.data[i] = values[(p / width + p % width + f) % 3];
    }
    if (odd > 0)
        image.data[2 * width + 1] = odd;
    write_image(&image, name);
    mica_image_free(&image);
}

static void write_pair(const char *stem, size_t height, size_t width, float base)
{
    char name[64];
    snprintf(name, sizeof name, "%s.tif", stem);
    write_counts(name, 1, height, width, base);
    snprintf(name, sizeof name, "m_%s.png", stem);
    write_mask(name, 1, height, width, 0);
}

/* ---- opening ---- */

#define COMMON                                                                         \
    "\"images\": \"*.tif\", \"masks\": \"m_{stem}.png\", \"values\": {\"0\": "         \
    "\"background\", \"128\": \"V_S1\", \"255\": \"V_S2\"}"

/* Opening fails with this one line; FOLDER/ in it is the test's folder. */
static void assert_refused(const char *members, size_t crop, const char *wanted)
{
    struct error err = {0};
    struct text message = {0};
    struct opened o = opened_with(members, PART_TRAINING, crop, &err);
    assert_null(o.data);
    for (const char *at; (at = strstr(wanted, "FOLDER")); wanted = at + 6) {
        mica_text_append(&message, wanted, (size_t)(at - wanted));
        mica_text_add(&message, "%s", mica_test_folder());
    }
    mica_text_add(&message, "%s", wanted);
    assert_string_equal(err.text, message.data);
    assert_int_equal(err.lines, 1);
    assert_int_equal(err.code, MICA_MISUSE);
    mica_text_free(&message);
    opened_close(&o);
    o = opened_with(members, PART_TRAINING, crop, NULL); /* nobody wants the text */
    assert_null(o.data);
    opened_close(&o);
}

/* ---- what a sample is ---- */

TEST(masks_name_classes_by_value_and_16_bit_counts_stay)
{
    write_pair("a", 5, 7, 60000);
    struct opened o = opened_good(COMMON ", \"pixel\": \"0.2 A\"", PART_ALL, 0);
    assert_int_equal(o.data->count, 1);
    assert_int_equal(o.data->channels, 1);
    assert_int_equal(o.data->classes, 3);
    assert_string_equal(o.data->names[0], "background");
    assert_string_equal(o.data->names[1], "V_S1");
    assert_string_equal(o.data->names[2], "V_S2");
    assert_near(o.data->pixel_range[0], 0.2, 1e-12);
    assert_near(o.data->pixel_range[1], 0.2, 1e-12);
    struct sample s = opened_take(&o, 0);
    assert_int_equal(s.height, 5);
    assert_int_equal(s.width, 7);
    assert_near(s.pixel[0], 0.2, 1e-12);
    assert_non_null(strstr(s.name, "/a.tif"));
    assert_false(s.objects_known);
    for (size_t p = 0; p < 35; p++) {
        assert_near(s.image[p], 60000 + p, 0);
        assert_int_equal(s.labels[p], (p / 7 + p % 7) % 3);
    }
    mica_sample_free(&s);
    opened_close(&o);
}

TEST(values_may_share_a_class_and_be_ignored)
{
    write_pair("a", 5, 7, 0);
    struct opened o = opened_good("\"images\": \"a.tif\", \"masks\": \"m_a.png\", "
                                  "\"values\": {\"0\": \"V_S1\", \"128\": \"V_S1\"}, "
                                  "\"ignore\": [255, 9]",
                                  PART_ALL, 0);
    assert_int_equal(o.data->classes, 2);
    struct sample s = opened_take(&o, 0);
    for (size_t p = 0; p < 35; p++)
        assert_int_equal(s.labels[p], (p / 7 + p % 7) % 3 == 2 ? MICA_IGNORED : 1);
    mica_sample_free(&s);
    opened_close(&o);
}

TEST(every_frame_of_a_stack_is_an_image)
{
    write_counts("a.tif", 3, 4, 6, 0);
    write_mask("m_a.tif", 3, 4, 6, 0);
    struct opened o =
        opened_good("\"images\": \"a.tif\", \"masks\": \"m_{stem}.tif\", "
                    "\"values\": {\"0\": \"background\", \"128\": \"V_S1\", "
                    "\"255\": \"V_S2\"}",
                    PART_ALL, 0);
    assert_int_equal(o.data->count, 3);
    for (uint64_t f = 0; f < 3; f++) {
        struct sample s = opened_take(&o, f);
        assert_near(s.image[5], 1000 * f + 5, 0);
        assert_int_equal(s.labels[5], (5 + f) % 3);
        char ending[16];
        snprintf(ending, sizeof ending, "/a.tif %d", (int)f);
        assert_non_null(strstr(s.name, ending));
        mica_sample_free(&s);
    }
    opened_close(&o);
}

TEST(relative_paths_are_seen_from_the_file_that_says_them)
{
    write_pair("a", 5, 7, 0);
    struct error err = {0};
    char path[512];
    snprintf(path, sizeof path, "%s/base.json", mica_test_folder());
    struct json *base = mica_json_parse("{\"data\": {" COMMON "}}", path, &err);
    struct json *over = mica_json_parse("{\"x\": 1}", "elsewhere/over.json", &err);
    mica_json_lay(base, over);
    struct arena *arena = mica_arena_new();
    struct reader reader = {.json = base, .arena = arena};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(mica_json_root(base), "data");
    struct dataset *data = mica_dataset_open(item, PART_ALL, 0, &reader, &err);
    if (!data)
        fail_msg("%s", err.text);
    mica_dataset_free(data);
    mica_arena_free(arena);
    mica_json_free(base);
}

/* ---- parts ---- */

/* Six samples of three images each: s0_0.tif .. s5_2.tif, told apart by their values. */
static void write_groups(void)
{
    for (int g = 0; g < 6; g++)
        for (int k = 0; k < 3; k++) {
            char stem[32];
            snprintf(stem, sizeof stem, "s%d_%d", g, k);
            write_pair(stem, 3, 4, (float)(1000 * g + 100 * k));
        }
}

/* in[g]: how many images of group g the part has. */
static void count_groups(const char *members, enum part part, int in[6])
{
    struct opened o = opened_good(members, part, 0);
    memset(in, 0, 6 * sizeof *in);
    for (uint64_t i = 0; i < o.data->count; i++) {
        struct sample s = opened_take(&o, i);
        in[(int)s.image[0] / 1000]++;
        mica_sample_free(&s);
    }
    opened_close(&o);
}

TEST(no_group_is_in_both_parts_and_the_share_is_of_groups)
{
    write_groups();
    bool differ = false;
    int first[6];
    for (int seed = 1; seed <= 5; seed++) {
        char members[512];
        int train[6], check[6], validating = 0;
        snprintf(members, sizeof members,
                 COMMON ", \"split\": {\"validation\": 0.34, \"group\": "
                        "\"(^[^_]+)\", \"seed\": %d}",
                 seed);
        count_groups(members, PART_TRAINING, train);
        count_groups(members, PART_VALIDATION, check);
        for (int g = 0; g < 6; g++) {
            assert_int_equal(train[g] + check[g], 3);
            assert_true(train[g] == 0 || check[g] == 0);
            validating += check[g] > 0;
        }
        assert_int_equal(validating, 2);
        if (seed == 1)
            memcpy(first, check, sizeof first);
        differ = differ || memcmp(first, check, sizeof first) != 0;
    }
    assert_true(differ);
}

TEST(another_file_of_a_group_moves_no_group)
{
    static const char members[] =
        COMMON ", \"split\": {\"validation\": 0.34, \"group\": \"(^[^_]+)\"}";
    int before[6], after[6];
    write_groups();
    count_groups(members, PART_VALIDATION, before);
    write_pair("s3_9", 3, 4, 3900);
    count_groups(members, PART_VALIDATION, after);
    for (int g = 0; g < 6; g++)
        assert_int_equal(before[g] > 0, after[g] > 0);
}

TEST(without_a_group_each_file_is_one)
{
    int train[6], check[6], all = 0;
    write_groups();
    count_groups(COMMON ", \"split\": {\"validation\": 0.5}", PART_TRAINING, train);
    count_groups(COMMON ", \"split\": {\"validation\": 0.5}", PART_VALIDATION, check);
    for (int g = 0; g < 6; g++) {
        assert_int_equal(train[g] + check[g], 3);
        all += check[g];
    }
    assert_int_equal(all, 9);
}

TEST(without_a_split_every_part_has_all_images)
{
    int in[6];
    write_groups();
    for (int part = PART_ALL; part <= PART_VALIDATION; part++) {
        count_groups(COMMON, (enum part)part, in);
        for (int g = 0; g < 6; g++)
            assert_int_equal(in[g], 3);
    }
}

TEST(wrong_splits_are_told)
{
    write_pair("a", 3, 4, 0);
    struct error err = {0};
    struct opened o =
        opened_with("\"split\": {\"group\": \"(\"}, " COMMON, PART_ALL, 0, &err);
    assert_non_null(
        strstr(err.text, "d.json:1:21: #/split/group: no regular expression"));
    opened_close(&o);
    assert_refused("\"split\": {\"group\": \"^[^_]+\"}, " COMMON, 0,
                   "FOLDER/d.json:1:21: #/split/group: needs parentheses around what "
                   "names the group, like \"(^[^_]+)\"");
    assert_refused("\"split\": {\"group\": \"^(.+)_\"}, " COMMON, 0,
                   "FOLDER/d.json:1:21: #/split/group: the name of FOLDER/a.tif does "
                   "not fit: no group for it");
    assert_refused("\"split\": {\"validation\": 0.5}, " COMMON, 0,
                   "FOLDER/d.json:1:11: #/split: leaves no image to train with: there "
                   "is 1 group");
    assert_refused("\"split\": {\"share\": 0.5}, " COMMON, 0,
                   "FOLDER/d.json:1:21: #/split/share: unknown key 'share'; known "
                   "are validation, group, stratified, last, kfold, fold or seed");
}

/* ---- cuts ---- */

TEST(tiles_of_validation_cover_every_pixel)
{
    bool seen[2][11 * 9] = {{false}};
    write_pair("a", 11, 9, 0);
    write_pair("b", 4, 5, 10000);
    struct opened o = opened_good(COMMON, PART_VALIDATION, 4);
    assert_int_equal(o.data->count, 9 + 2);
    for (uint64_t i = 0; i < o.data->count; i++) {
        struct sample s = opened_take(&o, i);
        assert_int_equal(s.height, 4);
        assert_int_equal(s.width, 4);
        for (size_t p = 0; p < 16; p++) {
            size_t value = (size_t)s.image[p], frame = value / 10000;
            size_t width = frame ? 5 : 9, place = value % 10000;
            seen[frame][place] = true;
            assert_int_equal(s.labels[p], (place / width + place % width) % 3);
        }
        mica_sample_free(&s);
    }
    for (size_t p = 0; p < 99; p++)
        assert_true(seen[0][p]);
    for (size_t p = 0; p < 20; p++)
        assert_true(seen[1][p]);
    opened_close(&o);
}

TEST(cuts_of_training_are_random_but_functions_of_the_number)
{
    bool corners[8 * 6] = {false};
    size_t found = 0;
    write_pair("a", 11, 9, 0);
    struct opened o = opened_good(COMMON, PART_TRAINING, 4);
    assert_int_equal(o.data->count, 9); /* as many as tiles */
    for (uint64_t i = 0; i < 400; i++) {
        struct sample s = opened_take(&o, i), again = opened_take(&o, i);
        assert_memory_equal(s.image, again.image, 16 * sizeof(float));
        size_t corner = (size_t)s.image[0];
        assert_in_range(corner / 9, 0, 7);
        assert_in_range(corner % 9, 0, 5);
        assert_near(s.image[15], corner + 3 * 9 + 3, 0);
        corners[corner / 9 * 6 + corner % 9] = true;
        mica_sample_free(&s);
        mica_sample_free(&again);
    }
    for (size_t i = 0; i < 48; i++)
        found += corners[i];
    assert_int_equal(found, 48);
    opened_close(&o);
}

TEST(large_images_are_cut_more_often_than_small_ones)
{
    write_pair("a", 20, 20, 0);
    write_pair("b", 4, 4, 10000);
    struct opened o = opened_good(COMMON, PART_TRAINING, 4);
    size_t small = 0;
    assert_int_equal(o.data->count, 26);
    for (uint64_t i = 0; i < o.data->count; i++) {
        struct sample s = opened_take(&o, i);
        small += s.image[0] >= 10000;
        mica_sample_free(&s);
    }
    assert_int_equal(small, 1);
    opened_close(&o);
}

TEST(an_epoch_has_every_sample_once_in_a_drawn_order)
{
    bool in_order = true;
    write_groups();
    struct opened o = opened_good(COMMON, PART_TRAINING, 0);
    for (uint64_t epoch = 0; epoch < 3; epoch++) {
        bool seen[18] = {false};
        for (uint64_t i = 0; i < 18; i++) {
            uint64_t number = mica_dataset_number(o.data, 7, epoch * 18 + i);
            assert_int_equal(number / 18, epoch);
            assert_false(seen[number % 18]);
            seen[number % 18] = true;
            in_order = in_order && number % 18 == i;
        }
    }
    assert_false(in_order);
    opened_close(&o);
    o = opened_good(COMMON, PART_VALIDATION, 0);
    assert_int_equal(mica_dataset_number(o.data, 7, 5), 5);
    opened_close(&o);
}

/* ---- mistakes ---- */

TEST(mistakes_in_masks_are_told_with_their_place)
{
    write_pair("a", 5, 7, 0);
    write_mask("m_a.png", 1, 5, 7, 77);
    assert_refused(COMMON, 0,
                   "FOLDER/m_a.png: the value 77 at (1, 2) has no class; name it in "
                   "'values' or list it in 'ignore'");
    write_mask("m_a.png", 1, 5, 6, 0);
    assert_refused(COMMON, 0,
                   "FOLDER/m_a.png: 1 x 5 x 6, but its image FOLDER/a.tif is 1 x 5 x 7 "
                   "(frames x rows x columns)");
    write_pair("a", 5, 7, 0);
    assert_refused(COMMON, 6, "FOLDER/a.tif: 5 x 7 pixels, less than 'crop' (6)");
}

TEST(images_of_several_sizes_need_a_crop)
{
    struct error err = {0};
    write_pair("a", 5, 7, 0);
    write_pair("b", 5, 7, 0);
    struct opened o = opened_good(COMMON, PART_ALL, 0);
    assert_int_equal(mica_dataset_check_sizes(o.data, &err), 0);
    opened_close(&o);
    write_pair("b", 7, 4, 0);
    o = opened_good(COMMON, PART_ALL, 0);
    assert_int_equal(mica_dataset_check_sizes(o.data, &err), -1);
    assert_non_null(strstr(err.text, "/b.tif: 7 x 4 pixels, but "));
    assert_non_null(strstr(err.text, "/a.tif has 5 x 7: a batch needs images of one "
                                     "size; \"crop\" (at most 4) cuts squares"));
    opened_close(&o);
    o = opened_good(COMMON, PART_ALL, 4);
    assert_int_equal(mica_dataset_check_sizes(o.data, NULL), 0);
    opened_close(&o);
}

TEST(masks_in_colour_are_refused)
{
    struct image image = {0};
    write_pair("a", 2, 2, 0);
    assert_int_equal(mica_image_new(&image, 1, 2, 2, 3, NULL), 0);
    image.bits = 8;
    image.whole = true;
    write_image(&image, "m_a.png");
    mica_image_free(&image);
    assert_refused(COMMON, 0,
                   "FOLDER/m_a.png: a mask has one channel, not 3; save it as grey or "
                   "indexed");
}

TEST(a_missing_mask_is_told)
{
    struct error err = {0};
    write_counts("a.tif", 1, 2, 2, 0);
    struct opened o = opened_with(COMMON, PART_ALL, 0, &err);
    assert_null(o.data);
    assert_int_equal(err.lines, 1);
    assert_non_null(strstr(err.text, "m_a.png: there is no such file"));
    opened_close(&o);
}

TEST(images_with_other_channels_than_the_first_are_refused)
{
    struct image image = {0};
    write_pair("a", 2, 2, 0);
    assert_int_equal(mica_image_new(&image, 1, 2, 2, 3, NULL), 0);
    image.bits = 8;
    image.whole = true;
    write_image(&image, "b.tif");
    mica_image_free(&image);
    write_mask("m_b.png", 1, 2, 2, 0);
    assert_refused(COMMON, 0,
                   "FOLDER/b.tif: 3 channels where the images before it have 1");
}

TEST(wrong_values_are_told)
{
    write_pair("a", 2, 2, 0);
    unsetenv("MICA_PATH");
    assert_refused(
        "\"images\": \"no*.tif\", \"masks\": \"m\", \"values\": {\"1\": "
        "\"a\"}",
        0,
        "FOLDER/d.json:1:12: #/images: no file fits no*.tif; looked in FOLDER/, .; "
        "MICA_PATH may name the folder of the data");
#define VALUES(text) "\"images\": \"a.tif\", \"masks\": \"m_a.png\", " text
    assert_refused(
        VALUES("\"values\": {\"0\": \"background\"}"), 0,
        "FOLDER/d.json:1:51: #/values: names no class beside \"background\"");
    assert_refused(
        VALUES("\"values\": {\"a\": \"V\"}"), 0,
        "FOLDER/d.json:1:57: #/values/a: must be a value from 0 to 65535 and "
        "the name of its class, like \"255\": \"V_S1\"");
    assert_refused(VALUES("\"values\": {\"-1\": \"V\"}"), 0,
                   "FOLDER/d.json:1:58: #/values/-1: must be a value from 0 to 65535 "
                   "and the name of its class, like \"255\": \"V_S1\"");
    assert_refused(VALUES("\"values\": {\"0\": \"V\"}, \"ignore\": [254.5]"), 0,
                   "FOLDER/d.json:1:73: #/ignore: must be whole numbers from 0 to "
                   "65535, not 254.5");
    assert_refused(VALUES("\"values\": {\"0\": \"V\"}, \"pixel\": 0.1"), 0,
                   "FOLDER/d.json:1:72: #/pixel: needs a unit, for example \"0.12 A\"");
}

TEST(points_of_one_class_are_told_where_a_column_is_left)
{
    static const char table[] = "image,x,y,class\na,1,1,a\na,2,2,b\n";
    write_pair("a", 9, 9, 0);
    free(write_bytes("q.csv", table, sizeof table - 1));
    struct opened o = opened_good(
        "\"images\": \"a.tif\", \"points\": \"q.csv\", \"radius\": \"1 px\"", PART_ALL,
        0);
    assert_non_null(o.data->warning);
    assert_non_null(strstr(o.data->warning,
                           "q.csv has no column 'label' (it has image, x, y, class): "
                           "all points are one class; \"column\" names another"));
    opened_close(&o);
}
