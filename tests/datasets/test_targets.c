/* test_targets.c - truth as numbers: Gaussians of objects, classes one by one */
#include "core/text.h"
#include "datasets/augment.h"
#include "datasets/image.h"
#include "datasets/loader.h"
#include "datasets/targets.h"
#include "tests/datasets/opened.h"
#include "tests/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HEIGHT = 12, WIDTH = 15, PIXELS = HEIGHT * WIDTH, CLASSES = 3 };

/* Two classes in turn, off the pixels' centres, two of one class near each other. */
static const struct object places[] = {
    {1, 3.25, 4.5}, {2, 9.0, 6.75}, {1, 6.0, 3.0}, {2, 14.25, 11.4}};
enum { COUNT = sizeof places / sizeof *places };

static void write_files(void)
{
    char path[512];
    struct image image = {0};
    assert_int_equal(mica_image_new(&image, 1, HEIGHT, WIDTH, 1, NULL), 0);
    image.bits = 32;
    for (size_t i = 0; i < PIXELS; i++)
        image.data[i] = (float)i;
    snprintf(path, sizeof path, "%s/a.tif", mica_test_folder());
    assert_int_equal(mica_image_write(path, &image, NULL), 0);
    mica_image_free(&image);
    snprintf(path, sizeof path, "%s/p.csv", mica_test_folder());
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs("image,x_px,y_px,label\n", out);
    for (size_t i = 0; i < COUNT; i++)
        fprintf(out, "a,%g,%g,%c\n", places[i].x, places[i].y,
                "ab"[places[i].label - 1]);
    assert_int_equal(fclose(out), 0);
}

/* A dataset with an augmentation. */
struct changed {
    struct opened opened;
    struct dataset *data;
    struct json *list;
    struct augmentation augmentation;
};

static void open_it(struct changed *o, const char *members, const char *list)
{
    struct error err = {0};
    struct text text = {0};
    write_files();
    mica_text_add(&text, "\"images\": \"a.tif\", \"points\": \"p.csv\", %s", members);
    *o = (struct changed){.opened = opened_good(text.data, PART_TRAINING, 0)};
    o->list = mica_json_parse(list, "", &err);
    struct reader reader = {.json = o->list, .arena = o->opened.arena};
    if (mica_augmentation_read(&o->augmentation, mica_json_root(o->list), &reader,
                               &err))
        fail_msg("%s", err.text);
    o->augmentation.seed = 4;
    o->data = o->opened.data;
    o->data->augmentation = &o->augmentation;
    mica_text_free(&text);
}

static void close_it(struct changed *o)
{
    opened_close(&o->opened);
    mica_json_free(o->list);
}

/* One sample with its targets. */
struct filled {
    float images[PIXELS], targets[PIXELS][CLASSES - 1];
};

static void fill(const struct changed *o, uint64_t number, struct filled *f)
{
    static const struct normalise none = {NORMALISE_NONE, 0};
    struct error err = {0};
    struct tensor image = {{1, HEIGHT, WIDTH, 1}, 1, TYPE_F32, f->images};
    struct tensor truth = {
        {1, HEIGHT, WIDTH, CLASSES - 1}, CLASSES - 1, TYPE_F32, f->targets[0]};
    if (mica_loader_fill(o->data, &none, &number, 1, &image, &truth, &err))
        fail_msg("%s", err.text);
}

/* What stands at a pixel by the definition, straight from the places. */
static double expected(int class, double x, double y, double sigma)
{
    double most = 0;
    for (size_t i = 0; i < COUNT; i++) {
        double dx = x - places[i].x, dy = y - places[i].y;
        double square = (dx * dx + dy * dy) / (sigma * sigma);
        if (places[i].label == class && square <= 25)
            most = fmax(most, exp(-square / 2));
    }
    return most;
}

static void assert_gaussians(const struct filled *f, double sigma)
{
    for (size_t p = 0; p < PIXELS; p++)
        for (int k = 1; k < CLASSES; k++)
            assert_near(f->targets[p][k - 1],
                        expected(k, (double)(p % WIDTH), (double)(p / WIDTH), sigma),
                        1e-7);
}

TEST(targets_are_gaussians_of_the_objects)
{
    struct changed o;
    struct filled f;
    open_it(&o, "\"sigma\": \"1.3 px\"", "[]");
    assert_int_equal(o.data->classes, CLASSES);
    fill(&o, 0, &f);
    assert_gaussians(&f, 1.3);
    close_it(&o);
    open_it(&o, "\"sigma\": \"0.4 A\", \"pixel\": \"0.25 A\"", "[]");
    fill(&o, 0, &f);
    assert_gaussians(&f, 1.6);
    close_it(&o);
}

