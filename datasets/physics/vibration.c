/* vibration.c - the beam or the stage vibrates */
#include "core/numeric.h"
#include "datasets/physics/artefact.h"

#include <math.h>

static const double two_pi = 6.283185307179586;

struct vibration {
    struct spread amplitude;
    int waves;
    double lowest, highest, mains;
};
static const struct param params[] = {
    {"amplitude", PARAM_RANDOM, offsetof(struct vibration, amplitude), PARAM_NEEDED, 0,
     100, "rms displacement along each axis", NULL, DIMENSION_LENGTH},
    {"waves", PARAM_INT, offsetof(struct vibration, waves), 3, 1, 64,
     "how many sinusoids there are along each axis", NULL, DIMENSION_NONE},
    {"lowest", PARAM_QUANTITY, offsetof(struct vibration, lowest), 5, 1e-3, 1e6,
     "lowest frequency; they are drawn log-uniformly", NULL, DIMENSION_FREQUENCY},
    {"highest", PARAM_QUANTITY, offsetof(struct vibration, highest), 500, 1e-3, 1e6,
     "highest frequency", NULL, DIMENSION_FREQUENCY},
    {"mains", PARAM_QUANTITY, offsetof(struct vibration, mains), 50, 0, 1000,
     "half of the waves are its first five harmonics; 0: none", NULL,
     DIMENSION_FREQUENCY},
    {0}};

static double draw_frequency(const double *values, struct random *random)
{
    double low = mica_log(values[2]), high = mica_log(fmax(values[2], values[3]));
    double frequency = mica_exp(mica_random_between(random, low, high));
    double harmonic = 1 + (double)mica_random_below(random, 5);
    bool mains = mica_random_uniform(random) < 0.5 && values[4] > 0;
    return mains ? harmonic * values[4] : frequency;
}

/* shift += amplitude sin(omega t + phase): a rotation from pixel to pixel */
static void add_wave(const struct acquisition *acquisition, float *shift,
                     double amplitude, double omega, double phase)
{
    const struct scan *scan = &acquisition->scan;
    double turn = omega * acquisition->optics->dwell;
    double sine = mica_sin(turn), cosine = mica_cos(turn);
    for (size_t row = 0; row < scan->height; row++) {
        double angle = omega * mica_acquisition_time(acquisition, row, 0) + phase;
        double x = amplitude * mica_cos(angle), y = amplitude * mica_sin(angle);
        for (size_t column = 0; column < scan->width; column++) {
            shift[row * scan->width + column] += (float)y;
            double next = cosine * x - sine * y;
            y = sine * x + cosine * y;
            x = next;
        }
    }
}

static int apply(struct acquisition *acquisition, const double *values,
                 struct random *random, struct error *err)
{
    (void)err;
    int waves = (int)values[1];
    for (int axis = 0; axis < 2; axis++)
        for (int i = 0; i < waves; i++) {
            double omega = two_pi * 1e-6 * draw_frequency(values, random);
            double amplitude = values[0] * sqrt(2.0 / waves);
            add_wave(acquisition, axis ? acquisition->scan.dy : acquisition->scan.dx,
                     amplitude, omega, mica_random_between(random, 0, two_pi));
        }
    return 0;
}

const struct artefact mica_artefact_vibration = {
    .name = "vibration",
    .summary = "sinusoidal displacements of the beam in time",
    .equation = "d(t) = sum_n A sqrt(2 / waves) sin(2 pi f_n t + phi_n)",
    .stage = ARTEFACT_SCAN,
    .rank = 3,
    .params = params,
    .params_size = sizeof(struct vibration),
    .apply = apply};
