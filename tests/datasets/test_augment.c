/* test_augment.c - changes of samples: what is true follows them, and threads change nothing */
#include "core/memory.h"
#include "core/text.h"
#include "datasets/augment.h"
#include "datasets/targets.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 48 };
static const struct normalise none = {NORMALISE_NONE, 0};

/* Three discs of the labels 1, 2, 3; the image is the label times ten, and points are their
   centres. */
static const struct object centres[] = {{1, 14.5, 20}, {2, 31, 15.25}, {3, 24, 33}};

static struct sample make(size_t height, size_t width)
{
    struct sample s = {0};
    assert_int_equal(mica_sample_size(&s, height, width, 2, NULL), 0);
    s.pixel[0] = s.pixel[1] = 0.1;
    s.objects = mica_need(3, sizeof *s.objects);
    s.objects_known = true;
    memcpy(s.objects, centres, sizeof centres);
    s.object_count = 3;
    for (size_t i = 0; i < height * width; i++)
        for (size_t k = 0; k < 3; k++) {
            double dy = (double)(i / width) - centres[k].y;
            double dx = (double)(i % width) - centres[k].x;
            if (dy * dy + dx * dx > 16)
                continue;
            s.labels[i] = (uint8_t)(k + 1);
            s.image[2 * i] = s.image[2 * i + 1] = (float)(10 * (k + 1));
        }
    return s;
}

struct list {
    struct json *json;
    struct arena *arena;
    struct augmentation list;
};

static struct list read_list(const char *text, struct error *err)
{
    struct list l = {mica_json_parse(text, "a.json", err), mica_arena_new(), {0}};
    struct reader reader = {.json = l.json, .arena = l.arena};
    assert_non_null(l.json);
    mica_augmentation_read(&l.list, mica_json_root(l.json), &reader, err);
    return l;
}

static void close_list(struct list *l)
{
    mica_arena_free(l->arena);
    mica_json_free(l->json);
}

static struct sample changed(const char *text, uint64_t number, size_t height,
                             size_t width)
{
    struct error err = {0};
    struct list l = read_list(text, &err);
    if (err.lines)
        fail_msg("%s", err.text);
    struct sample s = make(height, width);
    if (mica_augmentation_apply(&l.list, &none, false, number, &s, &err))
        fail_msg("%s", err.text);
    close_list(&l);
    return s;
}

/* Of every object the middle of its labels is within `near` of its point, and the image is
   that of its label there. */
struct error_sum {
    double y, x, n;
};

static void assert_true_still_holds(const struct sample *s, double near,
                                    struct error_sum *sum)
{
    for (size_t k = 0; k < s->object_count; k++) {
        const struct object *o = &s->objects[k];
        double y = 0, x = 0, n = 0;
        if (o->y < 7 || o->x < 7 || o->y > (double)s->height - 8 ||
            o->x > (double)s->width - 8)
            continue; /* a mirror image may touch it */
        for (size_t i = 0; i < s->height * s->width; i++)
            if (s->labels[i] == o->label && fabs((double)(i / s->width) - o->y) < 7 &&
                fabs((double)(i % s->width) - o->x) < 7) {
                y += (double)(i / s->width);
                x += (double)(i % s->width);
                n++;
            }
        assert_true(n > 10);
        assert_near(y / n, o->y, near);
        assert_near(x / n, o->x, near);
        sum->y += y / n - o->y;
        sum->x += x / n - o->x;
        sum->n++;
        size_t at = (size_t)(o->y + 0.5) * s->width + (size_t)(o->x + 0.5);
        assert_near(s->image[2 * at], 10 * o->label, 1.5);
    }
}

