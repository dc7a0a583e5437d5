/* geometry.c - size, field and pixel of simulated images: two of them give the third */
#include "datasets/physics/specification.h"

/* of an image [A]: its atoms can be counted */
enum { SIDE_MOST = 10000 };

static int read_size(struct simulation *simulation, const cJSON *root,
                     struct error *err)
{
    const struct numbers *given = &simulation->size_given;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "size");
    if (given->count == 0)
        return 0;
    if (given->count > 2)
        return mica_json_fail(simulation->json, item, err,
                              "must be [rows, columns], not %zu numbers", given->count);
    for (size_t i = 0; i < 2; i++) {
        double value = given->values[given->count == 2 ? i : 0];
        if (!(value >= 1 && value <= 65536) || value != floor(value))
            return mica_json_fail(simulation->json, item, err,
                                  "must be whole numbers from 1 to 65536");
        simulation->size[i] = (size_t)value;
    }
    return 0;
}

static int read_field(struct simulation *simulation, const struct reader *reader,
                      struct error *err)
{
    const cJSON *item = simulation->field_json;
    if (!item)
        return 0;
    if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2)
        return mica_json_fail(simulation->json, item, err,
                              "must be [height, width], such as [\"6 nm\", \"6 nm\"]");
    for (int i = 0; i < 2; i++) {
        double *length = &simulation->field[i];
        const cJSON *entry = cJSON_GetArrayItem(item, i);
        if (mica_param_quantity(length, entry, DIMENSION_LENGTH, reader, err) != 0)
            return -1;
        if (!(*length > 0))
            return mica_json_fail(simulation->json, entry, err, "must be above 0");
    }
    return 0;
}

/* The size that follows from field and pixel. */
static int divide_field(struct simulation *simulation, const cJSON *root,
                        struct error *err)
{
    double least, most;
    mica_spread_limits(&simulation->pixel, &least, &most);
    if (least != most)
        return mica_json_fail(
            simulation->json, simulation->field_json, err,
            "with 'field', 'pixel' must be one value: every image of a "
            "set has the same size in pixels");
    for (size_t i = 0; i < 2; i++) {
        double count = floor(simulation->field[i] / least + 0.5);
        if (count < 1 || count > 65536)
            return mica_json_fail(simulation->json, root, err,
                                  "'field' over 'pixel' is %g pixels", count);
        simulation->size[i] = (size_t)count;
        simulation->field[i] = 0;
    }
    return 0;
}

static int choose_geometry(struct simulation *simulation, const cJSON *root,
                           const struct reader *reader, struct error *err)
{
    if (read_size(simulation, root, err) != 0 ||
        read_field(simulation, reader, err) != 0)
        return -1;
    bool pixel = cJSON_HasObjectItem(root, "pixel"), size = simulation->size[0] > 0;
    const struct specimen *specimen = &simulation->specimen;
    if (specimen->periodic) {
        if (pixel || simulation->field_json || !size)
            return mica_json_fail(simulation->json, root, err,
                                  "a periodic specimen takes 'size' alone: the image "
                                  "covers the cell");
        simulation->field[0] = specimen->atoms.cell[1];
        simulation->field[1] = specimen->atoms.cell[0];
        return 0;
    }
    if (pixel + size + (simulation->field_json != NULL) != 2)
        return mica_json_fail(simulation->json, root, err,
                              "give two of 'pixel', 'size' and 'field'");
    if (!size)
        return divide_field(simulation, root, err);
    return 0;
}

int mica_specification_geometry(struct simulation *simulation, const cJSON *root,
                                const struct reader *reader, struct error *err)
{
    double range[2];
    if (choose_geometry(simulation, root, reader, err) != 0)
        return -1;
    mica_simulation_pixels(simulation, range);
    for (size_t i = 0; i < 2; i++) {
        double side = simulation->field[i] > 0 ? simulation->field[i]
                                               : range[1] * (double)simulation->size[i];
        if (side > SIDE_MOST)
            return mica_json_fail(simulation->json, root, err,
                                  "the image is %.0f A wide or high, more than %d A",
                                  side, SIDE_MOST);
    }
    return 0;
}
