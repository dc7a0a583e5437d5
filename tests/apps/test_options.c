/* test_options.c - what a table of options reads, and what it says */
#include "apps/options.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

struct target {
    const char *file, *more, *text;
    bool flag;
    uint64_t count;
    double number, length;
    int choice;
    struct words list, rest;
};

static const char *const modes[] = {"fast", "slow", NULL};
static const struct option table[] = {
    {"FILE", 0, ARGUMENT, offsetof(struct target, file), NULL, "a file"},
    {"INPUT", 0, ARGUMENTS, offsetof(struct target, rest), NULL, "inputs"},
    {"text", 't', OPTION_TEXT, offsetof(struct target, text), "TEXT", "some text"},
    {"flag", 'f', OPTION_FLAG, offsetof(struct target, flag), NULL, "a flag"},
    {"count", 'n', OPTION_COUNT, offsetof(struct target, count), "N", "a count"},
    {"number", 0, OPTION_FLOAT, offsetof(struct target, number), "X", "a number",
     .least = -1, .most = 1},
    {"length", 0, OPTION_QUANTITY, offsetof(struct target, length), "LENGTH",
     "a length", .least = 0.5, .most = 1e3, .dimension = DIMENSION_LENGTH},
    {"mode", 'm', OPTION_CHOICE, offsetof(struct target, choice), "WORD", "how",
     .choices = modes},
    {"set", 0, OPTION_LIST, offsetof(struct target, list), "NAME=VALUE", "a value"},
    {0}};

enum { WORDS_MAX = 32 };

/* Read a line of words that are parted by blanks. */
static int read_line(const struct option *options, const char *line,
                     struct target *target, struct error *err)
{
    static char copy[512];
    char *argv[WORDS_MAX], *rest = NULL;
    int argc = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok_r(copy, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    return mica_options_read(options, argc, argv, target, err);
}

TEST(options_are_read_in_every_form)
{
    struct target t = {0};
    struct error err = {0};
    assert_int_equal(read_line(table,
                               "x a.json -tlong --flag in1 --count=12 -m slow --number "
                               "-0.5 --set a=1 --length 2nm in2 --set b -- -in3",
                               &t, &err),
                     0);
    assert_string_equal(t.file, "a.json");
    assert_string_equal(t.text, "long");
    assert_true(t.flag);
    assert_int_equal(t.count, 12);
    assert_int_equal(t.choice, 1);
    assert_near(t.number, -0.5, 0);
    assert_near(t.length, 20, 1e-12);
    assert_int_equal(t.list.count, 2);
    assert_string_equal(t.list.items[1], "b");
    assert_int_equal(t.rest.count, 3);
    assert_string_equal(t.rest.items[2], "-in3");
    assert_int_equal(mica_options_end(table, &t, 0, &err), 0);
}

TEST(what_is_not_given_keeps_its_value)
{
    struct target t = {.count = 7, .text = "as it was"};
    struct error err = {0};
    assert_int_equal(read_line(table, "x f i", &t, &err), 0);
    assert_int_equal(t.count, 7);
    assert_string_equal(t.text, "as it was");
    assert_int_equal(mica_options_end(table, &t, 3, &err), 3);
}

TEST(arguments_may_be_left_out_or_swallow_all)
{
    static const struct option maybe[] = {
        {"NAME", 0, ARGUMENT_MAYBE, offsetof(struct target, file), NULL, "a name"},
        {"REST", 0, ARGUMENTS_RAW, offsetof(struct target, rest), NULL, "the rest"},
        {"flag", 'f', OPTION_FLAG, offsetof(struct target, flag), NULL, "a flag"},
        {0}};
    struct target t = {0};
    struct error err = {0};
    assert_int_equal(read_line(maybe, "x", &t, &err), 0);
    assert_null(t.file);
    assert_int_equal(read_line(maybe, "x -f name -f --other -- 3", &t, &err), 0);
    assert_true(t.flag);
    assert_string_equal(t.file, "name");
    assert_int_equal(t.rest.count, 4);
    assert_string_equal(t.rest.items[0], "-f");
    mica_options_end(maybe, &t, 0, &err);
}

static void check(const char *line, const char *message)
{
    struct target t = {0};
    struct error err = {0}, none = {0};
    assert_int_equal(read_line(table, line, &t, &err), -1);
    assert_string_equal(err.text, message);
    assert_int_equal(err.code, MICA_MISUSE);
    mica_options_end(table, &t, 0, &none);
}

TEST(what_is_wrong_is_said_with_what_is_allowed)
{
    check("x f i --flog",
          "mica x: there is no option '--flog'; did you mean '--flag'?");
    check("x f i -z", "mica x: there is no option '-z'; see mica x -h");
    check("x f i --flag=1", "mica x: --flag takes no value");
    check("x f i --count", "mica x: --count needs a value: --count N");
    check("x f i --count -3", "mica x: --count must be a whole number, not '-3'");
    check("x f i --number 2",
          "mica x: --number must be a number from -1 to 1, not '2'");
    check("x f i --number nan",
          "mica x: --number must be a number from -1 to 1, not 'nan'");
    check("x f i --length 2um",
          "mica x: --length must be a length from 0.5 to 1000 A, not '2um'");
    check("x f i --mode quick", "mica x: --mode must be fast or slow, not 'quick'");
    check("x f", "mica x: INPUT is missing; see mica x -h");
    check("x f i --threads 0",
          "mica x: --threads must be a whole number from 1 to 4096, not '0'");
}

TEST(help_names_every_option)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    mica_options_help("x", "does x", table, "Details.\n", "mica x a b\n", out);
    fclose(out);
    for (const struct option *o = table; o->type != OPTION_END; o++) {
        assert_non_null(strstr(text, o->name));
        assert_non_null(strstr(text, o->help));
    }
    assert_non_null(strstr(text, "usage: mica x FILE INPUT... [--text TEXT] [--flag]"));
    assert_non_null(strstr(text, "how: fast, slow"));
    assert_non_null(strstr(text, "\nexamples:\n  mica x a b\n"));
    for (const char *line = text; line != NULL; line = strchr(line + 1, '\n'))
        assert_true(strcspn(line + 1, "\n") <= 100);
    free(text);
}
