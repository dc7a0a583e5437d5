/* forward.c - mica forward: the bare network on an array, or one node of it */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "apps/command.h"
#include "apps/feature_maps.h"
#include "apps/model.h"
#include "core/plan.h"
#include "datasets/formats/npy.h"
#include "datasets/image.h"
#include "datasets/image_transform.h"

struct choice {
    const char *model, *input, *output, *node, *axes;
    bool png;
};

static const struct option options[] = {
    {"MODEL", 0, ARGUMENT, offsetof(struct choice, model), NULL,
     "a model, or NET.json:WEIGHTS.safetensors"},
    {"IN", 0, ARGUMENT, offsetof(struct choice, input), NULL,
     "an array (.npy) or an image: samples, rows, columns, channels"},
    {"output", 'o', OPTION_TEXT, offsetof(struct choice, output), "OUT.npy",
     "the result, always of four axes (needed)"},
    {"node", 0, OPTION_TEXT, offsetof(struct choice, node), "ID",
     "the output of this node, as mica net names it [the network's]"},
    {"png", 0, OPTION_FLAG, offsetof(struct choice, png), NULL,
     "also OUT.png, a sheet of the first sample's feature maps"},
    {"axes", 0, OPTION_TEXT, offsetof(struct choice, axes), "AXES",
     "how the array's axes are meant: HW, NHW, HWC, CHW, NHWC or NCHW"},
    {0}};

/* --- the input ------------------------------------------------------------------------ */

/* A network of vectors reads a table, a sample a row. */
static void take_rows(struct image *image, const struct shape *must)
{
    bool vectors = must->h == 1 && must->w == 1 && must->c == image->width;
    if (!vectors || image->frames != 1 || image->channels != 1)
        return;
    image->frames = image->height;
    image->channels = image->width;
    image->height = image->width = 1;
}

static int check_input(const struct choice *choice, const struct model *model,
                       struct image *image, struct error *err)
{
    struct shape must =
        mica_net_input(model->net, image->frames, image->height, image->width);
    take_rows(image, &must);
    must = mica_net_input(model->net, image->frames, image->height, image->width);
    struct reach reach;
    if (must.h != image->height || must.w != image->width || must.c != image->channels)
        return mica_misuse(
            err,
            "%s: is %zu x %zu x %zu x %zu (samples, rows, columns, channels); "
            "%s takes %zu x %zu x %zu (rows, columns, channels); --axes reads "
            "them otherwise",
            choice->input, image->frames, image->height, image->width, image->channels,
            mica_net_name(model->net), must.h, must.w, must.c);
    if (mica_net_reach(model->net, &reach, err) != 0)
        return -1;
    size_t rest = image->height % reach.multiple + image->width % reach.multiple;
    if (reach.global < 0 && rest > 0)
        return mica_misuse(
            err,
            "%s: is %zu x %zu pixels; %s needs rows and columns that are "
            "multiples of %zu",
            choice->input, image->height, image->width, mica_net_name(model->net),
            reach.multiple);
    return 0;
}

/* --- the network ------------------------------------------------------------------------ */

static int unknown_node(const struct runner *runner, const char *id, struct error *err)
{
    size_t count = mica_tape_count(runner->tape);
    const char **words = mica_need(count, sizeof *words);
    for (size_t i = 0; i < count; i++)
        words[i] = mica_tape_node(runner->tape, i)->path;
    const char *nearest = mica_text_nearest(id, words, count);
    if (nearest != NULL)
        mica_misuse(err, "no node is called '%s'; did you mean '%s'?", id, nearest);
    else
        mica_misuse(err, "no node is called '%s'; mica net lists them", id);
    mica_free(words);
    return -1;
}

/* By its id, or by the name that a node without one has in mica net. */
static int find_node(const struct runner *runner, const char *id, struct error *err)
{
    int node = mica_net_find(&runner->wiring, id);
    for (size_t i = 0; node < 0 && i < mica_tape_count(runner->tape); i++)
        if (strcmp(mica_tape_node(runner->tape, i)->path, id) == 0)
            node = (int)i;
    return node >= 0 ? node : unknown_node(runner, id, err);
}

/* Some samples at a time, so that many small ones share a pass and few large ones fit. */
static size_t choose_batch(const struct image *image)
{
    enum { PIXELS = 1 << 18 };
    size_t fit = PIXELS / (image->height * image->width);
    fit = fit > 0 ? fit : 1;
    return fit < image->frames ? fit : image->frames;
}

static int prepare(struct runner *runner, const struct choice *choice,
                   const struct model *model, const struct image *image,
                   struct error *err)
{
    if (mica_runner_record(runner, model, choose_batch(image), image->height,
                           image->width, err) != 0)
        return -1;
    if (choice->node != NULL) {
        runner->output = find_node(runner, choice->node, err);
        if (runner->output < 0) {
            mica_runner_close(runner);
            return -1;
        }
    }
    return mica_runner_plan(runner, err);
}

