/* physics.c - what tests of the simulator share */
#include "tests/datasets/physics.h"
#include "core/file.h"
#include "core/text.h"
#include "datasets/physics/electrons.h"
#include "tests/test.h"

#include <stdlib.h>

const char *reference_file(const char *name)
{
    static char path[4096];
    const char *folder = getenv("MICA_DATA");
    if (folder)
        snprintf(path, sizeof path, "%s/%s", folder, name);
    else
        snprintf(path, sizeof path, "%s/../shared/data/%s", MICA_TOP, name);
    return mica_file_exists(path) ? path : NULL;
}

struct optics plain_optics(void)
{
    return (struct optics){.voltage = 80,
                           .convergence = 0.023,
                           .wavelength = mica_electron_wavelength(80),
                           .current = 25,
                           .dwell = 16};
}

double kernel_at(const struct kernel *kernel, double x, double y)
{
    double u = x / kernel->step + (double)kernel->reach;
    double v = y / kernel->step + (double)kernel->reach;
    size_t i = (size_t)u, j = (size_t)v, side = 2 * kernel->reach + 1;
    float wx[4], wy[4];
    mica_spline_weights(u - (double)i, wx);
    mica_spline_weights(v - (double)j, wy);
    double sum = 0;
    for (size_t row = 0; row < 4; row++)
        for (size_t column = 0; column < 4; column++)
            sum += (double)(wy[row] * wx[column] *
                            kernel->values[(j - 1 + row) * side + i - 1 + column]);
    return sum;
}

struct simulation *simulation_with(const char *microscope, const char *rest)
{
    struct text text = {0};
    struct error err = {0};
    mica_text_add(&text,
                  "{\"mica_simulation\": 1, \"microscope\": {\"voltage\": \"80 kV\", "
                  "\"convergence_semiangle\": \"23 mrad\", %s}, %s}",
                  microscope, rest);
    struct json *json = mica_json_parse(text.data, "test.json", &err);
    mica_text_free(&text);
    struct simulation *simulation = json ? mica_simulation_open(json, &err) : NULL;
    if (!simulation)
        fail_msg("%s", err.text);
    return simulation;
}

struct simulation *simulation_of(const char *rest)
{
    return simulation_with(
        "\"detectors\": [{\"inner\": \"40 mrad\", \"outer\": \"160 mrad\"}]", rest);
}
