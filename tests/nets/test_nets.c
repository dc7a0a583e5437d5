/* test_nets.c - the networks that come with mica: counts, names, values, messages */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/plan.h"
#include "tests/golden.h"
#include "tests/nets/recorded.h"
#include "tests/test.h"

static size_t parameters_of(const char *name, const char *params)
{
    struct recorded r = mica_recorded_file(name, params, 1, 64);
    size_t count = mica_weights_parameters(r.weights);
    mica_recorded_free(&r);
    return count;
}

TEST_SLOW(counts_of_parameters_are_those_of_the_originals)
{
    struct json *json = mica_golden_json("nets/parameters.json");
    const cJSON *nets = cJSON_GetObjectItem(mica_json_root(json), "nets"), *item;
    size_t met = 0;
    cJSON_ArrayForEach(item, nets)
    {
        char file[64];
        struct text path = {0};
        snprintf(file, sizeof file, "%s.json",
                 cJSON_GetObjectItem(item, "net")->valuestring);
        mica_text_add(&path, "%s/nets/%s", MICA_TOP, file);
        bool exists = mica_file_exists(path.data);
        mica_text_free(&path);
        if (!exists)
            continue;
        char *params = cJSON_PrintUnformatted(cJSON_GetObjectItem(item, "params"));
        double wanted = cJSON_GetObjectItem(item, "parameters")->valuedouble;
        assert_near(parameters_of(file, params), wanted, 0);
        cJSON_free(params);
        met++;
    }
    assert_true(met >= 8);
    mica_json_free(json);
}

TEST_SLOW(the_unet_has_31_million_parameters)
{
    assert_int_equal(parameters_of("unet.json", "{}"), 31030658);
    assert_int_equal(parameters_of("unet.json", "{\"batch_norm\": true}"), 31042434);
}

TEST(resnet18_has_the_names_of_torchvision_in_its_order)
{
    struct recorded r = mica_recorded_file("resnet18.json", "{}", 1, 64);
    struct json *json = mica_golden_json("nets/resnet18.json");
    const cJSON *weights = cJSON_GetObjectItem(mica_json_root(json), "weights"), *item;
    size_t i = 0;
    cJSON_ArrayForEach(item, weights)
    {
        assert_true(i < mica_weights_count(r.weights));
        const struct weight *weight = mica_weights_at(r.weights, i++);
        const cJSON *shape = cJSON_GetObjectItem(item, "shape");
        assert_string_equal(weight->name,
                            cJSON_GetObjectItem(item, "name")->valuestring);
        assert_int_equal(weight->rank, cJSON_GetArraySize(shape));
        for (size_t k = 0; k < weight->rank; k++)
            assert_int_equal(weight->dims[k],
                             cJSON_GetArrayItem(shape, (int)k)->valueint);
    }
    assert_int_equal(i, mica_weights_count(r.weights));
    mica_json_free(json);
    mica_recorded_free(&r);
}

/* The made-up weights of tests/golden/make/nets.py. */
static void fill_weights(struct weights *weights)
{
    for (size_t i = 0; i < mica_weights_count(weights); i++) {
        struct weight *w = mica_weights_at(weights, i);
        double low = -0.1, high = 0.1;
        if (w->kind == WEIGHT_SCALE || w->kind == STATISTIC_VARIANCE) {
            low = 0.5;
            high = 1.5;
        } else if (w->kind == WEIGHT_KERNEL) {
            high = sqrt(6 / ((double)w->count / (double)w->dims[0]));
            low = -high;
        }
        mica_golden_uniform(w->name, low, high, w->value, w->count);
    }
}

TEST_SLOW(resnet18_says_what_torchvision_says)
{
    struct golden golden = mica_golden_open("nets/resnet18.safetensors");
    struct recorded r = mica_recorded_file("resnet18.json", "{}", 2, 64);
    struct error err = {0};
    struct wanted wanted = {
        .outputs = &r.wiring.outputs[0].node, .output_count = 1, .loss = -1};
    struct plan *plan = mica_plan_new(r.tape, &wanted, &err);
    if (plan == NULL)
        fail_msg("%s", err.text);
    fill_weights(r.weights);
    struct tensor images = mica_plan_value(plan, r.input);
    mica_golden_uniform("images", -1, 1, images.data, mica_shape_size(images.shape));
    mica_plan_run(plan, &(struct run){.samples = 2});
    struct tensor logits = mica_plan_value(plan, r.wiring.outputs[0].node);
    float *exact = mica_golden_floats(mica_golden_need(&golden, "logits"));
    double distance = mica_golden_distance(logits.data, exact, 2000);
    if (distance > 3e-6)
        fail_msg("the logits are off by %g", distance);
    mica_free(exact);
    mica_plan_free(plan);
    mica_recorded_free(&r);
    mica_golden_close(&golden);
}

TEST(every_network_is_read_from_what_it_writes)
{
    static const char *const names[] = {"resunet.json", "unet.json", "resnet18.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct error err = {0};
        struct text path = {0}, text = {0};
        mica_text_add(&path, "%s/nets/%s", MICA_TOP, names[i]);
        struct net *net = mica_net_read(path.data, NULL, NULL, &err);
        if (net == NULL)
            fail_msg("%s", err.text);
        mica_net_write(net, &text);
        mica_net_free(net);
        net = mica_net_parse(text.data, "again", &err);
        if (net == NULL)
            fail_msg("%s", err.text);
        mica_net_free(net);
        mica_text_free(&path);
        mica_text_free(&text);
    }
}

TEST(every_beginning_of_a_network_gives_a_message)
{
    struct error err = {0};
    size_t size;
    char *text = mica_file_read(MICA_TOP "/nets/resunet.json", &size, &err);
    assert_non_null(text);
    while (size > 0 && text[size - 1] != '}')
        size--;
    for (size_t length = 0; length < size; length++) {
        char *part = malloc(length + 1);
        memcpy(part, text, length);
        part[length] = '\0';
        err = (struct error){0};
        assert_null(mica_net_parse(part, "part", &err));
        assert_int_equal(err.code, MICA_MISUSE);
        assert_true(strncmp(err.text, "part:", 5) == 0);
        free(part);
    }
    free(text);
}

/* Each byte in turn replaced: any outcome but a crash or a failure without a line. */
TEST_SLOW(a_network_with_a_wrong_byte_gives_a_message_or_works)
{
    static const char wrong[] = "{\"}]0=x,";
    struct error err = {0};
    size_t size;
    char *text = mica_file_read(MICA_TOP "/nets/resunet.json", &size, &err);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++) {
        char was = text[i];
        text[i] = wrong[i % (sizeof wrong - 1)];
        err = (struct error){0};
        struct net *net = mica_net_parse(text, "part", &err);
        text[i] = was;
        if (net == NULL) {
            assert_true(err.lines > 0);
            continue;
        }
        struct weights *weights = mica_weights_outline();
        struct tape *tape = mica_tape_new(weights);
        struct wiring wiring;
        int input = mica_tape_input(tape, "input", mica_net_input(net, 1, 64, 64));
        int result = mica_net_record(net, tape, input, &wiring, &err);
        assert_true((result == 0) == (err.lines == 0));
        mica_tape_free(tape);
        mica_weights_free(weights);
        mica_net_free(net);
    }
    free(text);
}
