/* model.c - reading and writing a trained network */
#include "apps/model.h"

#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/kernels.h"
#include "core/plan.h"
#include "core/version.h"
#include "datasets/colours.h"

static char *copy(const char *text)
{
    char *result = mica_need(strlen(text) + 1, 1);
    memcpy(result, text, strlen(text));
    return result;
}

void mica_model_free(struct model *model)
{
    if (!model)
        return;
    for (size_t i = 0; i < model->classes; i++)
        mica_free(model->names[i]);
    mica_free(model->names);
    mica_free(model->crystal);
    mica_free(model->activation);
    mica_free(model->path);
    mica_weights_free(model->weights);
    mica_net_free(model->net);
    mica_arena_free(model->arena);
    mica_free(model);
}

/* ---- metadata ---- */

static struct json *parse_meta(const struct model *model,
                               const struct safetensors *file, const char *key,
                               struct error *err)
{
    struct text name = {0};
    const char *text = mica_safetensors_meta(file, key);
    if (!text)
        return NULL;
    mica_text_add(&name, "%s (%s)", model->path, key);
    struct json *json = mica_json_parse(text, name.data, err);
    mica_text_free(&name);
    return json;
}

static void read_classes(struct model *model, const struct safetensors *file,
                         struct error *err)
{
    struct json *json = parse_meta(model, file, "mica.classes", err);
    if (!json)
        return;
    const cJSON *root = mica_json_root(json), *item;
    model->names =
        mica_need((size_t)cJSON_GetArraySize(root) + 1, sizeof *model->names);
    cJSON_ArrayForEach(item, root)
    {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");
        if (cJSON_IsString(name))
            model->names[model->classes++] = copy(name->valuestring);
        else
            mica_json_fail(json, item, err, "must be a class with its \"name\"");
    }
    mica_json_free(json);
}

static void read_range(const struct model *model, const struct safetensors *file,
                       const char *key, double range[2], struct error *err)
{
    struct json *json = parse_meta(model, file, key, err);
    for (int i = 0; json && i < 2; i++) {
        const cJSON *item = cJSON_GetArrayItem(mica_json_root(json), i);
        range[i] = cJSON_IsNumber(item) ? item->valuedouble : 0;
    }
    mica_json_free(json);
}

static void read_normalise(struct model *model, const struct safetensors *file,
                           struct error *err)
{
    struct json *json = parse_meta(model, file, "mica.normalise", err);
    if (!json)
        return;
    model->arena = mica_arena_new();
    struct reader reader = {.json = json, .arena = model->arena};
    mica_normalise_read(&model->normalise, mica_json_root(json), &reader, err);
    model->normalised = true;
    mica_json_free(json);
}

static void read_meta(struct model *model, const struct safetensors *file,
                      struct error *err)
{
    const char *task = mica_safetensors_meta(file, "mica.task");
    const char *channels = mica_safetensors_meta(file, "mica.channels");
    const char *crystal = mica_safetensors_meta(file, "mica.crystal");
    read_classes(model, file, err);
    read_normalise(model, file, err);
    read_range(model, file, "mica.pixel_range", model->pixel_range, err);
    read_range(model, file, "mica.dose_range", model->dose_range, err);
    model->activation = copy(task ? task : "");
    model->crystal = crystal ? copy(crystal) : NULL;
    const char *radius = mica_safetensors_meta(file, "mica.label_radius");
    char *end;
    model->label_radius = radius ? mica_text_number(radius, &end) : 0;
    model->channels = channels ? (size_t)strtoul(channels, NULL, 10) : 1;
}

/* ---- reading ---- */

/* Where "net.json:weights" is cut, or NULL: a single file. */
static const char *colon_of(const char *path)
{
    const char *colon = strstr(path, ".json:");
    return colon ? colon + 5 : NULL;
}

static struct net *read_net(const char *path, const struct safetensors *file,
                            struct error *err)
{
    const char *colon = colon_of(path), *text = mica_safetensors_meta(file, "mica.net");
    if (!colon && text)
        return mica_net_parse(text, path, err);
    if (!colon) {
        mica_misuse(err, "%s: holds weights but no network; name it: NET.json:%s", path,
                    path);
        return NULL;
    }
    char *name = copy(path);
    name[colon - path] = '\0';
    struct net *net = mica_net_read(name, NULL, NULL, err);
    mica_free(name);
    return net;
}

/* A recording at any size books the weights. */
static int book_weights(struct model *model, struct error *err)
{
    struct reach reach;
    if (mica_net_reach(model->net, &reach, err))
        return -1;
    struct tape *tape = mica_tape_new(model->weights);
    size_t side = 8 * reach.multiple > 64 ? 8 * reach.multiple : 64;
    struct wiring wiring;
    int input = mica_tape_input(tape, "in", mica_net_input(model->net, 1, side, side));
    int status = mica_net_record(model->net, tape, input, &wiring, err);
    mica_tape_free(tape);
    return status;
}

struct model *mica_model_read(const char *path, struct error *errors)
{
    struct error none = {0}, *err = mica_error_or(errors, &none);
    const char *colon = colon_of(path);
    struct safetensors *file = mica_safetensors_read(colon ? colon + 1 : path, err);
    if (!file)
        return NULL;
    struct model *model = mica_need(1, sizeof *model);
    size_t before = err->lines;
    model->path = copy(colon ? colon + 1 : path);
    model->weights = mica_weights_new(NULL, 0);
    read_meta(model, file, err);
    model->net = read_net(path, file, err);
    if (model->net && !book_weights(model, err))
        mica_weights_load(model->weights, file, model->path, NULL, err);
    mica_safetensors_free(file);
    if (err->lines == before)
        return model;
    mica_model_free(model);
    return NULL;
}

