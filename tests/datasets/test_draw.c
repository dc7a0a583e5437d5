/* test_draw.c - pictures show what they should, where they should */
#include "datasets/font.h"
#include "datasets/picture.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct colour black = {0, 0, 0}, white = {255, 255, 255};

static struct canvas blank(size_t height, size_t width, struct colour colour)
{
    struct canvas canvas;
    struct error err = {0};
    assert_int_equal(mica_canvas_new(&canvas, height, width, colour, &err), 0);
    return canvas;
}

static uint8_t red_at(const struct canvas *canvas, size_t y, size_t x)
{
    return canvas->pixels[(y * canvas->width + x) * 3];
}

/* Light, and where its middle is. */
struct light {
    double sum, y, x;
};

static struct light light_of(const struct canvas *canvas)
{
    struct light l = {0};
    for (size_t y = 0; y < canvas->height; y++)
        for (size_t x = 0; x < canvas->width; x++) {
            double share = red_at(canvas, y, x) / 255.0;
            l.sum += share;
            l.y += share * (double)y;
            l.x += share * (double)x;
        }
    l.y /= l.sum;
    l.x /= l.sum;
    return l;
}

TEST(shapes_are_drawn_around_the_centres_of_pixels)
{
    struct canvas canvas = blank(60, 80, black);
    mica_canvas_disc(&canvas, 30.25, 41.5, 9, white);
    struct light light = light_of(&canvas);
    assert_near(light.y, 30.25, 0.01);
    assert_near(light.x, 41.5, 0.01);
    assert_near(light.sum, 3.14159265 * 81, 2);
    mica_canvas_free(&canvas);
    canvas = blank(60, 80, black);
    mica_canvas_circle(&canvas, 20, 30, 10, 2, white);
    light = light_of(&canvas);
    assert_near(light.y, 20, 0.01);
    assert_near(light.sum, 2 * 3.14159265 * 10 * 2, 2);
    mica_canvas_free(&canvas);
    canvas = blank(60, 80, black);
    const double line[] = {10, 12, 50, 42};
    mica_canvas_line(&canvas, line, 2, 3, white);
    light = light_of(&canvas);
    assert_near(light.y, 27, 0.01);
    assert_near(light.x, 30, 0.01);
    assert_near(light.sum, 50 * 3 + 3.14159265 * 2.25, 3);
    mica_canvas_free(&canvas);
}

TEST(shapes_outside_are_cut_off)
{
    struct canvas canvas = blank(10, 12, black);
    const double line[] = {-500, -500, 700, 900, 1e9, -1e9};
    mica_canvas_line(&canvas, line, 3, 5, white);
    mica_canvas_disc(&canvas, -50, 300, 20, white);
    mica_canvas_circle(&canvas, 5, 5, 400, 2, white);
    mica_canvas_fill(&canvas, -5, -5, 7, 8, white, 1);
    mica_canvas_text(&canvas, 100, -20, 30, ANCHOR_MIDDLE, "far away", white, &black);
    struct canvas other = blank(5, 5, white);
    mica_canvas_paste(&canvas, 8, -3, &other);
    assert_int_equal(red_at(&canvas, 1, 2), 255);
    assert_int_equal(red_at(&canvas, 1, 3), 0);
    assert_int_equal(red_at(&canvas, 9, 1), 255);
    mica_canvas_free(&other);
    mica_canvas_free(&canvas);
}

TEST(text_is_as_wide_as_it_says)
{
    struct canvas canvas = blank(40, 300, black);
    const char *text = "H1 vacancies: 0.12 \xc3\x85 H";
    double width = mica_font_width(text, 12);
    mica_canvas_text(&canvas, 30, 150, 12, ANCHOR_MIDDLE, text, white, NULL);
    size_t first = 300, last = 0;
    for (size_t y = 0; y < 40; y++)
        for (size_t x = 0; x < 300; x++)
            if (red_at(&canvas, y, x) > 100) {
                first = x < first ? x : first;
                last = x > last ? x : last;
            }
    assert_near((double)(last - first), width, 2.5);
    assert_near((double)(last + first) / 2, 150, 1.5);
    assert_near(mica_font_width("", 12), 0, 0);
    assert_near(mica_font_width("111", 12), mica_font_width("888", 12), 0);
    mica_canvas_free(&canvas);
}

TEST(text_of_any_bytes_is_drawn)
{
    struct canvas canvas = blank(40, 300, black);
    char bytes[256];
    for (int i = 1; i < 256; i++)
        bytes[i - 1] = (char)i;
    bytes[255] = '\0';
    mica_canvas_text(&canvas, 30, 0, 12, ANCHOR_LEFT, bytes, white, &black);
    mica_canvas_text(&canvas, 30, 0, 12, ANCHOR_LEFT, "\xe2\x84", white, NULL);
    mica_canvas_free(&canvas);
}

