/* test_expression.c - the arithmetic of "=width * 2**i" */
#include "nets/expression.h"

#include <string.h>

#include "tests/test.h"

static const struct binding names[] = {
    {"width", {.kind = VALUE_NUMBER, .number = 32}, &names[1]},
    {"i", {.kind = VALUE_NUMBER, .number = 3}, &names[2]},
    {"bottleneck", {.kind = VALUE_BOOL, .number = 1}, &names[3]},
    {"mode", {.kind = VALUE_TEXT, .text = "bilinear"}, &names[4]},
    {"in.c", {.kind = VALUE_NUMBER, .number = 64}, &names[5]},
    {"list", {.kind = VALUE_LIST}, NULL}};

static double value_of(const char *text)
{
    struct arena *arena = mica_arena_new();
    struct error err = {0};
    struct value value = {0};
    if (mica_expression(text, names, arena, &value, &err) != 0)
        fail_msg("%s", err.text);
    mica_arena_free(arena);
    return value.number;
}

static void check_message(const char *text, const char *message)
{
    struct arena *arena = mica_arena_new();
    struct error err = {0};
    struct value value;
    assert_int_equal(mica_expression(text, names, arena, &value, &err), -1);
    assert_string_equal(err.text, message);
    assert_int_equal(err.lines, 1);
    mica_arena_free(arena);
}

TEST(arithmetic_binds_as_in_python)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"1 + 2 * 3", 7},
                 {"(1 + 2) * 3", 9},
                 {"width * 2**i", 256},
                 {"2**3**2", 512},
                 {"-2**2", -4},
                 {"2**-1", 0.5},
                 {"2**0.5 * 2**0.5 > 1.999999", 1},
                 {"7 // 2", 3},
                 {"-7 // 2", -4},
                 {"-7 % 3", 2},
                 {"7 % -3", -2},
                 {"7 / 2", 3.5},
                 {"10 - 4 - 3", 3},
                 {"100 / 10 / 5", 2},
                 {"- - 3", 3},
                 {"1e3 + .5", 1000.5},
                 {"in.c // 4", 16}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_near(value_of(cases[i].text), cases[i].value, 1e-12);
}

TEST(comparisons_and_logic_give_0_or_1)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"1 < 2", 1},
                 {"2 <= 2 && 3 >= 4", 0},
                 {"1 == 1 || 1 / 0 > 0", 1},
                 {"1 != 1 && 1 / 0 > 0", 0},
                 {"!bottleneck", 0},
                 {"!!5", 1},
                 {"in.c != 4 * 16", 0},
                 {"mode == 'bilinear'", 1},
                 {"mode != 'bilinear'", 0},
                 {"bottleneck ? 1 : 7", 1},
                 {"i > 5 ? 1 / 0 : i > 2 ? 20 : 30", 20},
                 {"1 + (i == 3)", 2},
                 {"true && !false", 1},
                 {"1 < 2 == true", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_near(value_of(cases[i].text), cases[i].value, 0);
}

TEST(a_wrong_expression_says_where)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "in '=' at character 2: expected a number, a name or '('"},
        {"1 +", "in '=1 +' at character 5: expected a number, a name or '('"},
        {"(1 + 2", "in '=(1 + 2' at character 2: there is no ')' for the '('"},
        {"1 2", "in '=1 2' at character 4: expected an operator"},
        {"widht * 2", "in '=widht * 2' at character 2: there is no 'widht' here; did "
                      "you mean 'width'?"},
        {"4 / (i - 3)", "in '=4 / (i - 3)' at character 4: division by zero"},
        {"10 ** 400", "in '=10 ** 400' at character 5: the power is not a number"},
        {"(-1) ** 0.5", "in '=(-1) ** 0.5' at character 7: the power is not a number"},
        {"mode + 1", "in '=mode + 1' at character 7: text can only be compared with "
                     "text, by == and !="},
        {"-mode", "in '=-mode' at character 2: only numbers have a minus"},
        {"list * 2", "in '=list * 2' at character 7: text can only be compared with "
                     "text, by == and !="},
        {"'abc", "in '='abc' at character 2: the text has no closing quote"},
        {"1 ? 2", "in '=1 ? 2' at character 4: there is no ':' for the '?'"},
        {"0x10", "in '=0x10' at character 2: this is not a number"},
        {"1e999", "in '=1e999' at character 2: this is not a number"},
        {"sqrt(2)", "in '=sqrt(2)' at character 2: there is no 'sqrt' here (there is: "
                    "width, i, bottleneck, mode, in.c, list)"},
        {"1 = 2", "in '=1 = 2' at character 4: expected an operator"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_message(cases[i].text, cases[i].message);
}

TEST(depth_and_length_of_expressions_are_bounded)
{
    char text[600];
    memset(text, '(', 100);
    strcpy(text + 100, "1");
    struct arena *arena = mica_arena_new();
    struct error err = {0};
    struct value value;
    assert_int_equal(mica_expression(text, names, arena, &value, &err), -1);
    assert_non_null(strstr(err.text, "more than 32 levels are too deep"));
    memset(text, '-', 100);
    err = (struct error){0};
    assert_int_equal(mica_expression(text, names, arena, &value, &err), -1);
    assert_non_null(strstr(err.text, "more than 32 levels are too deep"));
    memset(text, '1', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err = (struct error){0};
    assert_int_equal(mica_expression(text, names, arena, &value, &err), -1);
    assert_string_equal(err.text,
                        "an expression of more than 500 characters is too long");
    mica_arena_free(arena);
}
