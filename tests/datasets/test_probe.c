/* test_probe.c - the probe's intensity and its aberrations */
#include "core/numeric.h"
#include "core/random.h"
#include "datasets/physics/probe.h"
#include "tests/datasets/physics.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static const struct kernel_wish one_spline = {0, 1};

static struct kernel make(const struct optics *optics)
{
    struct kernel kernel;
    struct error err = {0};
    assert_int_equal(mica_probe_kernels(optics, 7, &one_spline, 1, &kernel, &err), 0);
    return kernel;
}

static double fwhm(const struct kernel *kernel)
{
    double half = kernel_at(kernel, 0, 0) / 2, inside = 0, outside = 2;
    for (int i = 0; i < 40; i++) {
        double middle = (inside + outside) / 2;
        if (kernel_at(kernel, middle, 0) > half)
            inside = middle;
        else
            outside = middle;
    }
    return 2 * inside;
}

TEST(the_probe_has_the_tabulated_widths_within_two_percent)
{
    static const double sources[5] = {0, 0.5, 0.8, 1.0, 1.2};
    static const double table[8][6] = {
        {18.0, 1.19, 1.27, 1.39, 1.50, 1.63}, {20.0, 1.08, 1.16, 1.29, 1.42, 1.56},
        {21.4, 1.00, 1.09, 1.24, 1.37, 1.52}, {23.0, 0.935, 1.03, 1.19, 1.32, 1.48},
        {25.2, 0.85, 0.96, 1.13, 1.28, 1.44}, {27.5, 0.78, 0.90, 1.08, 1.24, 1.41},
        {30.0, 0.72, 0.84, 1.04, 1.21, 1.39}, {35.0, 0.61, 0.76, 0.99, 1.16, 1.35}};
    struct optics optics = plain_optics();
    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 5; j++) {
            optics.convergence = 1e-3 * table[i][0];
            optics.source_fwhm = sources[j];
            struct kernel kernel = make(&optics);
            assert_near(fwhm(&kernel) / table[i][j + 1], 1, 0.02);
            if (j == 0)
                assert_near(fwhm(&kernel) * optics.convergence / optics.wavelength,
                            0.514, 0.005);
            mica_kernel_free(&kernel);
        }
}

TEST(the_ideal_probe_is_airy_s_disc)
{
    struct optics optics = plain_optics();
    struct kernel kernel = make(&optics);
    assert_near(kernel_at(&kernel, 0, 0), 0.9531, 0.001);
    double least = 1, zero = 0;
    for (double x = 0.9; x < 1.3; x += 0.005)
        if (kernel_at(&kernel, x, 0) < least) {
            least = kernel_at(&kernel, x, 0);
            zero = x;
        }
    assert_near(zero, 1.107, 0.01);
    assert_near(least, 0, 2e-4);
    /* the tail beyond r holds lambda / (pi^2 alpha r) of the beam */
    assert_near(1 - kernel.inside,
                optics.wavelength / (9.8696 * optics.convergence * kernel.radius),
                4e-3);
    mica_kernel_free(&kernel);
}

TEST(an_aberration_of_a_quarter_pi_costs_the_peak_its_strehl_ratio)
{
    static const struct {
        const char *name;
        double ratio;
    } table[5] = {
        {"C12a", .901}, {"C10", .949}, {"C21a", .989}, {"C23a", .925}, {"C30", .946}};
    struct optics optics = plain_optics();
    struct kernel ideal = make(&optics);
    for (size_t i = 0; i < 5; i++) {
        size_t n = 0;
        while (strcmp(mica_aberration(n)->name, table[i].name) != 0)
            n++;
        struct optics aberrated = optics;
        aberrated.aberrations[n] = mica_aberration_scale(
            mica_aberration(n), optics.wavelength, optics.convergence);
        struct kernel kernel = make(&aberrated);
        double peak = 0;
        for (double x = -1; x <= 1; x += 0.02) /* coma moves the peak along x */
            peak = fmax(peak, kernel_at(&kernel, x, 0));
        assert_near(peak / kernel_at(&ideal, 0, 0), table[i].ratio, 0.003);
        mica_kernel_free(&kernel);
    }
    mica_kernel_free(&ideal);
}

/* chi as it is written down, with angles */
static double chi(const double *c, double wavelength, double ax, double ay)
{
    double a = sqrt(ax * ax + ay * ay), phi = atan2(ay, ax), sum = 0;
    for (size_t i = 0; i < ABERRATIONS; i++) {
        const struct aberration *one = mica_aberration(i);
        double turn = one->fold * phi;
        sum += c[i] * pow(a, one->order + 1) / (one->order + 1) *
               (one->part == 'b' ? sin(turn) : cos(turn));
    }
    return 2 * 3.141592653589793 / wavelength * sum;
}

TEST(the_phase_is_the_series_in_krivanek_s_coefficients)
{
    struct random random;
    double coefficients[ABERRATIONS];
    mica_random_start(&random, 1, 1, 1);
    for (size_t i = 0; i < ABERRATIONS; i++)
        coefficients[i] = mica_random_normal(&random) *
                          mica_aberration_scale(mica_aberration(i), 0.04, 0.025);
    for (int n = 0; n < 50; n++) {
        double ax = mica_random_between(&random, -.03, .03);
        double ay = mica_random_between(&random, -.03, .03);
        double expected = chi(coefficients, 0.04, ax, ay);
        assert_near(mica_aberration_phase(coefficients, 0.04, ax, ay), expected,
                    1e-9 * (1 + fabs(expected)));
    }
}

TEST(a_spread_of_focus_is_the_mean_over_defocus)
{
    struct optics optics = plain_optics();
    struct kernel ideal = make(&optics);
    optics.focal_spread_fwhm = 60;
    struct kernel spread = make(&optics);
    double mean = 0, total = 0, sd = 60 / 2.3548;
    for (double defocus = -100; defocus <= 100; defocus += 5) {
        struct optics single = plain_optics();
        double weight = exp(-defocus * defocus / (2 * sd * sd));
        single.aberrations[0] = -defocus;
        struct kernel kernel = make(&single);
        mean += weight * kernel_at(&kernel, 0, 0);
        total += weight;
        mica_kernel_free(&kernel);
    }
    assert_near(kernel_at(&spread, 0, 0), mean / total, 0.002);
    assert_true(kernel_at(&spread, 0, 0) < 0.95 * kernel_at(&ideal, 0, 0));
    mica_kernel_free(&spread);
    mica_kernel_free(&ideal);
}
