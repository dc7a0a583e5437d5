/* test_stem.c - simulated images as a dataset: classes, objects, seeds, sizes */
#include "core/file.h"
#include "core/text.h"
#include "datasets/synth/stem.h"
#include "tests/datasets/opened.h"
#include "tests/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char specimen[] =
    "{\"mica_simulation\": 1, \"specimen\": {\"crystal\": \"MoS2\", \"rotation\": \"10 "
    "deg\", \"defects\": {\"V_S1\": 0.3, \"V_S2\": 0.2, \"V_M\": 0.05}}, "
    "\"microscope\": {\"voltage\": \"80 kV\", \"convergence_semiangle\": \"23 mrad\", "
    "\"detectors\": [{\"name\": \"HAADF\", \"inner\": \"70 mrad\", \"outer\": \"160 "
    "mrad\"}, {\"name\": \"MAADF\", \"inner\": \"40 mrad\", \"outer\": \"70 mrad\"}], "
    "\"probe_current\": \"25 pA\", \"dwell_time\": \"16 us\"}, \"pixel\": \"0.2 A\", "
    "\"size\": [96, 80], \"artefacts\": [\"shot_noise\", {\"carbon\": {\"thickness\": "
    "\"0.5 nm\"}}], ";
static const char discs[] =
    "\"labels\": {\"radius\": \"0.6 A\", \"classes\": [\"V_S2\", \"V_S1\"]}, ";

/* Of the simulation with these labels, with more members. */
static struct opened open_labelled(const char *labels, const char *members, size_t crop,
                                   struct error *err)
{
    struct text name = {0}, text = {0};
    mica_text_add(&name, "%s/s.json", mica_test_folder());
    mica_text_add(&text, "%s%s\"seed\": 5}", specimen, labels);
    assert_int_equal(mica_file_write(name.data, text.data, text.length, err), 0);
    mica_text_free(&text);
    mica_text_add(&text, "\"simulation\": \"s.json\"%s", members);
    struct opened o = opened_with(text.data, PART_TRAINING, crop, err);
    mica_text_free(&name);
    mica_text_free(&text);
    return o;
}

static struct opened open_with(const char *members, size_t crop, struct error *err)
{
    return open_labelled(discs, members, crop, err);
}

static struct opened open_good(const char *members)
{
    struct error err = {0};
    struct opened o = open_with(members, 0, &err);
    assert_string_equal(err.text, "");
    return o;
}

TEST(a_simulation_gives_classes_channels_and_calibration)
{
    struct opened o = open_good("");
    assert_int_equal(o.data->count, 0);
    assert_int_equal(o.data->channels, 2);
    assert_int_equal(o.data->classes, 3);
    assert_string_equal(o.data->names[0], "background");
    assert_string_equal(o.data->names[1], "V_S2");
    assert_string_equal(o.data->names[2], "V_S1");
    assert_near(o.data->pixel_range[0], 0.2, 1e-12);
    assert_near(o.data->pixel_range[1], 0.2, 1e-12);
    assert_non_null(mica_stem_simulation(o.data));
    struct sample s = opened_take(&o, 3);
    assert_int_equal(s.height, 96);
    assert_int_equal(s.width, 80);
    assert_int_equal(s.channels, 2);
    assert_near(s.pixel[0], 0.2, 1e-12);
    assert_near(s.electrons, 25e-12 * 16e-6 / 1.602176634e-19, 1e-3);
    assert_string_equal(s.name, "sample 3");
    assert_non_null(s.carbon);
    mica_sample_free(&s);
    opened_close(&o);
}

/* The objects of a sample against the atoms of the same simulation. */
static void assert_objects_are_labelled_columns(const struct opened *o, uint64_t number)
{
    struct simulated truth = {0};
    struct error err = {0};
    struct sample s = opened_take(o, number);
    assert_int_equal(
        mica_simulation_sample(mica_stem_simulation(o->data), number, &truth, &err), 0);
    assert_true(s.objects_known);
    size_t columns[3] = {0}, objects[3] = {0};
    int last = -1;
    for (size_t i = 0; i < truth.atoms.count; i++) {
        const struct atom *a = &truth.atoms.list[i];
        const char *label = a->label < 0 ? "" : truth.atoms.labels[a->label];
        int class = strcmp(label, "V_S2") == 0 ? 1 : strcmp(label, "V_S1") == 0 ? 2 : 0;
        bool inside =
            a->x_px >= -0.5 && a->y_px >= -0.5 && a->x_px < 79.5 && a->y_px < 95.5;
        if (class && inside && a->column != last) {
            columns[class]++;
            last = a->column;
        }
    }
    for (size_t i = 0; i < s.object_count; i++) {
        const struct object *object = &s.objects[i];
        long y = lround(object->y), x = lround(object->x);
        objects[object->label]++;
        assert_in_range(y, 0, 95);
        assert_in_range(x, 0, 79);
        assert_int_equal(s.labels[(size_t)y * s.width + (size_t)x], object->label);
    }
    assert_true(objects[1] + objects[2] > 4);
    assert_int_equal(objects[1], columns[1]);
    assert_int_equal(objects[2], columns[2]);
    mica_simulated_free(&truth);
    mica_sample_free(&s);
}

