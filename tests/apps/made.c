/* made.c - models and pictures for tests */
#include "tests/apps/made.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/initialize.h"
#include "core/random.h"
#include "tests/test.h"

static char *copy(const char *text)
{
    char *result = mica_need(strlen(text) + 1, 1);
    return strcpy(result, text);
}

/* Statistics as a training would leave them, so that batch normalisation does something. */
static void draw_statistics(struct weights *weights, uint64_t seed)
{
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        struct weight *w = mica_weights_at(weights, i);
        struct random random;
        mica_random_start(&random, seed, 77, i);
        for (size_t k = 0; k < w->count && mica_weight_is_statistic(w); k++)
            w->value[k] = (float)(w->kind == STATISTIC_MEAN
                                      ? mica_random_between(&random, -0.2, 0.2)
                                      : mica_random_between(&random, 0.2, 0.8));
    }
}

static struct model *complete(struct net *net, size_t classes, uint64_t seed)
{
    struct error err = {0};
    struct runner runner;
    struct model *model = mica_need(1, sizeof *model);
    *model = (struct model){.net = net, .classes = classes, .channels = 1};
    model->weights = mica_weights_new(mica_initializer_find("pytorch"), seed);
    model->path = copy("made");
    model->activation = copy("softmax");
    model->normalise.kind = NORMALISE_STANDARDISE;
    model->normalised = true;
    model->names = mica_need(classes, sizeof *model->names);
    for (size_t i = 0; i < classes; i++) {
        char name[32] = "background";
        if (i > 0)
            snprintf(name, sizeof name, "V_S%zu", i);
        model->names[i] = copy(name);
    }
    if (mica_runner_record(&runner, model, 1, 64, 64, &err))
        fail_msg("%s", err.text);
    mica_runner_close(&runner);
    draw_statistics(model->weights, seed);
    return model;
}

struct model *mica_made_model(const char *text, size_t classes, uint64_t seed)
{
    struct error err = {0};
    struct net *net = mica_net_parse(text, "made", &err);
    if (!net)
        fail_msg("%s", err.text);
    return complete(net, classes, seed);
}

struct model *mica_made_model_of(const char *name, const char *params, size_t classes,
                                 uint64_t seed)
{
    char path[512], text[512];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/nets/%s.json", MICA_TOP, name);
    snprintf(text, sizeof text, "{%s}", params);
    struct json *json = mica_json_parse(text, "params", &err);
    struct net *net =
        json ? mica_net_read(path, mica_json_root(json), json, &err) : NULL;
    if (!net)
        fail_msg("%s", err.text);
    mica_json_free(json);
    return complete(net, classes, seed);
}

struct model *mica_made_threshold(void)
{
    struct model *model = mica_made_model(
        "{\"mica_net\": 1, \"name\": \"threshold\", \"input\": {\"shape\": "
        "[\"H\", \"W\", 1]}, \"graph\": [{\"conv2d\": 2, \"kernel\": 1, \"id\": "
        "\"logits\"}]}",
        2, 1);
    float *kernel = mica_weights_find(model->weights, "logits.weight")->value;
    float *bias = mica_weights_find(model->weights, "logits.bias")->value;
    kernel[0] = 0;
    kernel[1] = 20;
    bias[0] = 0;
    bias[1] = -10;
    model->normalise.kind = NORMALISE_NONE;
    return model;
}

struct frame mica_made_frame(size_t height, size_t width, uint64_t seed)
{
    struct random random;
    float *data = mica_need(height * width, sizeof *data);
    mica_random_start(&random, seed, 78, 0);
    for (size_t i = 0; i < height * width; i++) {
        double y = (double)(i / width), x = (double)(i % width);
        data[i] = (float)(0.4 + 0.2 * sin(0.5 * x + 0.1 * y) * cos(0.4 * y) +
                          0.2 * mica_random_uniform(&random));
    }
    return (struct frame){data, height, width, 1, {0.1, 0.1}};
}
