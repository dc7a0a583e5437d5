/* test_normalise.c - values before a network sees them, against plain loops */
#include "core/random.h"
#include "datasets/dataset.h"
#include "datasets/normalise.h"
#include "tests/datasets/opened.h"
#include "tests/test.h"

#include <math.h>
#include <string.h>

static const double tenth[2] = {0.1, 0.1};

static float *made(size_t height, size_t width, size_t channels, double level)
{
    struct random random;
    float *image = mica_need(height * width * channels, sizeof *image);
    mica_random_start(&random, 3, 1, height);
    for (size_t i = 0; i < height * width * channels; i++)
        image[i] = (float)(level + mica_random_normal(&random) *
                                       (1 + (double)(i % (7 * channels)) / 3));
    return image;
}

static void apply(struct normalise how, float *image, size_t height, size_t width,
                  size_t channels, const double pixel[2])
{
    struct error err = {0};
    if (mica_normalise(&how, image, height, width, channels, pixel, &err))
        fail_msg("%s", err.text);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* `size` pixels around i, moved inside. */
static size_t begin(size_t i, size_t size, size_t n)
{
    return size >= n || i < size / 2 ? 0 : least(i - size / 2, n - size);
}

/* (v - mean) / sd of the window around pixel (y, x) of channel c, by a double loop. */
static double plainly(const float *image, size_t height, size_t width, size_t channels,
                      size_t c, size_t y, size_t x, size_t rows, size_t columns)
{
    size_t top = begin(y, rows, height), left = begin(x, columns, width);
    double sum = 0, squares = 0, n = 0;
    for (size_t v = top; v < least(top + rows, height); v++)
        for (size_t u = left; u < least(left + columns, width); u++, n++)
            sum += (double)image[(v * width + u) * channels + c];
    for (size_t v = top; v < least(top + rows, height); v++)
        for (size_t u = left; u < least(left + columns, width); u++) {
            double d = (double)image[(v * width + u) * channels + c] - sum / n;
            squares += d * d;
        }
    return ((double)image[(y * width + x) * channels + c] - sum / n) /
           sqrt(squares / n);
}

static void assert_plain(struct normalise how, size_t height, size_t width,
                         size_t channels, double level, const double pixel[2],
                         size_t rows, size_t columns)
{
    float *image = made(height, width, channels, level);
    float *result = made(height, width, channels, level);
    apply(how, result, height, width, channels, pixel);
    for (size_t i = 0; i < height * width * channels; i++) {
        size_t p = i / channels;
        assert_near(result[i],
                    plainly(image, height, width, channels, i % channels, p / width,
                            p % width, rows, columns),
                    2e-6 * (1 + fabs(level)));
    }
    mica_free(image);
    mica_free(result);
}

TEST(whole_images_get_mean_0_and_sd_1_in_every_channel)
{
    struct normalise how = {NORMALISE_STANDARDISE, 0};
    assert_plain(how, 11, 17, 1, 5, tenth, 11, 17);
    assert_plain(how, 8, 9, 3, -2, tenth, 8, 9);
    float *image = made(8, 9, 2, 1000);
    apply(how, image, 8, 9, 2, tenth);
    double sum[2] = {0}, squares[2] = {0};
    for (size_t i = 0; i < 144; i++) {
        sum[i % 2] += (double)image[i];
        squares[i % 2] += (double)image[i] * (double)image[i];
    }
    for (size_t c = 0; c < 2; c++) {
        assert_near(sum[c] / 72, 0, 1e-6);
        assert_near(squares[c] / 72, 1, 1e-6);
    }
    mica_free(image);
}

TEST(windows_equal_the_plain_double_loop)
{
    struct normalise how = {NORMALISE_STANDARDISE, 0.5}; /* A: 5 pixels */
    assert_plain(how, 12, 15, 1, 0, tenth, 5, 5);
    assert_plain(how, 12, 15, 2, 100, tenth, 5, 5);
    how.window = 0.6; /* an even number of pixels */
    assert_plain(how, 13, 9, 1, 3, tenth, 6, 6);
}

TEST(a_window_is_a_length_along_both_axes)
{
    const double pixel[2] = {0.1, 0.2};
    struct normalise how = {NORMALISE_STANDARDISE, 0.8};
    assert_plain(how, 14, 13, 1, 2, pixel, 8, 4);
}

TEST(an_image_below_the_window_is_its_own_along_that_axis)
{
    struct normalise how = {NORMALISE_STANDARDISE, 1.0}; /* A: 10 pixels */
    assert_plain(how, 7, 20, 1, 1, tenth, 7, 10);
    assert_plain(how, 20, 10, 1, 1, tenth, 10, 10);
    assert_plain(how, 6, 8, 1, 1, tenth, 6, 8);
}

TEST(without_a_pixel_size_the_image_is_the_window)
{
    const double unknown[2] = {0, 0};
    struct normalise how = {NORMALISE_STANDARDISE, 0.3};
    assert_plain(how, 9, 10, 1, 1, unknown, 9, 10);
}

TEST(flat_images_become_0_and_not_noise)
{
    const float levels[] = {0, 0.1f, -3e-7f, 40000};
    for (size_t k = 0; k < 4; k++)
        for (size_t window = 0; window < 2; window++)
            for (int kind = NORMALISE_STANDARDISE; kind <= NORMALISE_RANGE; kind++) {
                float image[120];
                struct normalise how = {(enum normalise_kind)kind,
                                        (double)window * 0.3};
                for (size_t i = 0; i < 120; i++)
                    image[i] = levels[k];
                apply(how, image, 10, 12, 1, tenth);
                for (size_t i = 0; i < 120; i++)
                    assert_near(image[i], 0, 1e-6);
            }
}

TEST(a_flat_part_stays_quiet_beside_a_bright_one)
{
    float image[64 * 64];
    struct normalise how = {NORMALISE_STANDARDISE, 0.8};
    for (size_t i = 0; i < 64 * 64; i++)
        image[i] = i % 64 < 40 ? 0.3f : (float)(1 + i % 5);
    apply(how, image, 64, 64, 1, tenth);
    for (size_t y = 0; y < 64; y++)
        for (size_t x = 0; x < 30; x++)
            assert_near(image[y * 64 + x], 0, 1e-2);
}

TEST(a_range_goes_from_0_to_1)
{
    float image[] = {-3, 1, 7, 2};
    apply((struct normalise){NORMALISE_RANGE, 0}, image, 2, 2, 1, tenth);
    const float wanted[] = {0, 0.4f, 1, 0.5f};
    for (size_t i = 0; i < 4; i++)
        assert_near(image[i], wanted[i], 1e-7);
}

TEST(nothing_changes_where_nothing_is_asked)
{
    float image[] = {-3, 1, 7, 2};
    apply((struct normalise){NORMALISE_NONE, 0}, image, 2, 2, 1, tenth);
    assert_memory_equal(image, ((const float[]){-3, 1, 7, 2}), sizeof image);
}

TEST(what_is_no_number_is_refused_with_its_place)
{
    float image[2 * 3 * 4] = {0};
    struct normalise how = {NORMALISE_NONE, 0};
    struct error err = {0};
    image[(1 * 4 + 2) * 2 + 1] = (float)NAN; /* row 1, column 2 of 3 x 4 x 2 */
    assert_int_equal(mica_normalise(&how, image, 3, 4, 2, tenth, &err), -1);
    assert_string_equal(err.text,
                        "the pixel (2, 1) is not a number; the image must have numbers "
                        "everywhere: mask or fill it first");
    err = (struct error){0};
    image[(1 * 4 + 2) * 2 + 1] = -(float)INFINITY;
    assert_int_equal(mica_normalise(&how, image, 3, 4, 2, tenth, &err), -1);
    assert_non_null(strstr(err.text, "the pixel (2, 1) is infinite"));
}

/* Reads it and writes it again; returns the message of a failure. */
static const char *read_again(const char *text, char out[256])
{
    static struct error err;
    struct normalise how;
    err = (struct error){0};
    struct json *json = mica_json_parse(text, "n.json", &err);
    struct arena *arena = mica_arena_new();
    struct reader reader = {.json = json, .arena = arena};
    out[0] = '\0';
    if (!mica_normalise_read(&how, mica_json_root(json), &reader, &err)) {
        cJSON *again = mica_normalise_json(&how);
        cJSON_PrintPreallocated(again, out, 256, 0);
        cJSON_Delete(again);
    }
    mica_arena_free(arena);
    mica_json_free(json);
    return err.text;
}

TEST(normalisations_are_read_and_written)
{
    static const struct {
        const char *text, *again, *message;
    } cases[] = {
        {"{}", "{\"kind\":\"standardise\",\"scope\":\"image\"}", ""},
        {"\"range\"", "{\"kind\":\"range\",\"scope\":\"image\"}", ""},
        {"{\"kind\": \"none\"}", "{\"kind\":\"none\",\"scope\":\"image\"}", ""},
        {"{\"scope\": \"window 6 nm\"}",
         "{\"kind\":\"standardise\",\"scope\":\"window 60 A\"}", ""},
        {"{\"scope\": \"windows\"}", "",
         "n.json:1:11: #/scope: must be \"image\", \"dataset\" or a window like "
         "\"window "
         "60 A\", not \"windows\""},
        {"{\"scope\": \"dataset\"}", "{\"kind\":\"standardise\",\"scope\":\"dataset\"}",
         ""},
        {"{\"scope\": \"dataset\", \"mean\": [1, 2], \"sd\": [3, 0]}",
         "{\"kind\":\"standardise\",\"scope\":\"dataset\",\"mean\":[1,2],\"sd\":[3,0]}",
         ""},
        {"{\"scope\": \"dataset\", \"mean\": [1, 2]}", "",
         "n.json:1:1: #: 2 numbers of 'mean' and 0 of 'sd'; give one of each for each "
         "channel"},
        {"{\"mean\": 1, \"sd\": 2}", "",
         "n.json:1:1: #: 'mean' and 'sd' go with \"scope\": \"dataset\" only"},
        {"{\"kind\": \"range\", \"scope\": \"dataset\"}", "",
         "n.json:1:28: #/scope: \"dataset\" goes with \"standardise\" only"},
        {"{\"scope\": \"window 0 A\"}", "",
         "n.json:1:11: #/scope: a window must be larger than 0, not \"0 A\""},
        {"{\"scope\": \"window -5 A\"}", "",
         "n.json:1:11: #/scope: a window must be larger than 0, not \"-5 A\""},
        {"{\"kind\": \"range\", \"scope\": \"window 6 A\"}", "",
         "n.json:1:28: #/scope: a window goes with \"standardise\" only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char again[256];
        assert_string_equal(read_again(cases[i].text, again), cases[i].message);
        assert_string_equal(again, cases[i].again);
    }
}

/* What is measured of rows in a file: 4.5 e6 + {0, 1, 2, 3}, {-1, -1, 1, 5} and 7. */
TEST(columns_are_standardised_by_all_samples)
{
    static const float wanted[4][3] = {{-1.3416408f, -0.8164966f, 0},
                                       {-0.4472136f, -0.8164966f, 0},
                                       {0.4472136f, 0, 0},
                                       {1.3416408f, 1.6329932f, 0}};
    struct error err = {0};
    struct statistics data = {0};
    struct normalise how = {NORMALISE_STANDARDISE, 0, &data};
    char path[512];
    snprintf(path, sizeof path, "%s/t.csv", mica_test_folder());
    FILE *out = fopen(path, "w");
    fputs("f1,f2,f3,label\n4500000,-1,7,a\n4500001,-1,7,b\n4500002,1,7,a\n4500003,5,7,"
          "b\n",
          out);
    fclose(out);
    struct opened o =
        opened_good("\"arrays\": \"t.csv\", \"labels\": \"t.csv\", \"columns\": \"f*\"",
                    PART_ALL, 0);
    assert_int_equal(mica_normalise_measure(&how, o.data, o.arena, &err), 0);
    assert_int_equal(data.channels, 3);
    assert_near(data.mean[0], 4500001.5, 0);
    assert_near(data.sd[0], sqrt(1.25), 1e-7);
    assert_near(data.mean[1], 1, 0);
    assert_near(data.sd[1], sqrt(6), 1e-7);
    for (size_t i = 0; i < 4; i++) {
        struct sample s = opened_take(&o, i);
        apply(how, s.image, 1, 1, 3, tenth);
        for (size_t c = 0; c < 3; c++)
            assert_near(s.image[c], wanted[i][c], 3e-7);
        assert_int_equal(mica_normalise(&how, s.image, 1, 1, 2, tenth, &err), -1);
        mica_sample_free(&s);
    }
    assert_non_null(strstr(err.text,
                           "has 2 channels (columns), mean and sd to standardise "
                           "by are of 3"));
    opened_close(&o);
}

/* Of 5000 rows 0, 2, 5, 7, 10, 12 ...: 5 k + 1 +- 1. */
TEST(many_samples_are_measured_at_2000_places)
{
    struct error err = {0};
    struct statistics data = {0};
    struct normalise how = {NORMALISE_STANDARDISE, 0, &data};
    char path[512];
    snprintf(path, sizeof path, "%s/t.csv", mica_test_folder());
    FILE *out = fopen(path, "w");
    fputs("f,label\n", out);
    for (int i = 0; i < 5000; i++)
        fprintf(out, "%d,%c\n", i, i % 2 ? 'a' : 'b');
    fclose(out);
    struct opened o =
        opened_good("\"arrays\": \"t.csv\", \"labels\": \"t.csv\", \"columns\": \"f\"",
                    PART_ALL, 0);
    assert_int_equal(mica_normalise_measure(&how, o.data, o.arena, &err), 0);
    assert_near(data.mean[0], 5 * 499.5 + 1, 0);
    assert_near(data.sd[0], sqrt(25 * (1e6 - 1) / 12 + 1), 1e-4);
    opened_close(&o);
}
