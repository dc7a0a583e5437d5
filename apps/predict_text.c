/* predict_text.c - what was found in an image, for people */
#include "apps/predict_text.h"

#include <string.h>

enum { NM2 = 100 }; /* A^2 */

void mica_image_text_add(struct image_text *text, const struct prediction *prediction,
                         const struct findings *findings)
{
    text->frames++;
    text->small += findings->small;
    text->classes = findings->classes;
    text->analysed += findings->analysed;
    text->excluded += findings->excluded;
    for (size_t i = 0; i < findings->objects.count; i++)
        text->objects[findings->objects.list[i].label]++;
    for (size_t i = 1; i < findings->classes; i++) {
        struct concentration *sum = &text->sums[i];
        const struct concentration *c = &findings->concentrations[i];
        uint64_t count = sum->count + c->count, sites = sum->sites + c->sites;
        *sum = *c;
        sum->count = count;
        sum->sites = sites;
    }
    text->tiling = prediction->tiling;
    text->bytes = prediction->plan_bytes;
    memcpy(text->grid, prediction->grid, sizeof text->grid);
    memcpy(text->pixel, prediction->pixel, sizeof text->pixel);
}

static const char *digits(char out[40], double number)
{
    return mica_text_digits(out, number, 3);
}

/* A^2 as nm^2. */
static const char *area_digits(char out[40], double area)
{
    double nm2 = area / NM2;
    return nm2 < 1000 ? digits(out, nm2) : mica_text_count(out, (uint64_t)(nm2 + 0.5));
}

static void tell_size(const struct model *model, const struct image *image,
                      const char *name, struct text *out)
{
    char pixel[40], to[40];
    const double *range = model->pixel_range;
    mica_text_add(out, "%s: ", name);
    if (image->frames > 1)
        mica_text_add(out, "%zu frames of ", image->frames);
    mica_text_add(out, "%zu x %zu pixels", image->height, image->width);
    if (image->pixel[1] > 0)
        mica_text_add(out, " of %s A", mica_text_digits(pixel, image->pixel[1], 5));
    else
        mica_text_add(out, "; the size of a pixel is unknown, so areas and "
                           "concentrations are too: --pixel gives it");
    if (image->pixel[1] > 0 || !(range[1] > 0))
        mica_text_add(out, "\n");
    else if (range[0] < range[1])
        mica_text_add(out, " (the model was trained with %s to %s A)\n",
                      digits(pixel, range[0]), digits(to, range[1]));
    else
        mica_text_add(out, " (the model was trained with %s A: --pixel %sA)\n",
                      digits(pixel, range[1]), pixel);
}

static void tell_computing(const struct image_text *text, const struct image *image,
                           struct text *out)
{
    const struct tiling *t = &text->tiling;
    char from[40], to[40], bytes[32], work[40];
    if (text->grid[0] != image->height || text->grid[1] != image->width)
        mica_text_add(out,
                      "  resampled from %s to %s A a pixel, the nearest that the model "
                      "knows; results are on the image's own pixels\n",
                      digits(from, image->pixel[1]), digits(to, text->pixel[1]));
    mica_text_bytes(bytes, (double)text->bytes);
    if (mica_tiling_count(t) == 1)
        mica_text_add(out, "  computed whole, %s\n", bytes);
    else
        mica_text_add(
            out,
            "  computed in %zu x %zu tiles of %zu x %zu pixels with a halo of "
            "%zu: %s times the work of the whole, %s\n",
            t->rows, t->columns, t->tile[0], t->tile[1], t->halo,
            digits(work, mica_tiling_work(t)), bytes);
}

static void tell_fraction(const struct concentration *c, const char *element,
                          bool single, struct text *out)
{
    char count[32], sites[32], share[40], low[40], high[40];
    double fraction = (double)c->count / (double)c->sites;
    mica_text_add(out, "%s of %s %s sites, %s %%", mica_text_count(count, c->count),
                  mica_text_count(sites, c->sites), element,
                  digits(share, 100 * fraction));
    if (c->count > c->sites)
        mica_text_add(out, ": more than there are; is the pixel size right?");
    else if (single)
        mica_text_add(out, " (95 %%: %s to %s %%)", digits(low, 100 * c->ci95.low),
                      digits(high, 100 * c->ci95.high));
}

static void tell_class(const struct image_text *text, const struct predicting *p,
                       size_t label, struct text *out)
{
    const struct concentration *c = &text->sums[label];
    const char *element = "";
    char buffer[32], count[32];
    const char *name = mica_class_name(p->model, label, buffer);
    mica_text_add(out, "  %s: ", name);
    if (c->sites == 0) {
        mica_text_add(out, "%s\n", mica_text_count(count, text->objects[label]));
        return;
    }
    mica_site_density(p->rules.crystal, name, &element);
    tell_fraction(c, element, text->frames == 1, out);
    if (text->objects[label] > c->count)
        mica_text_add(out, "; %s more outside the analysed area",
                      mica_text_count(count, text->objects[label] - c->count));
    mica_text_add(out, "\n");
}

static void tell_area(const struct image_text *text, const struct predicting *p,
                      struct text *out)
{
    const struct exclusion *e = &p->rules.exclusion;
    char area[40], rest[40], length[40];
    const char *comma = "";
    mica_text_add(out, "  analysed: %s nm^2; left out: %s nm^2 (",
                  area_digits(area, text->analysed), area_digits(rest, text->excluded));
    if (e->border > 0) {
        mica_text_add(out, "a border of %s A", digits(length, e->border));
        comma = ", ";
    }
    if (e->vacuum) {
        mica_text_add(out, "%svacuum: means below %s", comma, digits(length, e->level));
        comma = ", ";
    }
    if (p->exclude)
        mica_text_add(out, "%swhat %s names", comma, p->exclude);
    else if (!e->vacuum)
        mica_text_add(out, "%svacuum was not looked for", comma);
    mica_text_add(out, ")\n");
}

static void tell_files(const struct predicting *p, const struct input *input,
                       const struct image *image, struct text *out)
{
    bool stack = image->frames > 1;
    const char *folder = p->folder, *stem = input->stem;
    mica_text_add(out, "  %s/%s_classes.%s, %s/%s_overlay%s", folder, stem,
                  stack ? "tif" : "png", folder, stem, stack ? "/" : ".png");
    if (p->probabilities)
        mica_text_add(out, ", %s/%s_probabilities.npy", folder, stem);
    mica_text_add(out, "\n");
}

void mica_image_text_tell(const struct image_text *text, const struct predicting *p,
                          const struct input *input, const struct image *image,
                          struct text *out)
{
    tell_size(p->model, image, input->path, out);
    tell_computing(text, image, out);
    for (size_t i = 1; i < text->classes; i++)
        tell_class(text, p, i, out);
    if (text->small > 0)
        mica_text_add(out, "  %zu region%s too small to count\n", text->small,
                      text->small == 1 ? " was" : "s were");
    if (text->analysed + text->excluded > 0)
        tell_area(text, p, out);
    tell_files(p, input, image, out);
}
