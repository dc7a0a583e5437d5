/* test_incoherent.c - images as sums of probes */
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "datasets/image.h"
#include "datasets/physics/columns.h"
#include "datasets/physics/incoherent.h"
#include "datasets/physics/xyz.h"
#include "tests/datasets/physics.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

enum { SIDE = 256 };

/* The atoms of a cell and its neighbours as points; the caller frees them. */
static struct scatterer *repeat(const struct atoms *cell, const double *molybdenum,
                                const double *sulfur, size_t *count)
{
    struct scatterer *points = mica_need(9 * cell->count, sizeof *points);
    *count = 0;
    for (int row = -1; row <= 1; row++)
        for (int column = -1; column <= 1; column++)
            for (size_t i = 0; i < cell->count; i++) {
                const struct atom *atom = &cell->list[i];
                points[(*count)++] = (struct scatterer){
                    atom->x + column * cell->cell[0], atom->y + row * cell->cell[1], 0,
                    atom->element == 42 ? molybdenum : sulfur};
            }
    return points;
}

/* The largest difference from the reference, relative to its maximum. */
static double difference(const struct atoms *cell, const float *reference,
                         double radius, const double *molybdenum, const double *sulfur)
{
    struct error err = {0};
    struct optics optics = plain_optics();
    struct kernel_wish wish = {0, 2};
    struct kernel kernel;
    struct scan scan = {
        SIDE, SIDE, {cell->cell[1] / SIDE, cell->cell[0] / SIDE}, NULL, NULL};
    struct grid grid;
    size_t count;
    float *image = mica_need(SIDE * SIDE, sizeof *image);
    struct scatterer *points = repeat(cell, molybdenum, sulfur, &count);
    assert_int_equal(mica_probe_kernels(&optics, radius, &wish, 1, &kernel, &err), 0);
    assert_int_equal(mica_grid_new(&grid, &scan, 1, kernel.step, 0, &err), 0);
    assert_int_equal(mica_grid_add(&grid, &kernel, points, count, &err), 0);
    mica_grid_sample(&grid, &scan, image);
    float most = 0, worst = 0;
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        most = fmaxf(most, reference[i]);
        worst = fmaxf(worst, fabsf(image[i] - reference[i]));
    }
    mica_grid_free(&grid);
    mica_kernel_free(&kernel);
    mica_free(points);
    mica_free(image);
    return (double)(worst / most);
}

TEST(an_image_of_vacancies_agrees_with_the_exact_one_and_better_with_larger_kernels)
{
    const char *path = reference_file("physics/incoherent_mos2_vacancies.xyz");
    if (!path)
        SKIP("no reference data: set MICA_DATA");
    struct error err = {0};
    struct atoms cell;
    struct image image;
    assert_int_equal(mica_xyz_read(path, &cell, &err), 0);
    assert_int_equal(cell.count, 237);
    path = reference_file("physics/incoherent_mos2_vacancies.npy");
    assert_non_null(path);
    assert_int_equal(mica_image_read(path, &image, &err), 0);
    static const double molybdenum = .0350486, sulfur = .0077183;
    double at_2 = difference(&cell, image.data, 2, &molybdenum, &sulfur);
    double at_4 = difference(&cell, image.data, 4, &molybdenum, &sulfur);
    double at_7 = difference(&cell, image.data, 7, &molybdenum, &sulfur);
    double at_12 = difference(&cell, image.data, 12, &molybdenum, &sulfur);
    assert_true(at_7 < 0.003);
    assert_true(at_12 < at_7 && at_7 < at_4 && at_4 < at_2);
    mica_image_free(&image);
    mica_atoms_free(&cell);
}

TEST(an_image_with_our_own_cross_sections_agrees_within_one_percent)
{
    const char *path = reference_file("physics/incoherent_mos2_vacancies.npy");
    if (!path)
        SKIP("no reference data: set MICA_DATA");
    struct error err = {0};
    struct atoms cell;
    struct image image;
    assert_int_equal(mica_image_read(path, &image, &err), 0);
    path = reference_file("physics/incoherent_mos2_vacancies.xyz");
    assert_int_equal(mica_xyz_read(path, &cell, &err), 0);
    struct detector detector = {"HAADF", .04, .16};
    struct microscope microscope = {
        .voltage = 80, .convergence = .023, .detectors = 1, .detector = &detector};
    struct cross_sections sections;
    mica_cross_sections_start(&sections, &microscope);
    assert_int_equal(mica_cross_sections_add(&sections, &microscope, 42, &err), 0);
    assert_int_equal(mica_cross_sections_add(&sections, &microscope, 16, &err), 0);
    double molybdenum = mica_columns_single(&sections, 42, 1, 0);
    double sulfur = mica_columns_single(&sections, 16, 1, 0);
    assert_true(difference(&cell, image.data, 7, &molybdenum, &sulfur) < 0.01);
    mica_image_free(&image);
    mica_atoms_free(&cell);
}

