/* array.c - plain arrays of any number of axes: features, spectra, labels */
#include "datasets/array.h"

#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "datasets/image.h"

size_t mica_array_size(const struct array *array)
{
    size_t size = 1;
    for (size_t i = 0; i < array->axes; i++)
        size *= array->shape[i];
    return size;
}

void mica_array_free(struct array *array)
{
    mica_free(array->data);
    *array = (struct array){0};
}

int mica_array_new_for(const char *path, struct array *array, size_t axes,
                       const size_t *shape, struct error *err)
{
    char bytes[32];
    double wanted = sizeof(float);
    *array = (struct array){.axes = axes, .bits = 32};
    for (size_t i = 0; i < axes; i++) {
        array->shape[i] = shape[i];
        wanted *= (double)shape[i];
    }
    if (wanted == 0)
        return mica_fail(err, "%s: holds no numbers: one of its axes is 0 long", path);
    if (wanted < (double)(SIZE_MAX / 2))
        array->data = mica_allocate(mica_array_size(array), sizeof *array->data);
    if (array->data)
        return 0;
    *array = (struct array){0};
    return mica_fail(err, "%s: its numbers need %s of memory, which are not to be had",
                     path, mica_text_bytes(bytes, wanted));
}

int mica_array_read(const char *path, struct array *array, struct error *err)
{
    *array = (struct array){0};
    const struct format *format = mica_image_format(path, err);
    if (!format)
        return -1;
    if (format->read_array)
        return format->read_array(path, array, err);
    struct text list = {0};
    for (size_t i = 0; mica_format(i); i++)
        if (mica_format(i)->read_array)
            mica_text_add(&list, "%s.%s", list.length ? ", " : "",
                          mica_format(i)->extensions[0]);
    mica_misuse(err, "%s: is a picture (%s), not an array (%s)", path, format->name,
                list.data ? list.data : "none");
    mica_text_free(&list);
    return -1;
}
