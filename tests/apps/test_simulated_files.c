/* test_simulated_files.c - every file of a simulated sample tells of the same places */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/simulated_files.h"
#include "core/file.h"
#include "core/text.h"
#include "tests/test.h"

/* An F, which no turn and no mirror leaves as it is: x along columns, y downward. */
static const double strokes[][2] = {{8, 6},  {8, 10}, {8, 14}, {8, 18},
                                    {8, 22}, {12, 6}, {16, 6}, {12, 14}};
enum { ATOMS = sizeof strokes / sizeof *strokes };

static void in_folder(char path[300], const char *name)
{
    snprintf(path, 300, "%s/%s", mica_test_folder(), name);
}

/* The letter in a field of 26 x 32 A, pixels of 0.1 A, with the artefacts given. */
static struct simulation *open_letter(const char *artefacts)
{
    struct text atoms = {0}, json = {0};
    struct error err = {0};
    char path[300];
    mica_text_add(&atoms, "%d\nletter\n", ATOMS);
    for (size_t i = 0; i < ATOMS; i++)
        mica_text_add(&atoms, "Mo %g %g 0\n", strokes[i][0], strokes[i][1]);
    in_folder(path, "letter.xyz");
    assert_int_equal(mica_file_write(path, atoms.data, atoms.length, &err), 0);
    mica_text_add(&json,
                  "{\"mica_simulation\": 1, \"specimen\": {\"atoms\": \"%s\"},"
                  " \"microscope\": {\"voltage\": \"80 kV\","
                  " \"convergence_semiangle\": \"25 mrad\", \"source_fwhm\": \"0.8 A\","
                  " \"detectors\": [{\"name\": \"HAADF\", \"inner\": \"60 mrad\","
                  " \"outer\": \"160 mrad\"}]}, \"size\": [260, 320],"
                  " \"pixel\": \"0.1 A\", \"artefacts\": [%s],"
                  " \"labels\": {\"classes\": [\"Mo\"]}}",
                  path, artefacts);
    struct json *read = mica_json_parse(json.data, "letter.json", &err);
    struct simulation *simulation = read ? mica_simulation_open(read, &err) : NULL;
    assert_string_equal(err.text, "");
    mica_text_free(&atoms);
    mica_text_free(&json);
    return simulation;
}

static void write_sample(const struct simulation *simulation)
{
    struct simulated sample = {0};
    struct image classes;
    struct error err = {0};
    assert_int_equal(mica_simulation_sample(simulation, 0, &sample, &err), 0);
    assert_int_equal(mica_simulated_classes(&sample, simulation, &classes, &err), 0);
    assert_int_equal(mica_simulated_write(&sample, &classes, simulation,
                                          mica_test_folder(), 0, &err),
                     0);
    mica_image_free(&classes);
    mica_simulated_free(&sample);
}

static struct image read_written(const char *name)
{
    struct image image;
    struct error err = {0};
    char path[300];
    in_folder(path, name);
    if (mica_image_read(path, &image, &err) != 0)
        fail_msg("%s", err.text);
    return image;
}

/* The top of the parabola through three neighbours' logarithms: exact for a Gaussian. */
static double top_of(float before, float middle, float after)
{
    double a = log((double)before), b = log((double)middle), c = log((double)after);
    return 0.5 * (a - c) / (a - 2 * b + c);
}

/* The brightest place within 8 pixels of (x, y). */
static void find_peak(const struct image *image, double *x, double *y)
{
    size_t w = image->width, best = 0;
    for (size_t row = (size_t)*y - 8; row < (size_t)*y + 8; row++)
        for (size_t column = (size_t)*x - 8; column < (size_t)*x + 8; column++)
            if (best == 0 || image->data[row * w + column] > image->data[best])
                best = row * w + column;
    const float *at = image->data + best;
    *x = (double)(best % w) + top_of(at[-1], at[0], at[1]);
    *y = (double)(best / w) + top_of(at[-(ptrdiff_t)w], at[0], at[w]);
}

