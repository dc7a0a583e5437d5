/* scattering.c - how one atom scatters fast electrons */
#include "datasets/physics/scattering.h"
#include "core/memory.h"
#include "core/numeric.h"
#include "datasets/physics/bessel.h"
#include "datasets/physics/electrons.h"

#include <math.h>

static const double pi = 3.141592653589793;
static const double two_pi = 6.283185307179586;

enum {
    RADII = 4001,   /* points of the integral over r, odd for Simpson's rule */
    ANGLES = 201,   /* points of the integral over the detector, odd */
    RINGS = 16,     /* points of the mean over the illumination cone: in radius, */
    DIRECTIONS = 24 /* and over half a turn */
};

double mica_scattering_factor(const struct element *element, double k)
{
    const double *fit = element->fit;
    double sum = 0;
    for (int i = 0; i < 6; i += 2)
        sum +=
            fit[i] / (k * k + fit[i + 1]) + fit[i + 6] * mica_exp(-fit[i + 7] * k * k);
    return sum;
}

/* v_z(r) = 4 pi^2 a0 e^2 sum a_i K0(2 pi r sqrt(b_i))
          + 2 pi^2 a0 e^2 sum (c_i / d_i) exp(-pi^2 r^2 / d_i) */
double mica_scattering_potential(const struct element *element, double r)
{
    static const double scale = 150.4121417; /* 2 pi^2 a0 e^2 [V A^3] */
    const double *fit = element->fit;
    double sum = 0;
    for (int i = 0; i < 6; i += 2) {
        sum += 2 * fit[i] * mica_bessel_k0(two_pi * r * sqrt(fit[i + 1]));
        double c = fit[i + 6], d = fit[i + 7];
        sum += c / d * mica_exp(-pi * pi * r * r / d);
    }
    return scale * sum;
}

struct amplitude {
    double step; /* [rad] */
    size_t count;
    double (*f)[2];
};

/* Simpson's weights: 1 4 2 4 ... 2 4 1, over 3 */
static double simpson(int i, int count)
{
    return (i == 0 || i == count - 1 ? 1 : i % 2 ? 4 : 2) / 3.0;
}

/* f_M(k) = (2 pi / lambda) int r J0(2 pi k r) [sin(sigma v) + i (1 - cos(sigma v))] dr,
   with r = exp(u), so that dr = r du: fine where the potential is steep. */
static void integrate(struct amplitude *amplitude, const struct element *element,
                      double voltage, double (*wave)[2], double *radius)
{
    const double first = mica_log(1e-6), last = mica_log(8.0);
    const double step = (last - first) / (RADII - 1);
    double lambda = mica_electron_wavelength(voltage);
    double sigma = mica_electron_interaction(voltage);
    for (int i = 0; i < RADII; i++) {
        double r = mica_exp(first + step * i);
        double phase = sigma * mica_scattering_potential(element, r);
        double weight = two_pi / lambda * r * r * step * simpson(i, RADII);
        double half = mica_sin(phase / 2);
        radius[i] = r;
        wave[i][0] = weight * mica_sin(phase);
        wave[i][1] = weight * 2 * half * half;
    }
    for (size_t n = 0; n < amplitude->count; n++) {
        double k = (double)n * amplitude->step / lambda;
        double *f = amplitude->f[n];
        for (int i = 0; i < RADII; i++) {
            double bessel = mica_bessel_j0(two_pi * k * radius[i]);
            f[0] += wave[i][0] * bessel;
            f[1] += wave[i][1] * bessel;
        }
    }
}

struct amplitude *mica_amplitude_new(const struct element *element, double voltage,
                                     double outer)
{
    const double step = 1e-3;
    struct amplitude *amplitude = mica_allocate(1, sizeof *amplitude);
    double(*wave)[2] = mica_allocate(RADII, sizeof *wave);
    double *radius = mica_allocate(RADII, sizeof *radius);
    if (amplitude && wave && radius) {
        amplitude->step = step;
        amplitude->count = (size_t)(outer / step) + 4;
        amplitude->f = mica_allocate(amplitude->count, sizeof *amplitude->f);
        if (amplitude->f)
            integrate(amplitude, element, voltage, wave, radius);
    }
    mica_free(wave);
    mica_free(radius);
    if (amplitude && amplitude->f)
        return amplitude;
    mica_amplitude_free(amplitude);
    return NULL;
}

void mica_amplitude_free(struct amplitude *amplitude)
{
    if (amplitude)
        mica_free(amplitude->f);
    mica_free(amplitude);
}

/* Lagrange's cubic through the four nearest points; f is even in theta */
void mica_amplitude_at(const struct amplitude *amplitude, double theta, double f[2])
{
    double place = theta / amplitude->step;
    size_t last = amplitude->count - 3;
    size_t i = place < (double)last ? (size_t)place : last;
    double t = place - (double)i;
    const double weights[4] = {-t * (t - 1) * (t - 2) / 6,
                               (t + 1) * (t - 1) * (t - 2) / 2,
                               -(t + 1) * t * (t - 2) / 2, (t + 1) * t * (t - 1) / 6};
    f[0] = f[1] = 0;
    for (size_t n = 0; n < 4; n++) {
        size_t at = i + n == 0 ? 1 : i + n - 1;
        f[0] += weights[n] * amplitude->f[at][0];
        f[1] += weights[n] * amplitude->f[at][1];
    }
}

/* |f_M|^2 at `theta`, averaged over the directions of the incident beam */
static double intensity(const struct amplitude *amplitude, double theta, double cone)
{
    double f[2], sum = 0;
    if (cone <= 0) {
        mica_amplitude_at(amplitude, theta, f);
        return f[0] * f[0] + f[1] * f[1];
    }
    for (int ring = 0; ring < RINGS; ring++)
        for (int i = 0; i < DIRECTIONS; i++) {
            double beam = cone * sqrt((ring + 0.5) / RINGS);
            double cosine = mica_cos(pi * (i + 0.5) / DIRECTIONS);
            double square = theta * theta + beam * beam - 2 * theta * beam * cosine;
            mica_amplitude_at(amplitude, sqrt(square), f);
            sum += f[0] * f[0] + f[1] * f[1];
        }
    return sum / (RINGS * DIRECTIONS);
}

/* sigma = 2 pi int_inner^outer |f|^2 theta dtheta */
double mica_amplitude_cross_section(const struct amplitude *amplitude, double inner,
                                    double outer, double cone)
{
    double step = (outer - inner) / (ANGLES - 1), sum = 0;
    for (int i = 0; i < ANGLES; i++) {
        double theta = inner + step * i;
        sum += simpson(i, ANGLES) * intensity(amplitude, theta, cone) * theta;
    }
    return two_pi * sum * step;
}
