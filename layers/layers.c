/* layers.c - the registry of layers and losses, and their windows */
#include "layers/layers.h"

#include <string.h>

/* make writes the list: a line LAYER(name) for each layer. */
#define LAYER(name) extern const struct layer mica_layer_##name;
#include "layers.inc"
#undef LAYER

#define LAYER(name) &mica_layer_##name,
static const struct layer *const layers[] = {
#include "layers.inc"
    NULL};
#undef LAYER

const struct layer *mica_layer(size_t i)
{
    size_t count = sizeof layers / sizeof layers[0];
    return i < count ? layers[i] : NULL;
}

const struct layer *mica_layer_find(const char *name)
{
    for (size_t i = 0; layers[i]; i++)
        if (strcmp(layers[i]->name, name) == 0)
            return layers[i];
    return NULL;
}

const char *const mica_padding_words[] = {"same", "valid", NULL};

struct window mica_layer_window(size_t in, int kernel, int stride, int padding)
{
    size_t k = (size_t)kernel, s = (size_t)stride;
    struct window window = {0};
    if (padding == MICA_PADDING_SAME) {
        size_t last = (in - 1) / s * s;
        window.count = (in - 1) / s + 1;
        window.before = last + k > in ? (last + k - in) / 2 : 0;
        return window;
    }
    window.before = padding == MICA_PADDING_VALID ? 0 : (size_t)padding;
    if (in + 2 * window.before >= k)
        window.count = (in + 2 * window.before - k) / s + 1;
    return window;
}

int mica_layer_windows_check(const struct node *node, int kernel, int stride,
                             int padding, struct error *err)
{
    const char *name = node->layer->name;
    struct shape in = node->in[0];
    if (padding >= kernel)
        return mica_misuse(err,
                           "%s: padding %d is not below kernel %d, and the outermost "
                           "outputs would see no image; lower 'padding'",
                           name, padding, kernel);
    if (mica_layer_window(in.h, kernel, stride, padding).count == 0 ||
        mica_layer_window(in.w, kernel, stride, padding).count == 0)
        return mica_misuse(err,
                           "%s: kernel %d does not fit into an input of %zu x %zu; use "
                           "larger images, a smaller kernel or \"padding\": \"same\"",
                           name, kernel, in.h, in.w);
    return 0;
}

int mica_layer_spectrum_check(const struct node *node, struct error *err)
{
    struct shape in = node->in[0];
    if (in.h == 1)
        return 0;
    return mica_misuse(
        err,
        "%s: takes spectra (points x channels), not images of %zu x %zu x "
        "%zu; use the layer for images, or 'reshape'",
        node->layer->name, in.h, in.w, in.c);
}