TEST(one_atom_s_image_adds_up_to_its_cross_section)
{
    struct error err = {0};
    struct optics optics = plain_optics();
    struct kernel_wish wish = {0.07, 2};
    struct kernel kernel;
    struct grid grid;
    struct scan scan = {200, 200, {0.2, 0.2}, NULL, NULL};
    static float image[200 * 200];
    double weight = 0.035;
    struct scatterer point = {20.03, 19.91, 0, &weight};
    assert_int_equal(mica_probe_kernels(&optics, 15, &wish, 1, &kernel, &err), 0);
    assert_int_equal(mica_grid_new(&grid, &scan, 1, kernel.step, 0, &err), 0);
    assert_int_equal(mica_grid_add(&grid, &kernel, &point, 1, &err), 0);
    mica_grid_sample(&grid, &scan, image);
    double sum = 0;
    for (size_t i = 0; i < 200 * 200; i++)
        sum += (double)image[i] * 0.04;
    assert_near(sum / weight, 1, 0.015);
    mica_grid_free(&grid);
    mica_kernel_free(&kernel);
}

/* sum of weight h(x - point) at one place, without a grid */
static double brute_force(const struct kernel *kernel, const struct scatterer *points,
                          size_t count, double x, double y)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double dx = x - points[i].x, dy = y - points[i].y;
        if (dx * dx + dy * dy < kernel->radius * kernel->radius)
            sum += points[i].weights[0] * kernel_at(kernel, dx, dy);
    }
    return sum;
}

TEST(displaced_sampling_is_the_sum_of_probes_at_the_displaced_places)
{
    enum { POINTS = 40, PIXELS = 32 };
    struct error err = {0};
    struct optics optics = plain_optics();
    struct kernel_wish wishes[2] = {{0, 2}, {0, 1}};
    struct kernel kernels[2];
    struct scatterer points[POINTS];
    struct random random;
    double weight = 1, tail = 0;
    mica_random_start(&random, 3, 1, 0);
    assert_int_equal(mica_probe_kernels(&optics, 5, wishes, 2, kernels, &err), 0);
    for (size_t i = 0; i < POINTS; i++) {
        double x = mica_random_between(&random, 0, 8);
        points[i] =
            (struct scatterer){x, mica_random_between(&random, 0, 8), 0, &weight};
    }
    static float dx[PIXELS * PIXELS], dy[PIXELS * PIXELS], image[PIXELS * PIXELS];
    for (size_t i = 0; i < PIXELS * PIXELS; i++) {
        dx[i] = (float)mica_random_between(&random, -1, 1);
        dy[i] = (float)mica_random_between(&random, -1, 1);
    }
    struct scan scan = {PIXELS, PIXELS, {0.25, 0.23}, dx, dy};
    struct grid grid;
    assert_int_equal(mica_grid_new(&grid, &scan, 1, kernels[0].step, 0, &err), 0);
    assert_int_equal(mica_grid_add(&grid, kernels, points, POINTS, &err), 0);
    mica_grid_sample(&grid, &scan, image);
    tail = POINTS * (1 - kernels[0].inside) /
           (((double)(grid.rows - 1) * grid.step + 10) *
            ((double)(grid.columns - 1) * grid.step + 10));
    double worst = 0;
    for (size_t i = 0; i < PIXELS * PIXELS; i++) {
        double x = (double)(i % PIXELS) * 0.23 + (double)dx[i];
        double y = (double)(i / PIXELS) * 0.25 + (double)dy[i];
        double expected = tail + brute_force(&kernels[1], points, POINTS, x, y);
        worst = fmax(worst, fabs((double)image[i] - expected));
    }
    assert_true(worst < 1e-3 * 0.9531 * 2); /* some atoms overlap */
    mica_grid_free(&grid);
    mica_kernel_free(&kernels[0]);
    mica_kernel_free(&kernels[1]);
}

TEST(rendering_gives_the_same_bits_for_any_number_of_threads)
{
    enum { POINTS = 300, PIXELS = 96 };
    struct error err = {0};
    struct optics optics = plain_optics();
    struct kernel_wish wish = {0, 2};
    struct kernel kernel;
    struct scatterer points[POINTS];
    struct random random;
    double weight = 1;
    static float images[2][PIXELS * PIXELS];
    mica_random_start(&random, 4, 1, 0);
    assert_int_equal(mica_probe_kernels(&optics, 7, &wish, 1, &kernel, &err), 0);
    for (size_t i = 0; i < POINTS; i++) {
        double x = mica_random_between(&random, -7, 30);
        points[i] =
            (struct scatterer){x, mica_random_between(&random, -7, 30), 0, &weight};
    }
    struct scan scan = {PIXELS, PIXELS, {0.24, 0.24}, NULL, NULL};
    for (size_t n = 0; n < 2; n++) {
        struct grid grid;
        mica_parallel_use(n + 1);
        assert_int_equal(mica_grid_new(&grid, &scan, 1, kernel.step, 0, &err), 0);
        assert_int_equal(mica_grid_add(&grid, &kernel, points, POINTS, &err), 0);
        mica_grid_sample(&grid, &scan, images[n]);
        mica_grid_free(&grid);
    }
    mica_parallel_use(0);
    assert_memory_equal(images[0], images[1], sizeof images[0]);
    mica_kernel_free(&kernel);
}
