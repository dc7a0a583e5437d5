/* test_predictor.c - pictures of any size through a network */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "apps/predictor.h"
#include "core/conv.h"
#include "core/parallel.h"
#include "tests/apps/made.h"
#include "tests/test.h"

static const size_t plenty = (size_t)1 << 40;

static struct prediction predict(const struct model *model, const struct frame *frame,
                                 size_t memory)
{
    struct predictor predictor;
    struct prediction result = {0};
    struct error err = {0};
    if (mica_predictor_open(&predictor, model, memory, &err) ||
        mica_predictor_run(&predictor, frame, "test", &result, &err))
        fail_msg("%s", err.text);
    mica_predictor_close(&predictor);
    return result;
}

static void expect_line(const struct model *model, const struct frame *frame,
                        size_t memory, const char *text)
{
    struct predictor predictor;
    struct prediction result = {0};
    struct error err = {0};
    if (mica_predictor_open(&predictor, model, memory, &err) == 0)
        assert_int_equal(
            mica_predictor_run(&predictor, frame, "scan.tif", &result, &err), -1);
    mica_predictor_close(&predictor);
    if (err.lines != 1 || !strstr(err.text, text))
        fail_msg("'%s' is not in '%s'", text, err.text);
}

static void release(struct model *model, struct frame *frame)
{
    mica_model_free(model);
    mica_free((float *)frame->data);
}

/* Tiles that need a share of the plan's memory differ by so much from the whole. */
static void compare_within(const struct model *model, const struct frame *frame,
                           double share, double allowed)
{
    struct prediction whole = predict(model, frame, plenty);
    size_t memory = whole.picture_bytes + (size_t)(share * (double)whole.plan_bytes);
    struct prediction tiled = predict(model, frame, memory);
    size_t count = whole.height * whole.width * whole.channels;
    assert_int_equal(mica_tiling_count(&whole.tiling), 1);
    assert_true(mica_tiling_count(&tiled.tiling) > 1);
    assert_true(tiled.plan_bytes < whole.plan_bytes);
    for (size_t i = 0; i < count; i++)
        assert_near((double)tiled.probabilities[i], (double)whole.probabilities[i],
                    allowed);
    mica_prediction_free(&tiled);
    mica_prediction_free(&whole);
}

/* The same bits where convolutions are direct; the fast transforms' tiles begin elsewhere. */
static void compare_tiled(const struct model *model, const struct frame *frame,
                          double share)
{
    mica_conv_pin(CONV_DIRECT);
    compare_within(model, frame, share, 0);
    mica_conv_pin(CONV_FFT);
    compare_within(model, frame, share, 1e-5);
    mica_conv_pin(CONV_AUTO);
}

TEST(tiles_give_the_bits_of_the_whole_image)
{
    struct model *model =
        mica_made_model_of("resunet", "\"width\": 2, \"depth\": 2", 3, 3);
    struct frame frame = mica_made_frame(203, 170, 1);
    compare_tiled(model, &frame, 0.99);
    compare_tiled(model, &frame, 0.6);
    release(model, &frame);
}

TEST_SLOW(tiles_of_a_deeper_network_give_the_bits_of_the_whole_image)
{
    struct model *model = mica_made_model_of(
        "resunet", "\"width\": 8, \"depth\": 2, \"kernel\": 5", 3, 4);
    struct frame frame = mica_made_frame(700, 240, 2);
    compare_tiled(model, &frame, 0.8);
    release(model, &frame);
}

TEST_SLOW(tiles_of_a_unet_give_the_bits_of_the_whole_image)
{
    struct model *model =
        mica_made_model_of("unet", "\"width\": 2, \"channels\": 1", 3, 5);
    struct frame frame = mica_made_frame(240, 600, 3);
    compare_tiled(model, &frame, 0.7);
    release(model, &frame);
}

TEST(a_prediction_has_the_same_bits_for_any_number_of_threads)
{
    struct model *model =
        mica_made_model_of("resunet", "\"width\": 4, \"depth\": 2", 3, 3);
    struct frame frame = mica_made_frame(61, 50, 1);
    mica_parallel_use(1);
    struct prediction one = predict(model, &frame, plenty);
    mica_parallel_use(3);
    struct prediction three = predict(model, &frame, plenty);
    mica_parallel_use(0);
    assert_memory_equal(one.probabilities, three.probabilities,
                        61 * 50 * 3 * sizeof(float));
    mica_prediction_free(&one);
    mica_prediction_free(&three);
    release(model, &frame);
}

