# engine.sh - the test engine counts what passes, fails, is skipped and crashes

# suite : a test program of a file with one test of each kind
suite()
{
    mkdir -p tests
    cat >tests/test_kinds.c <<'END'
#include "tests/test.h"
#include <stdlib.h>
TEST(good) { assert_near(1, 1 + 1e-9, 1e-6); }
TEST(bad) { assert_near(0.0 / 0.0, 0, 1e-6); }
TEST(absent) { SKIP("no such machine"); }
TEST_SLOW(slow) { assert_true(1); }
TEST_LONG(endless) { assert_true(1); }
TEST_LONG(crash) { _Exit(3); }
END
    sh "$TOP/tests/list.sh" tests/test_kinds.c >list.c
    flags=$(sed -n 's/^cmocka_cflags = //p; s/^sanitizers = //p' "$BUILD/config.mk")
    libs=$(sed -n 's/^cmocka_libs = //p' "$BUILD/config.mk")
    # shellcheck disable=SC2046,SC2086
    expect_ok $(sed -n 's/^CC = //p' "$BUILD/config.mk") -D_POSIX_C_SOURCE=200809L $flags \
        -I"$TOP" list.c tests/test_kinds.c "$TOP/tests/test.c" -o suite $libs -lm
}

# counted COUNTS OPTION... : the program ends with 1 and these counts
counted()
{
    wanted=$1
    shift
    expect_exit 1 ./suite --counts counts "$@"
    expect_line "$wanted" counts
}

test_each_kind_is_counted_at_its_level()
{
    suite
    counted "1 1 1" --fast
    counted "2 1 1"
    expect_text "no such machine"
    expect_ok ./suite --long --counts counts endless good
    expect_line "2 0 0" counts
}

test_a_crash_counts_as_a_failure()
{
    suite
    mkdir -p b/build
    cp suite b/build/test-kinds
    cd b || exit 1
    expect_exit 1 sh "$TOP/tests/run.sh" check-long "$PWD" crash
    expect_text "ended with 3 in the middle of a test"
    expect_line "0 passed, 1 failed, 0 skipped"
}
