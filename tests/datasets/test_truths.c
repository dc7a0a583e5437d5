/* test_truths.c - every way of saying what is true of images and rows */
#include "core/text.h"
#include "datasets/balance.h"
#include "datasets/formats/npy.h"
#include "datasets/image.h"
#include "tests/datasets/opened.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void path_to(char path[512], const char *name)
{
    snprintf(path, 512, "%s/%s", mica_test_folder(), name);
}

static void write_text(const char *name, const char *text)
{
    char path[512];
    path_to(path, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

/* Frames of one value each: 10, 11, ... */
static void write_frames(const char *name, size_t frames, size_t height, size_t width)
{
    char path[512];
    struct image image;
    assert_int_equal(mica_image_new(&image, frames, height, width, 1, NULL), 0);
    image.bits = 8;
    image.whole = true;
    for (size_t i = 0; i < mica_image_size(&image); i++)
        image.data[i] = (float)(10 + i / (height * width));
    path_to(path, name);
    assert_int_equal(mica_image_write(path, &image, NULL), 0);
    mica_image_free(&image);
}

static struct opened open_good(const char *text, enum part part)
{
    return opened_good(text, part, 0);
}

static void assert_refused(const char *text, const char *words)
{
    struct error err = {0};
    struct opened o = opened_with(text, PART_TRAINING, 0, &err);
    assert_null(o.data);
    assert_int_equal(err.lines, 1);
    if (!strstr(err.text, words))
        fail_msg("'%s' does not hold '%s'", err.text, words);
    opened_close(&o);
}

/* The class of sample `number`, by its name. */
static const char *class_of(const struct opened *o, uint64_t number)
{
    struct sample s = opened_take(o, number);
    int label = s.labels[0];
    assert_int_equal(o->data->source->label_of(o->data, number), label);
    mica_sample_free(&s);
    return o->data->names[label];
}

TEST(folders_name_the_classes_of_their_images)
{
    static const char *const folders[] = {"bulk", "edge"};
    char name[512];
    for (size_t i = 0; i < 2; i++) {
        path_to(name, folders[i]);
        assert_int_equal(mkdir(name, 0777), 0);
        for (int k = 0; k < 2; k++) {
            snprintf(name, sizeof name, "%s/x%d.png", folders[i], k);
            write_frames(name, 1, 3, 4);
        }
    }
    struct opened o = open_good("{\"images\": \"{label}/*.png\"}", PART_ALL);
    assert_true(o.data->whole);
    assert_int_equal(o.data->count, 4);
    assert_int_equal(o.data->classes, 2);
    for (uint64_t i = 0; i < 4; i++)
        assert_string_equal(class_of(&o, i), folders[i / 2]);
    opened_close(&o);
    o = open_good("{\"images\": \"{label}/*.png\", \"classes\": [\"edge\", \"bulk\"]}",
                  PART_ALL);
    assert_string_equal(o.data->names[0], "edge");
    assert_string_equal(class_of(&o, 0), "bulk");
    opened_close(&o);
    o = open_good("{\"images\": \".//{label}//*.png\"}", PART_ALL);
    assert_string_equal(class_of(&o, 0), folders[0]);
    opened_close(&o);
    assert_refused("{\"images\": \"{label}/*.png\", \"classes\": [\"edge\", \"x\"]}",
                   "#/classes: does not name 'bulk', the class of ");
    assert_refused("{\"images\": \"*{label}/*.png\"}",
                   "{label} must stand alone or between letters of a name");
}

/* Whether sample `number` comes from a file whose path ends so. */
static bool is_from(const struct opened *o, uint64_t number, const char *end)
{
    struct sample s = opened_take(o, number);
    bool is = strcmp(s.name + strlen(s.name) - strlen(end), end) == 0;
    mica_sample_free(&s);
    return is;
}

TEST(files_of_one_name_in_two_folders_are_split_each_by_itself)
{
    static const char *const names[] = {"bulk",       "edge",       "bulk/1.png",
                                        "bulk/2.png", "edge/1.png", "edge/2.png"};
    static const char *const patterns[] = {"{label}/*.png", ".//{label}/*.png"};
    char path[512], text[256], first[8] = "";
    size_t alike = 0, seeds = 12;
    for (size_t i = 0; i < 6; i++) {
        path_to(path, names[i]);
        if (i < 2)
            mkdir(path, 0777);
        else
            write_frames(names[i], 1, 2, 2);
    }
    for (size_t seed = 0; seed < 2 * seeds; seed++) {
        snprintf(
            text, sizeof text,
            "{\"images\": \"%s\", \"split\": {\"validation\": 0.5, \"seed\": %zu}}",
            patterns[seed % 2], seed / 2);
        struct opened o = open_good(text, PART_VALIDATION);
        assert_int_equal(o.data->count, 2);
        char found[8] = "";
        for (size_t i = 2; i < 6; i++)
            strcat(found,
                   is_from(&o, 0, names[i]) || is_from(&o, 1, names[i]) ? "x" : "-");
        alike += strcmp(found, "x-x-") == 0 || strcmp(found, "-x-x") == 0;
        if (seed % 2) /* wherever the folders are seen from */
            assert_string_equal(found, first);
        strcpy(first, found);
        opened_close(&o);
    }
    assert_true(alike < 2 * seeds);
}

TEST(files_of_one_folder_that_differ_by_their_ending_stay_together)
{
    write_frames("a.png", 1, 2, 2);
    write_frames("a.npy", 1, 2, 2);
    write_frames("b.png", 1, 2, 2);
    write_text("l.csv", "image,label\na.png,x\na.npy,x\nb,y\n");
    for (int seed = 1; seed < 6; seed++) {
        char text[256];
        snprintf(text, sizeof text,
                 "{\"images\": \"?.*n*\", \"labels\": \"l.csv\", \"split\": "
                 "{\"validation\": 0.5, \"seed\": %d}}",
                 seed);
        struct opened o = open_good(text, PART_VALIDATION);
        assert_int_equal(o.data->count, is_from(&o, 0, "b.png") ? 1 : 2);
        opened_close(&o);
    }
}

TEST(names_hold_classes_between_their_letters)
{
    write_frames("n_cat_1.png", 1, 2, 2);
    write_frames("n_dog_2.png", 1, 2, 2);
    struct opened o = open_good("{\"images\": \"n_{label}_*.png\"}", PART_ALL);
    assert_string_equal(class_of(&o, 0), "cat");
    assert_string_equal(class_of(&o, 1), "dog");
    opened_close(&o);
}

TEST(tables_name_the_classes_of_images)
{
    write_frames("a.png", 1, 2, 2);
    write_frames("b.png", 1, 2, 2);
    write_frames("c.png", 1, 2, 2);
    write_text("l.csv",
               "image,label,group\nc,cat,1\na.png,dog,2\nb.png,cat,2\nz,cow,3\n");
    struct opened o =
        open_good("{\"images\": \"?.png\", \"labels\": \"l.csv\"}", PART_ALL);
    assert_string_equal(class_of(&o, 0), "dog");
    assert_string_equal(class_of(&o, 1), "cat");
    assert_string_equal(class_of(&o, 2), "cat");
    assert_int_equal(o.data->classes, 2);
    opened_close(&o);
    for (int seed = 1; seed < 6; seed++) { /* a and b are one group */
        char text[256];
        snprintf(text, sizeof text,
                 "{\"images\": \"?.png\", \"labels\": \"l.csv\", \"split\": "
                 "{\"validation\": 0.5, \"seed\": %d}}",
                 seed);
        o = open_good(text, PART_TRAINING);
        assert_true(o.data->count == 1 || o.data->count == 2);
        struct sample s = opened_take(&o, 0);
        assert_true((strstr(s.name, "c.png") != NULL) == (o.data->count == 1));
        mica_sample_free(&s);
        opened_close(&o);
    }
    write_text("l.csv", "image,label\nc,cat\na,dog\n");
    assert_refused("{\"images\": \"?.png\", \"labels\": \"l.csv\"}",
                   "l.csv: has no label for ");
    write_text("l.csv", "image,label\nc,cat\na,dog\nc,dog\n");
    assert_refused(
        "{\"images\": \"?.png\", \"labels\": \"l.csv\"}",
        "c.png, of which an earlier line says 'cat'; leave one of the lines");
    write_text("l.csv", "image,label,group\nc,cat,1\na,dog,1\nb,cat,1\na,dog,1\n");
    o = open_good("{\"images\": \"?.png\", \"labels\": \"l.csv\"}", PART_ALL);
    assert_int_equal(o.data->count, 3);
    opened_close(&o);
    write_text("l.csv", "image,label,group\nc,cat,1\na,dog,1\nb,cat,1\na,dog,2\n");
    assert_refused("{\"images\": \"?.png\", \"labels\": \"l.csv\"}",
                   "l.csv:5: says '2' of ");
    write_text("l.csv", "image,frame,label\nc,0,cat\na,0,dog\nc,1,dog\n");
    assert_refused(
        "{\"images\": \"?.png\", \"labels\": \"l.csv\"}",
        "c.png is 'dog', an earlier one 'cat', but of several files (3) each has "
        "one class; give each stack by itself in a \"mix\"");
    write_text("l.csv", "label\ncat\ndog\n");
    assert_refused("{\"images\": \"?.png\", \"labels\": \"l.csv\"}",
                   "l.csv: 2 rows for 3 images, and no column \"image\" or \"index\"");
    assert_refused("{\"images\": \"?.png\"}",
                   "does not say what is true of it; it needs "
                   "one of ");
    assert_refused("{\"images\": \"?.png\", \"labels\": \"l.csv\", \"points\": \"p\"}",
                   "says what is true of it twice: by 'labels' and by 'points'");
}

TEST(arrays_name_the_classes_of_frames)
{
    static const float classes[] = {2, 0, 1, 2, 0};
    char path[512];
    write_frames("stack.npy", 5, 6, 7);
    path_to(path, "l.npy");
    assert_int_equal(mica_npy_write(path, classes, 1, (size_t[]){5}, NULL), 0);
    struct opened o = open_good("{\"images\": \"stack.npy\", \"labels\": \"l.npy\", "
                                "\"classes\": [\"x\", \"y\", \"z\"]}",
                                PART_ALL);
    assert_int_equal(o.data->count, 5);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(class_of(&o, i)[0], "xyz"[(int)classes[i]]);
    opened_close(&o);
    assert_refused(
        "{\"images\": \"stack.npy\", \"labels\": \"l.npy\", \"classes\": "
        "[\"x\", \"y\"]}",
        "the label '2' is none of 'classes' ('x', 'y'); it is that of frame 0");
    assert_int_equal(mica_npy_write(path, classes, 1, (size_t[]){4}, NULL), 0);
    assert_refused("{\"images\": \"stack.npy\", \"labels\": \"l.npy\"}",
                   "labels are one axis of as many as there are images (5)");
}

TEST(rows_are_vectors_and_spectra)
{
    float numbers[24];
    char path[512];
    for (int i = 0; i < 24; i++)
        numbers[i] = (float)i;
    path_to(path, "f.npy");
    assert_int_equal(mica_npy_write(path, numbers, 2, (size_t[]){4, 6}, NULL), 0);
    write_text("l.csv", "label\nu\nv\nu\nv\n");
    struct opened o =
        open_good("{\"arrays\": \"f.npy\", \"labels\": \"l.csv\"}", PART_ALL);
    struct sample s = opened_take(&o, 2);
    assert_int_equal(s.width, 1);
    assert_int_equal(s.channels, 6);
    assert_near(s.image[5], 17, 0);
    mica_sample_free(&s);
    opened_close(&o);
    o = open_good("{\"arrays\": \"f.npy\", \"labels\": \"l.csv\", \"axes\": \"NL\"}",
                  PART_ALL);
    s = opened_take(&o, 3);
    assert_int_equal(s.width, 6);
    assert_int_equal(s.channels, 1);
    assert_string_equal(class_of(&o, 3), "v");
    mica_sample_free(&s);
    opened_close(&o);
    assert_int_equal(mica_npy_write(path, numbers, 3, (size_t[]){4, 2, 3}, NULL), 0);
    o = open_good("{\"arrays\": \"f.npy\", \"labels\": \"l.csv\", \"axes\": \"NCL\"}",
                  PART_ALL);
    s = opened_take(&o, 0);
    assert_int_equal(s.channels, 2);
    assert_near(s.image[1], 3, 0); /* channel 1 of place 0 */
    mica_sample_free(&s);
    opened_close(&o);
    write_text("t.csv", "id,f1,f2,label\n9,1,2,u\n9,3,4,v\n");
    o = open_good("{\"arrays\": \"t.csv\", \"labels\": \"t.csv\", \"columns\": \"f*\"}",
                  PART_ALL);
    assert_int_equal(o.data->channels, 2);
    s = opened_take(&o, 1);
    assert_near(s.image[0], 3, 0);
    mica_sample_free(&s);
    opened_close(&o);
    assert_refused("{\"arrays\": \"t.csv\", \"labels\": \"t.csv\"}", "needs 'columns'");
    assert_refused("{\"arrays\": \"f.npy\", \"labels\": \"l.csv\", \"axes\": \"NHW\"}",
                   "must be NF, NL, NLC or NCL");
    assert_refused("{\"arrays\": \"f.npy\", \"masks\": \"m\", \"values\": {}}",
                   "rows have one class each: give 'labels', not 'masks'");
}

TEST(points_are_discs_of_the_nearest)
{
    write_frames("stack.npy", 2, 12, 16);
    write_text("p.csv", "frame,x_px,y_px,label\n0,3,4,S\n0,6,4,W\n1,10.5,8,S\n");
    struct opened o = open_good("{\"images\": \"stack.npy\", \"points\": \"p.csv\", "
                                "\"radius\": \"2 px\"}",
                                PART_ALL);
    assert_false(o.data->whole);
    assert_int_equal(o.data->classes, 3);
    assert_string_equal(o.data->names[1], "S");
    struct sample s = opened_take(&o, 0);
    assert_true(s.objects_known);
    assert_int_equal(s.object_count, 2);
    assert_near(s.objects[1].x, 6, 0);
    for (size_t y = 0; y < 12; y++)
        for (size_t x = 0; x < 16; x++) {
            double dx = (double)x - 3, dy = (double)y - 4;
            double a = dx * dx + dy * dy, b = (dx - 3) * (dx - 3) + dy * dy;
            int wanted = a <= 4 && a <= b ? 1 : b <= 4 ? 2 : 0;
            assert_int_equal(s.labels[y * 16 + x], wanted);
        }
    mica_sample_free(&s);
    s = opened_take(&o, 1);
    assert_int_equal(s.object_count, 1);
    assert_int_equal(s.labels[8 * 16 + 10], 1);
    assert_int_equal(s.labels[8 * 16 + 11], 1);
    mica_sample_free(&s);
    opened_close(&o);
    o = open_good("{\"images\": \"stack.npy\", \"points\": \"p.csv\", \"radius\": "
                  "\"0.3 A\", \"pixel\": \"0.1 A\"}",
                  PART_ALL);
    s = opened_take(&o, 1);
    assert_int_equal(s.labels[8 * 16 + 8], 1); /* 2.5 px off, within 3 */
    mica_sample_free(&s);
    opened_close(&o);
#define POINTS "{\"images\": \"stack.npy\", \"points\": \"p.csv\", "
    assert_refused(POINTS "\"radius\": \"1 A\"}",
                   "the size of a pixel is unknown; give 'pixel', or 'radius' in px");
    assert_refused(POINTS "\"radius\": \"0 px\"}", "must be larger than 0");
    assert_refused(POINTS "\"sigma\": \"1 A\"}",
                   "the size of a pixel is unknown; give 'pixel', or 'sigma' in px");
    assert_refused(POINTS "\"sigma\": \"1 A\", \"radius\": \"2 A\"}",
                   "points need either a \"radius\" (discs of classes) or a \"sigma\"");
    assert_refused("{\"images\": \"stack.npy\", \"points\": \"p.csv\"}",
                   "points need either a \"radius\" (discs of classes) or a \"sigma\"");
    assert_refused(POINTS "\"radius\": \"2 px\", \"classes\": [\"W\"]}",
                   "p.csv:2: the label 'S' is none of 'classes' ('W')");
    write_text("p.csv", "frame,x,y\n0,16,4\n");
    assert_refused(POINTS "\"radius\": \"2 px\"}",
                   "p.csv:2: the point (16, 4) is outside ");
    write_text("p.csv", "frame,z\n0,16\n");
    assert_refused(POINTS "\"radius\": \"2 px\"}", "has no columns x_px and y_px");
}

/* How many objects sample `number` has, and the first one's x. */
static size_t count_objects(const struct opened *o, uint64_t number, double *x)
{
    struct sample s = opened_take(o, number);
    size_t count = s.object_count;
    *x = count ? s.objects[0].x : -1;
    mica_sample_free(&s);
    return count;
}

TEST(points_in_any_order_find_their_images)
{
    double x;
    write_frames("i1.png", 1, 9, 9);
    write_frames("i2.png", 1, 9, 9);
    write_frames("i3.tif", 2, 9, 9);
    write_text("q.csv", "image,frame,x,y\ni3,1,7,2\ni2.png,0,4,2\ni3.tif,0,6,2\n"
                        "i1,0,1,1\ni2,0,5,2\ni1,0,2,2\ni1,0,3,3\n");
    struct opened o =
        open_good("{\"images\": \"i?.*\", \"points\": \"q.csv\", \"radius\": \"1 px\"}",
                  PART_ALL);
    assert_null(o.data->warning);
    assert_int_equal(count_objects(&o, 0, &x), 3);
    assert_near(x, 1, 0);
    assert_int_equal(count_objects(&o, 1, &x), 2);
    assert_near(x, 4, 0);
    assert_int_equal(count_objects(&o, 2, &x), 1);
    assert_near(x, 6, 0);
    assert_int_equal(count_objects(&o, 3, &x), 1);
    assert_near(x, 7, 0);
    opened_close(&o);
}

TEST(points_that_are_about_no_image_are_told)
{
#define Q "{\"images\": \"%s\", \"points\": \"q.csv\", \"radius\": \"1 px\"}"
    char folder[512], pattern[300];
    write_frames("i1.png", 1, 9, 9);
    write_frames("i2.png", 1, 9, 9);
    write_text("q.csv", "image,x,y\ni1,1,1\nj2,2,2\nj3,2,2\n");
    snprintf(pattern, sizeof pattern, Q, "i?.png");
    struct opened o = open_good(pattern, PART_ALL);
    assert_non_null(o.data->warning);
    assert_non_null(strstr(o.data->warning,
                           "q.csv: 2 points are of images that are not among these "
                           "('j2' in line 3), and 1 of these 2 have no point ("));
    assert_non_null(strstr(o.data->warning, "i2.png): are names misspelt?"));
    opened_close(&o);
    snprintf(pattern, sizeof pattern, Q, "i1.png"); /* fewer images, all with points */
    o = open_good(pattern, PART_ALL);
    assert_non_null(strstr(o.data->warning, "not among these ('j2' in line 3)"));
    assert_null(strstr(o.data->warning, "misspelt"));
    opened_close(&o);
    snprintf(pattern, sizeof pattern, Q, "i2.png");
    assert_refused(pattern,
                   "names no point of these images; its first image is 'i1' in "
                   "line 2");
    write_frames("stack.npy", 2, 9, 9);
    write_frames("other.npy", 3, 9, 9);
    write_text("q.csv", "frame,x,y\n0,1,1\n2,2,2\n");
    snprintf(pattern, sizeof pattern, Q, "stack.npy");
    assert_refused(pattern,
                   "q.csv:3: is about number 2 of 2 frames, counted from 0 on");
    write_text("q.csv", "index,x,y\n0,1,1\n2,2,2\n");
    snprintf(pattern, sizeof pattern, Q, "i?.png");
    assert_refused(pattern,
                   "q.csv:3: is about number 2 of 2 images, counted from 0 on");
    write_text("q.csv", "image,frame,x,y\nother,2,1,1\nstack,2,2,2\n");
    snprintf(pattern, sizeof pattern, Q, "*.npy");
    assert_refused(pattern, "q.csv:3: is about frame 2 of ");
    path_to(folder, "two");
    assert_int_equal(mkdir(folder, 0777), 0);
    write_frames("two/i1.png", 1, 9, 9);
    path_to(folder, "one");
    assert_int_equal(mkdir(folder, 0777), 0);
    write_frames("one/i1.png", 1, 9, 9);
    write_text("q.csv", "image,x,y\ni1,1,1\n");
    snprintf(pattern, sizeof pattern, Q, "*/i1.png");
    assert_refused(pattern, "q.csv:2: 'i1' may be ");
#undef Q
}

TEST(numbers_of_objects_may_be_far_apart)
{
    struct image image;
    char path[512];
    write_frames("a.png", 1, 4, 6);
    assert_int_equal(mica_image_new(&image, 1, 4, 6, 1, NULL), 0);
    image.bits = 32;
    for (size_t i = 0; i < 24; i++) /* 4000000, 3 and again 4000000 side by side */
        image.data[i] = i / 6 < 1 ? 0 : i % 6 < 2 ? 4000000 : i % 6 < 4 ? 3 : 4000000;
    path_to(path, "m_a.tif");
    assert_int_equal(mica_image_write(path, &image, NULL), 0);
    mica_image_free(&image);
    struct opened o = open_good("{\"images\": \"a.png\", \"instances\": "
                                "\"m_{stem}.tif\", \"border\": 0}",
                                PART_ALL);
    struct sample s = opened_take(&o, 0);
    assert_int_equal(s.object_count, 2);
    assert_near(s.objects[0].x, 2.5, 1e-12);
    assert_near(s.objects[1].x, 2.5, 1e-12); /* both halves of 4000000 */
    assert_near(s.objects[1].y, 2, 1e-12);
    mica_sample_free(&s);
    opened_close(&o);
}

TEST(instances_have_an_inside_and_a_border)
{
    struct image image;
    char path[512];
    write_frames("a.png", 1, 8, 12);
    assert_int_equal(mica_image_new(&image, 1, 8, 12, 1, NULL), 0);
    image.bits = 16;
    image.whole = true;
    for (size_t i = 0; i < 96;
         i++) /* 700 and 2 touch in the middle; a rim of background */
        image.data[i] = i / 12 < 1 || i / 12 > 6 ? 0 : i % 12 < 6 ? 700 : 2;
    path_to(path, "m_a.tif");
    assert_int_equal(mica_image_write(path, &image, NULL), 0);
    mica_image_free(&image);
    struct opened o = open_good("{\"images\": \"a.png\", \"instances\": "
                                "\"m_{stem}.tif\", \"name\": \"nucleus\"}",
                                PART_ALL);
    assert_int_equal(o.data->classes, 3);
    assert_string_equal(o.data->names[1], "nucleus");
    struct sample s = opened_take(&o, 0);
    for (size_t i = 0; i < 96; i++) {
        size_t y = i / 12, x = i % 12;
        bool border = y == 1 || y == 6 || x == 5 || x == 6;
        assert_int_equal(s.labels[i], y < 1 || y > 6 ? 0 : border ? 2 : 1);
    }
    assert_int_equal(s.object_count, 2);
    assert_near(s.objects[0].x, 8.5, 1e-12);
    assert_near(s.objects[1].y, 3.5, 1e-12);
    mica_sample_free(&s);
    opened_close(&o);
    o = open_good(
        "{\"images\": \"a.png\", \"instances\": \"m_{stem}.tif\", \"border\": 0}",
        PART_ALL);
    assert_int_equal(o.data->classes, 2);
    opened_close(&o);
}

/* 12 rows of class a and 6 of b; every fold has 4 and 2, every row validates once. */
TEST(folds_are_stratified_and_disjoint)
{
    float numbers[18];
    char path[512], text[256];
    struct text labels = {0};
    bool seen[18] = {false};
    for (int i = 0; i < 18; i++) {
        numbers[i] = (float)i;
        mica_text_add(&labels, "%s%c\n", i ? "" : "label\n", i % 3 == 2 ? 'b' : 'a');
    }
    path_to(path, "f.npy");
    assert_int_equal(mica_npy_write(path, numbers, 2, (size_t[]){18, 1}, NULL), 0);
    write_text("l.csv", labels.data);
    mica_text_free(&labels);
    for (int fold = 1; fold <= 3; fold++) {
        size_t of[2] = {0, 0};
        snprintf(
            text, sizeof text,
            "{\"arrays\": \"f.npy\", \"labels\": \"l.csv\", \"split\": {\"kfold\": "
            "3, \"fold\": %d, \"stratified\": true}}",
            fold);
        struct opened o = open_good(text, PART_VALIDATION);
        assert_int_equal(o.data->count, 6);
        for (uint64_t i = 0; i < 6; i++) {
            struct sample s = opened_take(&o, i);
            of[s.labels[0]]++;
            assert_false(seen[(int)s.image[0]]);
            seen[(int)s.image[0]] = true;
            mica_sample_free(&s);
        }
        assert_int_equal(of[0], 4);
        assert_int_equal(of[1], 2);
        opened_close(&o);
        o = open_good(text, PART_TRAINING);
        assert_int_equal(o.data->count, 12);
        opened_close(&o);
    }
#define ROWS "{\"arrays\": \"f.npy\", \"labels\": \"l.csv\", \"split\": "
    assert_refused(ROWS "{\"kfold\": 3}}", "\"fold\": 1 picks one");
    assert_refused(ROWS "{\"fold\": 4}}", "needs \"kfold\"");
    assert_refused(ROWS "{\"kfold\": 3, \"fold\": 4}}",
                   "must be one of the folds 1 to 3");
    assert_refused(ROWS "{\"kfold\": 3, \"fold\": 1, \"last\": true}}",
                   "neither folds nor groups go with it");
    /* the last third of each class: rows 12, 13, 15, 16 are a, 14 and 17 are b */
    struct opened o =
        open_good(ROWS "{\"validation\": 0.34, \"stratified\": true, \"last\": true}}",
                  PART_VALIDATION);
    assert_int_equal(o.data->count, 6);
    for (uint64_t i = 0; i < 6; i++) {
        struct sample s = opened_take(&o, i);
        assert_int_equal((int)s.image[0], 12 + (int)i);
        mica_sample_free(&s);
    }
    opened_close(&o);
    o = open_good(ROWS "{\"validation\": 0.5, \"last\": true}}", PART_TRAINING);
    assert_int_equal(o.data->count, 9);
    struct sample s = opened_take(&o, 8);
    assert_int_equal((int)s.image[0], 8);
    mica_sample_free(&s);
    opened_close(&o);
}

/* 7 rows of class a, 2 of b: every two draws have one of each, and no draw a number twice. */
TEST(balance_draws_every_class_alike)
{
    float numbers[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    char path[512];
    size_t drawn[9] = {0};
    uint64_t seen[56];
    path_to(path, "f.npy");
    assert_int_equal(mica_npy_write(path, numbers, 2, (size_t[]){9, 1}, NULL), 0);
    write_text("l.csv", "label\na\na\nb\na\na\na\nb\na\na\n");
    struct opened o =
        open_good("{\"arrays\": \"f.npy\", \"labels\": \"l.csv\"}", PART_TRAINING);
    struct error err = {0};
    struct balance *balance = mica_balance_new(o.data, &err);
    assert_non_null(balance);
    for (uint64_t n = 0; n < 56; n++) {
        seen[n] = mica_balance_number(balance, 5, n);
        drawn[seen[n] % 9]++;
        for (uint64_t k = 0; k < n; k++)
            assert_true(seen[k] != seen[n]);
        if (n % 2)
            assert_int_equal(o.data->source->label_of(o.data, seen[n]) +
                                 o.data->source->label_of(o.data, seen[n - 1]),
                             1);
    }
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(drawn[i], i == 2 || i == 6 ? 14 : 4);
    mica_balance_free(balance);
    opened_close(&o);
}