TEST(labels_and_points_follow_what_moves)
{
    static const struct {
        const char *text;
        double near;
    } cases[] = {{"[\"dihedral\"]", 0.5},
                 {"[{\"rotation\": {\"uniform\": [\"-180 deg\", \"180 deg\"]}}]", 0.5},
                 {"[{\"scale\": {\"uniform\": [0.8, 1.25]}}]", 0.5},
                 {"[{\"shift\": 6}]", 0.5},
                 {"[{\"elastic\": {\"rms\": 2, \"length\": 16}}]", 0.8},
                 {"[\"dihedral\", {\"rotation\": \"20 deg\"}, {\"scale\": 1.1}]", 0.5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error_sum sum = {0};
        for (uint64_t number = 0; number < 40; number++) {
            struct sample s = changed(cases[i].text, number, SIDE, SIDE);
            assert_true(s.object_count > 0);
            assert_true_still_holds(&s, cases[i].near, &sum);
            mica_sample_free(&s);
        }
        assert_near(sum.y / sum.n, 0, 0.1); /* nothing pulls to one side */
        assert_near(sum.x / sum.n, 0, 0.1);
    }
}

/* Nothing but whole labels, and the same for the same number, another for another. */
TEST(every_augmentation_is_a_function_of_the_number)
{
    static const char *const arguments[] = {
        "rotation", "{\"uniform\": [\"-9 deg\", \"9 deg\"]}",
        "scale",    "{\"uniform\": [0.9, 1.2]}",
        "elastic",  "{\"rms\": 1}",
        "gain",     "{\"uniform\": [0.5, 2]}",
        "offset",   "{\"uniform\": [-1, 1]}",
        "gamma",    "{\"uniform\": [0.5, 2]}",
        "noise",    "0.1",
        "blur",     "{\"uniform\": [0.5, 2]}",
        NULL};
    for (size_t i = 0; mica_augment(i); i++) {
        const struct augment *what = mica_augment(i);
        struct text text = {0};
        mica_text_add(&text, "[\"%s\"]", what->name);
        for (size_t k = 0; arguments[k]; k += 2)
            if (strcmp(arguments[k], what->name) == 0) {
                mica_text_free(&text);
                mica_text_add(&text, "[{\"%s\": %s}]", what->name, arguments[k + 1]);
            }
        size_t differ = 0;
        for (uint64_t number = 0; number < 6; number++) {
            struct sample a = changed(text.data, number, SIDE, SIDE);
            struct sample b = changed(text.data, number, SIDE, SIDE);
            struct sample c = changed(text.data, number + 1, SIDE, SIDE);
            size_t bytes = 2 * SIDE * SIDE * sizeof(float);
            assert_memory_equal(a.image, b.image, bytes);
            assert_memory_equal(a.labels, b.labels, SIDE * SIDE);
            differ += memcmp(a.image, c.image, bytes) != 0;
            for (size_t p = 0; p < SIDE * SIDE; p++) {
                assert_true(isfinite(a.image[2 * p]));
                assert_true(a.labels[p] <= 3 || a.labels[p] == MICA_IGNORED);
            }
            if (!what->moves)
                assert_int_equal(a.object_count, 3);
            mica_sample_free(&a);
            mica_sample_free(&b);
            mica_sample_free(&c);
        }
        if (differ == 0)
            fail_msg("%s does nothing", what->name);
        assert_true(strlen(what->summary) > 0 && strlen(what->equation) > 0);
        mica_text_free(&text);
    }
}

TEST(values_change_as_the_equations_say)
{
    struct sample plain = make(SIDE, SIDE);
    struct sample s = changed("[{\"gain\": 2}, {\"offset\": -3}]", 1, SIDE, SIDE);
    for (size_t i = 0; i < 2 * SIDE * SIDE; i++)
        assert_near(s.image[i], 2 * plain.image[i] - 3, 1e-6);
    mica_sample_free(&s);
    s = changed("[{\"gamma\": 2}]", 1, SIDE, SIDE);
    for (size_t i = 0; i < 2 * SIDE * SIDE; i++)
        assert_near(s.image[i], plain.image[i] * plain.image[i] / 30, 1e-4);
    mica_sample_free(&s);
    s = changed("[{\"scale\": 2}]", 1, SIDE, SIDE);
    assert_near(s.pixel[0], 0.05, 1e-12);
    mica_sample_free(&s);
    s = changed("[{\"noise\": 0.5}]", 1, SIDE, SIDE);
    double squares = 0;
    for (size_t i = 0; i < 2 * SIDE * SIDE; i++)
        squares += pow((double)(s.image[i] - plain.image[i]), 2);
    assert_near(sqrt(squares / (2 * SIDE * SIDE)), 15,
                0.7); /* half of the range of 30 */
    mica_sample_free(&s);
    s = changed("[{\"cutout\": {\"side\": 64, \"count\": 4}}]", 1, SIDE, SIDE);
    size_t ignored = 0;
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        ignored += s.labels[i] == MICA_IGNORED;
        assert_true(s.labels[i] != MICA_IGNORED || s.image[2 * i] == 0);
    }
    assert_true(ignored > SIDE * SIDE / 4);
    mica_sample_free(&s);
    mica_sample_free(&plain);
}

TEST(oblong_images_are_turned_by_half_turns_only)
{
    for (uint64_t number = 0; number < 12; number++) {
        struct sample s = changed("[\"dihedral\"]", number, SIDE, SIDE + 8);
        assert_int_equal(s.width, SIDE + 8);
        struct error_sum sum = {0};
        assert_true_still_holds(&s, 0.5, &sum);
        mica_sample_free(&s);
    }
}

/* Objects all over an image and beside it; their labels are where Gaussians are above a half,
   and the image is 10 there. */
