/* test_nets.c - networks against PyTorch's: weights, their names, logits */
#include "core/plan.h"
#include "nets/nets.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "tests/golden.h"
#include "tests/test.h"

static const cJSON *item(const cJSON *object, const char *key)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_non_null(found);
    return found;
}

static bool has_net(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/nets/%s.json", MICA_TOP, name);
    return mica_file_exists(path);
}

/* A network of nets/ on a tape; its output node. */
static int record(const char *name, const cJSON *params, const struct json *where,
                  struct tape *tape, size_t samples, size_t side)
{
    char path[512];
    struct error err = {0};
    struct wiring wiring;
    snprintf(path, sizeof path, "%s/nets/%s.json", MICA_TOP, name);
    struct net *net = mica_net_read(path, params, where, &err);
    if (!net)
        fail_msg("%s", err.text);
    int input =
        mica_tape_input(tape, "images", mica_net_input(net, samples, side, side));
    if (mica_net_record(net, tape, input, &wiring, &err))
        fail_msg("%s", err.text);
    mica_net_free(net);
    return wiring.outputs[0].node;
}

TEST(networks_have_as_many_parameters_as_in_pytorch)
{
    const cJSON *one;
    struct json *json = mica_golden_json("nets/parameters.json");
    cJSON_ArrayForEach(one, item(mica_json_root(json), "nets"))
    {
        const char *name = item(one, "net")->valuestring;
        if (!has_net(name))
            continue;
        struct weights *weights = mica_weights_outline();
        struct tape *tape = mica_tape_new(weights);
        record(name, item(one, "params"), json, tape, 1, 64);
        assert_int_equal(mica_weights_parameters(weights),
                         (size_t)item(one, "parameters")->valuedouble);
        mica_tape_free(tape);
        mica_weights_free(weights);
    }
    mica_json_free(json);
}

static void check_shape(const struct weight *w, const cJSON *shape)
{
    assert_int_equal(w->rank, cJSON_GetArraySize(shape));
    for (size_t i = 0; i < w->rank; i++)
        assert_int_equal(w->dims[i],
                         (size_t)cJSON_GetArrayItem(shape, (int)i)->valuedouble);
}

TEST(the_weights_of_resnet18_have_the_names_and_shapes_of_torchvision)
{
    const cJSON *one;
    struct json *json = mica_golden_json("nets/resnet18.json");
    const cJSON *all = item(mica_json_root(json), "weights");
    struct weights *weights = mica_weights_new(NULL, 0);
    struct tape *tape = mica_tape_new(weights);
    record("resnet18", NULL, NULL, tape, 1, 64);
    assert_int_equal(mica_weights_count(weights), cJSON_GetArraySize(all));
    cJSON_ArrayForEach(one, all)
    {
        const struct weight *w =
            mica_weights_find(weights, item(one, "name")->valuestring);
        if (!w)
            fail_msg("there is no '%s'", item(one, "name")->valuestring);
        check_shape(w, item(one, "shape"));
    }
    mica_tape_free(tape);
    mica_weights_free(weights);
    mica_json_free(json);
}

/* The made-up values of make/nets.py. */
static void make_up(struct weight *w)
{
    if (w->rank > 1) {
        double limit = sqrt(6.0 / ((double)w->count / (double)w->dims[0]));
        mica_golden_uniform(w->name, -limit, limit, w->value, w->count);
    } else if (w->kind == WEIGHT_SCALE || w->kind == STATISTIC_VARIANCE) {
        mica_golden_uniform(w->name, 0.5, 1.5, w->value, w->count);
    } else {
        mica_golden_uniform(w->name, -0.1, 0.1, w->value, w->count);
    }
}

/* Logits of a network with made-up weights against the same of torchvision's: a weight of
   another name or shape would have other values. */
static void compare_logits(const char *name)
{
    char file[64];
    float error;
    struct error err = {0};
    snprintf(file, sizeof file, "nets/%s.safetensors", name);
    struct golden golden = mica_golden_open(file);
    struct json *meta = mica_golden_meta(&golden, "images");
    const cJSON *shape = mica_json_root(meta);
    const struct stored *stored = mica_golden_need(&golden, "logits");
    struct weights *weights = mica_weights_new(NULL, 0);
    struct tape *tape = mica_tape_new(weights);
    int output = record(name, NULL, NULL, tape,
                        (size_t)cJSON_GetArrayItem(shape, 0)->valuedouble,
                        (size_t)cJSON_GetArrayItem(shape, 1)->valuedouble);
    for (size_t i = 0; i < mica_weights_count(weights); i++)
        make_up(mica_weights_at(weights, i));
    struct wanted wanted = {.outputs = &output, .output_count = 1, .loss = -1};
    struct plan *plan = mica_plan_new(tape, &wanted, &err);
    assert_non_null(plan);
    struct tensor x = mica_plan_value(plan, 0), y = mica_plan_value(plan, output);
    mica_golden_uniform("images", -1, 1, x.data, mica_shape_size(x.shape));
    mica_plan_run(plan, &(struct run){.samples = x.shape.n});
    assert_int_equal(mica_shape_size(y.shape), stored->count);
    float *logits = mica_golden_floats(stored);
    mica_golden_copy(mica_golden_need(&golden, "error.logits"), &error, 1);
    double distance = mica_golden_distance(y.data, logits, stored->count);
    mica_golden_note(&golden, distance, (double)error);
    printf("%s: logits off by %.1e, PyTorch's own in float32 by %.1e\n", name, distance,
           (double)error);
    assert_near(distance, 0, 3 * (double)error);
    mica_free(logits);
    mica_plan_free(plan);
    mica_tape_free(tape);
    mica_weights_free(weights);
    mica_json_free(meta);
    mica_golden_close(&golden);
}

TEST(resnet18_gives_the_logits_of_torchvision) { compare_logits("resnet18"); }

/* Every golden file but those of the tests around: a new one is found. */
TEST_SLOW(networks_give_the_logits_of_pytorch)
{
    size_t count = 0;
    DIR *folder = opendir(MICA_TOP "/tests/golden/nets");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[64] = "";
        snprintf(name, sizeof name, "%.*s", (int)strcspn(entry->d_name, "."),
                 entry->d_name);
        if (strstr(entry->d_name, ".safetensors") == NULL ||
            strcmp(name, "resnet18") == 0 || strcmp(name, "vgg16") == 0)
            continue;
        compare_logits(name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 19);
}

TEST_LONG(vgg16_gives_the_logits_of_torchvision) { compare_logits("vgg16"); }
