/* test_chart.c - charts show their numbers, whatever the numbers are */
#include "datasets/chart.h"
#include "datasets/ticks.h"
#include "tests/datasets/pattern.h"
#include "tests/test.h"
#include "tests/xml.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
        count++;
    return count;
}

static void assert_ticks(const struct ticks *ticks, const char *wanted)
{
    char line[1000] = "", label[40];
    for (size_t i = 0; i < ticks->count; i++)
        if (ticks->labelled[i]) {
            strcat(line, *line ? " " : "");
            strcat(line, mica_tick_label(label, ticks->values[i]));
        }
    assert_string_equal(line, wanted);
}

TEST(ticks_are_round_numbers)
{
    struct ticks ticks;
    mica_ticks_linear(&ticks, 0.02, 0.93, 5, false);
    assert_ticks(&ticks, "0.2 0.4 0.6 0.8");
    mica_ticks_linear(&ticks, -0.31, 0.31, 6, false);
    assert_ticks(&ticks, "-0.3 -0.2 -0.1 0 0.1 0.2 0.3");
    mica_ticks_linear(&ticks, 1, 3, 8, true);
    assert_ticks(&ticks, "1 2 3");
    mica_ticks_linear(&ticks, 0, 4e7, 4, false);
    assert_ticks(&ticks, "0 1e7 2e7 3e7 4e7");
    mica_ticks_linear(&ticks, 1, 1, 4, false);
    assert_int_equal(ticks.count, 0);
    mica_ticks_linear(&ticks, 1, (double)NAN, 4, false);
    assert_int_equal(ticks.count, 0);
    mica_ticks_linear(&ticks, -1e300, 1e300, 1000, false);
    assert_true(ticks.count <= MICA_TICKS_MOST);
}

TEST(ticks_of_logarithms_are_powers_of_ten)
{
    struct ticks ticks;
    mica_ticks_log(&ticks, 3e-6, 2, 8);
    assert_ticks(&ticks, "1e-5 0.0001 0.001 0.01 0.1 1");
    mica_ticks_log(&ticks, 0.9, 60, 8);
    assert_ticks(&ticks, "1 2 5 10 20 50");
    mica_ticks_log(&ticks, 0.5, 0.9, 4);
    assert_ticks(&ticks, "0.5 0.6 0.7 0.8 0.9");
    mica_ticks_log(&ticks, 1e-30, 1e30, 5);
    assert_true(ticks.count > 3 && ticks.count < 10);
}

TEST(charts_in_svg_hold_curves_gaps_and_escaped_names)
{
    const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {1, 2, (double)NAN, 4, 5, 6};
    const struct series series[] = {{"a < b & \"c\"", x, y, 6, false},
                                    {NULL, x, x, 6, false}};
    struct chart chart = {
        .title = "title", .x_label = "epoch", .series = series, .count = 2};
    struct text svg = {0};
    mica_chart_svg(&chart, &svg);
    assert_int_equal(strncmp(svg.data, "<svg ", 5), 0);
    assert_string_equal(svg.data + svg.length - 7, "</svg>\n");
    assert_non_null(strstr(svg.data, ">a &lt; b &amp; &quot;c&quot;</text>"));
    assert_null(mica_xml_problem(svg.data));
    assert_int_equal(count_of(svg.data, "stroke-width=\"1.8\""),
                     3); /* two pieces, and one */
    assert_int_equal(count_of(svg.data, ">epoch</text>"), 1);
    mica_text_free(&svg);
}

TEST(charts_of_many_points_stay_small)
{
    enum { COUNT = 100000 };
    double *x = calloc(2 * COUNT, sizeof *x), *y = x + COUNT;
    assert_non_null(x);
    for (size_t i = 0; i < COUNT; i++) {
        x[i] = (double)i;
        y[i] = (double)(i % 7);
    }
    y[50000] = 1000;
    const struct series series = {"dense", x, y, COUNT, false};
    struct chart chart = {.series = &series, .count = 1};
    struct text svg = {0};
    mica_chart_svg(&chart, &svg);
    assert_true(svg.length < 200000);
    assert_non_null(strstr(svg.data, ">1000</text>")); /* the peak is in the range */
    mica_text_free(&svg);
    free(x);
}