TEST(colours_of_known_classes_are_the_same_in_every_list)
{
    const char *const two[] = {"background", "V_S1", "V_S2"};
    const char *const four[] = {"background", "V_S2", "ripple", "V_S1"};
    uint8_t a[3][3], b[4][3];
    mica_class_palette(two, 3, a);
    mica_class_palette(four, 4, b);
    assert_memory_equal(a[1], b[3], 3);
    assert_memory_equal(a[2], b[1], 3);
    assert_memory_not_equal(b[2], b[1], 3);
    assert_memory_not_equal(b[2], b[3], 3);
    assert_int_equal(a[0][0] + a[0][1] + a[0][2], 0);
    assert_int_equal(mica_class_colour(1).red, 230);
}

TEST(colours_of_values_stay_in_their_map)
{
    assert_int_equal(mica_value_colour(COLOURS_GREY, -3).red, 0);
    assert_int_equal(mica_value_colour(COLOURS_GREY, 0.5).red, 128);
    assert_int_equal(mica_value_colour(COLOURS_GREY, 7).blue, 255);
    assert_int_equal(mica_value_colour(COLOURS_SIGNED, 0.5).green, 255);
    assert_int_equal(mica_value_colour(COLOURS_DARK, (double)NAN).red, 255);
    double before = -1;
    for (int i = 0; i <= 100; i++) {
        struct colour c = mica_value_colour(COLOURS_DARK, i / 100.0);
        double light = 0.3 * c.red + 0.59 * c.green + 0.11 * c.blue;
        assert_true(light > before);
        before = light;
    }
}

TEST(contrast_is_between_percentiles_and_leaves_nan_aside)
{
    struct error err = {0};
    struct image image;
    assert_int_equal(mica_image_new(&image, 2, 10, 100, 2, &err), 0);
    for (size_t i = 0; i < 1000; i++)
        image.data[2000 + 2 * i + 1] = (float)i;
    image.data[2001] = NAN;
    image.data[2003] = HUGE_VALF;
    struct contrast contrast = mica_contrast(&image, 1, 1, 10, 90);
    assert_near(contrast.low, 102, 1.5);
    assert_near(contrast.high, 900, 1.5);
    contrast = mica_contrast(&image, 1, 0, 0.1, 99.9);
    assert_near(contrast.low, 0, 0);
    assert_near(contrast.high, 1, 0);
    for (size_t i = 0; i < 1000; i++)
        image.data[2 * i] = NAN;
    contrast = mica_contrast(&image, 0, 0, 0.1, 99.9);
    assert_near(contrast.high, 1, 0);
    mica_image_free(&image);
}

TEST(pictures_show_the_frame_and_channel_that_is_asked_for)
{
    struct error err = {0};
    struct canvas picture;
    struct image image = pattern_image(3, 6, 8, 2, 8, true, 1, 0);
    struct display display = {.frame = 2, .channel = 1, .contrast = {0, 255}};
    assert_int_equal(mica_picture(&picture, &image, &display, &err), 0);
    for (size_t y = 0; y < 6; y++)
        for (size_t x = 0; x < 8; x++)
            assert_int_equal(red_at(&picture, y, x), pattern_value(2, y, x, 1));
    mica_canvas_free(&picture);
    display.scale = 2.5;
    assert_int_equal(mica_picture(&picture, &image, &display, &err), 0);
    assert_int_equal(picture.height, 15);
    assert_int_equal(picture.width, 20);
    mica_canvas_free(&picture);
    assert_near(mica_picture_fit(&image, 60, 40), 5, 0);
    mica_image_free(&image);
    image = pattern_image(1, 6, 8, 3, 8, true, 1, 0);
    display = (struct display){0};
    assert_int_equal(mica_picture(&picture, &image, &display, &err), 0);
    for (size_t i = 0; i < 6 * 8 * 3; i++)
        assert_near(picture.pixels[i], image.data[i], 0);
    mica_canvas_free(&picture);
    mica_image_free(&image);
}

