/* fuzz_simulation.c - no text makes the readers of simulations or of atoms crash or run away */
#include "datasets/physics/simulation.h"
#include "datasets/physics/xyz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 14 }; /* bytes */

/* One sample, where it is small. */
static void take(const struct simulation *simulation)
{
    struct simulated sample = {0};
    struct error err = {0};
    size_t height, width, channels;
    double range[2];
    mica_simulation_shape(simulation, &height, &width, &channels);
    mica_simulation_pixels(simulation, range);
    if (height * width > 4096 || (double)(height + width) * range[1] > 200)
        return;
    int result = mica_simulation_sample(simulation, 0, &sample, &err);
    if ((result == 0) != (err.lines == 0))
        abort();
    mica_simulated_free(&sample);
}

static void read_specification(const char *text)
{
    struct error err = {0};
    struct json *json = mica_json_parse(text, "fuzz", &err);
    struct simulation *simulation = json ? mica_simulation_open(json, &err) : NULL;
    if ((simulation == NULL) != (err.lines > 0))
        abort();
    if (simulation)
        take(simulation);
    mica_simulation_free(simulation);
}

static void read_atoms(const uint8_t *data, size_t size)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    struct error err = {0};
    struct atoms atoms = {0};
    snprintf(path, sizeof path, "%s/mica-fuzz-XXXXXX", folder ? folder : "/tmp");
    int file = mkstemp(path);
    FILE *stream = file < 0 ? NULL : fdopen(file, "wb");
    if (!stream)
        return;
    fwrite(data, 1, size, stream);
    fclose(stream);
    if ((mica_xyz_read(path, &atoms, &err) == 0) != (err.lines == 0))
        abort();
    mica_atoms_free(&atoms);
    unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = size <= MOST ? malloc(size + 1) : NULL;
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (text[0] == '{')
        read_specification(text);
    else
        read_atoms(data, size);
    free(text);
    return 0;
}