TEST(objects_are_the_labelled_columns_within_the_image)
{
    struct opened o = open_good("");
    for (uint64_t number = 0; number < 3; number++)
        assert_objects_are_labelled_columns(&o, number);
    opened_close(&o);
}

TEST(a_seed_gives_other_samples_and_the_same_number_the_same)
{
    struct opened a = open_good(", \"count\": 7"), b = open_good(", \"seed\": 5"),
                  c = open_good(", \"seed\": 6");
    assert_int_equal(a.data->count, 7);
    struct sample s = opened_take(&a, 2), t = opened_take(&b, 2),
                  u = opened_take(&c, 2);
    size_t size = s.height * s.width * s.channels * sizeof(float);
    assert_memory_equal(s.image, t.image, size);
    assert_memory_not_equal(s.image, u.image, size);
    mica_sample_free(&s);
    mica_sample_free(&t);
    mica_sample_free(&u);
    opened_close(&a);
    opened_close(&b);
    opened_close(&c);
}

/* Opening fails with one line that has these words. */
static void assert_refused(const char *members, size_t crop, const char *words)
{
    struct error err = {0};
    struct opened o = open_with(members, crop, &err);
    assert_null(o.data);
    assert_int_equal(err.lines, 1);
    if (!strstr(err.text, words))
        fail_msg("%s", err.text);
    opened_close(&o);
}

TEST(wrong_simulations_are_told)
{
    assert_refused("", 64,
                   "d.json:1:16: #/simulation: gives images of 96 x 80 pixels, which "
                   "'crop' (64) does not cut; set \"size\" in the simulation");
    assert_refused(", \"counts\": 3", 0,
                   "#/counts: unknown key 'counts'; did you mean 'count'?");
    assert_refused(", \"count\": -1", 0, "#/count: must be between 0 and");
    struct error err = {0};
    struct json *json =
        mica_json_parse("{\"simulation\": \"none.json\"}", "r.json", &err);
    struct arena *arena = mica_arena_new();
    struct reader reader = {.json = json, .arena = arena};
    assert_null(mica_dataset_open(mica_json_root(json), PART_ALL, 0, &reader, &err));
    assert_non_null(strstr(
        err.text, "r.json:1:16: #/simulation: none.json: there is no such file"));
    mica_arena_free(arena);
    mica_json_free(json);
}

/* A pixel of a class has its Gaussian above a half, be the column beside the image. */
static void assert_gaussians_at_labels(const struct sample *s, double sigma)
{
    for (size_t p = 0; p < s->height * s->width; p++) {
        double most = 0;
        for (size_t i = 0; i < s->object_count; i++) {
            double dy = s->objects[i].y - (double)(p / s->width);
            double dx = s->objects[i].x - (double)(p % s->width);
            if (s->objects[i].label == s->labels[p])
                most = fmax(most, exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)));
        }
        assert_true(!s->labels[p] || most > 0.5 - 1e-9);
    }
}

