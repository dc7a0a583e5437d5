/* probe.c - the intensity of a focused probe, as a kernel for images */
#include "datasets/physics/probe.h"
#include "core/fft.h"
#include "core/memory.h"
#include "core/numeric.h"

#include <math.h>
#include <string.h>

static const double pi = 3.141592653589793;
static const double two_pi = 6.283185307179586;
static const double ln2 = 0.6931471805599453;

enum { COARSE_MOST = 4096 }; /* samples a side of the largest box */

/* The box is `coarse` samples wide in psi, `fine`, twice as many, in the kernel: |psi|^2 is
   sampled above its band limit 2 alpha / lambda in both, with room for interpolation in the
   second. */
struct box {
    size_t coarse, fine; /* samples a side */
    double length;       /* [A] */
};

double mica_probe_step(const struct optics *optics)
{
    return 0.44 * optics->wavelength / (4 * optics->convergence);
}

/* 22 lambda / alpha keep the tails of the neighbouring boxes' probes below 1e-5 of the
   peak; a kernel that reaches far needs more. */
static struct box choose_box(const struct optics *optics, double radius)
{
    double step = mica_probe_step(optics);
    size_t needed = (size_t)ceil((radius + 2) / step);
    struct box box = {.coarse = mica_fft_size(needed > 100 ? needed : 100)};
    box.fine = 2 * box.coarse;
    box.length = step * (double)box.fine;
    return box;
}

/* The frequency [1/A] of sample i of `count`. */
static double frequency(size_t i, size_t count, double length)
{
    double whole = (double)i - (2 * i < count ? 0.0 : (double)count);
    return whole / length;
}

/* psi(k) = A(k) exp(-i chi); samples that the aperture's edge cuts count in part, which
   keeps the discrete disc's area true and damps the tails towards the box' edges. */
static void fill_aperture(float *psi, const struct optics *optics,
                          const double aberrations[ABERRATIONS], const struct box *box)
{
    double edge =
        optics->convergence / optics->wavelength * box->length; /* in samples */
    for (size_t row = 0; row < box->coarse; row++)
        for (size_t column = 0; column < box->coarse; column++) {
            float *value = psi + 2 * (row * box->coarse + column);
            double kx = frequency(column, box->coarse, box->length);
            double ky = frequency(row, box->coarse, box->length);
            double covered = edge - sqrt(kx * kx + ky * ky) * box->length + 0.5;
            value[0] = value[1] = 0;
            if (covered <= 0)
                continue;
            double chi =
                mica_aberration_phase(aberrations, optics->wavelength,
                                      optics->wavelength * kx, optics->wavelength * ky);
            covered = fmin(covered, 1);
            value[0] = (float)(covered * mica_cos(chi));
            value[1] = (float)(-covered * mica_sin(chi));
        }
}

/* Add weight |psi(x)|^2 to the real part of `sum`. */
static int add_intensity(float *sum, float *psi, const struct box *box, double weight)
{
    if (mica_fft2(psi, box->coarse, box->coarse, 1) != 0)
        return -1;
    for (size_t i = 0; i < box->coarse * box->coarse; i++)
        sum[2 * i] +=
            (float)weight * (psi[2 * i] * psi[2 * i] + psi[2 * i + 1] * psi[2 * i + 1]);
    return 0;
}

/* The mean intensity over the spread of defocus: nine Gauss-Hermite nodes
   (Kirkland, section 3.4; a spread up to 1 A is neglected). */
static int sum_intensity(float *sum, float *psi, const struct optics *optics,
                         const struct box *box)
{
    static const double nodes[9] = {-3.190993, -2.266581, -1.468553, -0.723551, 0,
                                    0.723551,  1.468553,  2.266581,  3.190993};
    static const double weights[9] = {3.960698e-5, 4.943624e-3, 8.847453e-2,
                                      4.326516e-1, 7.202352e-1, 4.326516e-1,
                                      8.847453e-2, 4.943624e-3, 3.960698e-5};
    static const double to_sigma = 0.6005612043932249; /* 1 / (2 sqrt(ln 2)) */
    static const double total = 1.772453850905516;     /* sqrt(pi) */
    bool spread = optics->focal_spread_fwhm > 1;
    double aberrations[ABERRATIONS];
    memcpy(aberrations, optics->aberrations, sizeof aberrations);
    for (int i = spread ? 0 : 4; i < (spread ? 9 : 5); i++) {
        aberrations[0] =
            optics->aberrations[0] - nodes[i] * optics->focal_spread_fwhm * to_sigma;
        fill_aperture(psi, optics, aberrations, box);
        if (add_intensity(sum, psi, box, spread ? weights[i] / total : 1) != 0)
            return -1;
    }
    return 0;
}

/* Source and thermal motion blur the image: exp(-2 pi^2 s^2 k^2), where the source's
   s = FWHM / sqrt(8 ln 2); each cubic B-spline is undone by 3 / (2 + cos(2 pi k step)).
   This is the factor of one axis. */
static double transfer(double k, double variance, int spline, double step)
{
    double value = mica_exp(-2 * pi * pi * variance * k * k);
    for (int i = 0; i < spline; i++)
        value *= 3 / (2 + mica_cos(two_pi * k * step));
    return value;
}

