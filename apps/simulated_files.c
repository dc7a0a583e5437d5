/* simulated_files.c - what mica simulate leaves of a sample */
#include "apps/simulated_files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "datasets/colours.h"
#include "datasets/physics/elements.h"
#include "datasets/table.h"

/* Of one sample: where its files go. */
struct target {
    const char *folder;
    uint64_t number;
};

static struct text name_file(const struct target *target, const char *kind,
                             const char *ending)
{
    struct text path = {0};
    mica_text_add(&path, "%s/%s_%04" PRIu64 ".%s", target->folder, kind, target->number,
                  ending);
    return path;
}

/* --- images ---------------------------------------------------------------------- */

struct image mica_simulated_image(const struct simulated *sample)
{
    return (struct image){.frames = 1,
                          .height = sample->view.height,
                          .width = sample->view.width,
                          .channels = sample->channels,
                          .data = sample->image,
                          .bits = 32,
                          .pixel = {sample->view.pixel[0], sample->view.pixel[1]}};
}

size_t mica_simulated_names(const struct simulation *simulation,
                            const char *names[MICA_CLASSES_MOST + 1])
{
    size_t count = 0;
    while (count < MICA_CLASSES_MOST &&
           (names[count] = mica_simulation_class(simulation, count)) != NULL)
        count++;
    names[count] = NULL;
    return count;
}

int mica_simulated_classes(const struct simulated *sample,
                           const struct simulation *simulation, struct image *classes,
                           struct error *err)
{
    if (mica_image_new(classes, 1, sample->view.height, sample->view.width, 1, err) !=
        0)
        return -1;
    classes->bits = 8;
    classes->whole = true;
    memcpy(classes->pixel, sample->view.pixel, sizeof classes->pixel);
    size_t size = mica_image_size(classes);
    for (size_t i = 0; i < size; i++)
        classes->data[i] = sample->labels[i];
    const char *names[MICA_CLASSES_MOST + 1];
    classes->colours = mica_simulated_names(simulation, names);
    mica_class_palette(names, classes->colours, classes->palette);
    return 0;
}

static int write_image(const struct image *image, const struct target *target,
                       const char *kind, const char *ending, struct error *err)
{
    struct text path = name_file(target, kind, ending);
    int result = mica_image_write(path.data, image, err);
    mica_text_free(&path);
    return result;
}

/* --- tables and values ------------------------------------------------------------ */

static bool is_shown(const struct atom *atom, const struct view *view)
{
    return atom->x_px >= -0.5 && atom->x_px < (double)view->width - 0.5 &&
           atom->y_px >= -0.5 && atom->y_px < (double)view->height - 0.5;
}

static void put_atom(struct table_out *table, size_t id, const struct atom *atom,
                     const struct atoms *atoms)
{
    const struct element *element = mica_element(atom->element);
    const double numbers[] = {atom->x, atom->y, atom->z, atom->x_px, atom->y_px};
    mica_table_put_integer(table, (int64_t)id);
    mica_table_put_text(table, element != NULL ? element->symbol : NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        mica_table_put_number(table, numbers[i], 9);
    mica_table_put_integer(table, atom->column);
    if (atom->site >= 0)
        mica_table_put_integer(table, atom->site);
    else
        mica_table_put_text(table, NULL);
    mica_table_put_text(table, atom->label >= 0 ? atoms->labels[atom->label] : NULL);
}

static int write_atoms(const struct simulated *sample, const struct target *target,
                       struct error *err)
{
    static const char *const names[] = {"id",   "element", "x_A",  "y_A",
                                        "z_A",  "x_px",    "y_px", "column",
                                        "site", "label",   NULL};
    const struct atoms *atoms = &sample->atoms;
    struct text path = name_file(target, "atoms", "csv");
    struct table_out table;
    int result = mica_table_begin(&table, path.data, names, err);
    size_t id = 0;
    for (size_t i = 0; i < atoms->count && result == 0; i++)
        if (is_shown(&atoms->list[i], &sample->view))
            put_atom(&table, id++, &atoms->list[i], atoms);
    if (result == 0)
        result = mica_table_commit(&table, err);
    mica_text_free(&path);
    return result;
}

static void add_names(cJSON *object, const char *key,
                      const char *(*name)(const struct simulation *, size_t),
                      const struct simulation *simulation)
{
    cJSON *list = cJSON_AddArrayToObject(object, key);
    for (size_t i = 0; name(simulation, i) != NULL; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(name(simulation, i)));
}

static int write_values(const struct simulated *sample,
                        const struct simulation *simulation,
                        const struct target *target, struct error *err)
{
    cJSON *object = cJSON_CreateObject();
    const double size[2] = {(double)sample->view.height, (double)sample->view.width};
    cJSON_AddNumberToObject(object, "mica_sample", 1);
    cJSON_AddItemToObject(object, "size", cJSON_CreateDoubleArray(size, 2));
    add_names(object, "detectors", mica_simulation_channel, simulation);
    add_names(object, "classes", mica_simulation_class, simulation);
    cJSON_AddItemReferenceToObject(object, "drawn", sample->drawn);
    char *text = cJSON_Print(object);
    MICA_CHECK(text != NULL);
    struct text path = name_file(target, "sample", "json");
    int result = mica_file_write(path.data, text, strlen(text), err);
    mica_text_free(&path);
    free(text);
    cJSON_Delete(object);
    return result;
}

int mica_simulated_write(const struct simulated *sample, const struct image *classes,
                         const struct simulation *simulation, const char *folder,
                         uint64_t number, struct error *err)
{
    const struct target target = {folder, number};
    const struct image image = mica_simulated_image(sample);
    if (write_image(&image, &target, "image", "npy", err) != 0 ||
        write_image(&image, &target, "image", "tif", err) != 0 ||
        write_image(classes, &target, "labels", "png", err) != 0 ||
        write_atoms(sample, &target, err) != 0)
        return -1;
    return write_values(sample, simulation, &target, err);
}
