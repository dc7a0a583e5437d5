/* test_units.c - quantities with units, and what is said about wrong ones */
#include "core/text.h"
#include "core/units.h"
#include "tests/test.h"
#include <stdio.h>
#include <string.h>

static double parse(const char *text, enum dimension dimension, double pixel)
{
    struct error err = {0};
    double value = -1e99;
    if (mica_units_parse(text, dimension, pixel, &value, &err))
        print_error("%s: %s\n", text, err.text);
    return value;
}

TEST(units_are_converted)
{
    static const struct {
        const char *text;
        enum dimension dimension;
        double value;
    } cases[] = {
        {"0.12 A", DIMENSION_LENGTH, 0.12},
        {"0.12\xc3\x85", DIMENSION_LENGTH, 0.12},
        {"3 angstrom", DIMENSION_LENGTH, 3},
        {"12 pm", DIMENSION_LENGTH, 0.12},
        {"1.5 nm", DIMENSION_LENGTH, 15},
        {"0.3 um", DIMENSION_LENGTH, 3000},
        {"0.3 \xc2\xb5m", DIMENSION_LENGTH, 3e3},
        {"-1.3e-2 mm", DIMENSION_LENGTH, -1.3e5},
        {"2 px", DIMENSION_LENGTH, 0.5},
        {"  1  A ", DIMENSION_LENGTH, 1},
        {"1 \xe2\x84\xab", DIMENSION_LENGTH, 1},
        {"+.5A", DIMENSION_LENGTH, 0.5},
        {"23 mrad", DIMENSION_ANGLE, 0.023},
        {"180 deg", DIMENSION_ANGLE, 3.141592653589793},
        {"1 rad", DIMENSION_ANGLE, 1},
        {"80 kV", DIMENSION_VOLTAGE, 80},
        {"80000 V", DIMENSION_VOLTAGE, 80},
        {"80 keV", DIMENSION_VOLTAGE, 80},
        {"25 pA", DIMENSION_CURRENT, 25},
        {"0.025 nA", DIMENSION_CURRENT, 25},
        {"16 us", DIMENSION_TIME, 16},
        {"16 \xc2\xb5s", DIMENSION_TIME, 16},
        {"16 \xce\xbcs", DIMENSION_TIME, 16},
        {"500 ns", DIMENSION_TIME, 0.5},
        {"2 ms", DIMENSION_TIME, 2000},
        {"2 s", DIMENSION_TIME, 2e6},
        {"10 min", DIMENSION_TIME, 6e8},
        {"1 h", DIMENSION_TIME, 3.6e9},
        {"100 e/A^2", DIMENSION_DOSE, 100},
        {"100 e/nm^2", DIMENSION_DOSE, 1},
        {"1 A/s", DIMENSION_SPEED, 1},
        {"1 nm/s", DIMENSION_SPEED, 10},
        {"6 nm/min", DIMENSION_SPEED, 1},
        {"50 Hz", DIMENSION_FREQUENCY, 50},
        {"1 kHz", DIMENSION_FREQUENCY, 1000},
        {"2 GB", DIMENSION_MEMORY, 2e9},
        {"2G", DIMENSION_MEMORY, 2e9},
        {"512 M", DIMENSION_MEMORY, 512e6},
        {"3k", DIMENSION_MEMORY, 3000},
        {"0.5", DIMENSION_NONE, 0.5},
        {"7 kB", DIMENSION_MEMORY, 7000},
        {"7 bytes", DIMENSION_MEMORY, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_near(parse(cases[i].text, cases[i].dimension, 0.25), cases[i].value,
                    1e-14 * (cases[i].value < 0 ? -cases[i].value : cases[i].value));
}

static const char *complaint(const char *text, enum dimension dimension)
{
    static struct error err;
    double value = 42;
    memset(&err, 0, sizeof err);
    assert_int_equal(mica_units_parse(text, dimension, 0, &value, &err), -1);
    assert_int_equal(err.code, MICA_MISUSE);
    assert_near(value, 42, 0);
    return err.text;
}

TEST(units_that_are_wrong_are_explained)
{
    assert_string_equal(
        complaint("0.12", DIMENSION_LENGTH),
        "needs a unit, for example \"0.12 A\" (allowed: A, pm, nm, um or mm)");
    assert_string_equal(
        complaint("1", DIMENSION_SPEED),
        "needs a unit, for example \"0.5 nm/min\" (allowed: A/s, nm/s or nm/min)");
    assert_string_equal(complaint("80 kv", DIMENSION_VOLTAGE),
                        "unknown unit 'kv'; did you mean 'kV'?");
    assert_string_equal(
        complaint("1 mrad", DIMENSION_LENGTH),
        "'mrad' is no unit of length; use A, pm, nm, um or mm, for example \"0.12 A\"");
    assert_string_equal(complaint("abc", DIMENSION_TIME),
                        "'abc' is no time; write for example \"16 us\"");
    assert_non_null(strstr(complaint("2 px", DIMENSION_LENGTH), "size of a pixel"));
    assert_non_null(strstr(complaint("3 A", DIMENSION_NONE), "takes no unit"));
}

TEST(units_refuse_what_is_no_number)
{
    static const char *const texts[] = {"",        " ",      "A",     "nan A",
                                        "inf A",   "0x10 A", "- A",   "1e A",
                                        "1e999 A", "--1 A",  "1,5 A", "\xff"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        complaint(texts[i], DIMENSION_LENGTH);
    char longest[2000];
    memset(longest, '7', 1999);
    longest[1999] = '\0';
    assert_true(strlen(complaint(longest, DIMENSION_LENGTH)) < 200);
    memset(longest + 1, 'z', 1998);
    assert_true(strlen(complaint(longest, DIMENSION_LENGTH)) < 200);
}

TEST(units_examples_are_examples)
{
    for (int d = DIMENSION_NONE; d < DIMENSION_COUNT; d++) {
        double value = 0;
        assert_non_null(mica_units_name((enum dimension)d));
        assert_int_equal(mica_units_parse(mica_units_example((enum dimension)d),
                                          (enum dimension)d, 0, &value, NULL),
                         0);
        const char *unit = mica_units_unit((enum dimension)d, 0);
        char one[40];
        snprintf(one, sizeof one, "1 %s", unit ? unit : "");
        assert_near(parse(one, (enum dimension)d, 0), 1, 0);
    }
    assert_null(mica_units_unit(DIMENSION_ANGLE, 3));
    assert_string_equal(mica_units_unit(DIMENSION_ANGLE, 2), "deg");
}

TEST(units_are_told_by_the_neatest)
{
    static const struct {
        enum dimension dimension;
        double value;
        const char *told;
    } cases[] = {
        {DIMENSION_TIME, 1e6, "1 s"},       {DIMENSION_TIME, 16, "16 us"},
        {DIMENSION_TIME, 7.2e9, "2 h"},     {DIMENSION_TIME, 12345.5, "12345.5 us"},
        {DIMENSION_LENGTH, 0.95, "0.95 A"}, {DIMENSION_LENGTH, 1e7, "1 mm"},
        {DIMENSION_MEMORY, 0, "0 bytes"},   {DIMENSION_NONE, 1e6, "1000000"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = {0};
        mica_units_tell(&text, cases[i].dimension, cases[i].value);
        assert_string_equal(text.data, cases[i].told);
        mica_text_free(&text);
    }
}
