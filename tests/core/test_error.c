/* test_error.c - lines of text, their number, their code */
#include "core/error.h"
#include "tests/test.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(error_joins_lines_and_keeps_the_first_code)
{
    struct error err = {0};
    assert_int_equal(mica_misuse(&err, "one %d", 1), -1);
    assert_int_equal(mica_fail(&err, "two"), -1);
    assert_string_equal(err.text, "one 1\ntwo");
    assert_int_equal(err.code, MICA_MISUSE);
    assert_int_equal(err.lines, 2);
    struct error other = {0};
    mica_fail(&other, "x");
    mica_misuse(&other, "y");
    assert_int_equal(other.code, MICA_FAILURE);
}

TEST(error_keeps_20_lines_and_counts_the_rest)
{
    struct error err = {0};
    for (int i = 1; i <= 21; i++)
        mica_fail(&err, "line %d", i);
    assert_non_null(strstr(err.text, "line 20\nand 1 more"));
    for (int i = 22; i <= 1234; i++)
        mica_fail(&err, "line %d", i);
    assert_non_null(strstr(err.text, "line 20\nand 1214 more"));
    assert_null(strstr(err.text, "line 21"));
    assert_null(strstr(err.text, "and 1 more"));
    assert_int_equal(err.lines, 1234);
}

TEST(error_cuts_what_is_too_long_without_harm)
{
    char text[9001];
    for (size_t i = 0; i < 9000; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 3);
    text[9000] = '\0';
    for (int shift = 0; shift < 3; shift++) {
        struct error err = {0};
        for (int i = 0; i < 30; i++)
            mica_fail(&err, "%.*s%s", shift, "abc", text);
        assert_true(strlen(err.text) < sizeof err.text);
        assert_true(strlen(err.text) > sizeof err.text - 100);
        assert_non_null(strstr(err.text, "\nand 10 more"));
        const char *end = strchr(err.text, '\n');
        assert_int_equal((end - err.text) % 3, shift); /* no half characters */
    }
}

TEST(error_lines_stay_lines)
{
    struct error err = {0};
    mica_fail(&err, "a\nb\tc\x1b[31m");
    assert_string_equal(err.text, "a?b?c?[31m");
    assert_int_equal(mica_fail(NULL, "unheard"), -1);
    assert_int_equal(mica_misuse(NULL, "unheard"), -1);
}

TEST(check_stops_the_program)
{
    MICA_CHECK(1 + 1 == 2);
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        MICA_CHECK(1 + 1 == 3);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}