TEST(overlays_leave_the_background_as_it_was)
{
    struct error err = {0};
    struct image labels;
    assert_int_equal(mica_image_new(&labels, 1, 4, 4, 1, &err), 0);
    labels.data[5] = 1;
    labels.data[6] = labels.data[9] = labels.data[10] = 2;
    struct canvas canvas = blank(16, 16, (struct colour){100, 100, 100});
    mica_picture_overlay(&canvas, &labels, 0, 1);
    assert_int_equal(red_at(&canvas, 3, 3), 100);
    assert_int_equal(red_at(&canvas, 4, 4), mica_class_colour(1).red);
    assert_int_equal(red_at(&canvas, 7, 8), mica_class_colour(2).red);
    assert_int_equal(red_at(&canvas, 12, 12), 100);
    mica_canvas_free(&canvas);
    canvas = blank(40, 40, (struct colour){100, 100, 100});
    mica_picture_outline(&canvas, &labels, 0, 2);
    assert_int_equal(red_at(&canvas, 9, 15), 100);
    assert_int_equal(red_at(&canvas, 10, 15), mica_class_colour(1).red);
    assert_int_equal(red_at(&canvas, 11, 15), mica_class_colour(1).red);
    assert_int_equal(red_at(&canvas, 13, 15), 100);
    mica_canvas_free(&canvas);
    mica_image_free(&labels);
}

TEST(lengths_of_scale_bars_are_round)
{
    static const struct {
        double most, length;
        const char *label;
    } cases[] = {{12, 10, "1 nm"},       {9.99, 5, "5 \xc3\x85"},
                 {4.9, 2, "2 \xc3\x85"}, {0.7, 0.5, "50 pm"},
                 {260, 200, "20 nm"},    {3e4, 2e4, "2 \xc2\xb5m"},
                 {9e9, 5e9, "500 mm"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char label[32];
        assert_near(mica_round_length(cases[i].most, label) / cases[i].length, 1,
                    1e-12);
        assert_string_equal(label, cases[i].label);
    }
}

TEST(scale_bars_are_as_long_as_their_label_says)
{
    struct canvas canvas = blank(300, 400, (struct colour){100, 100, 100});
    mica_picture_scale_bar(&canvas, 0);
    assert_near(light_of(&canvas).sum, 300 * 400 * 100 / 255.0, 1e-6);
    mica_picture_scale_bar(&canvas, 0.1); /* 30 % of 40 A: 1 nm is 100 pixels */
    size_t longest = 0;
    for (size_t y = 0; y < 300; y++) {
        size_t run = 0;
        for (size_t x = 0; x < 400; x++) {
            run = red_at(&canvas, y, x) == 255 ? run + 1 : 0;
            longest = run > longest ? run : longest;
        }
    }
    assert_int_equal(longest, 100);
    mica_canvas_free(&canvas);
}

TEST(sheets_hold_every_picture_whole)
{
    struct error err = {0};
    struct canvas pictures[5], sheet;
    struct panel panels[5];
    const char *const names[] = {"background", "V_S1", "a class with a very long name",
                                 "x"};
    uint8_t palette[4][3];
    mica_class_palette(names, 4, palette);
    const struct legend legend = {names, (const uint8_t(*)[3])palette, 4};
    for (size_t i = 0; i < 5; i++) {
        pictures[i] = blank(40 + i, 50, (struct colour){10, (uint8_t)(50 * i), 77});
        panels[i] = (struct panel){i == 2 ? NULL : "title", &pictures[i]};
    }
    assert_int_equal(mica_sheet(&sheet, panels, 5, 2,
                                "a heading that is wider than all pictures", &legend,
                                &err),
                     0);
    size_t found[5] = {0};
    for (size_t p = 0; p < sheet.height * sheet.width; p++)
        if (sheet.pixels[3 * p] == 10 && sheet.pixels[3 * p + 2] == 77)
            found[sheet.pixels[3 * p + 1] / 50]++;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(found[i], (40 + i) * 50);
        mica_canvas_free(&pictures[i]);
    }
    mica_canvas_free(&sheet);
    assert_int_equal(mica_sheet(&sheet, NULL, 0, 3, NULL, NULL, &err), 0);
    mica_canvas_free(&sheet);
    assert_int_equal(mica_sheet_columns(1), 1);
    assert_int_equal(mica_sheet_columns(12), 4);
}

TEST(canvases_are_written_as_pictures)
{
    struct error err = {0};
    char path[4200];
    struct canvas canvas = blank(5, 7, (struct colour){1, 2, 3});
    snprintf(path, sizeof path, "%s/canvas.png", mica_test_folder());
    assert_int_equal(mica_canvas_write(&canvas, path, 0.12, &err), 0);
    struct image image = read_image(path);
    assert_int_equal(image.channels, 3);
    assert_near(image.data[2], 3, 0);
    assert_near(image.pixel[1], 0.12, 0);
    mica_image_free(&image);
    mica_canvas_free(&canvas);
}