/* Factors along one axis of the coarse box. */
static void fill_factors(float factors[COARSE_MOST], const struct box *box,
                         const struct kernel_wish *wish, const struct optics *optics)
{
    double variance =
        optics->source_fwhm * optics->source_fwhm / (8 * ln2) + wish->blur * wish->blur;
    for (size_t i = 0; i < box->coarse; i++)
        factors[i] = (float)transfer(frequency(i, box->coarse, box->length), variance,
                                     wish->spline, mica_probe_step(optics));
}

/* Lay the coarse spectrum, times factors, into the fine one: two kernels at once, as the
   real and the imaginary part of what the inverse transform gives. */
static void lay_pair(float *work, const float *spectrum, const struct box *box,
                     const float *first, const float *second, float scale)
{
    size_t coarse = box->coarse, fine = box->fine;
    memset(work, 0, 2 * fine * fine * sizeof *work);
    for (size_t row = 0; row < coarse; row++) {
        size_t to_row = row + (2 * row < coarse ? 0 : fine - coarse);
        float a_row = scale * first[row], b_row = scale * second[row];
        for (size_t column = 0; column < coarse; column++) {
            size_t to_column = column + (2 * column < coarse ? 0 : fine - coarse);
            float a = a_row * first[column], b = b_row * second[column];
            const float *from = spectrum + 2 * (row * coarse + column);
            float *to = work + 2 * (to_row * fine + to_column);
            to[0] = a * from[0] - b * from[1];
            to[1] = a * from[1] + b * from[0];
        }
    }
}

/* The samples around the origin of a periodic box: its real (0) or imaginary (1) part. */
static void cut_out(struct kernel *kernel, const float *periodic, size_t part,
                    size_t count)
{
    size_t side = 2 * kernel->reach + 1;
    for (size_t row = 0; row < side; row++)
        for (size_t column = 0; column < side; column++) {
            size_t y = (row + count - kernel->reach) % count;
            size_t x = (column + count - kernel->reach) % count;
            kernel->values[row * side + column] = periodic[2 * (y * count + x) + part];
        }
}

/* The part of the intensity in the disc of the kernel's radius. */
static double sum_inside(const struct kernel *kernel)
{
    size_t side = 2 * kernel->reach + 1;
    double sum = 0, limit = kernel->radius / kernel->step;
    for (size_t row = 0; row < side; row++)
        for (size_t column = 0; column < side; column++) {
            double y = (double)row - (double)kernel->reach;
            double x = (double)column - (double)kernel->reach;
            if (x * x + y * y < limit * limit)
                sum += (double)kernel->values[row * side + column];
        }
    return sum * kernel->step * kernel->step;
}

/* One or two kernels out of the transform of the intensity, by the finer box. */
static int make_pair(struct kernel *kernels, const struct kernel_wish *wishes,
                     size_t count, const float *spectrum, float *work,
                     const struct box *box, const struct optics *optics)
{
    float factors[2][COARSE_MOST];
    double aperture = optics->convergence / optics->wavelength;
    double root = (double)box->coarse * box->length * box->length;
    double scale =
        1 / (pi * aperture * aperture * root * root); /* |psi|^2 dk^4 / area */
    for (size_t i = 0; i < 2; i++)
        fill_factors(factors[i], box, &wishes[i < count ? i : 0], optics);
    lay_pair(work, spectrum, box, factors[0], factors[1], (float)scale);
    if (mica_fft2(work, box->fine, box->fine, 1) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        size_t side = 2 * kernels[i].reach + 1;
        kernels[i].values = mica_allocate(side * side, sizeof(float));
        if (!kernels[i].values)
            return -1;
        cut_out(&kernels[i], work, i, box->fine);
        kernels[i].inside = sum_inside(&kernels[i]);
    }
    return 0;
}

static int make_kernels(const struct optics *optics, const struct box *box,
                        float *spectrum, float *work, const struct kernel_wish *wishes,
                        size_t count, struct kernel *kernels)
{
    if (sum_intensity(spectrum, work, optics, box) != 0 ||
        mica_fft2(spectrum, box->coarse, box->coarse, 0) != 0)
        return -1;
    for (size_t i = 0; i < count; i += 2)
        if (make_pair(kernels + i, wishes + i, count - i < 2 ? 1 : 2, spectrum, work,
                      box, optics) != 0)
            return -1;
    return 0;
}

int mica_probe_kernels(const struct optics *optics, double radius,
                       const struct kernel_wish *wishes, size_t count,
                       struct kernel *kernels, struct error *err)
{
    struct box box = choose_box(optics, radius);
    double step = mica_probe_step(optics);
    size_t reach = (size_t)ceil(radius / step) + 2;
    MICA_CHECK(radius / step <= KERNEL_REACH_MOST && box.coarse <= COARSE_MOST);
    for (size_t i = 0; i < count; i++)
        kernels[i] = (struct kernel){.step = step, .reach = reach, .radius = radius};
    float *spectrum = mica_allocate(box.coarse * box.coarse, 2 * sizeof *spectrum);
    float *work = mica_allocate(box.fine * box.fine, 2 * sizeof *work);
    int result = -1;
    if (spectrum && work)
        result = make_kernels(optics, &box, spectrum, work, wishes, count, kernels);
    mica_free(spectrum);
    mica_free(work);
    for (size_t i = 0; result != 0 && i < count; i++)
        mica_kernel_free(&kernels[i]);
    return result == 0 ? 0 : mica_fail(err, "no memory for the probe's kernel");
}

void mica_kernel_free(struct kernel *kernel)
{
    mica_free(kernel->values);
    kernel->values = NULL;
}