/* Between an array without gaps and the pixels of a tensor's first samples. */
static void copy_samples(const struct tensor *tensor, size_t samples, float *values,
                         bool in)
{
    size_t pixels = samples * mica_shape_pixels(tensor->shape), c = tensor->shape.c;
    for (size_t p = 0; p < pixels; p++) {
        float *pixel = mica_tensor_at(tensor, 0, p);
        memcpy(in ? pixel : values + p * c, in ? values + p * c : pixel,
               c * sizeof *values);
    }
}

static int run_samples(const struct runner *runner, const struct image *in,
                       struct image *out, struct error *err)
{
    struct tensor x = mica_plan_value(runner->plan, runner->input);
    struct tensor y = mica_plan_value(runner->plan, runner->output);
    if (mica_image_new(out, in->frames, y.shape.h, y.shape.w, y.shape.c, err) != 0)
        return -1;
    size_t from = mica_shape_pixels(x.shape) * x.shape.c;
    size_t to = mica_shape_pixels(y.shape) * y.shape.c;
    for (size_t done = 0; done < in->frames;) {
        size_t left = in->frames - done, some = left < x.shape.n ? left : x.shape.n;
        struct run run = {.samples = some, .first = done};
        copy_samples(&x, some, in->data + done * from, true);
        mica_plan_run(runner->plan, &run);
        copy_samples(&y, some, out->data + done * to, false);
        done += some;
    }
    return 0;
}

/* --- the output -------------------------------------------------------------------------- */

static int write_maps(const struct choice *choice, const struct model *model,
                      const struct image *out, struct error *err)
{
    struct text path = {0}, heading = {0};
    size_t length = strlen(choice->output);
    if (length > 4 && strcmp(choice->output + length - 4, ".npy") == 0)
        length -= 4;
    mica_text_add(&path, "%.*s.png", (int)length, choice->output);
    mica_text_add(&heading, "%s, %s", mica_net_name(model->net),
                  choice->node != NULL ? choice->node : "output");
    int result = mica_feature_maps_write(out, path.data, heading.data, err);
    if (result == 0)
        printf("%s: its maps, each from its 2nd to its 98th percentile\n", path.data);
    mica_text_free(&path);
    mica_text_free(&heading);
    return result;
}

static int write_output(const struct choice *choice, const struct model *model,
                        const struct image *in, const struct image *out,
                        struct error *err)
{
    const size_t shape[] = {out->frames, out->height, out->width, out->channels};
    if (choice->png && out->height * out->width == 1)
        return mica_misuse(err, "--png: the output is a vector, there are no maps");
    if (mica_npy_write(choice->output, out->data, 4, shape, err) != 0)
        return -1;
    printf("%s: %zu x %zu x %zu x %zu from %zu x %zu x %zu x %zu (samples, rows, "
           "columns, channels)\n",
           choice->output, out->frames, out->height, out->width, out->channels,
           in->frames, in->height, in->width, in->channels);
    if (model->normalised && model->normalise.kind != NORMALISE_NONE)
        printf("note: the values went in as they are; mica predict normalises them "
               "first, as in training\n");
    return choice->png ? write_maps(choice, model, out, err) : 0;
}

static int compute(const struct choice *choice, const struct model *model,
                   struct image *in, struct error *err)
{
    struct runner runner;
    struct image out = {0};
    if (check_input(choice, model, in, err) != 0 ||
        prepare(&runner, choice, model, in, err) != 0)
        return -1;
    int result = run_samples(&runner, in, &out, err);
    mica_runner_close(&runner);
    if (result == 0)
        result = write_output(choice, model, in, &out, err);
    mica_image_free(&out);
    return result;
}

static int forward(const struct choice *choice, struct error *err)
{
    if (choice->output == NULL)
        return mica_misuse(err, "mica forward: --output is missing: -o OUT.npy");
    struct model *model = mica_model_read(choice->model, err);
    struct image in = {0};
    int result = model != NULL ? mica_image_read(choice->input, &in, err) : -1;
    if (result == 0 && choice->axes != NULL)
        result = mica_image_axes(&in, choice->axes, err);
    if (result == 0)
        result = compute(choice, model, &in, err);
    mica_image_free(&in);
    mica_model_free(model);
    return result;
}

static int run(int argc, char **argv)
{
    struct choice choice = {0};
    struct error err = {0};
    int result = mica_options_read(options, argc, argv, &choice, &err);
    if (result == 0)
        result = forward(&choice, &err);
    return mica_options_end(options, &choice, result, &err);
}

const struct command mica_command_forward = {
    .name = "forward",
    .summary = "the bare network on an array, or the output of one of its nodes",
    .options = options,
    .details =
        "Nothing is done to the values before or after: no normalisation, and "
        "logits come out.\nmica predict does both. Arrays have 2 axes (H,W), 3 "
        "(H,W,C if the last is at most 4,\nelse N,H,W) or 4 (N,H,W,C); a network "
        "of vectors takes N,C.\n",
    .examples = "mica forward best.safetensors images.npy -o logits.npy\n"
                "mica forward best.safetensors images.npy -o enc1.npy --node enc1 "
                "--png\n",
    .run = run};