static struct sample make_crowded(void)
{
    static const double sigma = 2, half = 1.1774;
    struct sample s = {0};
    assert_int_equal(mica_sample_size(&s, SIDE, SIDE, 1, NULL), 0);
    s.pixel[0] = s.pixel[1] = 0.1;
    s.sigma = sigma * 0.1;
    s.objects = mica_need(100, sizeof *s.objects);
    s.objects_known = true;
    for (double y = -2.3; y < SIDE + 10; y += 8.1)
        for (double x = -8.6; x < SIDE + 10; x += 8.7) {
            struct object o = {1 + (int)s.object_count % 2, x, y};
            s.objects[s.object_count++] = o;
            for (size_t p = 0; p < SIDE * SIDE; p++)
                if (hypot((double)(p / SIDE) - y, (double)(p % SIDE) - x) <
                    half * sigma) {
                    s.labels[p] = (uint8_t)o.label;
                    s.image[p] = 10;
                }
        }
    return s;
}

/* Changes `s`; counts pixels that count nowhere, and those where the Gaussian is below `low`
   in its label or above 1 - low outside of it. */
static void compare(const char *text, uint64_t number, float low, struct sample *s,
                    size_t *ignored, size_t *differ)
{
    struct error err = {0};
    struct list l = read_list(text, &err);
    struct dataset dataset = {.sigma = s->sigma};
    static float values[SIDE * SIDE][2];
    struct tensor targets = {{1, SIDE, SIDE, 2}, 2, TYPE_F32, values[0]};
    if (mica_augmentation_apply(&l.list, &none, false, number, s, &err))
        fail_msg("%s", err.text);
    mica_targets_fill(&dataset, s, &targets, 0);
    for (size_t p = 0; p < SIDE * SIDE; p++) {
        *ignored += s->labels[p] == MICA_IGNORED;
        for (int k = 0; k < 2 && s->labels[p] != MICA_IGNORED; k++)
            *differ +=
                s->labels[p] == k + 1 ? values[p][k] < low : values[p][k] > 1 - low;
    }
    close_list(&l);
}

TEST(gaussians_are_where_labels_are_also_in_mirrors)
{
    static const struct {
        const char *text;
        double ignored; /* at most */
        float low;      /* each move rounds labels to a pixel, elastic bends discs */
    } cases[] = {
        {"[{\"shift\": 0}]", 0, 0.25f},
        {"[\"dihedral\"]", 0, 0.25f},
        {"[{\"scale\": 1.3}]", 0, 0.25f},
        {"[{\"shift\": 15}]", 0.03, 0.25f},
        {"[{\"shift\": 120}]", 0.03, 0.25f},
        {"[{\"rotation\": {\"uniform\": [\"-180 deg\", \"180 deg\"]}}]", 0.03, 0.25f},
        {"[{\"scale\": 0.6}]", 0.03, 0.25f},
        {"[{\"scale\": 0.25}]", 0.03, 0.25f},
        {"[{\"shift\": 9}, {\"rotation\": \"30 deg\"}, {\"scale\": 0.7}]", 0.15, 0.05f},
        {"[{\"cutout\": {\"side\": 9, \"count\": 4}}]", 0.15, 0.25f},
        {"[{\"elastic\": {\"rms\": 2, \"length\": 24}}]", 0.03, 0.1f}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t ignored = 0, differ = 0;
        for (uint64_t number = 0; number < 20; number++) {
            struct sample s = make_crowded();
            compare(cases[i].text, number, cases[i].low, &s, &ignored, &differ);
            mica_sample_free(&s);
        }
        assert_true((double)ignored <= cases[i].ignored * 20 * SIDE * SIDE);
        assert_int_equal(differ, 0);
    }
}

TEST(wrong_augmentations_are_told)
{
    static const char *const cases[] = {
        "[\"dihedrl\"]",
        "no augmentation is called 'dihedrl'; did you mean 'dihedral'?",
        "{\"gamma\": 1}",
        "must be a list, like",
        "[{\"gamma\": 99}]",
        "must be",
        "[\"gamma\"]",
        "needs 'exponent'",
        "[{\"rotation\": 3}]",
        "unit",
        "[7]",
        "must be an augmentation"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i += 2) {
        struct error err = {0};
        struct list l = read_list(cases[i], &err);
        assert_int_equal(err.lines, 1);
        if (!strstr(err.text, cases[i + 1]))
            fail_msg("'%s' does not hold '%s'", err.text, cases[i + 1]);
        close_list(&l);
    }
    struct error err = {0};
    struct list l = read_list("[\"dihedral\"]", &err);
    struct sample row = make(1, 9);
    assert_int_equal(mica_augmentation_check(&l.list, &row, &err), -1);
    assert_non_null(strstr(err.text, "'dihedral' moves pixels"));
    mica_sample_free(&row);
    close_list(&l);
}
