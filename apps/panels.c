/* panels.c - image | truth | prediction, side by side */
#include "apps/panels.h"

#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "datasets/picture.h"

enum { PANELS = 3, SIDE = 512, CLASSES_MOST = 256 };

/* A map of classes as an indexed image. */
static int index_classes(struct image *image, const uint8_t *map, size_t height,
                         size_t width, const char *const *names, size_t classes,
                         struct error *err)
{
    if (mica_image_new(image, 1, height, width, 1, err))
        return -1;
    for (size_t i = 0; i < height * width; i++)
        image->data[i] = map[i] < classes ? map[i] : 0;
    mica_class_palette(names, classes, image->palette);
    image->colours = classes;
    return 0;
}

static int outline(struct canvas *canvas, const struct sample *s, const uint8_t *map,
                   const char *const *names, size_t classes, struct error *err)
{
    struct image labels = {0};
    if (index_classes(&labels, map, s->height, s->width, names, classes, err))
        return -1;
    mica_picture_outline(canvas, &labels, 0, 2);
    mica_image_free(&labels);
    return 0;
}

static int draw(struct canvas pictures[PANELS], const struct sample *s,
                const struct prediction *p, const char *const *names, size_t classes,
                struct error *err)
{
    struct image image = {.frames = 1,
                          .height = s->height,
                          .width = s->width,
                          .channels = s->channels,
                          .data = s->image,
                          .pixel = {s->pixel[0], s->pixel[1]}};
    struct display display = {.scale = mica_picture_fit(&image, SIDE, SIDE)};
    for (size_t i = 0; i < PANELS; i++)
        if (mica_picture(&pictures[i], &image, &display, err))
            return -1;
    mica_picture_scale_bar(&pictures[0], s->pixel[1] / display.scale);
    if (s->labels && outline(&pictures[1], s, s->labels, names, classes, err))
        return -1;
    return outline(&pictures[2], s, p->classes, names, classes, err);
}

static void write_heading(char heading[128], const struct sample *s)
{
    char pixel[40];
    if (s->pixel[1] > 0)
        snprintf(heading, 128, "%.80s, %s A a pixel", s->name,
                 mica_text_digits(pixel, s->pixel[1], 3));
    else
        snprintf(heading, 128, "%.120s", s->name);
}

int mica_panels_write(const char *path, const struct sample *sample,
                      const struct prediction *prediction, const char *const *names,
                      size_t classes, struct error *err)
{
    static const char *const titles[PANELS] = {"image", "truth", "prediction"};
    struct canvas pictures[PANELS] = {0}, sheet = {0};
    struct panel panels[PANELS];
    uint8_t palette[CLASSES_MOST][3];
    char heading[128];
    int status = draw(pictures, sample, prediction, names, classes, err);
    write_heading(heading, sample);
    mica_class_palette(names, classes, palette);
    struct legend legend = {names, (const uint8_t(*)[3])palette, classes};
    for (size_t i = 0; i < PANELS; i++)
        panels[i] = (struct panel){titles[i], &pictures[i]};
    if (!status)
        status = mica_sheet(&sheet, panels, PANELS, PANELS, heading, &legend, err);
    if (!status)
        status = mica_canvas_write(&sheet, path, 0, err);
    for (size_t i = 0; i < PANELS; i++)
        mica_canvas_free(&pictures[i]);
    mica_canvas_free(&sheet);
    return status;
}
