/* feature_maps.c - the channels of a node's output as a sheet of pictures */
#include "apps/feature_maps.h"

#include <math.h>
#include <stdio.h>

#include "core/memory.h"
#include "core/text.h"
#include "datasets/picture.h"

enum { SIDE_LEAST = 96, SIDE_MOST = 256, TITLE = 96 };

/* Small maps grow by a whole number, large ones shrink. */
static double choose_scale(const struct image *maps)
{
    double side = (double)(maps->height > maps->width ? maps->height : maps->width);
    if (side > SIDE_MOST)
        return SIDE_MOST / side;
    return fmax(1, floor(SIDE_LEAST / side));
}

static void take_channel(struct image *out, const struct image *maps, size_t channel)
{
    for (size_t p = 0; p < maps->height * maps->width; p++)
        out->data[p] = maps->data[p * maps->channels + channel];
}

static int draw_channel(struct canvas *picture, char title[TITLE], size_t channel,
                        const struct image *map, double scale, struct error *err)
{
    char low[40], high[40];
    float least = map->data[0], most = map->data[0];
    for (size_t p = 0; p < mica_image_size(map); p++) {
        least = fminf(least, map->data[p]);
        most = fmaxf(most, map->data[p]);
    }
    snprintf(title, TITLE, "%zu: %s to %s", channel,
             mica_text_digits(low, (double)least, 2),
             mica_text_digits(high, (double)most, 2));
    /* what padding does at the border would hide what is inside */
    struct display display = {.scale = scale,
                              .contrast = mica_contrast(map, 0, 0, 2, 98)};
    if (!(display.contrast.low <
          display.contrast.high)) /* the same everywhere: black */
        display.contrast.high = display.contrast.low + 1;
    return mica_picture(picture, map, &display, err);
}

static int write_sheet(const struct canvas *pictures, char (*titles)[TITLE],
                       size_t count, const char *path, const char *heading,
                       struct error *err)
{
    struct canvas sheet;
    struct panel *panels = mica_need(count, sizeof *panels);
    for (size_t i = 0; i < count; i++)
        panels[i] = (struct panel){titles[i], &pictures[i]};
    int result = mica_sheet(&sheet, panels, count, mica_sheet_columns(count), heading,
                            NULL, err);
    if (result == 0) {
        result = mica_canvas_write(&sheet, path, 0, err);
        mica_canvas_free(&sheet);
    }
    mica_free(panels);
    return result;
}

int mica_feature_maps_write(const struct image *maps, const char *path,
                            const char *heading, struct error *err)
{
    struct image map;
    if (mica_image_new(&map, 1, maps->height, maps->width, 1, err) != 0)
        return -1;
    struct canvas *pictures = mica_need(maps->channels, sizeof *pictures);
    char(*titles)[TITLE] = mica_need(maps->channels, sizeof *titles);
    double scale = choose_scale(maps);
    int result = 0;
    for (size_t c = 0; c < maps->channels && result == 0; c++) {
        take_channel(&map, maps, c);
        result = draw_channel(&pictures[c], titles[c], c, &map, scale, err);
    }
    if (result == 0)
        result = write_sheet(pictures, titles, maps->channels, path, heading, err);
    for (size_t c = 0; c < maps->channels; c++)
        mica_canvas_free(&pictures[c]);
    mica_free(pictures);
    mica_free(titles);
    mica_image_free(&map);
    return result;
}