struct place {
    char element[8];
    double x, y, x_px, y_px;
};

/* The rows of atoms_0000.csv; returns how many. */
static size_t read_atoms(struct place places[ATOMS])
{
    struct error err = {0};
    char path[300];
    size_t count = 0, size;
    in_folder(path, "atoms_0000.csv");
    char *table = mica_file_read(path, &size, &err);
    assert_non_null(table);
    for (char *line = strchr(table, '\n'); line[1] != '\0';
         line = strchr(line + 1, '\n')) {
        struct place *p = &places[count];
        assert_in_range(count, 0, ATOMS - 1);
        size_t id;
        assert_int_equal(sscanf(line + 1, "%zu,%7[^,],%lf,%lf,%*f,%lf,%lf", &id,
                                p->element, &p->x, &p->y, &p->x_px, &p->y_px),
                         6);
        assert_int_equal(id, count++);
    }
    free(table);
    return count;
}

static void expect_peaks(const struct image *image, const struct place *places,
                         size_t count, double tolerance)
{
    for (size_t i = 0; i < count; i++) {
        double x = places[i].x_px, y = places[i].y_px;
        find_peak(image, &x, &y);
        assert_near(x, places[i].x_px, tolerance);
        assert_near(y, places[i].y_px, tolerance);
    }
}

TEST(a_letter_of_atoms_lies_where_its_table_says)
{
    struct simulation *simulation = open_letter("");
    write_sample(simulation);
    struct place places[ATOMS];
    size_t count = read_atoms(places);
    assert_int_equal(count, ATOMS);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(places[i].element, "Mo");
        assert_near(places[i].x_px, strokes[i][0] / 0.1, 1e-6);
        assert_near(places[i].y_px, strokes[i][1] / 0.1, 1e-6);
    }
    static const char *const names[] = {"image_0000.npy", "image_0000.tif"};
    for (size_t i = 0; i < 2; i++) {
        struct image image = read_written(names[i]);
        assert_int_equal(image.height, 260);
        assert_int_equal(image.width, 320);
        expect_peaks(&image, places, count, 0.01);
        mica_image_free(&image);
    }
    mica_simulation_free(simulation);
}

TEST(a_table_follows_the_distortions_of_the_scan)
{
    struct simulation *simulation = open_letter("{\"drift\": \"1 A/s\"}");
    write_sample(simulation);
    struct place places[ATOMS];
    size_t count = read_atoms(places);
    double largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, hypot(places[i].x_px - places[i].x / 0.1,
                                      places[i].y_px - places[i].y / 0.1));
    assert_true(largest > 3);
    struct image image = read_written("image_0000.npy");
    expect_peaks(&image, places, count, 0.05);
    mica_image_free(&image);
    mica_simulation_free(simulation);
}

TEST(labels_and_pixel_sizes_travel_with_the_images)
{
    struct simulation *simulation = open_letter("");
    write_sample(simulation);
    struct image image = read_written("image_0000.tif");
    struct image labels = read_written("labels_0000.png");
    assert_near(image.pixel[0], 0.1, 1e-7);
    assert_near(image.pixel[1], 0.1, 1e-7);
    assert_false(image.whole);
    assert_near(labels.pixel[0], 0.1, 1e-7);
    assert_int_equal(labels.colours, 2);
    for (size_t i = 0; i < ATOMS; i++) {
        size_t x = (size_t)(strokes[i][0] / 0.1 + 0.5);
        size_t y = (size_t)(strokes[i][1] / 0.1 + 0.5);
        assert_near(labels.data[y * labels.width + x], 1, 0);
        assert_near(labels.data[y * labels.width + x + 11], 0, 0); /* beyond 0.95 A */
    }
    mica_image_free(&image);
    mica_image_free(&labels);
    mica_simulation_free(simulation);
}
