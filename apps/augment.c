/* augment.c - mica augment: what a recipe's augmentations do to its training samples */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/command.h"
#include "apps/recipe.h"
#include "datasets/picture.h"

struct choice {
    const char *recipe, *path;
    struct words sets;
    uint64_t sample, columns, side;
};

static const struct option options[] = {
    {"RECIPE", 0, ARGUMENT, offsetof(struct choice, recipe), NULL,
     "an experiment with \"augment\""},
    {"output", 'o', OPTION_TEXT, offsetof(struct choice, path), "FILE",
     "the picture (augment.png)"},
    {"set", 0, OPTION_LIST, offsetof(struct choice, sets), "PATH=VALUE",
     "change one value: augment='[\"dihedral\"]'; null takes a key away; may be given "
     "again"},
    {"number", 'n', OPTION_COUNT, offsetof(struct choice, sample), "N",
     "which training sample (0)", 0, 1e15},
    {"columns", 0, OPTION_COUNT, offsetof(struct choice, columns), "N",
     "how often each is drawn (4)", 1, 16},
    {"side", 0, OPTION_COUNT, offsetof(struct choice, side), "PIXELS",
     "of each picture (192)", 32, 2048},
    {0}};

static bool is_seen(const struct sample *s, const struct object *o)
{
    if (!mica_sample_inside(s, o))
        return false;
    size_t y = (size_t)(o->y + 0.5), x = (size_t)(o->x + 0.5);
    return s->labels[y * s->width + x] != MICA_IGNORED;
}

/* Image, outlines of the labels, and the places of objects that count. */
static int draw_sample(const struct sample *s, bool whole, size_t side,
                       struct canvas *picture, struct error *err)
{
    struct image image = {.frames = 1,
                          .height = s->height,
                          .width = s->width,
                          .channels = s->channels,
                          .data = s->image,
                          .bits = 32};
    struct image labels;
    struct display view = {.scale = mica_picture_fit(&image, side, side)};
    if (mica_picture(picture, &image, &view, err))
        return -1;
    if (whole || !s->labels)
        return 0;
    if (mica_image_new(&labels, 1, s->height, s->width, 1, err))
        return -1;
    for (size_t i = 0; i < s->height * s->width; i++)
        labels.data[i] = s->labels[i] == MICA_IGNORED ? 0 : (float)s->labels[i];
    mica_picture_outline(picture, &labels, 0, 1);
    mica_image_free(&labels);
    for (size_t i = 0; i < s->object_count; i++) {
        const struct object *o = &s->objects[i];
        if (!is_seen(s, o))
            continue;
        mica_canvas_disc(picture, mica_picture_place(o->y, view.scale),
                         mica_picture_place(o->x, view.scale), 2,
                         mica_class_colour((size_t)o->label));
    }
    return 0;
}

static int draw_one(const struct choice *choice, const struct recipe *r,
                    const struct dataset *data, const struct augmentation *list,
                    uint64_t number, struct canvas *picture, struct error *err)
{
    struct sample s = {0};
    int status = mica_dataset_get(data, choice->sample, &s, err);
    if (!status)
        status = mica_augmentation_check(list, &s, err);
    if (!status)
        status =
            mica_augmentation_apply(list, &r->normalise, data->whole, number, &s, err);
    if (!status)
        status = draw_sample(&s, data->whole, (size_t)choice->side, picture, err);
    mica_sample_free(&s);
    return status;
}

/* A row for the sample as it is and all augmentations together, then one for each alone. */
static int draw_sheet(const struct choice *choice, const struct recipe *r,
                      const struct dataset *data, struct error *err)
{
    size_t columns = (size_t)choice->columns, rows = r->augmentation.count + 1;
    struct canvas *pictures = mica_need(rows * columns, sizeof *pictures), sheet = {0};
    struct panel *panels = mica_need(rows * columns, sizeof *panels);
    int status = 0;
    for (size_t i = 0; i < rows * columns && !status; i++) {
        size_t row = i / columns, column = i % columns;
        struct augmentation list = r->augmentation;
        list.seed = r->seed;
        if (row > 0) {
            list.list += row - 1;
            list.count = 1;
        } else if (column == 0) {
            list.count = 0;
        }
        panels[i].picture = &pictures[i];
        panels[i].title = row > 0       ? list.list->what->name
                          : column == 0 ? "as it is"
                                        : "all together";
        status = draw_one(choice, r, data, &list, column, &pictures[i], err);
    }
    const char *path = choice->path ? choice->path : "augment.png";
    if (!status)
        status = mica_sheet(&sheet, panels, rows * columns, columns, NULL, NULL, err);
    if (!status)
        status = mica_canvas_write(&sheet, path, 0, err);
    if (!status)
        printf("%s: training sample %llu, each augmentation drawn %zu times\n", path,
               (unsigned long long)choice->sample, columns);
    mica_canvas_free(&sheet);
    for (size_t i = 0; i < rows * columns; i++)
        mica_canvas_free(&pictures[i]);
    mica_free(pictures);
    mica_free(panels);
    return status;
}

static int open_and_draw(const struct choice *choice, struct error *err)
{
    struct dataset *data = NULL;
    struct recipe *r =
        mica_recipe_read(choice->recipe, choice->sets.items, choice->sets.count, err);
    int status = r ? mica_recipe_data(r, &data, NULL, err) : -1;
    if (!status && r->augmentation.count == 0)
        status = mica_misuse(err,
                             "%s: has no \"augment\"; --set augment='[\"dihedral\"]' "
                             "gives one",
                             choice->recipe);
    if (!status)
        status = draw_sheet(choice, r, data, err);
    mica_dataset_free(data);
    mica_recipe_free(r);
    return status;
}

static int run(int argc, char **argv)
{
    struct choice choice = {.columns = 4, .side = 192};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = open_and_draw(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_augment = {
    .name = "augment",
    .summary = "draw what a recipe's augmentations do to a training sample",
    .options = options,
    .details =
        "The first row has the sample as it is and all augmentations together, "
        "each further row one alone, drawn anew in every column. Outlines are the "
        "labels, dots the objects.\n",
    .examples = "mica augment mine.json -o look.png\n"
                "mica augment mine.json --set augment='[\"dihedral\", {\"rotation\": "
                "\"20 deg\"}]'\n",
    .run = run};
