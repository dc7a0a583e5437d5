/* recorded.c - a network from text or file, recorded for a test */
#include "tests/nets/recorded.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "core/initialize.h"
#include "tests/test.h"

static int record(struct recorded *r, size_t samples, size_t height, size_t width,
                  struct error *err)
{
    r->weights = mica_weights_new(mica_initializer_find("pytorch"), 1);
    r->tape = mica_tape_new(r->weights);
    struct shape shape = mica_net_input(r->net, samples, height, width);
    r->input = mica_tape_input(r->tape, "input", shape);
    return mica_net_record(r->net, r->tape, r->input, &r->wiring, err);
}

int mica_recorded_try(struct recorded *r, const char *body, struct error *err)
{
    struct text text = {0};
    *r = (struct recorded){0};
    mica_text_add(&text,
                  "{\"mica_net\": 1, \"name\": \"t\", \"input\": {\"shape\": [\"H\", "
                  "\"W\", 2]},\n%s}",
                  body);
    r->net = mica_net_parse(text.data, "t.json", err);
    mica_text_free(&text);
    return r->net == NULL ? -1 : record(r, 2, 8, 8, err);
}

struct recorded mica_recorded(const char *body)
{
    struct recorded r;
    struct error err = {0};
    if (mica_recorded_try(&r, body, &err) != 0)
        fail_msg("%s", err.text);
    return r;
}

void mica_recorded_free(struct recorded *r)
{
    mica_tape_free(r->tape);
    mica_weights_free(r->weights);
    mica_net_free(r->net);
}

struct recorded mica_recorded_net(struct net *net, size_t samples, size_t height,
                                  size_t width)
{
    struct recorded r = {.net = net};
    struct error err = {0};
    if (net == NULL || record(&r, samples, height, width, &err) != 0)
        fail_msg("%s", err.text);
    return r;
}

struct recorded mica_recorded_file(const char *name, const char *params, size_t samples,
                                   size_t size)
{
    struct error err = {0};
    struct json *json = mica_json_parse(params, "params", &err);
    char path[512];
    snprintf(path, sizeof path, "%s/nets/%s", MICA_TOP, name);
    struct net *net =
        json ? mica_net_read(path, mica_json_root(json), json, &err) : NULL;
    if (net == NULL)
        fail_msg("%s", err.text);
    mica_json_free(json);
    return mica_recorded_net(net, samples, size, size);
}

/* Smaller where a step of the whole would be dear; NULL: it is a smaller one's twin. */
static const struct {
    const char *name, *params;
} smaller[] = {{"vgg16.json", "{\"size\": 32, \"hidden\": 16, \"classes\": 10}"},
               {"unet.json", "{\"width\": 8}"},
               {"unetpp.json", "{\"width\": 8}"},
               {"attention_unet.json", "{\"width\": 8}"},
               {"resnet34.json", NULL},
               {"resnet50.json", "{\"stages\": [1, 2, 1, 1]}"},
               {"resnet101.json", NULL},
               {"resnet152.json", NULL},
               {"resnet152_head.json", NULL}};

const char *mica_recorded_params(const char *name)
{
    for (size_t i = 0; i < sizeof smaller / sizeof *smaller; i++)
        if (strcmp(smaller[i].name, name) == 0)
            return smaller[i].params;
    return "{}";
}

void mica_every_net(void (*check)(const char *name))
{
    DIR *folder = opendir(MICA_TOP "/nets");
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        if (end == NULL || strcmp(end, ".json") != 0)
            continue;
        check(entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 20);
}

void mica_recorded_check(const struct recorded *r, const char *wanted)
{
    struct text text = {0};
    for (size_t i = 1; i < mica_tape_count(r->tape); i++) {
        const struct node *node = mica_tape_node(r->tape, i);
        mica_text_add(&text, "%s %s %zux%zux%zu <", node->path, node->layer->name,
                      node->out.h, node->out.w, node->out.c);
        for (size_t k = 0; k < node->inputs; k++) {
            size_t source = (size_t)mica_tape_source(r->tape, i, k);
            mica_text_add(&text, " %s", mica_tape_node(r->tape, source)->path);
        }
        mica_text_add(&text, "\n");
    }
    assert_string_equal(text.data != NULL ? text.data : "", wanted);
    mica_text_free(&text);
}