/* Three classes, two outputs: a logit above 0 is a yes, without one it is background. */
TEST(a_network_may_have_no_output_for_the_background)
{
    struct model *model =
        mica_made_model("{\"mica_net\": 1, \"name\": \"n\", \"input\": {\"shape\": "
                        "[\"H\", \"W\", 1]}, \"graph\": [{\"conv2d\": 2, \"kernel\": "
                        "3, \"id\": \"logits\"}]}",
                        3, 5);
    mica_free(model->activation);
    model->activation = mica_need(8, 1);
    memcpy(model->activation, "sigmoid", 7);
    struct frame frame = mica_made_frame(30, 41, 2);
    struct prediction r = predict(model, &frame, plenty);
    size_t counts[3] = {0};
    assert_int_equal(r.channels, 2);
    assert_int_equal(r.first, 1);
    for (size_t i = 0; i < 30 * 41; i++) {
        const float *p = r.probabilities + 2 * i;
        float most = fmaxf(p[0], p[1]);
        size_t class = most > 0.5f ? (p[1] > p[0] ? 2 : 1) : 0;
        assert_int_equal(r.classes[i], class);
        assert_near(r.scores[i], class ? most : 1 - most, 0);
        counts[class]++;
    }
    assert_true(counts[0] && counts[1] && counts[2]);
    mica_prediction_free(&r);
    release(model, &frame);
}

TEST(a_prediction_has_probabilities_and_their_largest)
{
    struct model *model =
        mica_made_model_of("resunet", "\"width\": 4, \"depth\": 2", 3, 3);
    struct frame frame = mica_made_frame(37, 50, 1);
    struct prediction r = predict(model, &frame, plenty);
    assert_int_equal(r.height, 37);
    assert_int_equal(r.width, 50);
    assert_int_equal(r.channels, 3);
    for (size_t i = 0; i < 37 * 50; i++) {
        const float *p = r.probabilities + 3 * i;
        assert_near(p[0] + p[1] + p[2], 1, 1e-5);
        assert_near(p[r.classes[i]], fmaxf(fmaxf(p[0], p[1]), p[2]), 0);
        assert_near(r.scores[i], p[r.classes[i]], 0);
    }
    mica_prediction_free(&r);
    release(model, &frame);
}

TEST(frames_of_one_size_share_a_plan)
{
    struct model *model =
        mica_made_model_of("resunet", "\"width\": 2, \"depth\": 2", 3, 3);
    struct frame frame = mica_made_frame(37, 50, 1), other = mica_made_frame(64, 64, 1);
    struct predictor predictor;
    struct prediction r;
    const struct frame *frames[] = {&frame, &frame, &other};
    const struct plan *plans[3];
    struct error err = {0};
    assert_int_equal(mica_predictor_open(&predictor, model, plenty, &err), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(mica_predictor_run(&predictor, frames[i], "", &r, &err), 0);
        plans[i] = predictor.runner.plan;
        mica_prediction_free(&r);
    }
    assert_ptr_equal(plans[0], plans[1]);
    assert_int_equal(predictor.planned[0], 64);
    mica_predictor_close(&predictor);
    mica_free((float *)other.data);
    release(model, &frame);
}

/* A bright square of 12 x 12 pixels around (27.5, 17.5). */
static struct frame square_frame(double pixel)
{
    struct frame frame = mica_made_frame(50, 60, 1);
    float *data = (float *)frame.data;
    for (size_t y = 0; y < 50; y++)
        for (size_t x = 0; x < 60; x++)
            data[y * 60 + x] = y >= 12 && y < 24 && x >= 22 && x < 34 ? 1.0f : 0.0f;
    frame.pixel[0] = frame.pixel[1] = pixel;
    return frame;
}

static void check_square(double pixel, size_t grid_height, size_t grid_width)
{
    struct model *model = mica_made_threshold();
    struct frame frame = square_frame(pixel);
    double area = 0, x = 0, y = 0;
    model->pixel_range[0] = 0.06;
    model->pixel_range[1] = 0.24;
    struct prediction r = predict(model, &frame, plenty);
    assert_int_equal(r.grid[0], grid_height);
    assert_int_equal(r.grid[1], grid_width);
    for (size_t i = 0; i < 50 * 60; i++)
        if (r.classes[i] == 1) {
            area++;
            x += (double)(i % 60);
            y += (double)(i / 60);
        }
    assert_near(area, 144, 30); /* a square's corners are rounded */
    assert_near(x / area, 27.5, 0.01);
    assert_near(y / area, 17.5, 0.01);
    mica_prediction_free(&r);
    release(model, &frame);
}

TEST(pixels_outside_the_models_range_are_resampled_and_coordinates_stay)
{
    check_square(0.12, 50, 60); /* inside */
    check_square(0.06, 50, 60);
    check_square(0.03, 25, 30);
    check_square(0.48, 100, 120);
    check_square(0, 50, 60); /* unknown */
}

