/* checkpoint.c - weights to and from a file of named tensors */
#include "core/checkpoint.h"

#include <string.h>

#include "core/text.h"

void mica_weights_save(const struct weights *weights, struct safetensors_out *out)
{
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        const struct weight *w = mica_weights_at(weights, i);
        mica_safetensors_tensor(out, w->name, "F32", w->rank, w->dims, w->value);
    }
}

static bool fits_any(const char *name, const char *const *patterns)
{
    for (size_t i = 0; patterns && patterns[i]; i++)
        if (mica_weight_is_meant(name, patterns[i]))
            return true;
    return false;
}

static void write_dims(struct text *text, size_t rank, const size_t *dims)
{
    for (size_t i = 0; i < rank; i++)
        mica_text_add(text, "%s%zu", i ? " x " : "", dims[i]);
    if (rank == 0)
        mica_text_add(text, "one number");
}

static void complain(struct error *err, const char *path, const struct weight *w,
                     const struct stored *stored)
{
    struct text needed = {0}, found = {0};
    write_dims(&needed, w->rank, w->dims);
    if (stored) {
        write_dims(&found, stored->rank, stored->dims);
        mica_fail(err, "%s: the tensor '%s' is %s, but the network needs %s", path,
                  w->name, found.data, needed.data);
    } else {
        mica_fail(err, "%s: has no tensor '%s' (%s), which the network needs", path,
                  w->name, needed.data);
    }
    mica_text_free(&needed);
    mica_text_free(&found);
}

static bool load_one(struct weight *w, const struct safetensors *file)
{
    const struct stored *stored = mica_safetensors_find(file, w->name);
    return stored && stored->rank == w->rank &&
           memcmp(stored->dims, w->dims, w->rank * sizeof *w->dims) == 0 &&
           !mica_stored_floats(stored, w->value);
}

static bool nobodys(const char *name)
{
    const char *dot = strrchr(name, '.');
    return strncmp(name, "optimizer.", 10) == 0 || strncmp(name, "average.", 8) == 0 ||
           strcmp(dot ? dot + 1 : name, "num_batches_tracked") == 0;
}

/* The first few say what is wrong; a network of another width has hundreds. */
static bool told(size_t faults)
{
    enum { TOLD = 3 };
    return faults <= TOLD;
}

int mica_weights_load(struct weights *weights, const struct safetensors *file,
                      const char *path, const char *const *skip, struct error *err)
{
    size_t faults = 0;
    mica_weights_changed(weights);
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        struct weight *w = mica_weights_at(weights, i);
        if (!fits_any(w->name, skip) && !load_one(w, file) && told(++faults))
            complain(err, path, w, mica_safetensors_find(file, w->name));
    }
    for (size_t i = 0; i < mica_safetensors_count(file); i++) {
        const char *name = mica_safetensors_at(file, i)->name;
        if (!nobodys(name) && !fits_any(name, skip) &&
            !mica_weights_find(weights, name) && told(++faults))
            mica_fail(err, "%s: the network has no place for the tensor '%s'", path,
                      name);
    }
    if (!told(faults))
        mica_fail(
            err,
            "%s: %zu tensors do not fit; is it another network, or one with other "
            "parameters?",
            path, faults);
    return faults ? -1 : 0;
}
