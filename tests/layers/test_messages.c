/* test_messages.c - what layers say where they cannot be used */
#include <string.h>

#include "tests/layers/trial.h"
#include "tests/test.h"

struct refusal {
    const char *layer, *json;
    struct shape in[3];
    const char *message; /* a part of it */
};

static const struct refusal refusals[] = {
    {"linear",
     "{\"units\": 3}",
     {{2, 4, 5, 6}},
     "not images of 4 x 5 x 6; put 'flatten'"},
    {"add",
     "{}",
     {{1, 8, 8, 4}, {1, 8, 8, 6}},
     "input 1 is 8 x 8 x 4 and input 2 is 8 x 8 x 6"},
    {"concat",
     "{}",
     {{1, 8, 8, 4}, {1, 8, 8, 1}, {1, 4, 4, 4}},
     "input 1 is 8 x 8 x 4 and input 3 is 4 x 4 x 4"},
    {"conv2d",
     "{\"filters\": 2, \"kernel\": 7, \"padding\": \"valid\"}",
     {{1, 6, 9, 1}},
     "kernel 7 does not fit into an input of 6 x 9"},
    {"conv2d",
     "{\"filters\": 2, \"kernel\": 3, \"padding\": 3}",
     {{1, 6, 9, 1}},
     "padding 3 is not below kernel 3"},
    {"conv2d",
     "{\"filters\": 4, \"groups\": 3}",
     {{1, 6, 9, 6}},
     "3 groups divide neither or only one of 6 channels and 4 filters"},
    {"conv2d",
     "{\"filters\": 4, \"dilation\": 4, \"padding\": \"valid\"}",
     {{1, 6, 9, 6}},
     "kernel 9 does not fit into an input of 6 x 9"},
    {"conv2d_transpose",
     "{\"filters\": 2, \"stride\": 2, \"padding\": 1, \"output_padding\": 2}",
     {{1, 6, 9, 1}},
     "output_padding 2 is not below stride 2"},
    {"conv2d_transpose",
     "{\"filters\": 2, \"output_padding\": 1}",
     {{1, 6, 9, 1}},
     "leave out 'output_padding'"},
    {"conv2d_transpose",
     "{\"filters\": 2, \"kernel\": 4, \"padding\": 3}",
     {{1, 1, 9, 1}},
     "leaves nothing of an input of 1 x 9"},
    {"maxpool2d",
     "{\"kernel\": 3, \"padding\": 2}",
     {{1, 6, 9, 1}},
     "above half of kernel 3"},
    {"avgpool2d",
     "{\"kernel\": 3, \"padding\": 2}",
     {{1, 6, 9, 1}},
     "above half of kernel 3"},
    {"pad",
     "{\"margin\": 3, \"mode\": \"reflect\"}",
     {{1, 3, 9, 1}},
     "an image of 3 x 9 cannot be mirrored by 3 rows"},
    {"crop", "{\"margin\": 3}", {{1, 6, 9, 1}}, "leave nothing of an image of 6 x 9"},
    {"slice", "{\"from\": 2, \"to\": 5}", {{1, 6, 9, 4}}, "at most 4"},
    {"reshape",
     "{\"shape\": [5, 0]}",
     {{1, 2, 2, 3}},
     "is not as many numbers as 2 x 2 x 3"},
    {"reshape", "{\"shape\": [2.5]}", {{1, 2, 2, 3}}, "one to three whole numbers"},
    {"depth_to_space",
     "{\"block\": 2}",
     {{1, 2, 2, 6}},
     "6 channels are no multiple of block x block = 4"},
    {"multiply",
     "{}",
     {{1, 8, 8, 4}, {1, 1, 1, 1}},
     "input 2 must be as large, or 1 x 1 x 4, or 8 x 8 x 1"},
    {"multiply", "{}", {{1, 8, 8, 4}}, "takes 2 inputs, not 1"},
    {"groupnorm", "{\"groups\": 4}", {{1, 6, 9, 6}}, "4 groups do not divide 6"},
    {"conv1d",
     "{\"filters\": 2}",
     {{1, 6, 9, 6}},
     "takes spectra (points x channels), not images of 6 x 9 x 6"},
    {"conv1d",
     "{\"filters\": 2, \"kernel\": 11, \"padding\": \"valid\"}",
     {{1, 1, 9, 6}},
     "kernel 11 does not fit into a spectrum of 9 points"},
    {"maxpool1d", "{}", {{1, 6, 9, 6}}, "takes spectra (points x channels)"},
    {"maxpool2d", "{\"kernel\": 4}", {{1, 3, 9, 1}}, "kernel 4 does not fit"},
    {"cross_entropy",
     "{}",
     {{2, 8, 8, 1}, {2, 8, 8, 1}},
     "takes 2 to 1024 classes, not 1"},
    {"cross_entropy",
     "{\"class_weights\": [1, 2]}",
     {{2, 8, 8, 3}, {2, 8, 8, 1}},
     "2 'class_weights' for 3 classes"},
    {"dice", "{}", {{2, 8, 8, 3}, {2, 8, 8, 2}}, "8 x 8 x 3 and the truth 8 x 8 x 2"},
    {"bce_with_logits",
     "{\"positive_weights\": [1, 2]}",
     {{2, 8, 8, 3}, {2, 8, 8, 3}},
     "2 'positive_weights' for 3 channels"},
    {"mse", "{}", {{2, 8, 8, 3}, {2, 8, 4, 1}}, "the truth 8 x 4 x 1"},
    {"kl_normal", "{}", {{2, 1, 1, 3}}, "means and as many log-variances"},
    {"dice_cross_entropy", "{}", {{2, 8, 8, 3}, {2, 4, 8, 1}}, "the truth 4 x 8 x 1"},
};

TEST(layers_say_what_does_not_fit_and_what_to_do)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *r = &refusals[i];
        const struct layer *layer = mica_layer_find(r->layer);
        struct weights *weights = mica_weights_new(NULL, 1);
        struct tape *tape = mica_tape_new(weights);
        struct error err = {0};
        int inputs[3];
        size_t count = 0;
        for (; count < 3 && r->in[count].n; count++)
            inputs[count] = mica_tape_input(tape, "input", r->in[count]);
        const void *params = mica_trial_params(layer, r->json, mica_tape_arena(tape));
        assert_int_equal(
            mica_tape_record(tape, layer, params, "node", inputs, count, &err), -1);
        assert_int_equal(err.code, MICA_MISUSE);
        if (!strstr(err.text, r->message))
            fail_msg("'%s' should contain '%s'", err.text, r->message);
        assert_int_equal(strncmp(err.text, r->layer, strlen(r->layer)), 0);
        mica_tape_free(tape);
        mica_weights_free(weights);
    }
}
