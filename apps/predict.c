/* predict.c - mica predict: what a trained network finds in images */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "apps/command.h"
#include "apps/predict_image.h"
#include "apps/predict_whole.h"
#include "apps/signals.h"
#include "core/file.h"

/* A: of the discs that objects are labelled with, where the model does not say; a region of a
   quarter of their area has half their diameter. */
#define LABEL_RADIUS 0.95

struct choice {
    const char *model, *folder, *crystal, *exclude, *columns;
    struct words inputs;
    double pixel, border, least_area, vacuum, memory;
    uint64_t least_pixels;
    bool no_probabilities, force, quiet;
};

static const struct option options[] = {
    {"MODEL", 0, ARGUMENT, offsetof(struct choice, model), NULL,
     "a model that training left, or NET.json:WEIGHTS.safetensors"},
    {"INPUT", 0, ARGUMENTS, offsetof(struct choice, inputs), NULL,
     "images, stacks, or folders of them (without sub-folders)"},
    {"output", 'o', OPTION_TEXT, offsetof(struct choice, folder), "DIR",
     "the folder that gets the results (needed)"},
    {"pixel", 0, OPTION_QUANTITY, offsetof(struct choice, pixel), "LENGTH",
     "size of a pixel, like 0.12A [what the file says]", 1e-3, 1e6, NULL,
     DIMENSION_LENGTH},
    {"crystal", 0, OPTION_TEXT, offsetof(struct choice, crystal), "NAME",
     "for concentrations: one layer of MoS2, WSe2, graphene, ... [what the model was "
     "trained on]"},
    {"min-area", 0, OPTION_FLOAT, offsetof(struct choice, least_area), "A2",
     "smaller regions are not counted, in A^2 [a quarter of the disc that objects were "
     "labelled with: 0.709 for 0.95 A]",
     0, 1e12},
    {"min-pixels", 0, OPTION_COUNT, offsetof(struct choice, least_pixels), "N",
     "nor are those of fewer pixels [1]", 1, 1e12},
    {"border", 0, OPTION_QUANTITY, offsetof(struct choice, border), "LENGTH",
     "left out of concentrations along the edges [the radius of that disc]", 0, 1e9,
     NULL, DIMENSION_LENGTH},
    {"vacuum", 0, OPTION_FLOAT, offsetof(struct choice, vacuum), "VALUE",
     "left out too: where the mean within 10 A is below this value of the image [no "
     "vacuum]"},
    {"exclude", 0, OPTION_TEXT, offsetof(struct choice, exclude), "FILE",
     "left out too: pixels that are not 0 in this image; {stem} stands for the input's "
     "name"},
    {"columns", 0, OPTION_TEXT, offsetof(struct choice, columns), "PATTERN",
     "of a table of vectors: the columns that are features, like 'f*'"},
    {"mem", 0, OPTION_QUANTITY, offsetof(struct choice, memory), "SIZE",
     "memory to use, like 2G; images that need more are tiled [what is free]", 1, 1e15,
     NULL, DIMENSION_MEMORY},
    {"no-probabilities", 0, OPTION_FLAG, offsetof(struct choice, no_probabilities),
     NULL, "leave the probabilities of the classes out"},
    {"force", 0, OPTION_FLAG, offsetof(struct choice, force), NULL,
     "write into a folder that has files already; those of the same names are "
     "replaced"},
    {"quiet", 'q', OPTION_FLAG, offsetof(struct choice, quiet), NULL,
     "no progress, no text"},
    {0}};

static int find_crystal(const char *name, const struct crystal **crystal,
                        struct error *err)
{
    struct text list = {0};
    *crystal = name ? mica_crystal_named(name) : NULL;
    if (!name || *crystal)
        return 0;
    for (size_t i = 0; mica_crystal_at(i); i++)
        mica_text_add(&list, "%s%s", i ? ", " : "", mica_crystal_at(i)->name);
    mica_misuse(err, "mica predict: --crystal: no crystal is called '%s'; there are %s",
                name, list.data);
    mica_text_free(&list);
    return -1;
}

static int prepare_folder(const struct choice *choice, struct folder_out *folder,
                          struct error *err)
{
    if (!choice->force && !mica_file_folder_is_empty(choice->folder))
        return mica_misuse(err,
                           "%s: has files already; --force writes beside them, -o "
                           "names another folder",
                           choice->folder);
    return mica_folder_begin(folder, choice->folder, err);
}

/* ---- what is told of the run ---- */

