/* test_text.c - growing text, near words, numbers for people */
#include "core/text.h"
#include "tests/test.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST(text_grows)
{
    struct text text = {0};
    char expected[4000] = "";
    for (int i = 0; i < 500; i++) {
        mica_text_add(&text, "%d,", i);
        snprintf(expected + strlen(expected), 8, "%d,", i);
    }
    assert_string_equal(text.data, expected);
    assert_int_equal(text.length, strlen(expected));
    mica_text_append(&text, "a\0b", 3);
    assert_memory_equal(text.data + strlen(expected), "a\0b", 4);
    mica_text_free(&text);
    assert_null(text.data);
    mica_text_append(&text, NULL, 0);
    assert_string_equal(text.data, "");
    mica_text_free(&text);
}

static const char *near_to(const char *word)
{
    static const char *const words[] = {"conv2d", "relu", "batchnorm2d",
                                        "stride", "lr",   "padding"};
    return mica_text_nearest(word, words, 6);
}

TEST(text_finds_the_word_that_was_meant)
{
    assert_string_equal(near_to("convd2"), "conv2d");
    assert_string_equal(near_to("strid"), "stride");
    assert_string_equal(near_to("ReLU"), "relu");
    assert_string_equal(near_to("batch-norm2d"), "batchnorm2d");
    assert_string_equal(near_to("pading"), "padding");
    assert_string_equal(near_to("paddding"), "padding");
    assert_string_equal(near_to("stxxde"), "stride"); /* a third of its letters */
    assert_null(near_to("stxxxe"));
    assert_null(near_to("linear"));
    assert_null(near_to("x"));
    assert_null(near_to(""));
    char longest[1000];
    memset(longest, 'a', 999);
    longest[999] = '\0';
    assert_null(near_to(longest));
    assert_null(mica_text_nearest("relu", NULL, 0));
    const char *const monster[] = {longest};
    assert_null(mica_text_nearest("a", monster, 1));
}

TEST(text_separates_thousands)
{
    char out[32];
    assert_string_equal(mica_text_count(out, 0), "0");
    assert_string_equal(mica_text_count(out, 999), "999");
    assert_string_equal(mica_text_count(out, 1000), "1,000");
    assert_string_equal(mica_text_count(out, 10249955), "10,249,955");
    assert_string_equal(mica_text_count(out, UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(text_tells_durations)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0, "0.0 s"},
                 {0.44, "0.4 s"},
                 {9.94, "9.9 s"},
                 {9.96, "10 s"},
                 {35.2, "35 s"},
                 {99.4, "99 s"},
                 {99.6, "2 min"},
                 {360, "6 min"},
                 {59.4 * 60, "59 min"},
                 {3599, "1 h 0 min"},
                 {4320, "1 h 12 min"},
                 {47 * 3600.0, "47 h 0 min"},
                 {3.4 * 86400, "3.4 days"},
                 {-1, "?"},
                 {HUGE_VAL, "?"},
                 {(double)NAN, "?"}};
    char out[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(mica_text_duration(out, cases[i].seconds), cases[i].text);
}

TEST(text_tells_bytes)
{
    static const struct {
        double bytes;
        const char *text;
    } cases[] = {{0, "0 bytes"},      {999, "999 bytes"},  {1000, "1.0 kB"},
                 {812e3, "812 kB"},   {2.6e9, "2.6 GB"},   {11.24e9, "11.2 GB"},
                 {999.4e6, "999 MB"}, {999.6e6, "1.0 GB"}, {99.96e3, "100 kB"},
                 {5e18, "5.0 EB"}};
    char out[32];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(mica_text_bytes(out, cases[i].bytes), cases[i].text);
    mica_text_bytes(out, 1e300);
    assert_true(strlen(out) < 32);
}

TEST(text_fits_patterns)
{
    assert_true(mica_text_matches("layer1.0.conv1.weight", "layer1.*"));
    assert_true(mica_text_matches("fc", "fc"));
    assert_true(mica_text_matches("", "*"));
    assert_true(mica_text_matches("abc", "a?c"));
    assert_true(mica_text_matches("aXbXc", "*X*c"));
    assert_true(mica_text_matches("mississippi", "m*iss*ip*i"));
    assert_false(mica_text_matches("layer10.x", "layer1.*"));
    assert_false(mica_text_matches("abc", "a?"));
    assert_false(mica_text_matches("abc", "ab"));
    assert_false(mica_text_matches("ab", "abc"));
    assert_false(mica_text_matches("", "?"));
    assert_true(mica_text_matches("", ""));
}

TEST(text_pattern_of_many_stars_does_not_hang)
{
    char text[5001], pattern[201];
    memset(text, 'a', 5000);
    text[5000] = '\0';
    for (size_t i = 0; i < 200; i += 2)
        memcpy(pattern + i, "*a", 2);
    strcpy(pattern + 198, "*b");
    assert_false(mica_text_matches(text, pattern));
}

TEST(text_numbers_have_points_in_every_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "C"};
    char out[40], *end;
    for (size_t i = 0; i < 3; i++) {
        setlocale(LC_ALL, names[i]); /* where it is not installed, C stays */
        assert_near(mica_text_number("0.25e1 A", &end), 2.5, 0);
        assert_string_equal(end, " A");
        assert_string_equal(mica_text_digits(out, 0.1, 3), "0.1");
    }
    setlocale(LC_ALL, "C");
    assert_string_equal(mica_text_digits(out, 1.0 / 3, 4), "0.3333");
    assert_near(strtod(mica_text_digits(out, 0.1 + 0.2, 17), NULL), 0.1 + 0.2, 0);
    assert_near(strtod(mica_text_digits(out, -1.7976931348623157e308, 99), NULL),
                -1.7976931348623157e308, 0);
}

TEST(text_hash_is_fnv_1a)
{
    assert_true(mica_text_hash("") == 0xcbf29ce484222325u);
    assert_true(mica_text_hash("a") == 0xaf63dc4c8601ec8cu);
    assert_true(mica_text_hash("foobar") == 0x85944171f73967e8u);
}