/* Every pixel has a value of its own, which tells where the cut was made. */
TEST(objects_beside_a_cut_reach_into_it)
{
    enum { SIDE = 5 };
    static const struct normalise none = {NORMALISE_NONE, 0};
    float image[SIDE * SIDE], truth[SIDE * SIDE][CLASSES - 1];
    struct tensor images = {{1, SIDE, SIDE, 1}, 1, TYPE_F32, image};
    struct tensor targets = {
        {1, SIDE, SIDE, CLASSES - 1}, CLASSES - 1, TYPE_F32, truth[0]};
    size_t beside = 0;
    write_files();
    struct opened o =
        opened_good("\"images\": \"a.tif\", \"points\": \"p.csv\", \"sigma\": "
                    "\"0.4 A\", \"pixel\": \"0.25 A\"",
                    PART_TRAINING, SIDE);
    for (uint64_t number = 0; number < 20; number++) {
        struct error err = {0};
        if (mica_loader_fill(o.data, &none, &number, 1, &images, &targets, &err))
            fail_msg("%s", err.text);
        for (size_t p = 0; p < SIDE * SIDE; p++)
            for (int k = 1; k < CLASSES; k++) {
                size_t from = (size_t)image[p];
                assert_near(
                    truth[p][k - 1],
                    expected(k, (double)(from % WIDTH), (double)(from / WIDTH), 1.6),
                    1e-7);
            }
        struct sample s = opened_take(&o, number);
        for (size_t i = 0; i < s.object_count; i++)
            beside += !mica_sample_inside(&s, &s.objects[i]);
        mica_sample_free(&s);
    }
    assert_true(beside > 0);
    opened_close(&o);
}

TEST(the_class_map_is_where_a_gaussian_is_above_a_half)
{
    struct changed o;
    struct filled f;
    struct sample s = {0};
    open_it(&o, "\"sigma\": \"1.3 px\"", "[]");
    fill(&o, 0, &f);
    assert_int_equal(mica_dataset_get(o.data, 0, &s, NULL), 0);
    for (size_t p = 0; p < PIXELS; p++) {
        const float *t = f.targets[p];
        int class = fmaxf(t[0], t[1]) > 0.5f ? t[1] > t[0] ? 2 : 1 : 0;
        assert_int_equal(s.labels[p], class);
    }
    mica_sample_free(&s);
    close_it(&o);
}

/* Every pixel of these images has a value of its own, which tells where it came from. */
TEST(gaussians_move_with_what_augmentation_moves)
{
    struct changed o;
    struct filled f;
    size_t moved = 0;
    open_it(&o, "\"sigma\": \"1.3 px\"", "[\"dihedral\"]");
    for (uint64_t number = 0; number < 8; number++) {
        fill(&o, number, &f);
        for (size_t p = 0; p < PIXELS; p++) {
            size_t from = (size_t)f.images[p];
            moved += from != p;
            for (int k = 1; k < CLASSES; k++)
                assert_near(
                    f.targets[p][k - 1],
                    expected(k, (double)(from % WIDTH), (double)(from / WIDTH), 1.3),
                    1e-7);
        }
    }
    assert_true(moved > 0);
    close_it(&o);
}

/* The sigma in A follows the size of a pixel, that in pixels does not. */
TEST(gaussians_in_angstrom_grow_with_what_is_enlarged)
{
    static const char *const sigmas[] = {"\"sigma\": \"1.3 px\"",
                                         "\"sigma\": \"0.26 A\", \"pixel\": \"0.2 A\""};
    for (int i = 0; i < 2; i++) {
        struct changed o;
        struct filled f;
        double sigma = i ? 2.6 : 1.3, my = (HEIGHT - 1) / 2.0, mx = (WIDTH - 1) / 2.0;
        open_it(&o, sigmas[i], "[{\"scale\": 2}]");
        fill(&o, 0, &f);
        for (size_t p = 0; p < PIXELS; p++) {
            double y = (double)(p / WIDTH), x = (double)(p % WIDTH);
            /* the second object alone is of class 2 and stays in the image */
            double dy = y - (my + 2 * (places[1].y - my));
            double dx = x - (mx + 2 * (places[1].x - mx));
            double square = (dx * dx + dy * dy) / (sigma * sigma);
            assert_near(f.targets[p][1], square <= 25 ? exp(-square / 2) : 0, 1e-6);
        }
        close_it(&o);
    }
}

TEST(targets_of_ignored_pixels_are_no_numbers)
{
    struct changed o;
    struct filled f;
    size_t ignored = 0;
    open_it(&o, "\"sigma\": \"1.3 px\"", "[{\"cutout\": {\"side\": 5}}]");
    fill(&o, 3, &f);
    for (size_t p = 0; p < PIXELS; p++) {
        ignored += isnan(f.targets[p][0]) != 0;
        assert_int_equal(isnan(f.targets[p][0]) != 0, isnan(f.targets[p][1]) != 0);
        if (isnan(f.targets[p][0]))
            assert_near(f.images[p], 0, 0);
    }
    assert_true(ignored >= 9 && ignored <= 25);
    close_it(&o);
}

TEST(targets_of_classes_are_one_for_each_but_the_background)
{
    struct changed o;
    struct filled f;
    struct sample s = {0};
    size_t counts[CLASSES] = {0};
    open_it(&o, "\"radius\": \"2 px\"", "[]");
    assert_near(o.data->sigma, 0, 0);
    fill(&o, 0, &f);
    assert_int_equal(mica_dataset_get(o.data, 0, &s, NULL), 0);
    for (size_t p = 0; p < PIXELS; p++) {
        counts[s.labels[p]]++;
        for (int k = 1; k < CLASSES; k++)
            assert_near(f.targets[p][k - 1], s.labels[p] == k, 0);
    }
    assert_true(counts[0] && counts[1] && counts[2]);
    mica_sample_free(&s);
    close_it(&o);
}