TEST(what_is_no_number_is_told_with_its_place)
{
    struct model *model = mica_made_threshold();
    struct frame frame = mica_made_frame(20, 30, 1);
    ((float *)frame.data)[4 * 30 + 7] = (float)NAN;
    expect_line(model, &frame, plenty, "scan.tif: the pixel x 7, y 4 is not a number");
    release(model, &frame);
}

TEST(a_network_that_sees_the_whole_image_is_refused_by_name_when_it_does_not_fit)
{
    struct model *model = mica_made_model(
        "{\"mica_net\": 1, \"name\": \"aligned\", \"input\": {\"shape\": "
        "[\"H\", \"W\", 1]}, \"graph\": [{\"maxpool2d\": 2}, {\"conv2d\": 8, "
        "\"kernel\": 3, \"id\": \"conv\"}, {\"upsample\": 2, \"mode\": "
        "\"bilinear\", \"corners\": \"aligned\", \"id\": \"up\"}, "
        "{\"conv2d\": 2, \"kernel\": 1, \"id\": \"logits\"}]}",
        2, 1);
    struct frame frame = mica_made_frame(200, 200, 1);
    struct prediction whole = predict(model, &frame, plenty);
    expect_line(model, &frame, whole.plan_bytes,
                "upsample 'up' looks at the whole image");
    mica_prediction_free(&whole);
    release(model, &frame);
}

TEST(too_little_memory_is_told_with_what_is_needed)
{
    struct model *model =
        mica_made_model_of("resunet", "\"width\": 2, \"depth\": 2", 3, 3);
    struct frame frame = mica_made_frame(200, 200, 1);
    expect_line(model, &frame, 1000, "scan.tif: 200 x 200 pixels need at least");
    release(model, &frame);
}

TEST(a_classifier_gives_one_answer_for_a_frame)
{
    struct model *model = mica_made_model(
        "{\"mica_net\": 1, \"name\": \"classifier\", \"input\": {\"shape\": "
        "[\"H\", \"W\", 1]}, \"graph\": [{\"conv2d\": 2, \"kernel\": 3, \"id\": "
        "\"conv\"}, \"global_average_pool\", {\"linear\": 2, \"id\": \"fc\"}]}",
        2, 1);
    struct frame frame = mica_made_frame(21, 30, 1);
    struct prediction one = predict(model, &frame, plenty);
    assert_int_equal(one.height * one.width, 1);
    assert_int_equal(one.channels, 2);
    assert_near(one.probabilities[0] + one.probabilities[1], 1, 1e-6);
    assert_int_equal(one.classes[0], one.probabilities[1] > one.probabilities[0]);
    mica_prediction_free(&one);
    release(model, &frame);
}

TEST(a_network_with_fewer_answers_than_pixels_is_refused)
{
    struct model *model =
        mica_made_model("{\"mica_net\": 1, \"name\": \"coarse\", \"input\": "
                        "{\"shape\": [\"H\", \"W\", 1]}, \"graph\": [{\"conv2d\": 2, "
                        "\"kernel\": 3, \"stride\": 2, \"id\": \"conv\"}]}",
                        2, 1);
    struct frame frame = mica_made_frame(20, 20, 1);
    expect_line(model, &frame, plenty,
                "it takes a network that gives one for each pixel, or one for all");
    release(model, &frame);
}

TEST(a_saved_model_gives_the_same_bits)
{
    char path[600];
    struct error err = {0};
    struct model *model =
        mica_made_model_of("resunet", "\"width\": 4, \"depth\": 2", 3, 3);
    struct frame frame = mica_made_frame(40, 40, 1);
    struct prediction before = predict(model, &frame, plenty);
    struct safetensors_out *out = mica_safetensors_begin();
    snprintf(path, sizeof path, "%s/model.safetensors", mica_test_folder());
    mica_weights_save(model->weights, out);
    mica_model_put(model, out);
    assert_int_equal(mica_safetensors_write(out, path, &err), 0);
    struct model *again = mica_model_read(path, &err);
    if (!again)
        fail_msg("%s", err.text);
    struct prediction after = predict(again, &frame, plenty);
    assert_memory_equal(before.probabilities, after.probabilities,
                        40 * 40 * 3 * sizeof(float));
    mica_prediction_free(&before);
    mica_prediction_free(&after);
    mica_model_free(again);
    out = mica_safetensors_begin();
    mica_safetensors_put(out, "mica.net", "{");
    assert_int_equal(mica_safetensors_write(out, path, &err), 0);
    assert_null(mica_model_read(path, NULL)); /* nobody wants the text */
    release(model, &frame);
}
