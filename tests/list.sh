#!/bin/sh
# list.sh - writes the C table of the tests in the given files (see tests/test.h)

printf '#include "tests/test.h"\n\n'
[ $# -gt 0 ] || set -- /dev/null
awk '
/^TEST(_SLOW|_LONG)?\([a-z0-9_]+\)/ {
    kind = $0; sub(/\(.*/, "", kind)
    name = $0; sub(/^[A-Z_]*\(/, "", name); sub(/\).*/, "", name)
    sub(/^TEST_?/, "", kind)
    if (kind == "") kind = "FAST"
    print "void test_" name "(void **);"
    rows = rows "    {\"" name "\", \"" FILENAME "\", TEST_IS_" kind ", test_" name "},\n"
}
END {
    print ""
    print "const struct test mica_tests[] = {"
    printf "%s", rows
    print "    {NULL, NULL, TEST_IS_FAST, NULL},"
    print "};"
}' "$@"