TEST(charts_of_nothing_and_of_the_strangest_numbers_are_drawn)
{
    static const double values[][4] = {{0, 0, 0, 0},
                                       {5, 5, 5, 5},
                                       {-1, -2, -3, -4},
                                       {1e-300, 1e300, 1, 2},
                                       {HUGE_VAL, -HUGE_VAL, 1, 2},
                                       {1e15, 1e15 + 1, 1e15 + 2, 1e15 + 3}};
    for (size_t i = 0; i < 6; i++)
        for (int log = 0; log < 2; log++)
            for (size_t count = 0; count <= 4; count += 2) {
                const double nothing[4] = {(double)NAN, (double)NAN, 1, (double)NAN};
                const struct series series[] = {
                    {"a", values[i], values[5 - i], count, false},
                    {"b", nothing, values[i], count, true}};
                struct chart chart = {
                    .x_log = log, .y_log = log, .series = series, .count = 2};
                struct text svg = {0};
                mica_chart_svg(&chart, &svg);
                assert_null(strstr(svg.data, "nan"));
                assert_null(mica_xml_problem(svg.data));
                mica_text_free(&svg);
            }
}

/* The line y = x of a square plot is found in the middle of the picture. */
TEST(charts_in_png_show_the_same)
{
    struct error err = {0};
    char path[4200];
    const double x[] = {0, 100};
    const struct series series = {NULL, x, x, 2, false};
    struct chart chart = {.series = &series, .count = 1, .height = 300, .width = 300};
    snprintf(path, sizeof path, "%s/chart.png", mica_test_folder());
    assert_int_equal(mica_chart_write(&chart, path, &err), 0);
    struct image image = read_image(path);
    assert_int_equal(image.height, 600);
    size_t blue = 0;
    for (size_t p = 0; p < image.height * image.width; p++)
        blue += image.data[3 * p] == 0 && image.data[3 * p + 2] == 178;
    assert_in_range(blue, 1000, 4000); /* about 730 x 3.6 pixels */
    mica_image_free(&image);
    snprintf(path, sizeof path, "%s/chart.svg", mica_test_folder());
    assert_int_equal(mica_chart_write(&chart, path, &err), 0);
    assert_int_equal(mica_chart_write(&chart, "no/such/folder/chart.svg", &err), -1);
}

TEST(matrices_show_counts_and_shares_of_rows)
{
    static const char *const names[] = {"background", "V_S1"};
    static const double values[] = {12000, 4000, 0, 0};
    struct matrix matrix = {.title = "confusion",
                            .row_label = "truth",
                            .column_label = "prediction",
                            .row_names = names,
                            .column_names = names,
                            .rows = 2,
                            .columns = 2,
                            .values = values,
                            .shares = true};
    struct text svg = {0};
    struct error err = {0};
    char path[4200];
    mica_matrix_svg(&matrix, &svg);
    assert_int_equal(count_of(svg.data, ">12,000</text>"), 1);
    assert_int_equal(count_of(svg.data, ">75 %</text>"), 1);
    assert_int_equal(count_of(svg.data, ">background</text>"), 2);
    assert_int_equal(count_of(svg.data, " %</text>"), 2); /* none of a row of zeros */
    mica_text_free(&svg);
    snprintf(path, sizeof path, "%s/matrix.png", mica_test_folder());
    assert_int_equal(mica_matrix_write(&matrix, path, &err), 0);
    struct image image = read_image(path);
    assert_in_range(image.width, 250, 600);
    mica_image_free(&image);
    const double strange[] = {(double)NAN, 1, 1, 1};
    matrix.values = strange;
    matrix.shares = false;
    mica_matrix_svg(&matrix, &svg);
    assert_null(strstr(svg.data, "nan"));
    mica_text_free(&svg);
}