/* The same specimen without what moves the scan. */
TEST(columns_of_several_labels_may_be_one_class_of_gaussians)
{
    struct error err = {0};
    struct opened o = open_labelled("\"labels\": {\"kind\": \"gaussians\", \"sigma\": "
                                    "\"0.5 A\", \"classes\": [\"V_S2\", {\"atom\": "
                                    "[\"Mo\", \"S2\", \"V_S1\"]}]}, ",
                                    "", 0, &err);
    if (!o.data)
        fail_msg("%s", err.text);
    assert_int_equal(o.data->classes, 3);
    assert_string_equal(o.data->names[2], "atom");
    assert_near(o.data->sigma, 0.5, 0);
    const struct simulation *simulation = mica_stem_simulation(o.data);
    assert_int_equal(mica_simulation_class_of(simulation, "S2"), 2);
    assert_int_equal(mica_simulation_class_of(simulation, "V_S1"), 2);
    assert_int_equal(mica_simulation_class_of(simulation, "V_M"), 0);
    assert_near(mica_simulation_label_radius(simulation), 0.5 * sqrt(2 * log(2)),
                1e-12);
    struct sample s = opened_take(&o, 1);
    size_t objects[3] = {0}, pixels[3] = {0}, beside = 0;
    for (size_t i = 0; i < s.object_count; i++)
        if (mica_sample_inside(&s, &s.objects[i]))
            objects[s.objects[i].label]++;
        else
            beside++;
    assert_true(beside > 0);
    assert_gaussians_at_labels(&s, 0.5 / 0.2);
    for (size_t i = 0; i < s.height * s.width; i++)
        pixels[s.labels[i]]++;
    /* 2 columns of sqrt(3)/2 3.16^2 A^2 in 16 x 19.2 A: 71, 5 % of Mo and 20 % of S2 not */
    assert_in_range(objects[2], 50, 72);
    assert_in_range(objects[1], 2, 15);
    double disc = 3.1416 * 2 * log(2) * 0.25 / 0.04;
    assert_near((double)pixels[2] / (disc * (double)objects[2]), 1, 0.1);
    mica_sample_free(&s);
    opened_close(&o);
}

/* Where single atoms and none are left, the place is that of the atom or of the site. */
TEST(an_object_is_where_the_atoms_of_its_column_are)
{
    struct error err = {0};
    struct opened o = open_labelled(
        "\"labels\": {\"radius\": \"0.6 A\", \"classes\": [{\"all\": [\"Mo\", \"S2\", "
        "\"V_S1\", \"V_S2\", \"V_M\"]}]}, ",
        "", 0, &err);
    struct simulated truth = {0};
    assert_non_null(o.data);
    struct sample s = opened_take(&o, 2);
    assert_int_equal(
        mica_simulation_sample(mica_stem_simulation(o.data), 2, &truth, &err), 0);
    const struct atoms *atoms = &truth.atoms;
    size_t met = 0;
    for (size_t c = 0; c < atoms->column_count; c++) {
        double x = 0, y = 0, count = 0;
        for (size_t i = 0; i < atoms->count; i++)
            if ((size_t)atoms->list[i].column == c && atoms->list[i].element) {
                x += atoms->list[i].x_px;
                y += atoms->list[i].y_px;
                count++;
            }
        x = count > 0 ? x / count : atoms->columns[c].x_px;
        y = count > 0 ? y / count : atoms->columns[c].y_px;
        if (x < -0.5 || y < -0.5 || x >= 79.5 || y >= 95.5)
            continue;
        assert_true(met < s.object_count);
        assert_near(s.objects[met].x, x, 1e-9);
        assert_near(s.objects[met].y, y, 1e-9);
        met++;
    }
    assert_int_equal(met, s.object_count);
    mica_simulated_free(&truth);
    mica_sample_free(&s);
    opened_close(&o);
}

TEST(wrong_labels_of_simulations_are_told)
{
    static const char *const wrong[][2] = {
        {"\"sigma\": \"0.4 A\"",
         "#/labels/sigma: is of labels of the kind \"gaussians\"; \"discs\" have a "
         "\"radius\""},
        {"\"kind\": \"gaussians\", \"radius\": \"1 A\"",
         "\"gaussians\" have a \"sigma\""},
        {"\"classes\": [{\"atom\": [\"Mo\", \"S3\"]}]",
         "no column of this specimen has the label 'S3'"},
        {"\"classes\": [{\"atom\": [\"Mo\", \"S2\"]}, \"S2\"]",
         "columns with the label 'S2' are of another class already"},
        {"\"classes\": [{\"atom\": [\"Mo\"]}, {\"atom\": [\"S2\"]}]",
         "#/labels/classes/1: there is a class 'atom' already; several labels of one "
         "class are one list: {\"atom\": [...]}"},
        {"\"classes\": [\"S2\", \"S2\"]", "there is a class 'S2' already"},
        {"\"classes\": [{\"background\": [\"Mo\"]}]",
         "'background' is all that is of no class; take another name"},
        {"\"classes\": [3]", "must be a label, or one name with its labels"},
        {"\"classes\": [{\"atom\": \"Mo\"}]",
         "must be a label, or one name with its labels"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error err = {0};
        struct text labels = {0};
        mica_text_add(&labels, "\"labels\": {%s}, ", wrong[i][0]);
        struct opened o = open_labelled(labels.data, "", 0, &err);
        assert_null(o.data);
        assert_int_equal(err.lines, 1);
        if (!strstr(err.text, wrong[i][1]))
            fail_msg("'%s' does not hold '%s'", err.text, wrong[i][1]);
        mica_text_free(&labels);
        opened_close(&o);
    }
}