static void tell_model(const struct model *model)
{
    char buffer[32], from[40], to[40];
    printf("%s: %s", model->path, mica_net_name(model->net));
    for (size_t i = 0; i < model->classes; i++)
        printf("%s%s", i ? ", " : "; ", mica_class_name(model, i, buffer));
    if (model->crystal)
        printf("; %s", model->crystal);
    if (model->pixel_range[1] > model->pixel_range[0])
        printf("; pixels of %s to %s A",
               mica_text_digits(from, model->pixel_range[0], 3),
               mica_text_digits(to, model->pixel_range[1], 3));
    else if (model->pixel_range[1] > 0)
        printf("; pixels of %s A", mica_text_digits(to, model->pixel_range[1], 3));
    printf("\n");
    if (!model->normalised)
        printf("note: the model does not say how images are normalised; they are used "
               "as they are\n");
    fflush(stdout);
}

static double label_radius(const struct model *model)
{
    return model->label_radius > 0 ? model->label_radius : LABEL_RADIUS;
}

/* What is too small to be counted. */
static void tell_least(const struct predicting *p, const struct choice *choice)
{
    char number[40], radius[40];
    const unsigned long long pixels = choice->least_pixels;
    if (p->calibrated)
        printf(" of at least %s A^2", mica_text_digits(number, p->rules.least_area, 3));
    if (p->calibrated && isnan(choice->least_area))
        printf(", a quarter of a label's disc of %s A radius",
               mica_text_digits(radius, label_radius(p->model), 3));
    if (pixels > 1)
        printf("%s at least %llu pixels", p->calibrated ? ", and" : " of", pixels);
}

static void tell_end(const struct predicting *p, const struct choice *choice)
{
    printf("%s", p->told.data ? p->told.data : "");
    printf("%s/objects.csv: %zu object%s", p->folder, p->tables.object_rows,
           p->tables.object_rows == 1 ? "" : "s");
    tell_least(p, choice);
    printf("\n%s/concentration.csv: %zu line%s%s\n", p->folder,
           p->tables.concentration_rows, p->tables.concentration_rows == 1 ? "" : "s",
           p->rules.crystal ? ""
                            : ", counts only: --crystal MoS2 (or another) gives sites "
                              "and fractions");
}

/* ---- the run ---- */

/* What cannot be predicted is told in the end; the other images are. */
static int predict_all(struct predicting *p, const struct inputs *inputs,
                       struct error *err)
{
    size_t done = 0;
    bool quiet = p->progress.quiet;
    p->by_frame = inputs->count == 1;
    p->stop = mica_signals_catch();
    if (!p->by_frame)
        mica_progress_begin(&p->progress, "predict", "images", inputs->count, quiet);
    for (size_t i = 0; i < inputs->count && !*p->stop; i++) {
        done += (p->predictor.whole ? mica_predict_whole : mica_predict_image)(
                    p, &inputs->list[i], err) == 0;
        if (!p->by_frame && !*p->stop)
            mica_progress_step(&p->progress, i + 1, NULL);
    }
    if (done == 0)
        mica_progress_abandon(&p->progress);
    else if (!p->by_frame || p->progress.name)
        mica_progress_end(&p->progress, NULL);
    if (*p->stop)
        mica_fail(err, "stopped: %zu of %zu images are done", done, inputs->count);
    return done > 0 ? 0 : -1;
}

static int run_all(struct predicting *p, const struct choice *choice,
                   const struct inputs *inputs, struct error *err)
{
    if (mica_tables_begin(&p->tables, choice->folder, err))
        return -1;
    if (!choice->quiet)
        tell_model(p->model);
    int status = predict_all(p, inputs, err);
    status = mica_tables_end(&p->tables, status, err);
    if (!status && !choice->quiet)
        tell_end(p, choice);
    mica_text_free(&p->told);
    return status;
}

/* One class for each image: a table is all there is. */
static int run_whole(struct predicting *p, const struct choice *choice,
                     const struct inputs *inputs, struct error *err)
{
    if (mica_predict_whole_begin(p, err))
        return -1;
    if (!choice->quiet)
        tell_model(p->model);
    int status = predict_all(p, inputs, err);
    status = mica_predict_whole_end(p, status, err);
    if (!status && !choice->quiet)
        printf("%s", p->told.data);
    mica_text_free(&p->told);
    return status;
}

