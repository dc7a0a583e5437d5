/* test.h - what every test includes: cmocka, and the words to write a test with */
#ifndef MICA_TESTS_TEST_H
#define MICA_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* TEST(a_sentence_that_says_what_holds) { ... cmocka's asserts ... }
 * make finds these lines and writes the list of tests. Names are unique in a folder.
 * TEST_SLOW is left out of check-fast, TEST_LONG is run by check-long only. */
#define TEST(name)                                                                     \
    void test_##name(void **);                                                         \
    void test_##name(__attribute__((unused)) void **state)
#define TEST_SLOW(name) TEST(name)
#define TEST_LONG(name) TEST(name)

/* Ends the running test as skipped; why is printed. */
#define SKIP(why) mica_test_skip(__FILE__, __LINE__, why)
void mica_test_skip(const char *file, int line, const char *why);

/* Fails unless |actual - expected| <= tolerance; NaN fails. */
#define assert_near(actual, expected, tolerance)                                       \
    mica_test_near(__FILE__, __LINE__, #actual, (double)(actual), (double)(expected),  \
                   (double)(tolerance))
void mica_test_near(const char *file, int line, const char *what, double actual,
                    double expected, double tolerance);

/* The path of an empty folder of the running test, removed after it. */
const char *mica_test_folder(void);

/* What make writes; the list ends with a NULL name. */
enum test_kind { TEST_IS_FAST, TEST_IS_SLOW, TEST_IS_LONG };

struct test {
    const char *name, *file;
    enum test_kind kind;
    void (*run)(void **);
};

extern const struct test mica_tests[];

#endif