/* ---- writing ---- */

static cJSON *classes_json(const struct model *model)
{
    cJSON *list = cJSON_CreateArray();
    uint8_t(*palette)[3] = mica_need(model->classes + 1, sizeof *palette);
    mica_class_palette((const char *const *)model->names, model->classes, palette);
    for (size_t i = 0; i < model->classes; i++) {
        char colour[8];
        snprintf(colour, sizeof colour, "#%02x%02x%02x", palette[i][0], palette[i][1],
                 palette[i][2]);
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", model->names[i]);
        cJSON_AddStringToObject(item, "colour", colour);
        cJSON_AddItemToArray(list, item);
    }
    mica_free(palette);
    return list;
}

void mica_model_put(const struct model *model, struct safetensors_out *out)
{
    struct text net = {0}, channels = {0};
    mica_net_write(model->net, &net);
    mica_text_add(&channels, "%zu", model->channels);
    mica_safetensors_put(out, "mica.version", MICA_VERSION);
    mica_safetensors_put(out, "mica.net", net.data);
    mica_safetensors_put(out, "mica.channels", channels.data);
    mica_safetensors_put(out, "mica.task", model->activation);
    mica_safetensors_put_json(out, "mica.classes", classes_json(model));
    mica_safetensors_put_json(out, "mica.normalise",
                              mica_normalise_json(&model->normalise));
    if (model->pixel_range[1] > 0)
        mica_safetensors_put_json(out, "mica.pixel_range",
                                  cJSON_CreateDoubleArray(model->pixel_range, 2));
    if (model->dose_range[1] > 0)
        mica_safetensors_put_json(out, "mica.dose_range",
                                  cJSON_CreateDoubleArray(model->dose_range, 2));
    if (model->crystal)
        mica_safetensors_put(out, "mica.crystal", model->crystal);
    if (model->label_radius > 0)
        mica_safetensors_put_json(out, "mica.label_radius",
                                  cJSON_CreateNumber(model->label_radius));
    mica_text_free(&net);
    mica_text_free(&channels);
}

/* ---- running ---- */

static struct wanted wanted_of(const struct runner *runner)
{
    return (struct wanted){.outputs = &runner->output,
                           .output_count = 1,
                           .loss = -1,
                           .shards = 1,
                           .fixed_weights = true};
}

int mica_runner_record(struct runner *runner, const struct model *model, size_t samples,
                       size_t height, size_t width, struct error *err)
{
    *runner = (struct runner){.tape = mica_tape_new(model->weights)};
    size_t channels = mica_net_input(model->net, samples, height, width).c;
    runner->input = mica_tape_input(runner->tape, "in",
                                    (struct shape){samples, height, width, channels});
    if (mica_net_record(model->net, runner->tape, runner->input, &runner->wiring,
                        err)) {
        mica_runner_close(runner);
        return -1;
    }
    runner->output = runner->wiring.outputs[0].node;
    return 0;
}

size_t mica_runner_bytes(const struct runner *runner)
{
    struct wanted wanted = wanted_of(runner);
    return mica_plan_bytes(runner->tape, &wanted);
}

int mica_runner_plan(struct runner *runner, struct error *err)
{
    struct wanted wanted = wanted_of(runner);
    runner->plan = mica_plan_new(runner->tape, &wanted, err);
    if (runner->plan)
        return 0;
    mica_runner_close(runner);
    return -1;
}

int mica_runner_open(struct runner *runner, const struct model *model, size_t samples,
                     size_t height, size_t width, struct error *err)
{
    if (mica_runner_record(runner, model, samples, height, width, err))
        return -1;
    return mica_runner_plan(runner, err);
}

void mica_runner_close(struct runner *runner)
{
    mica_plan_free(runner->plan);
    mica_tape_free(runner->tape);
    *runner = (struct runner){0};
}

size_t mica_model_first(size_t outputs, size_t classes)
{
    return classes ? outputs + 1 == classes : outputs == 1;
}

size_t mica_model_class(const float *values, size_t outputs, size_t first, float least)
{
    size_t best = 0;
    for (size_t i = 1; i < outputs; i++)
        best = values[i] > values[best] ? i : best;
    return first == 0 || values[best] > least ? best + first : 0;
}

static void activate_piece(void *context, struct piece piece)
{
    struct tensor *t = ((void **)context)[0];
    const struct model *model = ((void **)context)[1];
    float *first = mica_tensor_at(t, piece.sample, piece.from);
    size_t pixels = piece.to - piece.from, c = t->shape.c;
    if (strcmp(model->activation, "softmax") == 0)
        mica_kernels()->softmax(first, t->stride, first, t->stride, NULL, pixels, c);
    else if (strcmp(model->activation, "sigmoid") == 0)
        for (size_t p = 0; p < pixels; p++)
            mica_kernels()->sigmoid(first + p * t->stride, first + p * t->stride, c);
}

void mica_model_activate(const struct model *model, struct tensor *logits)
{
    const void *context[] = {logits, model};
    mica_parallel_pieces(logits->shape, activate_piece, (void *)context);
}