/* Without a word of its training, outputs are taken as is usual. */
static void assume_activation(struct model *model, size_t outputs, bool quiet)
{
    const char *usual = outputs > 1 ? "softmax" : "sigmoid";
    if (model->activation[0] != '\0')
        return;
    mica_free(model->activation);
    model->activation = mica_need(strlen(usual) + 1, 1);
    memcpy(model->activation, usual, strlen(usual));
    if (!quiet)
        printf("note: the model does not say what its outputs are; they are taken as "
               "logits (%s)\n",
               usual);
}

static int predict(const struct choice *choice, struct model *model,
                   const struct inputs *inputs, struct error *err)
{
    struct predicting p = {.model = model,
                           .folder = choice->folder,
                           .exclude = choice->exclude,
                           .columns = choice->columns,
                           .pixel = choice->pixel,
                           .probabilities = !choice->no_probabilities,
                           .progress.quiet = choice->quiet};
    const double radius = label_radius(model);
    p.rules = (struct rules){
        .least_area = isnan(choice->least_area) ? 3.14159265358979 * radius * radius / 4
                                                : choice->least_area,
        .least_pixels = choice->least_pixels,
        .exclusion = {.border = isnan(choice->border) ? radius : choice->border,
                      .vacuum = !isnan(choice->vacuum),
                      .level = choice->vacuum,
                      .window = 10}};
    if (!choice->crystal && model->crystal)
        p.rules.crystal = mica_crystal_named(model->crystal);
    else if (find_crystal(choice->crystal, &p.rules.crystal, err))
        return -1;
    if (mica_predictor_open(&p.predictor, model, (size_t)choice->memory, err))
        return -1;
    assume_activation(model, p.predictor.outputs, choice->quiet);
    struct folder_out folder = {0};
    int status = prepare_folder(choice, &folder, err);
    if (inputs->below && !choice->quiet)
        printf("note: %zu image%s in sub-folders %s passed over; name these folders "
               "too\n",
               inputs->below, inputs->below == 1 ? "" : "s",
               inputs->below == 1 ? "is" : "are");
    if (!status)
        status = (p.predictor.whole ? run_whole : run_all)(&p, choice, inputs, err);
    mica_folder_end(&folder);
    mica_predictor_close(&p.predictor);
    return status;
}

static int open_and_predict(const struct choice *choice, struct error *err)
{
    struct inputs inputs;
    if (!choice->folder)
        return mica_misuse(err, "mica predict: --output DIR is missing: where do the "
                                "results go?");
    if (mica_inputs_list(&inputs, &choice->inputs, err))
        return -1;
    struct model *model = mica_model_read(choice->model, err);
    int status = model ? predict(choice, model, &inputs, err) : -1;
    mica_model_free(model);
    mica_inputs_free(&inputs);
    return status;
}

static int run(int argc, char **argv)
{
    struct choice choice = {.least_area = (double)NAN,
                            .least_pixels = 1,
                            .border = (double)NAN,
                            .vacuum = (double)NAN};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = open_and_predict(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_predict = {
    .name = "predict",
    .summary = "find in images what a network was trained for",
    .options = options,
    .details =
        "Each image gives NAME_classes.png (the value is the class), NAME_overlay.png\n"
        "and NAME_probabilities.npy (N, H, W, classes); a stack gives "
        "NAME_classes.tif\n"
        "and a folder of overlays. All give one objects.csv and one "
        "concentration.csv.\n"
        "\n"
        "An image is computed whole where the memory allows it, else in tiles, the "
        "same\n"
        "to rounding (1e-6). It is resampled where its pixels are outside the model's "
        "range;\n"
        "results are on its own pixels. At the bottom and on the right it is "
        "continued\n"
        "by its mirror image to the multiple of pixels that the network needs.\n"
        "\n"
        "An image that cannot be read is told in the end, and the others are "
        "predicted;\n"
        "then the exit code is 1. Ctrl-C ends after the frame at hand and keeps what "
        "is\n"
        "done.\n"
        "\n"
        "Where the network gives one class for an image, the result is classes.csv: "
        "image,\n"
        "frame, label, its probability, and those of all classes. A network of vectors "
        "or\n"
        "spectra takes arrays (NPY) and tables, a row of which is a sample.\n",
    .examples =
        "mica predict best.safetensors scan.tif -o out\n"
        "mica predict best.safetensors scans/ -o out --crystal WSe2 --pixel 0.12A "
        "--mem 2G\n"
        "mica predict best.safetensors a.npy --exclude masks/{stem}.png -o out\n",
    .run = run};
